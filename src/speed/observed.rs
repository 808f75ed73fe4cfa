//! What the fit sees of the catalog: one row for each usable run, with how much it counts.
//!
//! The rules by which a measurement is left out or counts for less stand here and nowhere else.

use std::collections::BTreeMap;

use super::job::{Gpu, Job, most_cores};
use super::kernels::Kernels;
use super::measured;
use super::prefill::{Stretch, Ways};
use super::token::Token;
use crate::catalog::Catalog;
use crate::catalog::schema::{Measurement, Model, Variant};
use crate::machine::profile::Chip;
use crate::machine::{ChipFigures, Kind};

/// What a run counts whose depth is not stated: it may be deep, which slows it.
const UNKNOWN_DEPTH: f64 = 0.5;
/// A claim that the catalog itself trusts little.
const LOW_CONFIDENCE: f64 = 0.3;
/// A run on a chip sold with several GPUs, where it is not said which.
const UNKNOWN_CORES: f64 = 0.4;
/// llama.cpp fused the kernels of recurrent layers in the course of March 2026 (pull requests 20091
/// and 20244).
const UNFUSED_BEFORE: &str = "2026-04";
/// What a run from before counts.
const UNFUSED: f64 = 0.1;
/// ds4 was made faster in August 2026.
const OLD_DS4_BEFORE: &str = "2026-08";
/// Prompts shorter than this tell the start, not the speed.
const LEAST_PROMPT: u32 = 400;
/// `llama-bench` reads so many tokens where the row does not say.
const BENCH_PROMPT: u32 = 512;
/// A source with n rows counts as n^0.7 of them: what is particular to it (a build, heat, a way of
/// timing) is in all of them.
const RESEMBLANCE: f64 = 0.3;
/// Generating so many tokens from empty is decoding at half that depth on average.
const LONG_GENERATION: u32 = 1024;

/// One run.
#[derive(Debug, Clone)]
pub(super) struct Row<'a> {
    pub(super) model: &'a Model,
    pub(super) variant: &'a Variant,
    pub(super) run: &'a Measurement,
    pub(super) job: Job<'a>,
    pub(super) gpu: Gpu,
    /// Where it was read, as far as rows of one origin resemble each other.
    pub(super) source: String,
    /// A program that is built upon another's kernels; empty for the engine itself.
    pub(super) program: &'a str,
    pub(super) weight: f64,
    /// What was timed.
    pub(super) timed: Timed,
    /// Seconds per token, or of the whole stretch.
    pub(super) seconds: f64,
}

/// What was timed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Timed {
    /// A token.
    Token(Token),
    /// A stretch of a prompt.
    Prompt(Stretch),
}

impl Row<'_> {
    /// Tokens in the context, for tables.
    pub(super) fn depth(&self) -> f64 {
        match self.timed {
            Timed::Token(token) => token.depth,
            Timed::Prompt(s) => s.from + s.tokens,
        }
    }

    /// The program where its own kernels or ways make it a class apart.
    pub(super) fn is_omlx(&self) -> bool {
        self.program == "omlx"
    }

    /// The kind of machine that it was made on.
    pub(super) const fn kind(&self) -> Kind {
        self.gpu.kind
    }

    /// Chip and cores.
    pub(super) fn mac(&self) -> String {
        format!("{} {}", self.run.chip, self.gpu.cores)
    }
}

/// Every usable run of decoding on one of these chips.
pub(super) fn decode<'a>(catalog: &'a Catalog, chips: &[Chip]) -> Vec<Row<'a>> {
    rows(catalog, chips, token)
}

/// Every usable run of reading a prompt.
pub(super) fn prefill<'a>(catalog: &'a Catalog, chips: &[Chip]) -> Vec<Row<'a>> {
    rows(catalog, chips, prompt)
}

type Reader = fn(&Measurement, &Job<'_>, &str) -> Option<(Timed, f64)>;

fn rows<'a>(catalog: &'a Catalog, chips: &[Chip], read: Reader) -> Vec<Row<'a>> {
    let of = |model: &'a Model| {
        model
            .measurements
            .iter()
            .filter_map(move |run| row(model, run, chips, read))
    };
    let mut rows: Vec<Row<'a>> = catalog.models.iter().flat_map(of).collect();
    weigh_sources(&mut rows);
    rows
}

/// Lowers what each row of a large source counts. An owner's own rows are what their Mac does, and
/// keep their weight.
fn weigh_sources(rows: &mut [Row<'_>]) {
    let mut sizes: BTreeMap<String, f64> = BTreeMap::new();
    for row in rows.iter().filter(|r| !r.run.own) {
        *sizes.entry(row.source.clone()).or_default() += 1.0;
    }
    for row in rows.iter_mut().filter(|r| !r.run.own) {
        let size = sizes.get(&row.source).copied().unwrap_or(1.0);
        row.weight *= size.powf(-RESEMBLANCE);
    }
}

fn row<'a>(
    model: &'a Model,
    run: &'a Measurement,
    chips: &[Chip],
    read: Reader,
) -> Option<Row<'a>> {
    if run.suspect.is_some() || run.concurrency != 1 {
        return None;
    }
    let variant = model.variant(&run.variant)?;
    model.architecture.as_ref()?;
    let job = Job::of(model, variant)?;
    let program = program(run, variant)?;
    let chip = chips.iter().find(|c| c.id == run.chip)?;
    let cores = run.gpu_cores.or_else(|| memory_tells(run));
    let gpu = Gpu::of(&figures(chip, cores), most_cores(chip))?;
    let (timed, seconds) = read(run, &job, program)?;
    let off = [
        (run.depth_tokens.is_none(), UNKNOWN_DEPTH),
        (run.confidence.as_deref() == Some("low"), LOW_CONFIDENCE),
        (
            cores.is_none() && chip.bins.len() > 1 && run.memory_gib.unwrap_or(0) < 128,
            UNKNOWN_CORES,
        ),
        (unfused(&job, run), UNFUSED),
    ];
    Some(Row {
        weight: off.iter().filter(|(is, _)| *is).map(|(_, w)| w).product(),
        source: origin(&run.source),
        model,
        variant,
        run,
        job,
        gpu,
        program,
        timed,
        seconds,
    })
}

/// The figures of the stated bin, or of the largest.
fn figures(chip: &Chip, cores: Option<u32>) -> ChipFigures {
    ChipFigures::of(chip, Some(cores.unwrap_or_else(|| most_cores(chip))))
}

/// An M3 Ultra with 96 GiB is sold with 60 cores alone.
fn memory_tells(run: &Measurement) -> Option<u32> {
    (run.chip == "m3-ultra" && run.memory_gib == Some(96)).then_some(60)
}

/// The program that ran, where it is not the engine itself: empty for the engine. None where it
/// computes with other kernels than the variant's, or reads weights from a disk.
pub(super) fn program<'a>(run: &'a Measurement, variant: &Variant) -> Option<&'a str> {
    let kernels = Kernels::of_engine(&variant.engine)?;
    match run.engine.as_str() {
        engine if engine == kernels.name() => Some(""),
        "flash-moe" => None,
        engine => Some(engine),
    }
}

fn unfused(job: &Job<'_>, run: &Measurement) -> bool {
    use super::job::Shape;
    let recurrent = matches!(job.shape, Shape::HybridDense | Shape::HybridMixture);
    recurrent && job.kernels == Kernels::LlamaCpp && before(run, UNFUSED_BEFORE)
}

/// Dated before a month; a date of a year alone does not tell.
fn before(run: &Measurement, month: &str) -> bool {
    let dated = run.date.as_deref().filter(|d| d.len() >= month.len());
    dated.is_some_and(|d| d < month)
}

fn token(run: &Measurement, job: &Job<'_>, _program: &str) -> Option<(Timed, f64)> {
    let note = run.method_note.as_deref().unwrap_or_default();
    // A long prompt whose length is not said: no use.
    if run.depth_tokens.is_none() && note.contains("long prompt") {
        return None;
    }
    let speed = decode_speed(run)?;
    let generated = number_after(note, "tg").filter(|n| *n >= LONG_GENERATION);
    let depth = match (run.depth_tokens.unwrap_or(0), generated) {
        (0, Some(tokens)) => tokens / 2,
        (depth, _) => depth,
    };
    let old = job.kernels == Kernels::Ds4 && before(run, OLD_DS4_BEFORE);
    let token = Token::new(job, f64::from(depth), old);
    Some((Timed::Token(token), 1.0 / speed))
}

/// The speed of a run; one that is only known by the clock on the wall counts where the answer was
/// so long that the prompt does not matter.
fn decode_speed(run: &Measurement) -> Option<f64> {
    let note = run.method_note.as_deref().unwrap_or_default();
    let long = ["long-generation", "end to end coding"]
        .iter()
        .any(|l| note.contains(l));
    measured::run_decode(run)
        .or_else(|| run.decode_tokens_per_second.filter(|_| long))
        .filter(|speed| *speed > 0.0)
}

fn prompt(run: &Measurement, job: &Job<'_>, program: &str) -> Option<(Timed, f64)> {
    let speed = run.prefill_tokens_per_second.filter(|s| *s > 0.0)?;
    let stretch = stretch(run, job, program)?;
    let timed = (stretch.tokens >= f64::from(LEAST_PROMPT)).then_some(Timed::Prompt(stretch))?;
    Some((timed, stretch.tokens / speed))
}

/// Which tokens a prefill figure is of.
pub(super) fn stretch(run: &Measurement, job: &Job<'_>, program: &str) -> Option<Stretch> {
    let note = run.method_note.as_deref().unwrap_or_default();
    let depth = run.depth_tokens.filter(|d| *d > 0);
    let newest = job.kernels == Kernels::Ds4 && note.contains("ds4-bench");
    let (from, tokens) = match (run.prefill_tokens, depth) {
        (Some(tokens), _) => (run.prefill_after_tokens.unwrap_or(0), tokens),
        // ds4-bench tells the newest 2,048 tokens at each depth.
        (None, Some(depth)) if newest => (depth.saturating_sub(2048), depth.min(2048)),
        (None, Some(depth)) => (0, depth),
        (None, None) if run.depth_tokens == Some(0) => {
            (0, number_after(note, "pp").unwrap_or(BENCH_PROMPT))
        }
        (None, None) => (0, number_after(note, "pp")?),
    };
    let app = run.app.as_deref().unwrap_or_default();
    let wide = ["-ub 2048", "ubatch 2048"]
        .iter()
        .any(|w| note.contains(w) || app.contains(w));
    let ways = Ways {
        omlx: program == "omlx",
        all_outputs: program == "rapid-mlx",
        old: job.kernels == Kernels::Ds4 && before(run, OLD_DS4_BEFORE),
        served: served(run, program),
    };
    let stretch = Stretch::new(job, f64::from(from), f64::from(tokens), ways);
    Some(if wide {
        stretch.in_batches_of(2048.0)
    } else {
        stretch
    })
}

/// Whether a client timed it: what a server does before the engine begins is in it.
fn served(run: &Measurement, program: &str) -> bool {
    let app = run.app.as_deref().unwrap_or_default();
    let note = run.method_note.as_deref().unwrap_or_default();
    run.own
        || run.time_to_first_token_seconds.is_some()
        || program == "omlx"
        || ["LM Studio", "server"]
            .iter()
            .any(|w| app.contains(w) || note.contains(w))
}

/// 512 of `pp512` or `-p 512 pp512`.
fn number_after(text: &str, mark: &str) -> Option<u32> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .filter_map(|word| word.strip_prefix(mark)?.parse().ok())
        .next()
}

/// A repository, with the number of an issue or pull request; the site and first folder of another
/// address; else the beginning of the words.
pub(super) fn origin(source: &str) -> String {
    let path = |text: &str, parts: usize| {
        let kept: Vec<&str> = text
            .split(['/', ' ', '@', '#', '?', ';'])
            .take(parts)
            .collect();
        kept.join("/")
    };
    if let Some(rest) = source.strip_prefix("github:") {
        return path(rest, 2);
    }
    let Some((_, rest)) = source.split_once("://") else {
        return source.chars().take(40).collect();
    };
    match rest.strip_prefix("github.com/") {
        Some(rest) if ["/pull/", "/issues/"].iter().any(|k| rest.contains(k)) => path(rest, 4),
        Some(rest) => path(rest, 2),
        None => path(rest, 2),
    }
}

//! A result as measurements of the catalog: one per run of the standard tests, one per depth, one
//! per number of streams.

use super::document::{Bench, ModelBench, Outcome, Request, Series};
use super::statistics::round;
use super::summary::{ConcurrencySummary, DepthSummary, Spread};
use crate::catalog::schema::{Measurement, Method, TestRun};
use crate::speed::measured;
use crate::units::Bytes;

/// What a result was measured on, as far as it does not say so itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Id of the variant within its model.
    pub variant: String,
    /// The engine that ran.
    pub engine: String,
    /// Id of the chip.
    pub chip: String,
    /// GPU cores, where known.
    pub gpu_cores: Option<u32>,
    /// Memory of the machine, where known.
    pub memory: Option<Bytes>,
    /// Name of the result's file.
    pub file: String,
    /// The owner of the catalog measured it.
    pub own: bool,
}

const METHOD_NOTE: &str =
    "tokens after the first over the time after the first, by the server's token counts";

/// The measurements in a result; none where nothing was measured.
#[must_use]
pub fn measurements(bench: &Bench, model: &ModelBench, target: &Target) -> Vec<Measurement> {
    let base = base(bench, model, target);
    let runs = (1..=bench.settings.runs).filter_map(|run| standard(&base, model, run));
    let depths = model.summary.depths.iter().filter_map(|d| depth(&base, d));
    let streams = model.summary.concurrency.iter().filter(|c| c.streams > 1);
    let warm = model.summary.depths.iter().filter_map(|d| warm(&base, d));
    runs.chain(depths)
        .chain(warm)
        .chain(streams.filter_map(|c| concurrent(&base, &model.summary.depths, c)))
        .collect()
}

fn base(bench: &Bench, model: &ModelBench, target: &Target) -> Measurement {
    let app: Vec<&str> = [&bench.server.kind, &bench.server.version]
        .into_iter()
        .filter_map(|s| s.as_deref())
        .collect();
    let mut notes: Vec<String> = bench
        .machine
        .iter()
        .flat_map(super::state::MachineState::cautions)
        .collect();
    if !bench.server.also_loaded.is_empty() {
        notes.push(format!(
            "also loaded: {}",
            bench.server.also_loaded.join(", ")
        ));
    }
    if let Some(context) = model.context_tokens {
        let slots = model
            .slots
            .map_or(String::new(), |n| format!(", {n} slots"));
        notes.push(format!("loaded with a context of {context} tokens{slots}"));
    }
    #[expect(clippy::cast_possible_truncation, reason = "GiB of a machine's memory")]
    let memory_gib = target.memory.map(|m| (m.0 >> 30) as u32);
    Measurement {
        variant: target.variant.clone(),
        chip: target.chip.clone(),
        gpu_cores: target.gpu_cores,
        memory_gib,
        engine: target.engine.clone(),
        app: (!app.is_empty()).then(|| app.join(" ")),
        date: bench.started.get(..10).map(str::to_owned),
        campaign: None,
        method: Method::Decode,
        method_note: Some(METHOD_NOTE.to_owned()),
        depth_tokens: Some(0),
        concurrency: 1,
        decode_tokens_per_second: None,
        prefill_tokens_per_second: None,
        prefill_tokens: None,
        prefill_after_tokens: None,
        time_to_first_token_seconds: None,
        load_seconds: model.load.as_ref().map(|l| l.seconds),
        peak_memory_bytes: None,
        peak_memory_of: None,
        reported_mean_tokens_per_second: None,
        tests: Vec::new(),
        own: target.own,
        suspect: None,
        confidence: Some("high".to_owned()),
        source: format!("planner bench, {}", target.file),
        notes,
    }
}

/// One run of the standard tests. Its tests give the speed where they are long enough; where the
/// model answers shortly, the median of the run is written beside them.
fn standard(base: &Measurement, model: &ModelBench, run: u32) -> Option<Measurement> {
    let of: Vec<&Request> = model
        .requests
        .iter()
        .filter(|r| r.series == Series::Standard && r.run == run)
        .filter(|r| !r.was_interrupted())
        .collect();
    let mut m = Measurement {
        tests: of.iter().map(|r| test_run(r)).collect(),
        ..base.clone()
    };
    let measured: Vec<&&Request> = of
        .iter()
        .filter(|r| r.outcome == Outcome::Measured)
        .collect();
    let median = |pick: fn(&Request) -> Option<f64>| {
        Spread::of(measured.iter().filter_map(|r| pick(r))).map(|s| round(s.median, 4))
    };
    m.time_to_first_token_seconds = median(|r| r.figures.time_to_first_token_seconds);
    if measured::run_decode(&m).is_none() {
        m.decode_tokens_per_second = median(|r| r.figures.decode_tokens_per_second);
    }
    (!m.tests.is_empty()).then_some(m)
}

fn test_run(r: &Request) -> TestRun {
    let measured = r.outcome == Outcome::Measured;
    TestRun {
        name: r.test.clone(),
        passed: r.passed(),
        prompt_tokens: r.figures.prompt_tokens,
        completion_tokens: r.figures.completion_tokens.filter(|_| measured),
        seconds: r.passed().then(|| round(r.figures.seconds, 4)),
        time_to_first_token_seconds: r.figures.time_to_first_token_seconds.map(|s| round(s, 4)),
        reported_tokens_per_second: None,
        error: r.problem.as_ref().map(|p| p.explanation.clone()),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a median of token counts, which are u32"
)]
const fn tokens(counts: Spread) -> u32 {
    counts.median as u32
}

fn depth(base: &Measurement, d: &DepthSummary) -> Option<Measurement> {
    let m = Measurement {
        depth_tokens: Some(tokens(d.prompt_tokens?)),
        decode_tokens_per_second: d.decode_tokens_per_second.map(|s| round(s.median, 3)),
        prefill_tokens_per_second: d.prefill_tokens_per_second.map(|s| round(s.median, 3)),
        time_to_first_token_seconds: d.time_to_first_token_seconds.map(|s| round(s.median, 4)),
        ..base.clone()
    };
    m.decode_tokens_per_second.is_some().then_some(m)
}

/// The new tokens of a warm prompt, after those that the server kept.
fn warm(base: &Measurement, d: &DepthSummary) -> Option<Measurement> {
    let warm = d.warm.as_ref()?;
    let (all, kept) = (tokens(warm.prompt_tokens?), tokens(warm.cached_tokens?));
    Some(Measurement {
        depth_tokens: Some(all),
        decode_tokens_per_second: Some(round(warm.decode_tokens_per_second?.median, 3)),
        prefill_tokens_per_second: Some(round(warm.prefill_tokens_per_second?.median, 3)),
        prefill_tokens: Some(all.saturating_sub(kept)),
        prefill_after_tokens: Some(kept),
        time_to_first_token_seconds: warm.time_to_first_token_seconds.map(|s| round(s.median, 4)),
        method_note: Some(format!(
            "{METHOD_NOTE}; a prompt of which the server had kept {kept} tokens"
        )),
        ..base.clone()
    })
}

/// Several streams, at the very depth that one stream of it has in this result: a gain is told from
/// rows of one depth.
fn concurrent(
    base: &Measurement,
    depths: &[DepthSummary],
    c: &ConcurrencySummary,
) -> Option<Measurement> {
    let speed = c.aggregate_decode_tokens_per_second?;
    let depth = match c.depth_tokens {
        None => 0,
        Some(aimed) => {
            let alone = depths.iter().find(|d| d.depth_tokens == aimed)?;
            tokens(alone.prompt_tokens?)
        }
    };
    Some(Measurement {
        concurrency: c.streams,
        depth_tokens: Some(depth),
        decode_tokens_per_second: Some(speed),
        time_to_first_token_seconds: c.time_to_first_token_seconds.map(|s| round(s.median, 4)),
        method_note: Some(format!("{METHOD_NOTE}; the sum over {} streams", c.streams)),
        ..base.clone()
    })
}

//! How fast a variant is on a machine: measured where it was measured, predicted elsewhere.
//!
//! On a Mac where the file was measured, a prediction passes through what was measured there. On
//! others it keeps between what lesser and better Macs were measured at, so that a Mac with more of
//! everything is never slower, and more depth never faster.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::anchors;
use super::anchors::{Anchor, OnMac};
use super::bands::width;
use super::beside::Beside;
use super::figure::{Figure, LEAST_SPREAD, OWN_SPREAD, Seen};
use super::file::File;
use super::job::{Gpu, most_cores};
use super::measured::Filter;
use super::model::SpeedModel;
use super::prefill::Stretch;
use super::prefix::Prefix;
use super::source::Source;
use super::statistics::SHALLOW_DEPTH;
use super::streams;
use crate::catalog::schema::{Model, Variant};
use crate::machine::{ChipFigures, Kind, Machine};
use crate::memory::Engine;

/// How far a prediction from a run at another depth of the same Mac may be off, as a logarithm: by
/// each factor of e between the depths.
const PER_DEPTH: f64 = 0.07;
/// Depths count from here in that.
const DEPTH_UNIT: f64 = 4096.0;
/// What a stand-in for an unpublished architecture adds to the range.
const GUESSED: f64 = 0.25;

/// Why no speed is known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unknown {
    /// The machine's chip is none that the chip table has.
    #[error("no GPU that is known was found: `chip` and `gpu_cores` in the machine's file say it")]
    Chip,
    /// A kind of machine that no speeds are known of.
    #[error("no speeds are known of machines like {0}")]
    Kind(String),
    /// Nobody gives the memory bandwidth of the chip or bin.
    #[error("the memory bandwidth of {0} is not known")]
    Bandwidth(String),
    /// The chip was built with several, and the machine does not say its GPU cores.
    #[error(
        "{0} was built with several memory bandwidths: `gpu_cores` in the machine's file says which"
    )]
    Cores(String),
    /// An engine whose speed follows other rules.
    #[error("no speed model for the engine `{0}`")]
    Engine(String),
    /// An engine that other machines alone run.
    #[error("{0} runs on Macs alone")]
    NotThere(Engine),
}

impl Unknown {
    /// Why the bandwidth of a chip is not known.
    #[must_use]
    pub fn bandwidth(chip: &ChipFigures) -> Self {
        let brand = chip.brand.clone();
        match chip.gpu_cores {
            None if !chip.one_bandwidth => Self::Cores(brand),
            _ => Self::Bandwidth(brand),
        }
    }
}

/// A file on a machine, with what was measured of it.
pub struct OnMachine<'a> {
    speed: &'a SpeedModel,
    file: File<'a>,
    gpu: Gpu,
    machine: &'a Machine,
    /// What of the file lies in ordinary memory beside a card.
    beside: Option<Beside>,
    /// GPU cores of the chip's largest bin.
    most: u32,
    filter: Filter<'a>,
    /// Its speed at an empty context, where that was asked for.
    shallow: OnceCell<Figure>,
    decoded: OnceCell<Vec<OnMac>>,
    read: OnceCell<Vec<OnMac>>,
    /// What predictions of decoding and of reading rest on.
    rests_on: [OnceCell<Source>; 2],
    gains: OnceCell<streams::OfFile>,
}

impl SpeedModel {
    /// A file on a machine, to be asked for its speeds.
    ///
    /// # Errors
    /// When the machine's bandwidth or the engine's kernels are not known.
    pub fn on<'a>(
        &'a self,
        model: &'a Model,
        variant: &'a Variant,
        machine: &'a Machine,
        filter: Filter<'a>,
    ) -> Result<OnMachine<'a>, Unknown> {
        let chip = machine.chip.as_ref().ok_or(Unknown::Chip)?;
        let speed = self
            .of_kind(chip.kind)
            .ok_or_else(|| Unknown::Kind(chip.brand.clone()))?;
        let known = speed
            .chips
            .iter()
            .find(|c| c.id == chip.id)
            .ok_or(Unknown::Chip)?;
        let most = most_cores(known);
        let gpu = Gpu::of(chip, most).ok_or_else(|| Unknown::bandwidth(chip))?;
        let file =
            File::of(model, variant).ok_or_else(|| Unknown::Engine(variant.engine.clone()))?;
        let engine = Engine::from_id(&variant.engine).filter(|e| *e == Engine::Mlx);
        if let Some(engine) = engine.filter(|_| !machine.is_mac()) {
            return Err(Unknown::NotThere(engine));
        }
        Ok(OnMachine {
            speed,
            file,
            gpu,
            machine,
            beside: None,
            most,
            filter,
            shallow: OnceCell::new(),
            decoded: OnceCell::new(),
            read: OnceCell::new(),
            rests_on: Default::default(),
            gains: OnceCell::new(),
        })
    }

    /// Tokens per second of one stream with `depth` tokens before it.
    ///
    /// # Errors
    /// When the machine's bandwidth or the engine's kernels are not known.
    pub fn decode(
        &self,
        model: &Model,
        variant: &Variant,
        machine: &Machine,
        depth: u32,
        filter: Filter<'_>,
    ) -> Result<Figure, Unknown> {
        Ok(self.on(model, variant, machine, filter)?.decode(depth))
    }

    /// Tokens per second of a whole prompt of `tokens` from an empty context.
    ///
    /// # Errors
    /// When the machine's bandwidth or the engine's kernels are not known.
    pub fn prefill(
        &self,
        model: &Model,
        variant: &Variant,
        machine: &Machine,
        tokens: u32,
        filter: Filter<'_>,
    ) -> Result<Figure, Unknown> {
        Ok(self.on(model, variant, machine, filter)?.reads(tokens))
    }
}

impl OnMachine<'_> {
    /// Tokens per second of a whole prompt of `tokens` from an empty context.
    #[must_use]
    pub fn reads(&self, tokens: u32) -> Figure {
        let tokens = f64::from(tokens.max(1));
        self.prompt(tokens).map(|s| tokens / s)
    }

    /// Tokens per second of one stream with `depth` tokens before it.
    #[must_use]
    pub fn decode(&self, depth: u32) -> Figure {
        match depth {
            0 => self.shallow.get_or_init(|| self.decode_at(0)).clone(),
            _ => self.decode_at(depth),
        }
    }

    fn decode_at(&self, depth: u32) -> Figure {
        let Self {
            speed, file, gpu, ..
        } = self;
        let depth = f64::from(depth);
        if let Some(beside) = &self.beside {
            let seconds = speed.token(file, gpu, depth) + beside.token();
            let spread = Beside::decode_spread(width(&speed.bands.0, file.class(), depth));
            return Figure::predicted(1.0 / seconds, spread, 0, self.rests_on(0, &[]));
        }
        let read = || anchors::decode(file, &speed.chips, self.filter);
        let seen = self.decoded.get_or_init(read);
        let shown = |on: &OnMac, gpu: &Gpu| on.token(depth, |d| speed.token(file, gpu, d));
        if let Some(on) = seen.iter().find(|on| self.is_here(on)) {
            let seconds = shown(on, gpu).unwrap_or_else(|| speed.token(file, gpu, depth));
            let near = on.near(depth, f64::from(SHALLOW_DEPTH));
            return from_anchors(on, near, depth, seconds, gpu.kind).map(f64::recip);
        }
        let seconds = bounded(speed.token(file, gpu, depth), gpu, seen, shown);
        let spread = width(&speed.bands.0, file.class(), depth) + self.guessed();
        Figure::predicted(1.0 / seconds, spread, runs(seen), self.rests_on(0, seen))
    }

    /// Seconds to read a whole prompt.
    pub(super) fn prompt(&self, tokens: f64) -> Figure {
        self.stretch(0.0, tokens, OnMac::ratio)
    }

    /// Seconds to read so many tokens after others that are kept.
    pub(super) fn after(&self, from: f64, tokens: f64) -> Figure {
        self.stretch(from, tokens, OnMac::ratio_after)
    }

    /// Seconds to read a stretch; `ratio` tells by how much runs of such a length took longer than
    /// the formula says.
    fn stretch(
        &self,
        from: f64,
        tokens: f64,
        ratio: impl Fn(&OnMac, f64) -> Option<f64>,
    ) -> Figure {
        let Self {
            speed, file, gpu, ..
        } = self;
        let stretch = Stretch::new(&file.job, from, tokens, file.ways());
        let formula = |gpu: &Gpu, s: &Stretch| speed.prompt(file, gpu, s);
        if let Some(beside) = &self.beside {
            let stretch = stretch.in_batches_of(beside.batch);
            let seconds = formula(gpu, &stretch) + beside.copies(tokens);
            let spread = width(&speed.bands.1, file.class(), from + tokens);
            let spread = Beside::prefill_spread(spread);
            return Figure::predicted(seconds, spread, 0, self.rests_on(1, &[]));
        }
        let read = || anchors::prefill(file, &speed.chips, self.filter, formula);
        let seen = self.read.get_or_init(read);
        let end = from + tokens;
        let shown =
            |on: &OnMac, gpu: &Gpu| ratio(on, end).map(|ratio| ratio * formula(gpu, &stretch));
        if let Some(on) = seen.iter().find(|on| self.is_here(on)) {
            let plain = formula(gpu, &stretch);
            // A short prompt is read at another speed than one of twice its length.
            let near = on.near(end, 0.0);
            return from_anchors(on, near, end, shown(on, gpu).unwrap_or(plain), gpu.kind);
        }
        let seconds = bounded(formula(gpu, &stretch), gpu, seen, shown);
        let spread = width(&speed.bands.1, file.class(), end) + self.guessed();
        Figure::predicted(seconds, spread, runs(seen), self.rests_on(1, seen))
    }

    /// The same with the experts of so many layers in ordinary memory, prompts read in batches of so
    /// many tokens: predicted, whatever was measured of the whole file on the card.
    #[must_use]
    pub fn with_experts_in_ram(mut self, layers: u32, batch: u32) -> Self {
        self.shallow = OnceCell::new();
        self.beside = (layers > 0).then(|| Beside::taken_off(&mut self.file.job, layers, batch));
        self
    }

    /// The same if it had been measured at this speed on this machine, at an empty context, and at
    /// no other.
    #[must_use]
    pub fn as_if_measured(self, tokens_per_second: f64) -> Self {
        let chip = self.machine.chip.as_ref();
        let run = chip.map(|chip| OnMac::measured(chip, self.gpu, tokens_per_second));
        Self {
            decoded: OnceCell::from(run.into_iter().collect::<Vec<_>>()),
            shallow: OnceCell::new(),
            ..self
        }
    }

    /// Tokens per second of several streams together at a depth, from those of one.
    pub(super) fn in_sum(&self, alone: &Figure, depth: f64, streams: u32) -> Figure {
        let File { model, job, .. } = &self.file;
        let gains = || streams::OfFile::new(&self.speed.gains, &model.id, job);
        let at = |depth: f64| self.speed.token(&self.file, &self.gpu, depth);
        let own = || 1.0 - at(0.0) / at(depth);
        match streams {
            0 | 1 => alone.clone(),
            // Each stream has experts of its own read, and nobody measured several: no gain.
            _ if self.beside.is_some() => alone.clone(),
            n => self
                .gains
                .get_or_init(gains)
                .in_sum(alone, n, depth, own().clamp(0.0, 1.0)),
        }
    }

    /// What of a prompt is read again at a turn.
    #[must_use]
    pub fn prefix(&self) -> Prefix {
        Prefix::of(self.file.variant, self.file.model.architecture.as_ref())
    }

    fn is_here(&self, on: &OnMac) -> bool {
        self.machine
            .chip
            .as_ref()
            .is_some_and(|chip| on.is_of(chip, self.most))
    }

    fn guessed(&self) -> f64 {
        if self.file.job.guessed { GUESSED } else { 0.0 }
    }

    fn rests_on(&self, part: usize, seen: &[OnMac]) -> Source {
        let noun = self.gpu.kind.noun();
        if let Some(beside) = &self.beside {
            return beside.rests_on("computer");
        }
        let words = || {
            let elsewhere = match seen.len() {
                0 => Cow::from("no run of this file"),
                1 => format!("this file was measured on one other {noun}").into(),
                n => format!("this file was measured on {n} other {noun}s").into(),
            };
            let all = ["speed model, ", self.file.class(), "; ", &elsewhere];
            all.concat().into()
        };
        self.rests_on[part].get_or_init(words).clone()
    }
}

/// Seconds on the Mac where the file was measured: measured near an anchor, and predicted from it
/// elsewhere.
fn from_anchors(on: &OnMac, near: Option<&Anchor>, depth: f64, seconds: f64, kind: Kind) -> Figure {
    if let Some(anchor) = near {
        let (fastest, slowest) = anchor.range;
        let spread = if anchor.own { OWN_SPREAD } else { LEAST_SPREAD };
        let spread = spread.exp();
        return Figure::Measured(Seen {
            value: seconds,
            low: seconds * (fastest / anchor.seconds).min(1.0 / spread),
            high: seconds * (slowest / anchor.seconds).max(spread),
            runs: anchor.runs,
            wall_clock_tokens_per_second: anchor.wall_clock,
            source: anchor.source.clone(),
        });
    }
    let away = |a: f64| ((depth + DEPTH_UNIT) / (a + DEPTH_UNIT)).ln().abs();
    let nearest = on
        .anchors
        .iter()
        .map(|a| away(a.depth))
        .fold(f64::INFINITY, f64::min);
    let spread = (LEAST_SPREAD.powi(2) + (PER_DEPTH * nearest).powi(2)).sqrt();
    let noun = kind.noun();
    let source =
        format!("speed model, from runs of this file on this {noun} at other depths").into();
    let runs = on.anchors.iter().map(|a| a.runs).sum();
    Figure::predicted(seconds, spread, runs, source)
}

/// Runs of a file on all Macs.
fn runs(seen: &[OnMac]) -> usize {
    let anchors = seen.iter().flat_map(|on| &on.anchors);
    anchors.map(|a| a.runs).sum()
}

/// Not slower than a lesser Mac was measured to be, not faster than a better one was.
fn bounded(
    seconds: f64,
    gpu: &Gpu,
    seen: &[OnMac],
    shown: impl Fn(&OnMac, &Gpu) -> Option<f64>,
) -> f64 {
    let all = || {
        seen.iter()
            .flat_map(|on| on.gpus.iter().map(move |at| (on, at)))
    };
    let on = |(on, at): (&OnMac, &Gpu)| shown(on, at);
    let lesser = all().filter(|(_, at)| gpu.no_less_than(at)).filter_map(on);
    let better = all().filter(|(_, at)| at.no_less_than(gpu)).filter_map(on);
    let (most, least) = (
        lesser.fold(f64::INFINITY, f64::min),
        better.fold(0.0, f64::max),
    );
    seconds.max(least).min(most)
}

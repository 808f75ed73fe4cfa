//! The speed model as the program uses it: fitted constants of the shipped catalog, read from a
//! file, and effects of the catalog at hand.
//!
//! `fitted.json` is written by `planner catalog model --fit`; a test fits anew and compares. A
//! catalog with other rows keeps the constants and the bands, and solves for the effects again: one
//! linear solve, so that an owner's own runs correct the model's other files and other Macs.

use std::collections::BTreeMap;

use super::constants::{Constants, Decode, Prefill};
use super::elsewhere;
use super::file::File;
use super::fitted::Part;
use super::fitting::{
    Fitted, FittedKind, FittedPart, GroupError, constants, fingerprint, of_kind, refs,
};
use super::job::Gpu;
use super::observed;
use super::prefill::{Reading, Stretch};
use super::streams;
use super::streams::Gains;
use super::token::{Powers, Token};
use crate::catalog::Catalog;
use crate::machine::Kind;
use crate::machine::profile::Chip;

const FITTED: &str = include_str!("fitted.json");

/// The speed model.
#[derive(Debug, Clone)]
pub struct SpeedModel {
    pub(super) decode: Part<Decode>,
    pub(super) prefill: Part<Prefill>,
    pub(super) bands: (BTreeMap<String, f64>, BTreeMap<String, f64>),
    bins: Vec<Bin>,
    pub(super) chips: Vec<Chip>,
    pub(super) gains: Gains,
    errors: (Vec<GroupError>, Vec<GroupError>),
    /// The same of other kinds of machines.
    others: BTreeMap<Kind, SpeedModel>,
}

impl SpeedModel {
    /// The model for a catalog: the shipped constants, and the catalog's own effects.
    ///
    /// # Errors
    /// When the shipped file of constants is damaged.
    pub fn of(catalog: &Catalog, chips: &[Chip]) -> Result<Self, serde_json::Error> {
        let fitted = Self::shipped()?;
        let mut model = Self::from_fitted(&fitted, chips);
        model.adapt(catalog, Kind::Apple, &fitted.fingerprint);
        for (kind, other) in &mut model.others {
            let known = fitted.others.get(kind);
            other.adapt(catalog, *kind, known.map_or("", |k| &k.fingerprint));
        }
        if streams::of_owner(catalog) {
            model.gains = streams::measured(catalog);
        }
        Ok(model)
    }

    /// Solves for the effects of a catalog's rows, where they are not those of the file.
    fn adapt(&mut self, catalog: &Catalog, kind: Kind, known: &str) {
        let (decode, prefill) = (
            observed::decode(catalog, &self.chips),
            observed::prefill(catalog, &self.chips),
        );
        if fingerprint(kind, &decode, &prefill) != known {
            self.decode = self.decode.with_effects_of(kind, &refs(&decode));
            self.prefill = self.prefill.with_effects_of(&refs(&prefill));
        }
    }

    /// The model of machines of a kind; none where no runs of such are known.
    pub(super) fn of_kind(&self, kind: Kind) -> Option<&Self> {
        match kind {
            Kind::Apple => Some(self),
            other => self.others.get(&other),
        }
    }

    /// What the shipped file says: constants, bands, and errors on groups left out.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn shipped() -> Result<Fitted, serde_json::Error> {
        serde_json::from_str(FITTED)
    }

    /// The model that a file of constants describes.
    #[must_use]
    pub fn from_fitted(fitted: &Fitted, chips: &[Chip]) -> Self {
        let other = |(kind, k): (&Kind, &FittedKind)| {
            // Gains of several streams were seen on Macs alone.
            let parts = (&k.decode, &k.prefill);
            (*kind, Self::of_parts(*kind, parts, Gains::new(), chips))
        };
        let parts = (&fitted.decode, &fitted.prefill);
        Self {
            others: fitted.others.iter().map(other).collect(),
            ..Self::of_parts(Kind::Apple, parts, fitted.streams.clone(), chips)
        }
    }

    fn of_parts(
        kind: Kind,
        (decode, prefill): (&FittedPart, &FittedPart),
        gains: Gains,
        chips: &[Chip],
    ) -> Self {
        let chips = of_kind(kind, chips);
        let tokens = constants(&elsewhere::decode(kind), &decode.constants);
        Self {
            bins: bins(&chips, &tokens),
            decode: Part {
                constants: tokens,
                effects: decode.effects.clone(),
            },
            prefill: Part {
                constants: constants(&elsewhere::prefill(kind), &prefill.constants),
                effects: prefill.effects.clone(),
            },
            bands: (decode.bands.clone(), prefill.bands.clone()),
            chips,
            gains,
            errors: (by_class(decode), by_class(prefill)),
            others: BTreeMap::new(),
        }
    }

    /// How near decode speeds came to rows of sources left out, by class.
    #[must_use]
    pub fn decode_errors(&self) -> &[GroupError] {
        &self.errors.0
    }

    /// The same of prefill.
    #[must_use]
    pub fn prefill_errors(&self) -> &[GroupError] {
        &self.errors.1
    }

    /// Seconds of a token by formula and effects: no longer than on any lesser GPU.
    pub(super) fn token(&self, file: &File<'_>, gpu: &Gpu, depth: f64) -> f64 {
        let token = Token::new(&file.job, depth, false);
        let on = |gpu: (&Gpu, &Powers)| self.decode.seconds(&file.job, gpu, &token);
        self.least(gpu, on) * file.decodes_slower(&self.decode)
    }

    /// Seconds of a stretch of a prompt by formula and effects: no longer than on any lesser GPU.
    pub(super) fn prompt(&self, file: &File<'_>, gpu: &Gpu, stretch: &Stretch) -> f64 {
        let constants = &self.prefill.constants;
        let reading = Reading::of(constants, &file.job, stretch);
        let on = |(gpu, _): (&Gpu, &Powers)| reading.seconds(constants, &file.job, gpu);
        self.least(gpu, on) * file.reads_slower(&self.prefill)
    }

    fn least(&self, gpu: &Gpu, seconds: impl Fn((&Gpu, &Powers)) -> f64) -> f64 {
        if let Some(bin) = self.bins.iter().find(|bin| bin.gpu == *gpu) {
            let lesser = bin.lesser.iter().map(|&n| &self.bins[n]);
            let all = lesser.map(|bin| seconds((&bin.gpu, &bin.powers)));
            return all.fold(seconds((&bin.gpu, &bin.powers)), f64::min);
        }
        let on = |gpu: &Gpu| seconds((gpu, &Powers::of(&self.decode.constants, gpu)));
        let lesser = lesser_of(gpu, self.bins.iter().map(|bin| &bin.gpu));
        let all = lesser.iter().map(|&n| on(&self.bins[n].gpu));
        all.fold(on(gpu), f64::min)
    }
}

/// A bin of a chip.
#[derive(Debug, Clone)]
struct Bin {
    gpu: Gpu,
    powers: Powers,
    /// The places of the lesser ones that it must not be slower than: no Mac is slower than one that
    /// has less of everything.
    lesser: Vec<usize>,
}

fn bins(chips: &[Chip], tokens: &Constants<Decode>) -> Vec<Bin> {
    let gpus: Vec<Gpu> = chips.iter().flat_map(Gpu::bins).collect();
    let bin = |gpu: &Gpu| Bin {
        gpu: *gpu,
        powers: Powers::of(tokens, gpu),
        lesser: lesser_of(gpu, gpus.iter()),
    };
    gpus.iter().map(bin).collect()
}

/// The places of the GPUs of other kinds that have no more of anything, the best of each kind:
/// within one generation and number of dies, the formulas rise with cores and bandwidth.
fn lesser_of<'g>(gpu: &Gpu, all: impl Iterator<Item = &'g Gpu>) -> Vec<usize> {
    let kind = |g: &Gpu| (g.generation, g.ultra);
    let mut best: Vec<(usize, &Gpu)> = Vec::new();
    let lesser = |(_, bin): &(usize, &Gpu)| kind(bin) != kind(gpu) && gpu.no_less_than(bin);
    for (place, bin) in all.enumerate().filter(lesser) {
        let beats = |a: &Gpu, b: &Gpu| kind(a) == kind(b) && a.no_less_than(b);
        if !best.iter().any(|(_, known)| beats(known, bin)) {
            best.retain(|(_, known)| !beats(bin, known));
            best.push((place, bin));
        }
    }
    best.into_iter().map(|(place, _)| place).collect()
}

/// Errors with sources left out of every class of engine and shape.
fn by_class(part: &FittedPart) -> Vec<GroupError> {
    let classes = part
        .errors
        .iter()
        .filter(|e| e.left_out == "source" && part.bands.contains_key(&e.of) && e.of != "all");
    classes.cloned().collect()
}

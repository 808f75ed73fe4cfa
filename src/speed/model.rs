//! The speed model as the program uses it: fitted constants of the shipped catalog, read from a
//! file, and effects of the catalog at hand.
//!
//! `fitted.json` is written by `planner catalog model --fit`; a test fits anew and compares. A
//! catalog with other rows keeps the constants and the bands, and solves for the effects again: one
//! linear solve, so that an owner's own runs correct the model's other files and other Macs.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bands;
use super::constants::{Constants, Decode, Prefill};
use super::elsewhere;
use super::elsewhere::Guess;
use super::file::File;
use super::fitted::{Effects, Part};
use super::held_out;
use super::held_out::{Group, Miss, quantile};
use super::job::Gpu;
use super::observed;
use super::observed::Row;
use super::prefill::Stretch;
use super::streams;
use super::streams::{Gain, Gains};
use super::token::Token;
use crate::catalog::Catalog;
use crate::machine::Kind;
use crate::machine::profile::Chip;

const FITTED: &str = include_str!("fitted.json");
/// The share of rows left out that a band holds.
const BAND: f64 = 0.85;
/// Constants are written to so many digits.
const DIGITS: i32 = 5;

/// Everything that was fitted, as the file has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fitted {
    /// Of the rows and constants that it was fitted to.
    pub fingerprint: String,
    /// Of decoding.
    pub decode: FittedPart,
    /// Of reading a prompt.
    pub prefill: FittedPart,
    /// What several streams gain, by class.
    #[serde(default)]
    pub streams: BTreeMap<String, Gain>,
    /// Machines that are no Macs, by kind: those that runs are known of.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub others: BTreeMap<Kind, FittedKind>,
}

/// What was fitted to the rows of a kind of machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FittedKind {
    /// Of the rows and constants that it was fitted to.
    pub fingerprint: String,
    /// Of decoding.
    pub decode: FittedPart,
    /// Of reading a prompt.
    pub prefill: FittedPart,
}

/// One formula's part of the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FittedPart {
    /// Rows that it rests on.
    pub rows: usize,
    /// Constants by name.
    pub constants: BTreeMap<String, f64>,
    /// Logarithms by which classes, models and files are slower.
    pub effects: BTreeMap<String, f64>,
    /// Half-widths of the bands by class, as logarithms.
    pub bands: BTreeMap<String, f64>,
    /// Errors on rows whose group was left out.
    pub errors: Vec<GroupError>,
}

/// How near predictions came to rows whose source or Mac the fit had not seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GroupError {
    /// What was left out: `source`, `mac` (a chip) or `model`.
    pub left_out: String,
    /// Which rows: `all`, an engine, an engine and shape, an engine and generation, or depths.
    pub of: String,
    /// How many.
    pub rows: usize,
    /// Median relative error of the speed.
    pub median: f64,
    /// Relative error that nine of ten keep to.
    pub ninth_of_ten: f64,
    /// Median of predicted over measured, less one.
    pub bias: f64,
    /// Share of the rows inside their band.
    pub in_band: f64,
}

/// The speed model.
#[derive(Debug, Clone)]
pub struct SpeedModel {
    pub(super) decode: Part<Decode>,
    pub(super) prefill: Part<Prefill>,
    pub(super) bands: (BTreeMap<String, f64>, BTreeMap<String, f64>),
    /// Every bin of every chip with the lesser ones that it must not be slower than: no Mac is
    /// slower than one that has less of everything.
    bins: Vec<(Gpu, Vec<Gpu>)>,
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
            self.decode = self.decode.with_effects_of(&refs(&decode));
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
        Self {
            decode: Part {
                constants: constants(&elsewhere::decode(kind), &decode.constants),
                effects: decode.effects.clone(),
            },
            prefill: Part {
                constants: constants(&elsewhere::prefill(kind), &prefill.constants),
                effects: prefill.effects.clone(),
            },
            bands: (decode.bands.clone(), prefill.bands.clone()),
            bins: with_lesser(&chips),
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
        let on = |gpu: &Gpu| self.decode.seconds(&file.job, gpu, &token);
        self.least(gpu, on) * file.decodes_slower(&self.decode)
    }

    /// Seconds of a stretch of a prompt by formula and effects: no longer than on any lesser GPU.
    pub(super) fn prompt(&self, file: &File<'_>, gpu: &Gpu, stretch: &Stretch) -> f64 {
        let on = |gpu: &Gpu| self.prefill.seconds(&file.job, gpu, stretch);
        self.least(gpu, on) * file.reads_slower(&self.prefill)
    }

    fn least(&self, gpu: &Gpu, seconds: impl Fn(&Gpu) -> f64) -> f64 {
        let own = seconds(gpu);
        let known = self.bins.iter().find(|(bin, _)| bin == gpu);
        match known {
            Some((_, lesser)) => lesser.iter().map(&seconds).fold(own, f64::min),
            None => {
                let all = self.bins.iter().map(|(bin, _)| bin);
                lesser_of(gpu, all).iter().map(&seconds).fold(own, f64::min)
            }
        }
    }
}

fn with_lesser(chips: &[Chip]) -> Vec<(Gpu, Vec<Gpu>)> {
    let bins: Vec<Gpu> = chips.iter().flat_map(Gpu::bins).collect();
    let with = |gpu: &Gpu| (*gpu, lesser_of(gpu, bins.iter()));
    bins.iter().map(with).collect()
}

/// The GPUs of other kinds that have no more of anything, the best of each kind: within one
/// generation and number of dies, the formulas rise with cores and bandwidth.
fn lesser_of<'g>(gpu: &Gpu, all: impl Iterator<Item = &'g Gpu>) -> Vec<Gpu> {
    let kind = |g: &Gpu| (g.generation, g.ultra);
    let mut best: Vec<Gpu> = Vec::new();
    for bin in all.filter(|bin| kind(bin) != kind(gpu) && gpu.no_less_than(bin)) {
        let beats = |a: &Gpu, b: &Gpu| kind(a) == kind(b) && a.no_less_than(b);
        if !best.iter().any(|known| beats(known, bin)) {
            best.retain(|known| !beats(bin, known));
            best.push(*bin);
        }
    }
    best
}

/// The chips that make machines of a kind.
fn of_kind(kind: Kind, chips: &[Chip]) -> Vec<Chip> {
    chips.iter().filter(|c| c.kind == kind).cloned().collect()
}

/// Fits everything anew, errors and bands included: a minute's work.
#[must_use]
pub fn fit(catalog: &Catalog, chips: &[Chip]) -> Fitted {
    fit_all(catalog, chips, true)
}

/// Fits the constants anew, without the errors and bands: seconds.
#[must_use]
pub fn fit_constants(catalog: &Catalog, chips: &[Chip]) -> Fitted {
    fit_all(catalog, chips, false)
}

fn fit_all(catalog: &Catalog, chips: &[Chip], errors: bool) -> Fitted {
    let kinds: BTreeSet<Kind> = chips.iter().map(|c| c.kind).collect();
    let fitted = |kind: Kind| fit_kind(catalog, &of_kind(kind, chips), kind, errors);
    let others = kinds.into_iter().filter(|k| !k.is_mac());
    let others = others.map(|kind| (kind, fitted(kind)));
    let macs = fitted(Kind::Apple);
    Fitted {
        fingerprint: macs.fingerprint,
        decode: macs.decode,
        prefill: macs.prefill,
        streams: streams::measured(catalog),
        others: others.filter(|(_, k)| k.decode.rows > 0).collect(),
    }
}

/// Fits the rows of a kind of machine.
fn fit_kind(catalog: &Catalog, chips: &[Chip], kind: Kind, errors: bool) -> FittedKind {
    let decode = observed::decode(catalog, chips);
    let prefill = observed::prefill(catalog, chips);
    let decoding = Part::<Decode>::fit(kind, &refs(&decode), None);
    let reading = Part::<Prefill>::fit(kind, &refs(&prefill), None);
    let (mut decode_misses, mut prefill_misses) = (Vec::new(), Vec::new());
    if errors {
        decode_misses = held_out::decode(&decode, &decoding);
        prefill_misses = held_out::prefill(&prefill, &reading);
    }
    let table = (elsewhere::decode(kind), elsewhere::prefill(kind));
    let least = |rows: usize| least_band(kind, rows);
    FittedKind {
        fingerprint: fingerprint(kind, &decode, &prefill),
        decode: fitted_part(
            &decode,
            &table.0,
            &decoding,
            &decode_misses,
            least(decode.len()),
        ),
        prefill: fitted_part(
            &prefill,
            &table.1,
            &reading,
            &prefill_misses,
            least(prefill.len()),
        ),
    }
}

/// The least half-width of a band: of few rows, too few to tell their own error, half as much again
/// and half as little.
const fn least_band(kind: Kind, rows: usize) -> f64 {
    match rows {
        _ if kind.is_mac() => 0.10,
        0..12 => 0.45,
        _ => 0.25,
    }
}

/// Errors with sources left out of every class of engine and shape.
fn by_class(part: &FittedPart) -> Vec<GroupError> {
    let classes = part
        .errors
        .iter()
        .filter(|e| e.left_out == "source" && part.bands.contains_key(&e.of) && e.of != "all");
    classes.cloned().collect()
}

fn refs<'r, 'a>(rows: &'r [Row<'a>]) -> Vec<&'r Row<'a>> {
    rows.iter().collect()
}

fn constants<F>(table: &[Guess], values: &BTreeMap<String, f64>) -> Constants<F> {
    let value = |(name, guess, _): &Guess| values.get(*name).copied().unwrap_or(*guess);
    Constants::new(table.iter().map(value).collect())
}

fn fitted_part<F>(
    rows: &[Row<'_>],
    table: &[Guess],
    part: &Part<F>,
    misses: &[Miss],
    least: f64,
) -> FittedPart {
    let bands = held_out::bands(misses, BAND, least);
    let kept = |effects: &Effects| {
        let lasting = effects
            .iter()
            .filter(|(name, _)| !name.starts_with("source "));
        lasting
            .map(|(name, by)| (name.clone(), rounded(*by)))
            .collect()
    };
    FittedPart {
        rows: rows.len(),
        constants: table
            .iter()
            .zip(&part.constants.values)
            .map(|((name, ..), value)| ((*name).to_owned(), rounded(*value)))
            .collect(),
        effects: kept(&part.effects),
        errors: errors(misses, &bands),
        bands: bands
            .into_iter()
            .map(|(class, width)| (class, rounded(width)))
            .collect(),
    }
}

/// To a few significant digits, so that the file reads and compares well.
fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return 0.0;
    }
    let scale = 10_f64.powi(DIGITS - 1 - exponent(value));
    (value * scale).round() / scale
}

#[expect(clippy::cast_possible_truncation, reason = "an exponent of ten")]
fn exponent(value: f64) -> i32 {
    value.abs().log10().floor() as i32
}

fn errors(misses: &[Miss], bands: &BTreeMap<String, f64>) -> Vec<GroupError> {
    let mut told = Vec::new();
    for group in Group::ALL {
        let of_group: Vec<&Miss> = misses.iter().filter(|m| m.group == group).collect();
        let mut by: BTreeMap<String, Vec<&Miss>> = BTreeMap::new();
        for m in of_group {
            let lm_studio = ["llama.cpp", "mlx"].contains(&m.engine.as_str());
            let depth = match m.depth {
                d if d <= 4096.0 => "to 4k",
                d if d <= 32_768.0 => "4k to 32k",
                _ => "beyond 32k",
            };
            let on_mac = m.kind.is_mac();
            let generation = on_mac.then(|| format!("{}, generation {}", m.engine, m.generation));
            let names = [
                Some("all".to_owned()),
                (lm_studio && on_mac).then(|| "llama.cpp and mlx".to_owned()),
                on_mac.then(|| m.engine.clone()),
                Some(m.class.clone()),
                generation,
                lm_studio.then(|| format!("depth {depth}")),
            ];
            for name in names.into_iter().flatten() {
                by.entry(name).or_default().push(m);
            }
        }
        told.extend(
            by.into_iter()
                .map(|(of, m)| group_error(group, of, &m, bands)),
        );
    }
    told
}

fn group_error(
    group: Group,
    of: String,
    misses: &[&Miss],
    bands: &BTreeMap<String, f64>,
) -> GroupError {
    let sizes: Vec<f64> = misses.iter().map(|m| m.log.exp_m1().abs()).collect();
    let signed: Vec<f64> = misses.iter().map(|m| m.log.exp_m1()).collect();
    let inside = misses
        .iter()
        .filter(|m| m.log.abs() <= bands::width(bands, &m.class, m.depth))
        .count();
    #[expect(clippy::cast_precision_loss, reason = "a number of rows")]
    let in_band = inside as f64 / misses.len().max(1) as f64;
    GroupError {
        left_out: group.name().to_owned(),
        of,
        rows: misses.len(),
        median: rounded(quantile(sizes.clone(), 0.5).unwrap_or(0.0)),
        ninth_of_ten: rounded(quantile(sizes, 0.9).unwrap_or(0.0)),
        bias: rounded(quantile(signed, 0.5).unwrap_or(0.0)),
        in_band: rounded(in_band),
    }
}

/// A number that changes with any row or guess (FNV-1a).
fn fingerprint(kind: Kind, decode: &[Row<'_>], prefill: &[Row<'_>]) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut take = |bytes: &[u8]| {
        for byte in bytes {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    let tables = (elsewhere::decode(kind), elsewhere::prefill(kind));
    for (name, guess, spread) in tables.0.iter().chain(&tables.1) {
        take(name.as_bytes());
        take(&guess.to_bits().to_le_bytes());
        take(&spread.to_bits().to_le_bytes());
    }
    for row in decode.iter().chain(prefill) {
        take(row.model.id.as_bytes());
        take(row.variant.id.as_bytes());
        take(&row.variant.weights_bytes.0.to_le_bytes());
        take(row.mac().as_bytes());
        take(row.source.as_bytes());
        for figure in [row.seconds, row.depth(), row.weight] {
            take(&figure.to_bits().to_le_bytes());
        }
    }
    format!("{hash:016x}")
}

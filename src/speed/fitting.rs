//! Fits the speed model to the rows of a catalog, with its errors on groups left out and its bands.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bands;
use super::constants::{Constants, Decode, Prefill};
use super::elsewhere;
use super::elsewhere::Guess;
use super::fitted::{Effects, Part};
use super::held_out;
use super::held_out::{Group, Miss, quantile};
use super::observed;
use super::observed::Row;
use super::streams;
use super::streams::Gain;
use crate::catalog::Catalog;
use crate::machine::Kind;
use crate::machine::profile::Chip;

/// Constants are written to so many digits.
const DIGITS: i32 = 5;
/// The share of rows left out that a band holds.
const BAND: f64 = 0.85;
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

/// The chips that make machines of a kind.
pub(super) fn of_kind(kind: Kind, chips: &[Chip]) -> Vec<Chip> {
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

pub(super) fn refs<'r, 'a>(rows: &'r [Row<'a>]) -> Vec<&'r Row<'a>> {
    rows.iter().collect()
}

pub(super) fn constants<F>(table: &[Guess], values: &BTreeMap<String, f64>) -> Constants<F> {
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
pub(super) fn fingerprint(kind: Kind, decode: &[Row<'_>], prefill: &[Row<'_>]) -> String {
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

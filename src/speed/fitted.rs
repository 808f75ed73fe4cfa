//! The fitted model: constants of both formulas, and by how much classes, models and files were
//! seen to differ from them.
//!
//! Programs built upon an engine are taken to be as fast as it: telling them apart made predictions
//! worse.
//!
//! Decoding pools: a file's own kernels, layers and precision differ from its class in ways that no
//! formula here knows, and repeat on every Mac. Reading a prompt does not: pooling made rows of
//! other sources and other Macs worse, so only an owner's own runs correct it.

use std::collections::BTreeMap;

use super::constants::{Constants, Decode, Prefill};
use super::elsewhere;
use super::job::{Gpu, Job};
use super::observed::{Row, Timed};
use super::prefill;
use super::regress::{Fit, Point, Prior, fit};
use super::token;
use super::token::{Powers, Token};
use crate::machine::Kind;

/// Spread of a row's logarithm that nothing explains: decoding, reading a prompt.
const NOISE: (f64, f64) = (0.07, 0.08);
/// Spread of the effects of decoding: class, model, file, source. Sources differ more than models:
/// builds, settings and heat are theirs. On other machines than Macs the formula misses a model by
/// more, so that its other files say more of it: 0.15 met files, models and sources left out best.
const fn spreads(kind: Kind) -> [(&'static str, f64); 4] {
    let model = if kind.is_mac() { 0.05 } else { 0.15 };
    [
        ("class", 0.10),
        ("model", model),
        ("file", 0.05),
        ("source", 0.15),
    ]
}
/// Spread of what an owner's own runs say of a model and a file in reading a prompt.
const OWN_SPREADS: [(&str, f64); 2] = [("model", 0.05), ("file", 0.10)];

/// Effects by name.
pub(super) type Effects = BTreeMap<String, f64>;

/// One of the two formulas with what was fitted.
#[derive(Debug, Clone)]
pub(super) struct Part<F> {
    pub(super) constants: Constants<F>,
    pub(super) effects: Effects,
}

impl<F> Part<F> {
    fn of(fit: &Fit, names: &[String]) -> Self {
        Self {
            constants: Constants::of_logs(&fit.constants),
            effects: names
                .iter()
                .cloned()
                .zip(fit.effects.iter().copied())
                .collect(),
        }
    }

    /// The logarithm by which a file is slower than the formula.
    pub(super) fn effect(&self, model: &str, variant: &str, job: &Job<'_>) -> f64 {
        if self.effects.is_empty() {
            return 0.0;
        }
        names(model, variant, job)
            .iter()
            .filter_map(|name| self.effects.get(name))
            .sum()
    }
}

/// What a file's effects are called.
fn names(model: &str, variant: &str, job: &Job<'_>) -> [String; 3] {
    [
        ["class ", job.kernels.name(), " ", job.shape.name()].concat(),
        ["model ", model].concat(),
        ["file ", model, "/", variant].concat(),
    ]
}

/// Seconds by the formula of decoding.
fn token_seconds(c: &Constants<Decode>, row: &Row<'_>) -> f64 {
    match row.timed {
        Timed::Token(one) => {
            let on = (&row.gpu, &Powers::of(c, &row.gpu));
            token::seconds(c, &row.job, on, &one)
        }
        Timed::Prompt(_) => 1.0,
    }
}

/// Seconds by the formula of reading.
fn prompt_seconds(c: &Constants<Prefill>, row: &Row<'_>) -> f64 {
    match row.timed {
        Timed::Prompt(stretch) => prefill::seconds(c, &row.job, &row.gpu, &stretch),
        Timed::Token(_) => 1.0,
    }
}

impl Part<Decode> {
    /// Fits constants and effects; from `start` on it takes a few steps.
    pub(super) fn fit(kind: Kind, rows: &[&Row<'_>], start: Option<&Self>) -> Self {
        let table = elsewhere::decode(kind);
        fitted(rows, &table, NOISE.0, &spreads(kind), start, token_seconds)
    }

    /// The same constants, and effects of other rows.
    pub(super) fn with_effects_of(&self, kind: Kind, rows: &[&Row<'_>]) -> Self {
        let base = |row: &Row<'_>| token_seconds(&self.constants, row);
        Self {
            constants: self.constants.clone(),
            effects: effects_alone(rows, NOISE.0, &spreads(kind), base),
        }
    }

    /// Seconds of a token that a row should have taken.
    pub(super) fn expected(&self, row: &Row<'_>) -> f64 {
        token_seconds(&self.constants, row) * self.of_row(row).exp()
    }

    /// Seconds of a token on a GPU.
    pub(super) fn seconds(&self, job: &Job<'_>, on: (&Gpu, &Powers), one: &Token) -> f64 {
        token::seconds(&self.constants, job, on, one)
    }
}

impl Part<Prefill> {
    /// Fits the constants.
    pub(super) fn fit(kind: Kind, rows: &[&Row<'_>], start: Option<&Self>) -> Self {
        let table = elsewhere::prefill(kind);
        fitted(rows, &table, NOISE.1, &[], start, prompt_seconds)
    }

    /// The same constants, and effects of the owner's own rows.
    pub(super) fn with_effects_of(&self, rows: &[&Row<'_>]) -> Self {
        let own: Vec<&Row<'_>> = rows.iter().copied().filter(|r| r.run.own).collect();
        let base = |row: &Row<'_>| prompt_seconds(&self.constants, row);
        Self {
            constants: self.constants.clone(),
            effects: effects_alone(&own, NOISE.1, &OWN_SPREADS, base),
        }
    }

    /// Seconds of a stretch that a row should have taken.
    pub(super) fn expected(&self, row: &Row<'_>) -> f64 {
        prompt_seconds(&self.constants, row) * self.of_row(row).exp()
    }
}

impl<F> Part<F> {
    fn of_row(&self, row: &Row<'_>) -> f64 {
        self.effect(&row.model.id, &row.variant.id, &row.job)
    }
}

fn fitted<F>(
    rows: &[&Row<'_>],
    table: &[(&str, f64, f64)],
    noise: f64,
    spreads: &[(&str, f64)],
    start: Option<&Part<F>>,
    formula: impl Fn(&Constants<F>, &Row<'_>) -> f64,
) -> Part<F> {
    let (names, effects, points) = points(rows, spreads);
    let prior = Prior {
        constants: table
            .iter()
            .map(|(_, guess, spread)| (guess.ln(), *spread))
            .collect(),
        effects,
        noise,
    };
    let start = start.map(|part| Fit {
        constants: part.constants.values.iter().map(|v| v.ln()).collect(),
        effects: names
            .iter()
            .map(|n| part.effects.get(n).copied().unwrap_or(0.0))
            .collect(),
    });
    let predict = |logs: &[f64]| {
        let constants = Constants::of_logs(logs);
        rows.iter().map(|r| formula(&constants, r).ln()).collect()
    };
    Part::of(&fit(&points, &prior, start.as_ref(), predict), &names)
}

fn effects_alone(
    rows: &[&Row<'_>],
    noise: f64,
    spreads: &[(&str, f64)],
    base: impl Fn(&Row<'_>) -> f64,
) -> Effects {
    let (names, effects, points) = points(rows, spreads);
    let prior = Prior {
        constants: Vec::new(),
        effects,
        noise,
    };
    let logs: Vec<f64> = rows.iter().map(|r| base(r).ln()).collect();
    let fit = fit(&points, &prior, None, |_| logs.clone());
    names.into_iter().zip(fit.effects).collect()
}

/// The rows as the regression sees them, with the effects' names and spreads.
fn points(rows: &[&Row<'_>], spreads: &[(&str, f64)]) -> (Vec<String>, Vec<f64>, Vec<Point>) {
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let (mut listed, mut held) = (Vec::new(), Vec::new());
    let mut points = Vec::new();
    for row in rows {
        let of_file = names(&row.model.id, &row.variant.id, &row.job);
        let mut effects = Vec::new();
        for name in of_file
            .into_iter()
            .chain([format!("source {}", row.source)])
        {
            let kind = name.split(' ').next().unwrap_or_default();
            let Some((_, spread)) = spreads.iter().find(|(k, _)| *k == kind) else {
                continue;
            };
            let at = *known.entry(name.clone()).or_insert_with(|| {
                listed.push(name);
                held.push(*spread);
                held.len() - 1
            });
            effects.push(at);
        }
        points.push(Point {
            log: row.seconds.ln(),
            weight: row.weight,
            effects,
        });
    }
    (listed, held, points)
}

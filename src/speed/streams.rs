//! What several streams of one model give together: tokens in sum over those of one stream.
//!
//! n streams give n^e times the tokens of one in a shallow context. A server reads the weights once
//! for all of them, so e is positive where its kernels are good, and falls where each stream touches
//! experts of its own. What a token takes longer in a deep context is each stream's own: no two share
//! a cache. Held against runs of llama.cpp at 8,192 tokens on an M2 Ultra, that is within 5 % where
//! the same e at any depth would say 10 to 25 % too much.
//! Seen at up to eight; beyond that it stays, since kernels change there and most rows are flat.

use std::collections::BTreeMap;
use std::rc::Rc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::figure::{Expected, Figure};
use super::held_out::quantile;
use super::job::Job;
use super::measured::run_decode;
use super::observed::program;
use super::source::Source;
use super::statistics::SHALLOW_DEPTH;
use crate::catalog::Catalog;
use crate::catalog::schema::{Measurement, Method, Model};

/// Streams beyond which nothing more is gained.
const MOST: f64 = 8.0;
/// The exponent where nothing was measured, with its low and high end: 4 streams give 1.5 to 2.5
/// times the tokens, as most ordinary models were seen to.
const UNSEEN: Gain = Gain {
    exponent: 0.45,
    low: 0.25,
    high: 0.70,
    rows: 0,
};

/// Fewer runs tell no gain.
const LEAST_ROWS: usize = 3;
/// The exponent's spread, at least.
const LEAST_SPREAD: f64 = 0.1;

/// How tokens in sum grow with streams.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Gain {
    /// Of the number of streams.
    pub exponent: f64,
    /// Its low end.
    pub low: f64,
    /// Its high end.
    pub high: f64,
    /// Rows of two streams and more that it rests on.
    pub rows: usize,
}

impl Gain {
    /// The tokens of all streams, from those of one, of whose time so much of one is each stream's
    /// own.
    fn in_sum(&self, alone: &Figure, streams: u32, own: f64) -> Figure {
        let n = f64::from(streams).min(MOST);
        let times = |e: f64| ((1.0 - own) * n.powf(-e) + own).recip();
        if streams <= 1 {
            return alone.clone();
        }
        let (low, high) = alone.range();
        let value = alone.value() * times(self.exponent);
        let source = Source::Streams {
            alone: Rc::new(alone.source().clone()),
            streams,
            times: times(self.exponent),
            runs: self.rows,
        };
        Figure::Predicted(Expected {
            value,
            low: low * times(self.low),
            high: high * times(self.high),
            runs: self.rows,
            source,
        })
    }
}

/// Gains by name: `mlx dense` of a class, `minimax-m2.1 mlx` of a model in an engine; the latter with
/// `, deep` beyond a shallow context.
pub(super) type Gains = BTreeMap<String, Gain>;

/// The names of a model's gain and of its class's.
fn names(model: &str, job: &Job<'_>) -> [String; 2] {
    let kernels = job.kernels.name();
    [
        format!("{model} {kernels}"),
        format!("{kernels} {}", job.shape.name()),
    ]
}

fn in_depth(name: &str) -> String {
    format!("{name}, deep")
}

fn is_deep(depth: f64) -> bool {
    depth > f64::from(SHALLOW_DEPTH)
}

/// What several streams of a file gain.
#[derive(Debug, Clone, Copy)]
pub(super) struct OfFile {
    /// In a shallow context: its model's, its class's, or a plain guess.
    shallow: Gain,
    /// As its model was seen to in a deep one.
    deep: Option<Gain>,
}

impl OfFile {
    pub(super) fn new(gains: &Gains, model: &str, job: &Job<'_>) -> Self {
        let names = names(model, job);
        let known = names.iter().find_map(|name| gains.get(name));
        Self {
            shallow: known.copied().unwrap_or(UNSEEN),
            deep: gains.get(&in_depth(&names[0])).copied(),
        }
    }

    /// The tokens of all streams at a depth, from those of one, of whose time there so much of one is
    /// each stream's own; no more than the model was seen to give in a deep context.
    pub(super) fn in_sum(&self, alone: &Figure, streams: u32, depth: f64, own: f64) -> Figure {
        let by_rule = self.shallow.in_sum(alone, streams, own);
        let seen = self.deep.filter(|_| is_deep(depth));
        let seen = seen.map(|gain| gain.in_sum(alone, streams, 0.0));
        match seen {
            Some(seen) if seen.value() < by_rule.value() => seen,
            _ => by_rule,
        }
    }
}

/// Whether an owner measured several streams.
pub(super) fn of_owner(catalog: &Catalog) -> bool {
    let runs = catalog.models.iter().flat_map(|m| &m.measurements);
    runs.into_iter().any(|m| m.own && m.concurrency > 1)
}

/// Gains of every model that was run with several streams, and of every class of which two were: a
/// fault of one model's kernels is not its class's.
pub(super) fn measured(catalog: &Catalog) -> Gains {
    let mut seen: BTreeMap<String, Vec<(&str, f64)>> = BTreeMap::new();
    for model in &catalog.models {
        for (names, exponent) in exponents(model) {
            for name in names {
                seen.entry(name).or_default().push((&model.id, exponent));
            }
        }
    }
    let gain = |(name, all): (String, Vec<(&str, f64)>)| {
        let first = all.first()?.0;
        let one = all.iter().all(|(model, _)| *model == first);
        if all.len() < LEAST_ROWS || (one && !name.starts_with(first)) {
            return None;
        }
        let at = |share| quantile(all.iter().map(|(_, e)| *e).collect(), share);
        let gain = Gain {
            exponent: at(0.5)?,
            low: at(0.1)?.min(at(0.5)? - LEAST_SPREAD),
            high: at(0.9)?.max(at(0.5)? + LEAST_SPREAD),
            rows: all.len(),
        };
        Some((name, gain))
    };
    seen.into_iter().filter_map(gain).collect()
}

/// The exponent of each run of several streams against one stream of the same file, Mac, program
/// and depth.
fn exponents(model: &Model) -> Vec<(Vec<String>, f64)> {
    let runs: Vec<(&Measurement, f64)> = model
        .measurements
        .iter()
        .filter(|m| m.suspect.is_none() && m.method != Method::WallClock)
        .filter_map(|m| Some((m, run_decode(m)?)))
        .collect();
    let alike = |a: &Measurement, b: &Measurement| {
        (
            &a.variant,
            &a.chip,
            a.gpu_cores,
            &a.engine,
            &a.app,
            a.depth_tokens,
            &a.date,
        ) == (
            &b.variant,
            &b.chip,
            b.gpu_cores,
            &b.engine,
            &b.app,
            b.depth_tokens,
            &b.date,
        )
    };
    let several = runs
        .iter()
        .filter(|(m, _)| (2..=8).contains(&m.concurrency));
    several
        .filter_map(|(m, total)| {
            let variant = model.variant(&m.variant)?;
            program(m, variant)?;
            let job = Job::of(model, variant)?;
            let (_, alone) = runs
                .iter()
                .find(|(one, _)| one.concurrency == 1 && alike(one, m))?;
            let depth = f64::from(m.depth_tokens.unwrap_or(0));
            let exponent = (total / alone).ln() / f64::from(m.concurrency).ln();
            let [own, of_class] = names(&model.id, &job);
            let names = match is_deep(depth) {
                true => vec![in_depth(&own)],
                false => vec![own, of_class],
            };
            Some((names, exponent))
        })
        .collect()
}

//! How speed falls with the depth of the context: the third term of the speed model.
//!
//! seconds per token += KV bytes read at this depth / (share x bandwidth)
//!
//! The share of the bandwidth that the cache is read at is fitted per engine and kind of attention
//! from runs of one variant at several depths; where the catalog has none, published figures stand
//! in and are said to. Never fits anything on the models that it is asked about alone.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::measured;
use super::statistics::{SHALLOW_DEPTH, median};
use crate::basis::Basis;
use crate::catalog::Catalog;
use crate::catalog::schema::{Measurement, Model};
use crate::machine::ChipFigures;
use crate::machine::profile::Chip;
use crate::model::{Architecture, CacheShape};

/// Bytes of a cached number: engines keep 16 bits unless told otherwise.
const ELEMENT_BYTES: f64 = 2.0;
/// Tokens that a sparse indexer selects: only their cache is read, and every token's index key.
const INDEXED_TOKENS: f64 = 2048.0;
/// The least error to admit for a class that was fitted.
const LEAST_ERROR: f64 = 0.10;
/// The error to admit for a class with one variant, or with published figures alone; also how far
/// its share may be off.
const UNKNOWN_ERROR: f64 = 0.25;

/// Shares read off published runs at depths of 0 and 32k, for engines whose runs at depth are not
/// in the catalog: engine, kind of attention, share.
const PUBLISHED: [(&str, &str, f64); 2] = [
    ("llama.cpp", "grouped", 0.44),
    ("llama.cpp", "latent", 0.08),
];

/// One class of the third term.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DepthClass {
    /// The engine.
    pub engine: String,
    /// Kind of attention: `grouped` heads, `indexed` ones, or `latent`.
    pub attention: String,
    /// Pairs of runs that it rests on.
    pub rows: usize,
    /// Share of the bandwidth that the cache is read at.
    pub bandwidth_share: f64,
    /// The least share seen: the low end of a predicted speed.
    pub share_low: f64,
    /// The largest share seen: the high end.
    pub share_high: f64,
    /// Relative error of a predicted speed at depth, each variant predicted from the others.
    pub error: f64,
    /// Measured where fitted, assumed where published figures stand in.
    pub basis: Basis,
}

/// Runs of one variant at a shallow and a deep context.
#[derive(Debug, Clone, Copy)]
struct Pair {
    /// Which variant and chip: pairs of one are left out together.
    group: usize,
    /// Seconds per token at the shallow depth.
    shallow: f64,
    /// Seconds per token at the deep one.
    deep: f64,
    /// Seconds to read what the deep context adds, at full bandwidth.
    added: f64,
}

impl Pair {
    fn share(self) -> f64 {
        self.added / (self.deep - self.shallow)
    }

    /// Relative error of the speed at depth that a share predicts.
    fn miss(self, share: f64) -> f64 {
        (self.deep / (self.shallow + self.added / share) - 1.0).abs()
    }
}

/// The fitted third term.
#[derive(Debug, Clone, Default)]
pub(super) struct DepthModel {
    pairs: BTreeMap<(String, &'static str), Vec<Pair>>,
}

/// The kind of attention, where it is one that the term is known for.
fn kind(arch: &Architecture) -> Option<&'static str> {
    let any = |f: fn(&CacheShape) -> bool| arch.attention.iter().any(|g| f(&g.cache));
    if any(|c| matches!(c, CacheShape::Compressed { .. })) {
        None
    } else if any(|c| matches!(c, CacheShape::Latent { .. })) {
        Some("latent")
    } else if any(|c| matches!(c, CacheShape::Indexer { .. })) {
        // The indexer reads every token and the heads only those that it selects.
        Some("indexed")
    } else {
        Some("grouped")
    }
}

/// Bytes of KV cache that one token reads with `depth` tokens before it.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "an input of a speed prediction")]
pub fn kv_bytes_read(arch: &Architecture, depth: u32) -> f64 {
    let depth = f64::from(depth);
    let layers = arch.attention.iter().map(|group| {
        let per_layer = match group.cache {
            CacheShape::Full {
                kv_heads,
                key_length,
                value_length,
            } => (kv_heads * (key_length + value_length)) as f64 * depth,
            CacheShape::Sliding {
                window,
                kv_heads,
                key_length,
                value_length,
            } => (kv_heads * (key_length + value_length)) as f64 * depth.min(f64::from(window)),
            CacheShape::Latent {
                rank,
                rope_length,
                index_length: 0,
                ..
            } => (rank + rope_length) as f64 * depth,
            CacheShape::Latent {
                rank,
                rope_length,
                index_length,
                ..
            } => {
                (rank + rope_length) as f64 * depth.min(INDEXED_TOKENS)
                    + index_length as f64 * depth
            }
            CacheShape::Indexer {
                key_length,
                value_length,
            } => (key_length + value_length) as f64 * depth,
            CacheShape::Compressed {
                window,
                ratio,
                kv_heads,
                key_length,
                index_length,
            } => {
                let compressed = if ratio == 0 {
                    0.0
                } else {
                    depth / f64::from(ratio)
                };
                (kv_heads * key_length) as f64 * (depth.min(f64::from(window)) + compressed)
                    + index_length as f64 * compressed
            }
        };
        f64::from(group.layers) * per_layer
    });
    layers.sum::<f64>() * ELEMENT_BYTES
}

impl DepthModel {
    /// Fits the term to every pair of runs in the catalog that differ in depth alone.
    pub(super) fn fit(catalog: &Catalog, chips: &[Chip]) -> Self {
        let mut model = Self::default();
        let mut groups: Vec<(&str, &str, &str)> = Vec::new();
        for m in &catalog.models {
            let Some((arch, kind)) = m.architecture.as_ref().and_then(|a| Some((a, kind(a)?)))
            else {
                continue;
            };
            for (shallow, deep) in pairs_of(m) {
                let chip = chips.iter().find(|c| c.id == deep.0.chip);
                let bandwidth = chip.and_then(|c| ChipFigures::of(c, deep.0.gpu_cores).bandwidth);
                let Some(bandwidth) = bandwidth else { continue };
                let read = |m: &Measurement| kv_bytes_read(arch, m.depth_tokens.unwrap_or(0));
                let group = (m.id.as_str(), deep.0.variant.as_str(), deep.0.chip.as_str());
                let known = groups.iter().position(|g| *g == group);
                let pair = Pair {
                    group: known.unwrap_or_else(|| {
                        groups.push(group);
                        groups.len() - 1
                    }),
                    shallow: 1.0 / shallow.1,
                    deep: 1.0 / deep.1,
                    added: (read(deep.0) - read(shallow.0)) / bandwidth,
                };
                if pair.deep > pair.shallow && pair.added > 0.0 {
                    let class = (deep.0.engine.clone(), kind);
                    model.pairs.entry(class).or_default().push(pair);
                }
            }
        }
        model
    }

    /// Every class, fitted or published.
    pub(super) fn classes(&self) -> Vec<DepthClass> {
        let fitted = self
            .pairs
            .keys()
            .filter_map(|(engine, kind)| self.class(engine, kind));
        let published = PUBLISHED
            .iter()
            .filter(|(engine, kind, _)| !self.pairs.contains_key(&((*engine).to_owned(), *kind)))
            .filter_map(|(engine, kind, _)| self.class(engine, kind));
        fitted.chain(published).collect()
    }

    fn class(&self, engine: &str, kind: &'static str) -> Option<DepthClass> {
        let whole = |rows, share: f64, (low, high): (f64, f64), error, basis| DepthClass {
            engine: engine.to_owned(),
            attention: kind.to_owned(),
            rows,
            bandwidth_share: share,
            share_low: low.min(share * (1.0 - UNKNOWN_ERROR)),
            share_high: high.max(share * (1.0 + UNKNOWN_ERROR)),
            error,
            basis,
        };
        if let Some(pairs) = self.pairs.get(&(engine.to_owned(), kind)) {
            let shares: Vec<f64> = pairs.iter().map(|p| p.share()).collect();
            let low = shares.iter().copied().fold(f64::INFINITY, f64::min);
            let high = shares.iter().copied().fold(0.0, f64::max);
            let error = leave_one_out_error(pairs);
            let share = median(shares)?;
            return Some(whole(
                pairs.len(),
                share,
                (low, high),
                error,
                Basis::Measured,
            ));
        }
        PUBLISHED
            .iter()
            .find(|(e, k, _)| *e == engine && *k == kind)
            .map(|(_, _, share)| whole(0, *share, (*share, *share), UNKNOWN_ERROR, Basis::Assumed))
    }

    /// The class that a model falls into in an engine.
    pub(super) fn class_of(&self, arch: &Architecture, engine: &str) -> Option<DepthClass> {
        self.class(engine, kind(arch)?)
    }
}

/// A run and its decode speed, tokens per second.
type Run<'a> = (&'a Measurement, f64);

/// Every deep run with the shallow one of the same variant, chip, engine and program.
fn pairs_of(model: &Model) -> Vec<(Run<'_>, Run<'_>)> {
    let rows: Vec<Run<'_>> = model
        .measurements
        .iter()
        .filter(|m| m.concurrency == 1 && m.suspect.is_none() && m.depth_tokens.is_some())
        .filter(|m| {
            model
                .variant(&m.variant)
                .is_some_and(|v| v.engine == m.engine)
        })
        .filter_map(|m| measured::run_decode(m).map(|tps| (m, tps)))
        .collect();
    let same = |a: &Measurement, b: &Measurement| {
        (&a.variant, &a.chip, a.gpu_cores, &a.engine, &a.app)
            == (&b.variant, &b.chip, b.gpu_cores, &b.engine, &b.app)
    };
    let depth = |m: &Measurement| m.depth_tokens.unwrap_or(0);
    rows.iter()
        .filter(|(m, _)| depth(m) > SHALLOW_DEPTH)
        .filter_map(|deep| {
            let shallow = rows
                .iter()
                .filter(|(m, _)| depth(m) <= SHALLOW_DEPTH && same(m, deep.0))
                .min_by_key(|(m, _)| depth(m))?;
            Some((*shallow, *deep))
        })
        .collect()
}

/// The relative error that nine of ten pairs keep to when each is predicted from the pairs of the
/// other variants.
fn leave_one_out_error(pairs: &[Pair]) -> f64 {
    if pairs.windows(2).all(|two| two[0].group == two[1].group) {
        return UNKNOWN_ERROR;
    }
    let mut misses: Vec<f64> = (0..pairs.len())
        .filter_map(|left_out| {
            let others = pairs
                .iter()
                .filter(|p| p.group != pairs[left_out].group)
                .map(|p| p.share());
            median(others.collect()).map(|share| pairs[left_out].miss(share))
        })
        .collect();
    misses.sort_by(f64::total_cmp);
    let rank = (misses.len() * 9).div_ceil(10).saturating_sub(1);
    misses
        .get(rank)
        .copied()
        .unwrap_or(UNKNOWN_ERROR)
        .clamp(LEAST_ERROR, 0.9)
}

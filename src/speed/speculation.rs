//! What drafting was measured to gain near a model and a chip. Never a prediction: where nothing was
//! measured near, nothing is said; and nothing is decided by it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::catalog::Catalog;
use crate::catalog::schema::Model;
use crate::catalog::speculation::{Method, Pair};
use crate::machine::{ChipFigures, Machine};
use crate::memory::Engine;

/// What LM Studio's other engine does not have.
const MLX_HAS_NONE: &str = "a GGUF file alone: LM Studio's MLX engine has no multi-token prediction (https://github.com/lmstudio-ai/mlx-engine/issues/370)";

/// What an engine was measured to gain with drafts of one kind, nearest to what was asked.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DraftGain {
    /// What drafts.
    pub method: Method,
    /// The engine that ran.
    pub engine: String,
    /// LM Studio runs it so.
    pub in_lm_studio: bool,
    /// It is the model asked for; else those of its architecture and class (dense or mixture).
    pub same_model: bool,
    /// Ids of the models that were measured.
    pub models: Vec<String>,
    /// It is the chip asked for; else those of a Mac's generation.
    pub same_chip: bool,
    /// Ids of the chips that were measured.
    pub chips: Vec<String>,
    /// How many pairs.
    pub pairs: usize,
    /// The least of their gains: speed with drafts over speed without.
    pub lowest_gain: f64,
    /// The greatest.
    pub highest_gain: f64,
    /// Tokens per second without drafts of the pair in the middle.
    pub without_tokens_per_second: f64,
    /// With them.
    pub with_tokens_per_second: f64,
    /// The most tokens it drafts at a time, where stated.
    pub drafted_tokens: Option<u32>,
    /// What else was said of the pairs.
    pub notes: Vec<String>,
    /// Where they were read.
    pub sources: Vec<String>,
}

impl DraftGain {
    /// `With MTP: 22.8 -> 24.2 t/s on M3 Ultra in llama.cpp, 1.06 times [source]`.
    #[must_use]
    pub fn words(&self) -> String {
        let of = match self.same_model {
            true => String::new(),
            false => format!(", of {}", self.models.join(", ")),
        };
        let chips: Vec<String> = self.chips.iter().map(|id| chip_name(id)).collect();
        let elsewhere = match self.in_lm_studio {
            true => "",
            false => " (not in LM Studio)",
        };
        let place = format!("on {} in {}{elsewhere}", chips.join(", "), self.engine);
        let pair = format!(
            "{:.1} -> {:.1} t/s",
            self.without_tokens_per_second, self.with_tokens_per_second
        );
        let (low, high) = (self.lowest_gain, self.highest_gain);
        let told = match self.pairs {
            1 => format!("{pair} {place}, {low:.2} times"),
            n => format!("{low:.2} to {high:.2} times {place} ({n} measured, such as {pair})"),
        };
        let notes = self.notes.iter().map(|note| format!("; {note}"));
        format!(
            "With {}{of}: {told}{} [{}]",
            self.method,
            notes.collect::<String>(),
            self.sources.join("; ")
        )
    }

    /// What `lms load` takes for it; none where LM Studio does not draft so.
    #[must_use]
    pub fn lms_flags(&self) -> Option<String> {
        let tokens = self.drafted_tokens;
        let most = tokens.map(|n| format!(" --speculative-draft-max-tokens {n}"));
        let flag = match self.method {
            Method::Mtp => "--speculative-draft-mtp",
            Method::Draft => "--speculative-draft-simple --speculative-draft-model DRAFT",
            Method::Dflash => return None,
        };
        (self.in_lm_studio).then(|| format!("{flag}{}", most.unwrap_or_default()))
    }
}

/// What to know of drafting with a file that runs in `engine`, and how LM Studio is asked for it; none
/// where nothing was measured near.
#[must_use]
pub fn told(gains: &[DraftGain], engine: Engine) -> Vec<String> {
    let of = |gain: &DraftGain| match (engine, gain.lms_flags()) {
        (_, None) => gain.words(),
        (Engine::Mlx, Some(_)) => format!("{}; {MLX_HAS_NONE}", gain.words()),
        (Engine::LlamaCpp, Some(flags)) => format!(
            "{}; off unless asked for: `lms load MODEL {flags}` (LM Studio 0.4.14 or newer, a file with its prediction layers); what it takes of memory, `planner fit FILE.gguf --mtp {}` counts",
            gain.words(),
            gain.drafted_tokens.unwrap_or(2),
        ),
    };
    gains.iter().map(of).collect()
}

/// `M3 Ultra` of `m3-ultra`, `RTX 4090` of `rtx-4090`.
fn chip_name(id: &str) -> String {
    let words = id.split('-').map(|word| match word {
        "max" | "ultra" | "pro" | "strix" | "halo" => word[..1].to_uppercase() + &word[1..],
        _ => word.to_uppercase(),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// How far a pair is from what was asked: the model first, then the chip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Distance {
    other_model: bool,
    other_chip: bool,
}

/// What was measured nearest to a model on a machine, engine by engine, those of LM Studio first.
#[must_use]
pub fn gains(catalog: &Catalog, model: &Model, machine: &Machine) -> Vec<DraftGain> {
    let Some(chip) = &machine.chip else {
        return Vec::new();
    };
    // Not LM Studio's, the engine, the method.
    type Group<'p> = (bool, &'p str, Method);
    let mut near: BTreeMap<Group<'_>, Vec<(Distance, &Pair)>> = BTreeMap::new();
    for pair in &catalog.speculation {
        if let Some(distance) = distance(catalog, pair, model, chip) {
            let group = (!pair.in_lm_studio(), pair.engine.as_str(), pair.method);
            near.entry(group).or_default().push((distance, pair));
        }
    }
    near.into_values().filter_map(nearest).collect()
}

/// None where a pair says nothing of the model on the chip.
fn distance(catalog: &Catalog, pair: &Pair, model: &Model, chip: &ChipFigures) -> Option<Distance> {
    let other_model = pair.model != model.id;
    let other_chip = pair.chip != chip.id;
    let like = |other: &Model| class(other).is_some() && class(other) == class(model);
    let known = !other_model || catalog.model(&pair.model).is_some_and(like);
    // What one graphics card gains says nothing of another; of a Mac's generation the cores are the same.
    let here = !other_chip || chip.kind.is_mac() && generation(&pair.chip) == generation(&chip.id);
    (known && here).then_some(Distance {
        other_model,
        other_chip,
    })
}

/// Architecture, and whether it is a mixture.
fn class(model: &Model) -> Option<(&str, bool)> {
    let arch = model.architecture.as_ref()?;
    Some((arch.name.as_str(), arch.experts.is_some()))
}

/// `m3` of `m3-ultra`.
fn generation(chip: &str) -> &str {
    chip.split('-').next().unwrap_or(chip)
}

fn nearest(group: Vec<(Distance, &Pair)>) -> Option<DraftGain> {
    let least = group.iter().map(|(distance, _)| *distance).min()?;
    let of_it = group.into_iter().filter(|(d, _)| *d == least);
    let mut pairs: Vec<&Pair> = of_it.map(|(_, pair)| pair).collect();
    pairs.sort_by(|a, b| a.gain().total_cmp(&b.gain()));
    let (first, last) = (pairs.first()?, pairs.last()?);
    let middle = pairs.get((pairs.len() - 1) / 2)?;
    Some(DraftGain {
        method: middle.method,
        engine: middle.engine.clone(),
        in_lm_studio: middle.in_lm_studio(),
        same_model: !least.other_model,
        models: distinct(pairs.iter().map(|p| &p.model)),
        same_chip: !least.other_chip,
        chips: distinct(pairs.iter().map(|p| &p.chip)),
        pairs: pairs.len(),
        lowest_gain: hundredths(first.gain()),
        highest_gain: hundredths(last.gain()),
        without_tokens_per_second: middle.without_tokens_per_second,
        with_tokens_per_second: middle.with_tokens_per_second,
        drafted_tokens: middle.drafted_tokens,
        notes: distinct(pairs.iter().filter_map(|p| p.note.as_ref())),
        sources: distinct(pairs.iter().map(|p| &p.source)),
    })
}

/// Each once, in the order that they come in.
fn distinct<'a>(all: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut once: Vec<String> = Vec::new();
    for one in all {
        if !once.contains(one) {
            once.push(one.clone());
        }
    }
    once
}

fn hundredths(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

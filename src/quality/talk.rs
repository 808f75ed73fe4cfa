//! How long a model talks: tokens of its answers against the typical model of its kind, by
//! reasoning effort.

use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::Serialize;

use super::points::BAND;
use super::prior::release;
use crate::catalog::Catalog;
use crate::catalog::effort::{Effort, Thinking};
use crate::catalog::schema::Model;

/// What was counted of one model in `verbosity.tsv`: the logarithm of its tokens over the median
/// thinking model's in the same suite, the mean of all counts.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Count {
    model: &'static str,
    relative: f64,
}

static COUNTS: LazyLock<Vec<Count>> = LazyLock::new(|| {
    let rows = include_str!("verbosity.tsv").lines().filter_map(|line| {
        let mut cells = line.split('\t').filter(|_| !line.starts_with('#'));
        let model = cells.next()?;
        let (tokens, median) = (cells.nth(1)?, cells.next()?);
        let relative = tokens.parse::<f64>().ok()? / median.parse::<f64>().ok()?;
        Some((model, relative.ln()))
    });
    let mut sums: Vec<(&str, f64, f64)> = Vec::new();
    for (model, relative) in rows {
        match sums.iter_mut().find(|(m, _, _)| *m == model) {
            Some((_, sum, rows)) => (*sum, *rows) = (*sum + relative, *rows + 1.0),
            None => sums.push((model, relative, 1.0)),
        }
    }
    let mean = |(model, sum, rows): (&'static str, f64, f64)| Count {
        model,
        relative: sum / rows,
    };
    sums.into_iter().map(mean).collect()
});

/// Where a length comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LengthBasis {
    /// Counted on this model at this effort.
    Measured,
    /// From the maker's models that were counted, or from this one at another effort.
    Predicted,
    /// Nothing of the maker was counted: as the models that were.
    Assumed,
}

/// Tokens of an answer over those of the typical model of its kind: one that thinks, or one that
/// does not.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Length {
    /// The ratio.
    pub ratio: f64,
    /// Lower end of the band that holds four of five; the ratio itself where it was counted.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// What was counted of the model or its maker's others, as it stands: 1 where nothing was.
    pub counted: f64,
    /// Whether thoughts are written first.
    pub thinks: bool,
    /// Where it comes from.
    pub basis: LengthBasis,
}

/// Variance of the logarithms of what was counted, between makers and within one. An unknown model
/// is expected at the median that counts are held against, not at the mean of those that were
/// counted (1.2): people count what strikes them as talking much, and left out in turn they are met
/// better so.
const BETWEEN: f64 = 0.09;
const WITHIN: f64 = 0.09;
/// Years within which a maker's models talk alike.
const KIN_YEARS: f64 = 1.0;
/// Answers without thinking over the median thinking model's: 0.35 where one model was run both
/// ways (DeepSeek V3.2, 2,549 and 7,312 tokens per exercise), 0.2 to 0.75 elsewhere.
const WITHOUT_THINKING: f64 = 0.35;

impl Length {
    fn expected(log: f64, variance: f64, thinks: bool, basis: LengthBasis) -> Self {
        let half = BAND * variance.sqrt();
        Self {
            ratio: log.exp(),
            low: (log - half).exp(),
            high: (log + half).exp(),
            counted: log.exp(),
            thinks,
            basis,
        }
    }

    /// As it was counted, with nothing held back: neither a band nor the pull to the median.
    #[must_use]
    pub const fn as_counted(self) -> Self {
        Self {
            ratio: self.counted,
            low: self.counted,
            high: self.counted,
            ..self
        }
    }

    /// A share of it that is known within a factor: the two errors taken together.
    fn times(self, share: f64, factor: f64) -> Self {
        let ratio = self.ratio * share;
        let wider = |end: f64| (end / self.ratio).ln().hypot(factor.ln()).exp();
        Self {
            ratio,
            low: ratio / wider(self.low),
            high: ratio * wider(self.high),
            counted: self.counted * share,
            basis: match self.basis {
                LengthBasis::Measured => LengthBasis::Predicted,
                other => other,
            },
            ..self
        }
    }
}

/// How long a model talks at an effort; at its highest where none is set.
#[must_use]
pub fn length(catalog: &Catalog, model: &Model, effort: Option<Effort>) -> Length {
    Lengths::of(catalog).at(model, effort)
}

/// The counts with the models of a catalog that they are of, for all of its models to be asked.
#[derive(Debug, Clone)]
pub struct Lengths<'a> {
    counts: Vec<(&'static Count, Option<&'a Model>)>,
}

impl<'a> Lengths<'a> {
    /// The counts of a catalog's models.
    #[must_use]
    pub fn of(catalog: &'a Catalog) -> Self {
        let counts = COUNTS.iter().map(|c| (c, catalog.model(c.model)));
        Self {
            counts: counts.collect(),
        }
    }

    /// How long a model talks at an effort; at its highest where none is set.
    #[must_use]
    pub fn at(&self, model: &Model, effort: Option<Effort>) -> Length {
        let most = model.thinking.as_ref().map_or(Effort::Max, Thinking::most);
        match effort.filter(|e| model.reasoning && *e < most) {
            None => self.at_most(model),
            // As much as models that never think.
            Some(Effort::Off) => {
                Length::expected(0.0, BETWEEN + WITHIN, false, LengthBasis::Predicted)
            }
            Some(effort) => {
                let (share, factor) = share_of_tokens(effort);
                self.at_most(model)
                    .times(share / share_of_tokens(most).0, factor)
            }
        }
    }

    fn at_most(&self, model: &Model) -> Length {
        let thinks = model.reasoning;
        // Counts are against thinking models.
        let typical = if thinks { 0.0 } else { WITHOUT_THINKING.ln() };
        let own = self
            .counts
            .iter()
            .find(|(count, _)| count.model == model.id);
        if let Some((own, _)) = own {
            let log = own.relative - typical;
            return Length::expected(log, 0.0, thinks, LengthBasis::Measured);
        }
        let kin = self
            .counts
            .iter()
            .filter(|(_, of)| of.is_some_and(|of| are_kin(of, model)));
        let logs: Vec<f64> = kin.map(|(count, _)| count.relative - typical).collect();
        #[expect(clippy::cast_precision_loss, reason = "a mean of a few")]
        let n = logs.len() as f64;
        let trust = n * BETWEEN / (n * BETWEEN + WITHIN);
        let mean = logs.iter().sum::<f64>() / n.max(1.0);
        let variance = WITHIN + BETWEEN * (1.0 - trust);
        let basis = if logs.is_empty() {
            LengthBasis::Assumed
        } else {
            LengthBasis::Predicted
        };
        Length {
            counted: mean.exp(),
            ..Length::expected(trust * mean, variance, thinks, basis)
        }
    }
}

/// Whether two models are of one maker, one kind and about one time.
fn are_kin(one: &Model, other: &Model) -> bool {
    one.publisher == other.publisher
        && one.reasoning == other.reasoning
        && match (release(one), release(other)) {
            (Some(a), Some(b)) => (a - b).abs() < KIN_YEARS,
            _ => true,
        }
}

/// Tokens at an effort over those at the highest of all, with the factor of its band: 2.5 times
/// fewer at a quarter of DeepSeek V4.1 Flash's effort; 337 for 348 (medians of short answers) at
/// Qwen3.8 27B's low, and 45 times fewer where its Flash Next ran away. Switched off is none of
/// these: nothing is thought.
const fn share_of_tokens(effort: Effort) -> (f64, f64) {
    match effort {
        Effort::Off | Effort::Low => (0.45, 1.8),
        Effort::Medium => (0.65, 1.5),
        Effort::High => (0.85, 1.3),
        Effort::Max => (1.0, 1.0),
    }
}

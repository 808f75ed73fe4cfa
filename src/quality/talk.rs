//! How long a model talks: tokens per answer against the median thinking model's, by reasoning
//! effort, and what less effort costs.

use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::Serialize;

use super::constants::{Constants, FACTS};
use super::matrix::Pair;
use super::prior::release;
use crate::catalog::Catalog;
use crate::catalog::effort::Effort;
use crate::catalog::schema::Model;

/// One published count of tokens, relative to the class's median in the same suite.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Count {
    model: &'static str,
    relative: f64,
}

/// Which model's answers were how long, from `verbosity.tsv`.
static COUNTS: LazyLock<Vec<Count>> = LazyLock::new(|| {
    include_str!("verbosity.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut cells = line.split('\t');
            let model = cells.next()?;
            let (tokens, median) = (cells.nth(1)?, cells.next()?);
            let relative = tokens.parse::<f64>().ok()? / median.parse::<f64>().ok()?;
            Some(Count { model, relative })
        })
        .collect()
});

/// Where a length comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LengthBasis {
    /// Counted on this model.
    Measured,
    /// From the maker's models that were counted.
    Predicted,
    /// Nothing of the maker was counted: the median, with the spread of all.
    Assumed,
}

/// Tokens of an answer over those of the median thinking model at its default effort.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Length {
    /// The ratio.
    pub ratio: f64,
    /// Lower end of the band that holds four of five.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Where it comes from.
    pub basis: LengthBasis,
}

/// Bands as factors: two suites of one model differ by 1.3, models of one maker by 2, all by 2.5.
const MEASURED: f64 = 1.3;
const KIN: f64 = 2.0;
const ANY: f64 = 2.5;
/// Years within which a maker's models talk alike.
const KIN_YEARS: f64 = 1.0;
/// Answers without thinking over the median thinking model's: 0.35 where one model was run both
/// ways (DeepSeek V3.2, 2,549 and 7,312 tokens per exercise), 0.2 to 0.75 elsewhere.
const WITHOUT_THINKING: f64 = 0.35;

impl Length {
    fn around(ratio: f64, factor: f64, basis: LengthBasis) -> Self {
        Self {
            ratio,
            low: ratio / factor,
            high: ratio * factor,
            basis,
        }
    }

    fn times(self, ratio: f64, factor: f64) -> Self {
        Self {
            ratio: self.ratio * ratio,
            low: self.low * ratio / factor,
            high: self.high * ratio * factor,
            basis: self.basis,
        }
    }
}

/// How long a model talks at an effort; at its default where none is set.
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

    /// How long a model talks at an effort; at its default where none is set.
    #[must_use]
    pub fn at(&self, model: &Model, effort: Option<Effort>) -> Length {
        let default = self.at_default(model);
        match effort.filter(|_| model.reasoning) {
            None => default,
            Some(effort) => {
                let (ratio, factor) = share_of_tokens(effort);
                default.times(ratio, factor)
            }
        }
    }

    fn at_default(&self, model: &Model) -> Length {
        let own = self.ratio_of(|count, _| count.model == model.id);
        if let Some(ratio) = own {
            return Length::around(ratio, MEASURED, LengthBasis::Measured);
        }
        let kin = |_: &Count, other: Option<&Model>| {
            other.is_some_and(|other| {
                other.publisher == model.publisher
                    && other.reasoning == model.reasoning
                    && match (release(other), release(model)) {
                        (Some(a), Some(b)) => (a - b).abs() < KIN_YEARS,
                        _ => true,
                    }
            })
        };
        match self.ratio_of(kin) {
            Some(ratio) => Length::around(ratio, KIN, LengthBasis::Predicted),
            None => Length::around(typical(model.reasoning), ANY, LengthBasis::Assumed),
        }
    }

    /// The geometric mean of the counts that are meant.
    fn ratio_of(&self, meant: impl Fn(&Count, Option<&Model>) -> bool) -> Option<f64> {
        let of = self.counts.iter().filter(|(count, of)| meant(count, *of));
        let logs: Vec<f64> = of.map(|(count, _)| count.relative.ln()).collect();
        #[expect(clippy::cast_precision_loss, reason = "a mean of a few")]
        let count = logs.len() as f64;
        (!logs.is_empty()).then(|| (logs.iter().sum::<f64>() / count).exp())
    }
}

/// How long models talk of which nothing more is known than whether they think.
#[must_use]
pub const fn typical(thinks: bool) -> f64 {
    if thinks { 1.0 } else { WITHOUT_THINKING }
}

/// Tokens at an effort over those at the default, with the factor of its band: 2.5 times fewer at
/// a quarter of DeepSeek V4.1 Flash's effort; 255, 337 and 348 (median) and a ninth of the time
/// on a long one for Qwen3.8 27B off, low and at its default.
const fn share_of_tokens(effort: Effort) -> (f64, f64) {
    match effort {
        Effort::Off => (0.3, 2.5),
        Effort::Low => (0.45, 1.8),
        Effort::Medium => (0.65, 1.5),
        Effort::High => (0.85, 1.3),
        Effort::Max => (1.0, 1.2),
    }
}

/// How far an effort takes a model from its headline figures towards one that does not think: by
/// what DeepSeek published of V4 Pro at three efforts and of V4.1 Flash at a quarter.
const fn towards_off(effort: Effort) -> f64 {
    match effort {
        Effort::Off => 1.0,
        Effort::Low => 0.6,
        Effort::Medium => 0.35,
        Effort::High => 0.15,
        Effort::Max => 0.0,
    }
}

/// How an effort moves a thinking model's ability and tilt: what thinking was fitted to add, taken
/// away again.
#[must_use]
pub fn shift(constants: &Constants, effort: Effort) -> Pair {
    constants
        .slopes
        .map(|slopes| -slopes[FACTS - 1] * towards_off(effort))
}

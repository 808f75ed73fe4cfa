//! How good an entry's work is expected to be, as documents show it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalog::effort::{Effort, Setting};
use crate::catalog::schema::{Model, Reporter, Score};
use crate::plan::score::expected;
use crate::quality::Constants;
use crate::quality::quantization::{Loss, LossBasis, retained};
use crate::task::TaskProfile;

/// The quality expected of a model for a task, and what its quantization keeps of it. Points are
/// out of 100: the mean of the scores expected on the task's benchmarks, by their weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExpectedQuality {
    /// Id of the task.
    pub task: String,
    /// The reasoning effort that this is at.
    #[serde(default)]
    pub effort: Setting,
    /// Expected points of this file, before caution.
    pub mean: f64,
    /// The same less the task's caution, which is what decides; absent in older plans.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cautious: Option<f64>,
    /// Lower end of the band that holds four of five.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Expected points of the weights as the publisher released them.
    pub released: f64,
    /// Benchmarks of the task that were published.
    pub published: usize,
    /// Benchmarks outside the task that it rests on too.
    pub other_evidence: usize,
    /// All its scores are its own publisher's, of whose figures nobody found enough again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unchecked: bool,
    /// The share of a score that survives this file's quantization, 0 to 1; at its cautious end
    /// where that is unknown.
    pub kept: f64,
    /// Lower end of the band that holds four of five.
    pub kept_low: f64,
    /// Upper end.
    pub kept_high: f64,
    /// Where that comes from.
    pub kept_basis: LossBasis,
}

/// How a model is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Asked {
    /// What has to be set.
    pub setting: Setting,
    /// The effort that this means; the highest where none is known.
    pub effort: Option<Effort>,
}

impl ExpectedQuality {
    /// Of a model for a task in a file that loses so much; absent where no benchmark is known.
    #[must_use]
    pub fn of(task: &TaskProfile, model: &Model, way: &Asked, loss: &Loss) -> Option<Self> {
        let released = expected(task, model, way.effort)?;
        let points = released.points().quantized(loss);
        // What nobody knows of the loss lies in the band: it may be as little as its lower end.
        let high = match loss.basis {
            LossBasis::Unknown(_) => released.points().high() * retained(loss.low),
            _ => points.high(),
        };
        Some(Self {
            task: task.id.clone(),
            effort: way.setting,
            mean: hundredths(points.mean),
            cautious: Some(hundredths(points.cautious(task.caution))),
            low: hundredths(points.low()),
            high: hundredths(high.max(points.high())),
            released: hundredths(released.mean),
            published: released.published,
            other_evidence: released.others,
            unchecked: unchecked(task, model),
            kept: ten_thousandths(retained(loss.deciding())),
            kept_low: ten_thousandths(retained(loss.high)),
            kept_high: ten_thousandths(retained(loss.low)),
            kept_basis: loss.basis,
        })
    }

    /// The points that screens compare by: those that decide, of older plans those expected.
    #[must_use]
    pub fn deciding(&self) -> f64 {
        self.cautious.unwrap_or(self.mean)
    }
}

fn unchecked(task: &TaskProfile, model: &Model) -> bool {
    let own = |s: &Score| s.reporter == Reporter::Vendor;
    !model.scores.is_empty()
        && model.scores.iter().all(own)
        && !Constants::of(task.role).has_checked(&model.publisher)
}

/// No figure here is known to more than this.
fn hundredths(x: f64) -> f64 {
    (x * 100.0).round() / 100.0
}

fn ten_thousandths(x: f64) -> f64 {
    (x * 10_000.0).round() / 10_000.0
}

//! All models in the order of their expected quality for a task.

use schemars::JsonSchema;
use serde::Serialize;

use super::constants::Constants;
use super::expected::{Expected, quality_at};
use super::held::Held;
use crate::catalog::Catalog;
use crate::catalog::effort::{Effort, Setting};
use crate::catalog::schema::Model;
use crate::memory::CpuExperts;
use crate::task::TaskProfile;
use crate::units::Bytes;

/// Number of this document's form.
pub const SCHEMA: u32 = 1;

/// What `catalog rank` answers.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Ranking {
    /// Number of this document's form.
    pub schema: u32,
    /// The day of the catalog that it rests on, where that is known.
    pub catalog_date: Option<String>,
    /// The task.
    pub task: String,
    /// The machine, where one was named.
    pub machine: Option<String>,
    /// Best first.
    pub models: Vec<RankedModel>,
    /// Benchmarks of the task that too few models published to place one by: they count for none.
    pub unknown_benchmarks: Vec<String>,
    /// Why every model's `seconds_per_turn` is absent, where it is.
    pub seconds_per_turn_unknown: Option<String>,
}

/// One model of a ranking. Quality is out of 100: the mean of the scores expected on the task's
/// benchmarks, by their weights, with the weights as the publisher made them.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RankedModel {
    /// Its id.
    pub model: String,
    /// What has to be set for it to answer as it would on the machine: the reasoning effort that
    /// scores best there. Absent without a machine: then it is asked at its highest.
    pub effort: Option<Setting>,
    /// Expected quality, before caution.
    pub quality: f64,
    /// Lower end of the band that holds four of five.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Benchmarks of the task that were published.
    pub published: usize,
    /// Benchmarks outside the task that it rests on too.
    pub other_evidence: usize,
    /// Seconds of a turn of the task on the machine with that variant, alone, where they are known.
    pub seconds_per_turn: Option<f64>,
    /// What the model takes on the machine at the task's shortest context: the variant that scores
    /// best of those that fit, else the smallest. Absent without a machine, and where it is not known.
    pub memory_bytes: Option<Bytes>,
    /// That variant.
    pub variant: Option<String>,
    /// Expected quality of that variant, after its quantization.
    pub kept_quality: Option<f64>,
    /// Whether it fits.
    pub fits: Option<bool>,
    /// What of its experts lies in ordinary memory beside a card then; absent where none does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_experts: Option<CpuExperts>,
    /// Whether it fits, and is as fast as the task asks.
    pub serves: Option<bool>,
    /// The task's benchmarks.
    pub expected: Vec<Expected>,
}

/// A model on the machine asked about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct There<'a> {
    /// What it takes.
    pub held: Held<'a>,
    /// What has to be set.
    pub setting: Setting,
    /// The effort that this means; its highest where none is known.
    pub effort: Option<Effort>,
    /// Seconds of a turn, where known.
    pub seconds_per_turn: Option<f64>,
    /// Expected quality after quantization, where known.
    pub kept_quality: Option<f64>,
    /// Whether it fits, and is as fast as the task asks.
    pub serves: bool,
}

/// Ranks the models of a catalog; `there` says how each is on the machine asked about.
#[must_use]
pub fn rank<'a>(
    constants: &Constants,
    task: &TaskProfile,
    catalog: &'a Catalog,
    machine: Option<String>,
    there: impl Fn(&'a Model) -> Option<There<'a>>,
) -> Ranking {
    let mut models: Vec<RankedModel> = catalog
        .models
        .iter()
        .filter(|model| model.unfit(task.role).is_none())
        .filter_map(|model| ranked(constants, task, model, there(model)))
        .collect();
    models.sort_by(|a, b| {
        let by_quality = b.quality.total_cmp(&a.quality);
        by_quality.then_with(|| a.model.cmp(&b.model))
    });
    let unknown = |name: &&String| constants.benchmark(name).is_none();
    Ranking {
        schema: SCHEMA,
        catalog_date: catalog.date().map(str::to_owned),
        task: task.id.clone(),
        machine,
        models,
        unknown_benchmarks: task
            .benchmarks
            .iter()
            .map(|b| &b.name)
            .filter(unknown)
            .cloned()
            .collect(),
        seconds_per_turn_unknown: Some("no machine was named".to_owned()),
    }
}

fn ranked(
    constants: &Constants,
    task: &TaskProfile,
    model: &Model,
    there: Option<There<'_>>,
) -> Option<RankedModel> {
    let held = there.map(|t| t.held);
    let effort = there.and_then(|t| t.effort);
    let quality = quality_at(constants, task, model, effort)?;
    let points = quality.points();
    Some(RankedModel {
        model: model.id.clone(),
        effort: there.map(|t| t.setting),
        quality: hundredths(quality.mean),
        low: hundredths(points.low()),
        high: hundredths(points.high()),
        published: quality.published,
        other_evidence: quality.others,
        seconds_per_turn: there.and_then(|t| t.seconds_per_turn),
        memory_bytes: held.map(|h| h.bytes),
        variant: held.map(|h| h.variant.id.clone()),
        kept_quality: there.and_then(|t| t.kept_quality).map(hundredths),
        fits: held.map(|h| h.fits),
        cpu_experts: held.and_then(|h| h.cpu_experts),
        serves: there.map(|t| t.serves),
        expected: quality
            .expected
            .into_iter()
            .map(|e| Expected {
                value: hundredths(e.value),
                low: hundredths(e.low),
                high: hundredths(e.high),
                ..e
            })
            .collect(),
    })
}

/// No figure here is known to more than this.
fn hundredths(x: f64) -> f64 {
    (x * 100.0).round() / 100.0
}

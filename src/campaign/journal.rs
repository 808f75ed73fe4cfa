//! How far a study is: kept on the disk before each step, so that a run goes on where the last one
//! ended, whatever ended it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::trial::document::{TaskOutcome, TrialRun, TrialSummary};
use crate::units::Bytes;

/// Version of this document's shape.
pub const SCHEMA: u32 = 1;

/// A study under way or done: what is kept, and what `study run` answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StudyRun {
    /// Version of this shape.
    pub schema: u32,
    /// The study's file.
    pub study: String,
    /// The folder of its results.
    pub folder: String,
    /// Its models, in order.
    pub variants: Vec<VariantRun>,
}

/// A model of a study.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VariantRun {
    /// `model/variant`.
    pub variant: String,
    /// How far it is.
    pub stage: Stage,
    /// Why it failed, or what of it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What to do about it, where something is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Bytes that were downloaded for it.
    pub downloaded_bytes: Bytes,
    /// How long that took, in seconds.
    pub download_seconds: f64,
    /// How long the load took, in seconds; absent where it was not loaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load_seconds: Option<f64>,
    /// How long the requests took, in seconds.
    pub measure_seconds: f64,
    /// The largest memory of the engines while it was measured, where it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engines_memory_bytes: Option<Bytes>,
    /// Measurements that went into the user's catalog.
    pub recorded: u32,
    /// The file of the whole result, in the study's folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// What small tasks came to, where they were asked: a local check, which is no score of the catalog.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub small_tasks: Vec<SmallTasks>,
}

/// What a set of small tasks came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SmallTasks {
    /// The user's folder of them; absent of those that ship.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// All together.
    pub summary: TrialSummary,
    /// Each of them.
    pub tasks: Vec<SmallTask>,
    /// The file of the whole result, with what was answered and why it did not pass.
    pub result: String,
}

/// What a small task came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SmallTask {
    /// Its id.
    pub task: String,
    /// What came of it.
    pub outcome: TaskOutcome,
    /// Tokens generated, by the server's count.
    pub completion_tokens: Option<u32>,
    /// From sending the request to the end of the answer.
    pub seconds: Option<f64>,
}

impl SmallTasks {
    /// Of a run of one model.
    #[must_use]
    pub fn of(run: &TrialRun, result: String) -> Option<Self> {
        let model = run.models.first()?;
        let tasks = model.tasks.iter().map(|t| SmallTask {
            task: t.task.clone(),
            outcome: t.outcome,
            completion_tokens: t.completion_tokens,
            seconds: t.seconds,
        });
        Some(Self {
            folder: run.settings.folder.clone(),
            summary: model.summary.clone(),
            tasks: tasks.collect(),
            result,
        })
    }
}

/// How far a model of a study is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Its turn has not come, or it was interrupted.
    Pending,
    /// Its files are coming.
    Downloading,
    /// It is loaded, measured and unloaded.
    Loaded,
    /// It was measured, and is unloaded.
    Done,
    /// It could not be; the study goes on with the next one.
    Failed,
}

impl VariantRun {
    /// A model whose turn has not come.
    #[must_use]
    pub fn pending(variant: &str) -> Self {
        Self {
            variant: variant.to_owned(),
            stage: Stage::Pending,
            why: None,
            hint: None,
            downloaded_bytes: Bytes::ZERO,
            download_seconds: 0.0,
            load_seconds: None,
            measure_seconds: 0.0,
            engines_memory_bytes: None,
            recorded: 0,
            result: None,
            small_tasks: Vec::new(),
        }
    }
}

impl StudyRun {
    /// A study of these models, with what an earlier run of it came to. Models that the file names no
    /// more are forgotten; `again` are tried once more, those that failed.
    #[must_use]
    pub fn begun(
        study: String,
        folder: String,
        variants: &[String],
        earlier: Option<Self>,
        again: bool,
    ) -> Self {
        let earlier = earlier.map_or(Vec::new(), |run| run.variants);
        let row = |variant: &String| {
            let known = earlier.iter().find(|row| row.variant == *variant);
            match known {
                Some(row) if row.stage == Stage::Failed && again => VariantRun::pending(variant),
                Some(row) => row.clone(),
                None => VariantRun::pending(variant),
            }
        };
        Self {
            schema: SCHEMA,
            study,
            folder,
            variants: variants.iter().map(row).collect(),
        }
    }

    /// The model whose turn it is.
    #[must_use]
    pub fn next(&self) -> Option<usize> {
        let open = |row: &VariantRun| !matches!(row.stage, Stage::Done | Stage::Failed);
        self.variants.iter().position(open)
    }

    /// Whether a model is to come of which nothing is known that stands in its way.
    #[must_use]
    pub fn can_go_on(&self) -> bool {
        let open = |row: &VariantRun| !matches!(row.stage, Stage::Done | Stage::Failed);
        let hindered = |row: &VariantRun| row.stage == Stage::Pending && row.why.is_some();
        self.variants.iter().any(|row| open(row) && !hindered(row))
    }

    /// Whether every model that is to come can be measured, as far as that is known beforehand.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        let hindered = |row: &VariantRun| row.stage == Stage::Pending && row.why.is_some();
        !self.variants.iter().any(hindered)
    }

    /// Whether every model was measured.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.variants.iter().all(|row| row.stage == Stage::Done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_goes_on_with_what_is_not_settled() {
        let names = ["a/1", "b/2", "c/3"].map(str::to_owned);
        let of =
            |earlier, again| StudyRun::begun(String::new(), String::new(), &names, earlier, again);
        let mut run = of(None, false);
        assert_eq!(run.next(), Some(0));
        run.variants[0].stage = Stage::Failed;
        run.variants[1].stage = Stage::Done;
        let on = of(Some(run.clone()), false);
        assert_eq!((on.next(), on.is_done()), (Some(2), false));
        assert_eq!(of(Some(run.clone()), true).next(), Some(0));
        // A model that was taken out of the file is forgotten, one that was added comes.
        run.variants.remove(2);
        run.variants[0].variant = "x/9".to_owned();
        let other = of(Some(run), false);
        assert_eq!(
            (other.next(), other.variants[1].stage),
            (Some(0), Stage::Done)
        );
    }
}

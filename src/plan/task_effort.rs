//! The reasoning effort of a task as documents hold it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::turn::Ranged;
use crate::catalog::effort::{Effort, Setting, TemplateVariables};

/// What a model has to be asked for when it serves a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TaskEffort {
    /// Id of the task.
    pub task: String,
    /// What has to be set.
    pub effort: Setting,
    /// The effort that this is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub means: Option<Effort>,
    /// What its chat template has to be told, which most servers take as `chat_template_kwargs`;
    /// empty where its own default is what is meant.
    #[serde(default, skip_serializing_if = "TemplateVariables::is_empty")]
    pub template: TemplateVariables,
    /// Expected points of this file then, out of 100; absent where no benchmark is known.
    pub points: Option<f64>,
    /// The same less the task's caution, which is what counts in decisions.
    #[serde(default)]
    pub cautious_points: Option<f64>,
    /// Seconds of a turn then, where known.
    pub seconds_per_turn: Option<Ranged>,
    /// The other efforts that it could be asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<OtherEffort>,
}

/// Another effort that a model could be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OtherEffort {
    /// What would have to be set.
    pub effort: Setting,
    /// The effort that this is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub means: Option<Effort>,
    /// Expected points then.
    pub points: Option<f64>,
    /// The same less the task's caution.
    #[serde(default)]
    pub cautious_points: Option<f64>,
    /// Seconds of a turn then.
    pub seconds_per_turn: Option<Ranged>,
    /// How much lower the task's score is then; below 0 where it would be higher.
    pub difference: f64,
    /// The longest turn of the task's profile, in seconds, where this one's is longer: then it is not
    /// asked for, whatever its score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longer_than_seconds: Option<f64>,
}

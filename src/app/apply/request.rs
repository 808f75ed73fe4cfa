//! What is asked of an apply.

use std::path::PathBuf;

use crate::app::studio::StudioChoice;
use crate::emit::Options;
use crate::plan::Plan;

/// Where to go.
#[derive(Debug, Clone, PartialEq)]
pub enum Goal {
    /// To a saved plan.
    Plan(PathBuf),
    /// To a plan that was just made, which no file need hold.
    Made {
        /// What it is called.
        name: String,
        /// The plan.
        plan: Box<Plan>,
    },
    /// On to the plan of an apply that was interrupted.
    Resume,
    /// Back to what was loaded before the last apply.
    Undo,
}

impl Goal {
    /// Whether a plan is begun; else the last apply is gone on with, or taken back.
    pub(super) const fn is_fresh(&self) -> bool {
        matches!(self, Self::Plan(_) | Self::Made { .. })
    }
}

/// An apply.
#[derive(Clone)]
pub struct ApplyRequest {
    /// Where to go.
    pub goal: Goal,
    /// What the user knows beside the plan.
    pub options: Options,
    /// Only say what would be done.
    pub dry_run: bool,
    /// Leave other models loaded, if they fit beside the plan.
    pub keep_others: bool,
    /// Apply even where this machine has less memory than the plan counts on.
    pub any_machine: bool,
    /// Which LM Studio.
    pub studio: StudioChoice,
    /// The folder of the journal, which tells what to go back to; the user's own when left out.
    pub journal: Option<PathBuf>,
}

impl ApplyRequest {
    /// An apply to this machine's LM Studio that unloads what is not planned.
    #[must_use]
    pub fn to(goal: Goal) -> Self {
        Self {
            goal,
            options: Options::default(),
            dry_run: false,
            keep_others: false,
            any_machine: false,
            studio: StudioChoice::default(),
            journal: None,
        }
    }
}

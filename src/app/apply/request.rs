//! What is asked of an apply.

use std::path::PathBuf;

use crate::app::studio::StudioChoice;
use crate::emit::Options;

/// Where to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Goal {
    /// To a saved plan.
    Plan(PathBuf),
    /// On to the plan of an apply that was interrupted.
    Resume,
    /// Back to what was loaded before the last apply.
    Undo,
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

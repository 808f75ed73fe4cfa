//! Does this model fit: at these settings, on this machine, beside what runs, up to which context,
//! and what would have to change.
//!
//! Every statement comes from the one ledger: the largest context by search over it, each change
//! by computing it again.

mod answer;
mod change;
mod comfort;
mod document;
mod elsewhere;
pub mod from_folder;
pub mod from_gguf;
mod question;
mod range;
mod speed;
mod subject;
mod survey;
mod table;
mod trial;
mod words;

pub use answer::fit;
pub use document::{
    BoundLimits, Case, Comfort, ComfortLevel, Fit, Neighbour, Range, SlowTurn, TableRow, Verdict,
};
pub use question::Question;
pub use range::{Shape, common_context, fit_range, shapes_of_size};
pub use speed::{Paced, Pacing, unknown};
pub use subject::{About, Parameters, Sibling, Split, Subject, model_of, siblings};
pub use survey::{LeftOut, SURVEY_SCHEMA, Survey, SurveyRow};

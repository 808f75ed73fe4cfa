//! Small tasks with deterministic checks, that tell whether a loaded model still does what it should:
//! a smoke test of quantization and template, not a benchmark.
//!
//! Pure: it says what to ask, and of an answer whether it passes or which program has to run to tell.
//! It asks no server and runs nothing, and what it finds never becomes a score of the catalog.

mod answer;
mod code;
mod compare;
pub mod document;
mod judge;
mod needle;
mod own;
mod program;
mod schema;
mod shipped;
mod summary;
mod task;

pub use compare::compared;
pub use document::TrialRun;
pub use judge::{Judged, Verdict, judge, judge_run, out_of_length};
pub use own::NotATask;
pub use program::{Program, Ran};
pub use schema::{KEYWORDS, fault_of};
pub use shipped::{EDITION, shipped};
pub use summary::summary;
pub use task::{Case, Check, Kind, MOST_TOKENS, OwnCheck, Task};

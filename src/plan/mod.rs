//! From a request to a plan: tasks and scores, candidates, the solve, the reasons.
//!
//! Pure: the same catalog, machine and request give the same plan, byte for byte.

pub mod advice;
pub mod again;
mod assemble;
pub mod candidates;
pub mod concurrency;
pub mod deadline;
pub mod document;
mod document_answers;
pub mod error;
pub mod explain;
pub mod fit;
pub mod gaps;
pub mod infeasible;
pub mod pareto;
pub mod recommend;
pub mod refusal;
pub mod request;
pub mod score;
pub mod solve;
pub mod solved;
pub mod task;
pub mod unsolved;
pub mod whatif;

pub(crate) use assemble::machine_summary;
pub use deadline::Deadline;
pub use document::Plan;
pub use recommend::recommend;
pub use request::Request;

//! From a request to a plan: tasks and scores, candidates, the solve, the reasons.
//!
//! Pure: the same catalog, machine and request give the same plan, byte for byte.

pub mod advice;
pub mod again;
mod assemble;
pub mod candidates;
pub mod concurrency;
pub mod document;
pub mod error;
pub mod explain;
pub mod fit;
pub mod infeasible;
pub mod pareto;
pub mod recommend;
pub mod request;
pub mod score;
pub mod solve;
pub mod solved;
pub mod task;
pub mod whatif;

pub use document::Plan;
pub use recommend::recommend;
pub use request::Request;

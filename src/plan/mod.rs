//! From a request to a plan: tasks and scores, candidates, the solve, the reasons.
//!
//! Pure: the same catalog, machine and request give the same plan, byte for byte.

pub mod advice;
pub mod candidates;
pub mod document;
pub mod fit;
pub mod gaps;
pub mod recommend;
pub mod request;
pub mod score;
pub mod solve;
pub mod task;

pub use document::Plan;
pub use recommend::recommend;
pub use request::Request;

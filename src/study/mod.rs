//! What a report is made of: the figures of one campaign, or of the whole catalog, for one machine.
//!
//! Answers with a document ([`Study`]); never with text or pictures, which are the report's. It
//! asks the planner for the recommendations like any other caller and holds published statements
//! against the data; it has no opinion of its own.

mod claims;
mod curves;
pub mod document;
mod gather;
mod inputs;
mod runs;
mod scenarios;

pub use document::Study;
pub use gather::gather;
pub use inputs::{Inputs, ScenarioRequest};
pub use scenarios::SCENARIOS;

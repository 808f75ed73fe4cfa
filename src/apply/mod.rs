//! Carrying a plan out: what must change, in which order, and whether it came out as planned.
//!
//! Pure: it compares lists and gives steps. Running them is the edge's work. A plan, a rollback
//! and an undo are the same thing here: bringing what is loaded to a list of instances. Whatever goes
//! is unloaded before anything is loaded.

pub mod current;
mod difference;
pub mod document;
pub mod fleet;
mod instance;
mod journal;
pub mod promises;
pub mod standing;

pub use difference::{Change, Difference, Gone, Step, difference};
pub use instance::{Instance, Mismatch, copy_of, instance, is_llm, local, local_models};
pub use journal::{Journal, LoadTime, Phase, Record};

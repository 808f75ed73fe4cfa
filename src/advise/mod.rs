//! Questions to a scenario: what to load, why, why not, what if, and what to measure.
//!
//! Pure: each answer comes from solving, none from comparing scores. What takes many solves ends at a
//! deadline, and the answer says what that left undone.

pub mod advice;
mod assemble;
mod breakpoints;
mod caps;
pub mod concurrency;
mod efforts;
pub mod explain;
pub mod gaps;
pub mod infeasible;
mod loadouts;
mod more_agents;
mod movable;
mod needed;
pub mod pareto;
mod picks;
pub mod present;
pub mod recommend;
mod room;
mod shared;
mod ties;
pub mod unfinished;
pub mod whatif;
pub mod why_not;

pub(crate) use assemble::entries_of;
pub use needed::ScoreNeeded;
pub use recommend::recommend;

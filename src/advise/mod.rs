//! Questions to a scenario: what to load, why, why not, what if, and what to measure.
//!
//! Pure: each answer comes from solving, none from comparing scores.

pub mod advice;
pub mod assemble;
pub mod concurrency;
pub mod explain;
pub mod gaps;
pub mod infeasible;
pub mod pareto;
pub mod recommend;
pub mod whatif;

pub use recommend::recommend;

//! A catalog, a machine, a speed model and a request, and what follows from them: candidates, the
//! problem in whole numbers, its solution.
//!
//! Pure: the same scenario gives the same solution, byte for byte.

pub mod again;
pub mod candidates;
pub mod error;
pub mod refusal;
pub mod solved;

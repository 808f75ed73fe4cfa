//! The choice itself: whole numbers in, a provably best set out.
//!
//! [`problem`] says what is to be solved, [`presolve`] drops what cannot matter, [`search`] is an
//! exact branch and bound for few models, [`milp`] the integer program through good_lp, whose
//! backend only that module knows. Both give the same optimum (tests compare them with brute force).

pub mod milp;
pub mod presolve;
pub mod problem;
pub mod search;

pub use problem::{Item, Problem, Solution};

/// Up to this many models the exact search serves by default.
pub const SEARCH_MODELS: usize = 4;

//! The choice itself: whole numbers in, a provably best set out.
//!
//! [`problem`] says what is to be solved, [`presolve`] drops what cannot matter, [`search`] is an
//! exact search for few tasks (with [`slots`], [`bound`], [`split`] and
//! [`incumbent`], and with [`reduce`] and [`pairs`] for what is hard), [`milp`] the integer program
//! through good_lp, whose backend only that module knows. Both give the same optimum (tests compare them with brute force).

mod bound;
pub mod deadline;
pub mod greedy;
mod incumbent;
mod method;
pub mod milp;
mod pairs;
pub mod presolve;
pub mod problem;
mod reduce;
pub mod search;
mod slots;
mod split;

pub use deadline::Deadline;
pub use method::Method;
pub use problem::{Item, Problem, Solution};

/// Up to this many duties (tasks and pins) the exact search serves by default; the parts that it
/// prepares double with each.
pub const SEARCH_DUTIES: usize = 10;

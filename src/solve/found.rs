//! What a solve came to.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::solve::solution::Solution;

/// What a solve came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The best sets, best first, none containing the families of a better one; each says whether
    /// it is proven to be the next best.
    pub solutions: Vec<Solution>,
    /// What no set's objective can exceed, of those in which as many pins serve as in the first;
    /// none where there is no set, or nothing is known of it.
    pub bound: Option<i64>,
    /// What is known of the first set.
    pub status: Status,
    /// What answered.
    pub solver: Solver,
    /// Why it was another than the one that was asked.
    pub instead: Option<Instead>,
    /// How many items there were.
    pub candidates: usize,
    /// How many of them were left by presolve.
    pub after_presolve: usize,
}

/// What is known of the best set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The first set is the proven best.
    Proven,
    /// There is a set, and the deadline came before it was proven to be the best.
    BestFound,
    /// No set is feasible; that is proven.
    Infeasible,
    /// No set was found before the deadline, and none is ruled out.
    NothingFound,
}

/// What answered. The other spellings are those of plans that were saved before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Solver {
    /// The exact search.
    #[serde(alias = "exact search")]
    ExactSearch,
    /// The integer program, through microlp.
    #[serde(alias = "integer program (microlp)")]
    Microlp,
    /// The integer program, through HiGHS: builds with the feature `highs`.
    #[serde(alias = "integer program (HiGHS)")]
    Highs,
    /// Neither had the time: a greedy choice.
    #[serde(alias = "greedy choice")]
    Greedy,
}

/// Why the solver that was asked did not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Instead {
    /// The integer program has more rows than its backend was seen to solve.
    TooLarge {
        /// How many it has.
        rows: usize,
        /// How many it may have.
        limit: usize,
    },
    /// The search would go through more ways to split the tasks than it can.
    TooManyTasks {
        /// Tasks and pins.
        duties: usize,
    },
    /// Scores times memory do not fit into the numbers of the search.
    NumbersTooLarge,
    /// The backend failed; what it said.
    Failed(String),
}

impl fmt::Display for Solver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ExactSearch => f.write_str("exact search"),
            Self::Microlp => f.write_str("integer program (microlp)"),
            Self::Highs => f.write_str("integer program (HiGHS)"),
            Self::Greedy => f.write_str("greedy choice"),
        }
    }
}

impl fmt::Display for Instead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { rows, limit } => {
                write!(
                    f,
                    "the integer program has {rows} rows, and {limit} are solved"
                )
            }
            Self::TooManyTasks { duties } => {
                write!(f, "the exact search cannot split {duties} tasks and pins")
            }
            Self::NumbersTooLarge => f.write_str("the figures are too large to be multiplied"),
            Self::Failed(why) => write!(f, "the integer program failed: {why}"),
        }
    }
}

impl Found {
    /// Whether everything was searched: the first set is the best, or there is none.
    #[must_use]
    pub const fn is_proven(&self) -> bool {
        matches!(self.status, Status::Proven | Status::Infeasible)
    }
}

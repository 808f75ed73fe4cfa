//! What is to be divided, and what tells what nodes are worth.

use super::role::{Role, Sharing};

/// What is to be divided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// For each node its kind: nodes of one kind are worth the same.
    pub nodes: Vec<usize>,
    /// For each task the numbers of nodes that may share it, rising from 1.
    pub shares: Vec<Vec<usize>>,
    /// For each task whether it has to outlive the loss of any one node.
    pub survive: Vec<bool>,
}

impl Ask {
    /// How many tasks there are.
    #[must_use]
    pub fn tasks(&self) -> usize {
        self.shares.len()
    }
}

/// What a node of some kind is worth with some roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column<T> {
    /// The sum of the scores by which it serves and stands by, in steps.
    pub worth: i64,
    /// Bytes of physical memory that its models take.
    pub memory: u64,
    /// How many models it keeps loaded.
    pub models: usize,
    /// For each task the variant that serves it; of no meaning where it has no role for it.
    pub variants: Vec<usize>,
    /// What was found.
    pub set: T,
}

/// What a solve of one node came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solved<T> {
    /// The best that was found; none where there is nothing, or the time was over.
    pub column: Option<Column<T>>,
    /// What it can't exceed; none where it can't be done at all.
    pub bound: Option<i64>,
}

impl<T> Solved<T> {
    /// Whether nothing is better.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        self.column.as_ref().map(|c| c.worth) == self.bound
    }
}

/// What tells what nodes are worth.
pub trait Columns {
    /// What a solve finds.
    type Set: Clone;

    /// The best that a node of this kind can do in these roles, one for each task, where it may
    /// share tasks with these variants.
    fn solve(&self, kind: usize, roles: &[Role], sharing: &[Sharing]) -> Solved<Self::Set>;

    /// Whether the time is over: what is solved from now on is not proven.
    fn out_of_time(&self) -> bool;
}

//! An item as one class of the multiple-choice knapsack sees it.

/// One whole number that ranks sets as [`crate::solve::problem`] does down to their memory; made by
/// [`crate::solve::search::scale`].
pub(super) type Worth = i128;

/// An item as a part of the tasks sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its index in the problem.
    pub(super) item: usize,
    /// The memory that can bind, the first always; zero for a budget that can't.
    pub(super) memory: [u64; 2],
    /// Its worth there.
    pub(super) worth: Worth,
}

impl Entry {
    /// Worth more, or as much and first by name.
    pub(super) fn beats(&self, other: &Self) -> bool {
        self.worth > other.worth || (self.worth == other.worth && self.item < other.item)
    }
}

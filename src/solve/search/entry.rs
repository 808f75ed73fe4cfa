//! An item as one class of the multiple-choice knapsack sees it.

use crate::solve::problem::{BUDGETS, Taken};

/// One whole number that ranks sets as [`crate::solve::problem`] does down to their memory; made by
/// [`crate::solve::search::scale`].
pub(super) type Worth = i128;

/// What is left of a room when so much of it is taken; none where that is more than there is.
pub(super) fn less(room: Taken, taken: Taken) -> Option<Taken> {
    let mut left = [0; BUDGETS];
    for ((left, room), taken) in left.iter_mut().zip(room).zip(taken) {
        *left = room.checked_sub(taken)?;
    }
    Some(left)
}

/// Whether one takes no more than another, or than there is room for.
pub(super) fn within(taken: Taken, room: Taken) -> bool {
    taken.iter().zip(room).all(|(taken, room)| *taken <= room)
}

/// An item as a part of the tasks sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its index in the problem.
    pub(super) item: usize,
    /// What it takes of the budgets that can bind, of the first always; zero for one that can't.
    pub(super) memory: Taken,
    /// Its worth there.
    pub(super) worth: Worth,
}

impl Entry {
    /// Worth more, or as much and first by name.
    pub(super) fn beats(&self, other: &Self) -> bool {
        self.worth > other.worth || (self.worth == other.worth && self.item < other.item)
    }
}

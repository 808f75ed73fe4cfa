//! What a node does for a task, and what has been given out of a task so far.

use std::collections::BTreeSet;

/// What a node does for one task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// It serves it, as one of so many nodes.
    Serves {
        /// How many share its conversations; 1 for all of them.
        of: usize,
    },
    /// It is loaded for it, and serves it where the node that does is lost.
    StandsBy,
    /// Nothing.
    None,
}

impl Role {
    /// Whether a model has to be loaded for it.
    #[must_use]
    pub fn is_any(self) -> bool {
        self != Self::None
    }

    /// Whether requests reach it as long as no node is lost.
    #[must_use]
    pub const fn serves(self) -> bool {
        matches!(self, Self::Serves { .. })
    }

    /// Whether other nodes serve the task beside it.
    #[must_use]
    pub const fn is_shared(self) -> bool {
        matches!(self, Self::Serves { of } if of > 1)
    }
}

/// The variants that a task may be shared with, by their numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sharing {
    /// This one alone.
    pub only: Option<usize>,
    /// None of these.
    pub not: BTreeSet<usize>,
}

impl Sharing {
    /// Whether a task may be shared with a variant.
    #[must_use]
    pub fn allows(&self, variant: usize) -> bool {
        self.only.is_none_or(|only| only == variant) && !self.not.contains(&variant)
    }

    /// The same with this variant alone.
    pub(super) fn with_only(&self, variant: usize) -> Self {
        Self {
            only: Some(variant),
            not: self.not.clone(),
        }
    }

    /// The same without this variant.
    pub(super) fn without(&self, variant: usize) -> Self {
        let mut not = self.not.clone();
        not.insert(variant);
        Self {
            only: self.only,
            not,
        }
    }
}

/// What has been given out of one task to the nodes so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Given {
    /// How many are to share it; 0 where none serves it yet.
    of: usize,
    /// How many of them there are.
    serving: usize,
    stands_by: bool,
}

impl Given {
    /// After one more node has a role; none where that is not possible.
    pub(super) fn and(self, role: Role, survives: bool) -> Option<Self> {
        match role {
            Role::None => Some(self),
            Role::Serves { of } => {
                let first = self.of == 0 && !(of > 1 && self.stands_by);
                let another = self.of == of && self.serving < of;
                let next = Self {
                    of,
                    serving: self.serving + 1,
                    ..self
                };
                (first || another).then_some(next)
            }
            Role::StandsBy => {
                let wanted = survives && !self.stands_by && self.of <= 1;
                wanted.then_some(Self {
                    stands_by: true,
                    ..self
                })
            }
        }
    }

    /// Whether the task is served, and stays so where it has to.
    pub(super) const fn is_whole(self, survives: bool) -> bool {
        self.of > 0 && self.serving == self.of && (!survives || self.of > 1 || self.stands_by)
    }
}

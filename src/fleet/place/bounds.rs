//! What is known of columns: those that were solved, and what the others can't exceed.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::ask::{Columns, Solved};
use super::role::{Role, Sharing};

/// A column by its kind, its roles, and how it may share those that it shares.
type Key = (usize, Vec<Role>, Vec<Sharing>);

/// Columns, each solved when it is first needed.
pub(super) struct Bounds<'c, C: Columns> {
    columns: &'c C,
    solved: RefCell<HashMap<Key, Rc<Solved<C::Set>>>>,
}

/// What is known of a column.
pub(super) enum Known<T> {
    /// It was solved.
    Solved(Rc<Solved<T>>),
    /// It is worth so much at most; none where it can't be.
    AtMost(Option<i64>),
}

impl<'c, C: Columns> Bounds<'c, C> {
    pub(super) fn new(columns: &'c C) -> Self {
        Self {
            columns,
            solved: RefCell::default(),
        }
    }

    pub(super) const fn columns(&self) -> &'c C {
        self.columns
    }

    /// How many were solved.
    pub(super) fn count(&self) -> usize {
        self.solved.borrow().len()
    }

    /// A column, solved.
    pub(super) fn solve(
        &self,
        kind: usize,
        roles: &[Role],
        sharing: &[Sharing],
    ) -> Rc<Solved<C::Set>> {
        let key = key(kind, roles, sharing);
        if let Some(known) = self.solved.borrow().get(&key) {
            return Rc::clone(known);
        }
        let solved = Rc::new(self.columns.solve(kind, roles, &key.2));
        self.solved.borrow_mut().insert(key, Rc::clone(&solved));
        solved
    }

    /// What is known of a column: of one with a single role, all.
    pub(super) fn known(&self, kind: usize, roles: &[Role], sharing: &[Sharing]) -> Known<C::Set> {
        if roles.iter().filter(|role| role.is_any()).count() < 2 {
            return Known::Solved(self.solve(kind, roles, sharing));
        }
        match self.if_solved(kind, roles, sharing) {
            Some(solved) => Known::Solved(solved),
            None => Known::AtMost(self.at_most(kind, roles, sharing)),
        }
    }

    fn if_solved(
        &self,
        kind: usize,
        roles: &[Role],
        sharing: &[Sharing],
    ) -> Option<Rc<Solved<C::Set>>> {
        self.solved
            .borrow()
            .get(&key(kind, roles, sharing))
            .cloned()
    }

    /// What a column can't exceed: what its roles are worth apart, or all but one together; and what
    /// it is worth where it shares with any variant.
    fn at_most(&self, kind: usize, roles: &[Role], sharing: &[Sharing]) -> Option<i64> {
        let mut apart = Vec::new();
        for t in (0..roles.len()).filter(|&t| roles[t].is_any()) {
            let mut one = vec![Role::None; roles.len()];
            one[t] = roles[t];
            apart.push((t, self.solve(kind, &one, sharing).bound?));
        }
        let mut least: i64 = apart.iter().map(|(_, bound)| bound).sum();
        let free = vec![Sharing::default(); sharing.len()];
        if let Some(wider) = self.if_solved(kind, roles, &free) {
            least = least.min(wider.bound?);
        }
        for (t, alone) in apart {
            let mut others = roles.to_vec();
            others[t] = Role::None;
            if let Some(together) = self.if_solved(kind, &others, sharing) {
                least = least.min(alone + together.bound?);
            }
        }
        Some(least)
    }
}

/// What it may share matters only of what it shares.
fn key(kind: usize, roles: &[Role], sharing: &[Sharing]) -> Key {
    let sharing = roles.iter().zip(sharing).map(|(role, sharing)| {
        if role.is_shared() {
            sharing.clone()
        } else {
            Sharing::default()
        }
    });
    (kind, roles.to_vec(), sharing.collect())
}

//! The problem in whole numbers: which few items to keep resident, so that every task is served.
//!
//! It is a knapsack of two memories, and of what may be downloaded, with multiple choice: each task is served by one chosen item.
//!
//! A **set** is some items, and for each task the one of them that serves it. It is feasible when
//!
//! - it holds at most [`Problem::max_models`] items, and at most one of each group;
//! - the items together take no more than the budget of either memory, and of downloads;
//! - each task is served by an item that has a score for it;
//! - each pin is met: one of its items is in the set;
//! - each pin that [`Serves::Must`] serves: one of its items in the set serves a task;
//! - each item serves a task or is *idle*: it serves none, and is an item of some pin.
//!
//! Sets are ranked, the best first, by
//!
//! 1. how many pins serve that are to serve [`Serves::IfPossible`], the most first;
//! 2. the objective, the highest first: the sum of the scores by which the tasks are served;
//! 3. how many items idle, the fewest first;
//! 4. the sum of the idle items' [`Item::idle_worth`], the most first;
//! 5. bytes of physical memory, the least first;
//! 6. how many items, the fewest first;
//! 7. the items in rising order of their indices, compared one by one, the lowest first.
//!
//! The third rule makes one item do for two pins where it can, and keeps nothing that is not needed.
//! Which item serves which task decides no rank beyond the rules above; of assignments that are
//! equal in them a task goes to the item with the lowest index.
//!
//! Wanted are the best set and its **runners-up**: the best set of each set of families (models),
//! without those whose families contain all families of a set that ranks higher.

/// How many budgets there are: the GPU working set, physical memory, and what may be downloaded.
pub const BUDGETS: usize = 3;

/// No budget: nothing reaches it.
pub const NO_LIMIT: u64 = u64::MAX;

/// What is taken of each budget, or may be, in bytes.
pub type Taken = [u64; BUDGETS];

/// One candidate as the solver sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The model: runners-up are distinct in their sets of families.
    pub family: usize,
    /// At most one item of each group is in a set. All items of a group are of one family.
    pub group: usize,
    /// Bytes against the GPU working set, against physical memory, and against what may be downloaded.
    pub memory: Taken,
    /// Score for each task in whole steps, weight included; none where it must not serve the task.
    pub scores: Vec<Option<i64>>,
    /// What it is worth, among idle items only, where it is loaded for a pin and serves nothing.
    pub idle_worth: i64,
}

/// Items of which one must be in the set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// Indices of the items, rising.
    pub items: Vec<usize>,
    /// Whether it has to serve a task.
    pub serves: Serves,
}

/// Whether a pin has to serve a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Serves {
    /// One of its items serves a task, or the set is not feasible.
    Must,
    /// As many such pins serve as can at once; the others idle.
    IfPossible,
}

/// What is to be solved. Items stand in the order of their names, which breaks the last ties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The candidates.
    pub items: Vec<Item>,
    /// Bytes of the GPU working set, of physical memory, and of what may be downloaded.
    pub budgets: Taken,
    /// At most this many items.
    pub max_models: usize,
    /// How many tasks there are.
    pub tasks: usize,
    /// What must be in the set.
    pub pins: Vec<Pin>,
    /// How many sets are wanted: the best and its runners-up.
    pub sets: usize,
}

impl Pin {
    /// Whether an item meets it.
    #[must_use]
    pub fn is_met_by(&self, item: usize) -> bool {
        self.items.binary_search(&item).is_ok()
    }
}

impl Problem {
    /// The problem over some of the items, given rising; they keep that order, and get the indices
    /// of their places in it.
    #[must_use]
    pub fn only(&self, items: &[usize]) -> Self {
        let place = |i: &usize| items.binary_search(i).ok();
        let pins = self.pins.iter().map(|pin| Pin {
            items: pin.items.iter().filter_map(place).collect(),
            serves: pin.serves,
        });
        Self {
            items: items.iter().map(|&i| self.items[i].clone()).collect(),
            pins: pins.collect(),
            ..*self
        }
    }

    /// Bytes of physical memory that items take.
    #[must_use]
    pub fn memory(&self, items: &[usize]) -> u64 {
        items.iter().map(|&i| self.items[i].memory[1]).sum()
    }

    /// The families of items, sorted, each once.
    #[must_use]
    pub fn families(&self, items: &[usize]) -> Vec<usize> {
        let mut families: Vec<usize> = items.iter().map(|&i| self.items[i].family).collect();
        families.sort_unstable();
        families.dedup();
        families
    }

    /// Whether items keep to the budgets and to one of each group: what a part of a feasible set
    /// keeps to as well.
    pub(super) fn holds(&self, items: &[usize]) -> bool {
        let fits = (0..BUDGETS).all(|d| {
            let mut taken = items.iter().map(|&i| self.items[i].memory[d]);
            let taken = taken.try_fold(0, u64::checked_add);
            taken.is_some_and(|taken| taken <= self.budgets[d])
        });
        let apart = items.iter().enumerate().all(|(n, &i)| {
            let group = self.items[i].group;
            items[..n].iter().all(|&j| self.items[j].group != group)
        });
        fits && apart
    }

    /// Whether an item fits without any other.
    pub(super) fn fits_alone(&self, item: usize) -> bool {
        let memory = self.items[item].memory;
        memory
            .iter()
            .zip(&self.budgets)
            .all(|(taken, budget)| taken <= budget)
    }

    /// For each item the pins that it meets, as bits.
    pub(super) fn pins_met(&self) -> Vec<u64> {
        let mut met = vec![0; self.items.len()];
        for (n, pin) in self.pins.iter().enumerate() {
            for &i in &pin.items {
                met[i] |= 1_u64
                    .checked_shl(u32::try_from(n).unwrap_or(64))
                    .unwrap_or(0);
            }
        }
        met
    }
}

//! The best set known while a search runs, and how much longer the search may go on.

use crate::solve::problem::{Problem, Solution};

/// How many steps are spent on partial sets that can only tie, so that names decide between sets
/// equal in score and in memory. A number, not a time: the same input gives the same plan.
const TIES_FOLLOWED: u32 = 20_000;
/// Steps between two looks at the time.
const STEPS_BETWEEN_LOOKS: u64 = 8_192;

/// The best set known, and what may still be spent.
pub(super) struct Incumbent<'a> {
    problem: &'a Problem,
    scale: i64,
    give_up: &'a dyn Fn() -> bool,
    ties_left: u32,
    steps: u64,
    /// Where the search of this split is to pause.
    pause: u64,
    pub(super) gave_up: bool,
    pub(super) best: Option<Solution>,
    worth: Option<i64>,
    /// What no set can be worth more than, as is known from elsewhere.
    ceiling: i64,
}

impl<'a> Incumbent<'a> {
    pub(super) fn new(
        problem: &'a Problem,
        scale: i64,
        ceiling: Option<&Solution>,
        give_up: &'a dyn Fn() -> bool,
    ) -> Self {
        Self {
            ceiling: ceiling.map_or(i64::MAX, |s| worth(s, scale)),
            problem,
            scale,
            give_up,
            ties_left: TIES_FOLLOWED,
            steps: 0,
            pause: u64::MAX,
            gave_up: false,
            best: None,
            worth: None,
        }
    }

    /// What a set must be worth to be looked at; none where any set will do, and more than any set
    /// is where none need be.
    pub(super) fn wanted(&self) -> Option<i64> {
        let worth = self.worth?;
        match (self.ties_left, worth >= self.ceiling) {
            (0, true) => Some(i64::MAX >> 2),
            (0, false) => Some(worth + 1),
            _ => Some(worth),
        }
    }

    /// What a set must be worth to be better than the best known.
    pub(super) fn better(&self) -> Option<i64> {
        self.worth.map(|worth| worth + 1)
    }

    pub(super) fn offer(&mut self, picked: &[usize]) {
        let mut items = picked.to_vec();
        items.sort_unstable();
        items.dedup();
        let Some(objective) = self.problem.objective(&items) else {
            return;
        };
        let found = Solution {
            memory: self.problem.memory(&items),
            items,
            objective,
        };
        if self.best.as_ref().is_none_or(|b| found.rank(b).is_lt()) {
            self.worth = Some(worth(&found, self.scale));
            self.best = Some(found);
        }
    }

    /// Counts a step of the search, on a branch that can only tie or not; true when no more may be
    /// taken there.
    pub(super) fn step(&mut self, tying: bool) -> bool {
        if tying {
            if self.ties_left == 0 {
                return true;
            }
            self.ties_left -= 1;
        }
        self.steps += 1;
        if self.steps.is_multiple_of(STEPS_BETWEEN_LOOKS) && self.stopped() {
            return true;
        }
        self.gave_up || self.steps >= self.pause
    }

    /// Lets the search take so many steps from here.
    pub(super) const fn pause_after(&mut self, steps: u64) {
        self.pause = self.steps.saturating_add(steps);
    }

    /// Whether the search went to its end, or was told to stop, without a pause.
    pub(super) const fn was_not_paused(&self) -> bool {
        self.gave_up || self.steps < self.pause
    }

    /// Whether sets as good as the best known are still looked at, for their names.
    pub(super) const fn follows_ties(&self) -> bool {
        self.ties_left > 0
    }

    /// Whether the best known is as good as any can be.
    pub(super) fn at_ceiling(&self) -> bool {
        self.worth >= Some(self.ceiling)
    }

    /// Looks whether it is time to stop for good.
    pub(super) fn stopped(&mut self) -> bool {
        self.gave_up |= (self.give_up)();
        self.gave_up
    }
}

/// The worth of a whole set, as [`crate::solve::slots`] counts it.
fn worth(set: &Solution, scale: i64) -> i64 {
    set.objective * scale - i64::try_from(set.memory).unwrap_or(i64::MAX)
}

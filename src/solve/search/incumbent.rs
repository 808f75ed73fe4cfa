//! The best set known while a search runs, and how much longer the search may go on.

use std::rc::Rc;

use crate::solve::deadline::Deadline;
use crate::solve::problem::Problem;
use crate::solve::search::entry::Worth;
use crate::solve::search::front::Front;
use crate::solve::search::scale::Scale;
use crate::solve::solution::Solution;

/// Steps between two looks at the time.
const STEPS_BETWEEN_LOOKS: u64 = 8_192;

/// The best set known, and what may still be spent.
pub(super) struct Incumbent<'a> {
    problem: &'a Problem,
    scale: Scale,
    deadline: Deadline<'a>,
    steps: u64,
    /// Where the search of this split is to pause.
    pause: u64,
    /// How many pins serve in the split that is searched.
    serving: usize,
    /// Whether sets are looked for that are worth as much as the best known and come before it by
    /// name, and not for better ones.
    by_name: bool,
    pub(super) gave_up: bool,
    pub(super) best: Option<Solution>,
    worth: Option<Worth>,
    /// The pins that serve and the worth above which no set is, as is known from elsewhere.
    ceiling: Option<(usize, Worth)>,
}

impl<'a> Incumbent<'a> {
    /// No set in the range is better than `ceiling`.
    pub(super) fn new(
        problem: &'a Problem,
        scale: Scale,
        ceiling: Option<&Solution>,
        deadline: Deadline<'a>,
    ) -> Self {
        Self {
            ceiling: ceiling.map(|s| (s.pins_serving, scale.set(s))),
            problem,
            scale,
            deadline,
            steps: 0,
            pause: u64::MAX,
            serving: 0,
            by_name: false,
            gave_up: false,
            best: None,
            worth: None,
        }
    }

    /// Whether the best known beats all sets in which no more pins serve, of which those in which
    /// as many do are worth no more than `worth`; where names are to decide, also what is as good.
    pub(super) fn is_past(&self, serving: usize, worth: Worth) -> bool {
        let known = self.best.as_ref().zip(self.worth);
        known.is_some_and(|(best, known)| {
            let known = (best.pins_serving, known);
            known > (serving, worth) || (!self.by_name && known == (serving, worth))
        })
    }

    /// Turns to a split in which so many pins serve; whether it may hold a better set than the best
    /// known, if it is worth enough.
    pub(super) fn turn_to(&mut self, serving: usize) -> bool {
        self.serving = serving;
        let above = self.ceiling.is_some_and(|(pins, _)| serving > pins);
        !above && !self.finished()
    }

    /// Turns from better sets to those that come first by name.
    pub(super) const fn turn_to_names(&mut self) {
        self.by_name = true;
    }

    /// What a set of the split must be worth to be better than the best known, or as good where
    /// names are to decide; none where any set will do.
    pub(super) fn wanted(&self) -> Option<Worth> {
        let best = self.best.as_ref()?;
        let worth = self.worth.filter(|_| best.pins_serving >= self.serving)?;
        Some(if self.by_name { worth } else { worth + 1 })
    }

    /// Whether sets that are as good as the best known are looked for, for their names.
    pub(super) const fn by_name(&self) -> bool {
        self.by_name
    }

    /// Whether a set of so many items that is worth as much as the best known and begins with these,
    /// rising, may come before it.
    pub(super) fn may_come_first(&self, begin: &[usize], items: usize) -> bool {
        let Some(best) = &self.best else { return true };
        let known = &best.items[..begin.len().min(best.items.len())];
        items < best.items.len() || (items == best.items.len() && begin <= known)
    }

    /// Whether a set of these items, sorted here, comes before the best known, where both are worth
    /// the same.
    pub(super) fn comes_first(&self, names: &mut [usize]) -> bool {
        let Some(best) = &self.best else { return true };
        names.sort_unstable();
        (names.len(), &*names) < (best.items.len(), &best.items[..])
    }

    /// Whether the best known is worth as much as any can be.
    fn at_ceiling(&self) -> bool {
        let best = self.best.as_ref().zip(self.worth);
        best.zip(self.ceiling)
            .is_some_and(|((best, worth), ceiling)| (best.pins_serving, worth) >= ceiling)
    }

    /// Whether the split can hold nothing better than the best known.
    fn finished(&self) -> bool {
        !self.by_name && self.at_ceiling()
    }

    /// Offers the set that has an item for each part of a split.
    pub(super) fn offer(&mut self, parts: &[Rc<Front>], picked: &[usize]) {
        let mut servers = vec![usize::MAX; self.problem.tasks];
        for (front, &item) in parts.iter().zip(picked) {
            let tasks = front.part.tasks;
            let served = servers.iter_mut().enumerate();
            served
                .filter(|(task, _)| tasks >> task & 1 == 1)
                .for_each(|(_, server)| *server = item);
        }
        let mut items = picked.to_vec();
        items.sort_unstable();
        items.dedup();
        let Some(found) = Solution::unchecked(self.problem, servers, items) else {
            return;
        };
        if self.best.as_ref().is_none_or(|b| found.rank(b).is_lt()) {
            self.begin_with(Some(found));
        }
    }

    /// Takes a set as the best known.
    pub(super) fn begin_with(&mut self, known: Option<Solution>) {
        self.worth = known.as_ref().map(|known| self.scale.set(known));
        self.best = known;
    }

    /// Counts a step of the search; true when no more may be taken there.
    pub(super) fn step(&mut self) -> bool {
        self.steps += 1;
        if self.steps.is_multiple_of(STEPS_BETWEEN_LOOKS) && self.stopped() {
            return true;
        }
        self.gave_up || self.steps >= self.pause || self.finished()
    }

    /// Lets the search take so many steps from here.
    pub(super) const fn pause_after(&mut self, steps: u64) {
        self.pause = self.steps.saturating_add(steps);
    }

    /// Whether the search went to its end, or had to stop, without a pause.
    pub(super) fn was_not_paused(&self) -> bool {
        self.gave_up || self.steps < self.pause || self.finished()
    }

    /// Looks whether it is time to stop for good.
    pub(super) fn stopped(&mut self) -> bool {
        self.gave_up = self.gave_up || self.deadline.passed();
        self.gave_up
    }
}

//! The classes of the multiple-choice knapsack: what one member of a set can be.
//!
//! The best set splits the tasks and pins among its members, so it is a choice of one item for each
//! part of some partition of them: a multiple-choice knapsack for each partition. A part's class
//! are the items that have a score for each of its tasks and meet each of its pins; a part with
//! pins alone idles. Of a class only the items on its *front* matter: no other item takes less
//! memory and is worth as much.
//!
//! Why the front is enough: let a best set hold `b` for some part, and let `a` of its class take no
//! more of any budget and be worth more there (or as much, with an earlier name). With `a` in
//! the place of `b` the set still fits and does all that it did, and ranks higher: by worth, or by
//! name, or, where `a` was in it already, by doing with one model less. So `b` was in no best set.
//! That holds where nothing forbids `a`; what may be forbidden (two items of one group, the
//! families of a set already found) is left out of the items themselves, by [`Excluded`].

use crate::solve::deadline::Deadline;
use crate::solve::problem::{BUDGETS, Item, Problem, Taken};
use crate::solve::search::dominance::{Watched, front, patched};
use crate::solve::search::entry::{Entry, Worth};
use crate::solve::search::lattice::gcd;
use crate::solve::search::partitions::Part;
use crate::solve::search::scale::Scale;

/// The budget of what may be downloaded.
const DOWNLOADS: usize = 2;

/// Budgets, the first always; none in the places of those that can't bind.
type Dimensions = [Option<usize>; BUDGETS];

/// What a search must leave out.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Excluded {
    /// Families.
    pub(super) families: Vec<usize>,
    /// Single items.
    pub(super) items: Vec<usize>,
}

impl Excluded {
    /// Whether all that `other` leaves out is left out here.
    pub(super) fn holds(&self, other: &Self) -> bool {
        let all = |inner: &[usize], outer: &[usize]| inner.iter().all(|i| outer.contains(i));
        all(&other.families, &self.families) && all(&other.items, &self.items)
    }

    /// Whether none of the items is left out.
    pub(super) fn allows(&self, problem: &Problem, items: &[usize]) -> bool {
        let out =
            |i: &usize| self.families.contains(&problem.items[*i].family) || self.items.contains(i);
        !items.iter().any(out)
    }

    /// The families of which anything is left out.
    fn touched(&self, problem: &Problem) -> Vec<usize> {
        let of_items = self.items.iter().map(|&item| problem.items[item].family);
        let mut all: Vec<usize> = self.families.iter().copied().chain(of_items).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// For each item whether it is to be left out.
    pub(super) fn marks(&self, problem: &Problem) -> Vec<bool> {
        let family_out = |item: &Item| self.families.contains(&item.family);
        let mut out: Vec<bool> = problem.items.iter().map(family_out).collect();
        self.items.iter().for_each(|&item| out[item] = true);
        out
    }
}

/// The items of every class.
pub(super) struct Classes<'a> {
    pub(super) problem: &'a Problem,
    pub(super) scale: Scale,
    /// What a set may take, as [`Entry::memory`] counts.
    pub(super) room: Taken,
    /// Which of the problem's budgets those are.
    dimensions: Dimensions,
    /// Items that fit alone, by memory.
    order: Vec<usize>,
    /// The same by family.
    of_family: Vec<Vec<usize>>,
    /// Those of them that meet a pin.
    pinned: Vec<usize>,
    /// The pins that each item meets, as bits.
    pins_met: Vec<u64>,
    /// Families that may be left out before the thinned lists no longer hold what takes their place.
    spare: usize,
    /// The least by which the physical memory of an item exceeds each memory that can bind.
    least_beyond: [i128; BUDGETS],
    /// By set of tasks: what can be on the front of its class even with so many families left out.
    thinned: Vec<Vec<Entry>>,
}

impl<'a> Classes<'a> {
    /// Prepares the items of every class so that this many families may be left out at little cost.
    /// None where the deadline comes first.
    pub(super) fn new(
        problem: &'a Problem,
        scale: Scale,
        spare: usize,
        deadline: Deadline<'_>,
    ) -> Option<Self> {
        let items = 0..problem.items.len();
        let mut order: Vec<usize> = items.filter(|&i| problem.fits_alone(i)).collect();
        let dimensions = binding_dimensions(problem, &order);
        let pins_met = problem.pins_met();
        let mut classes = Self {
            problem,
            scale,
            room: room(problem, dimensions, &order),
            dimensions,
            spare,
            least_beyond: least_beyond(problem, dimensions, &order),
            thinned: Vec::new(),
            pinned: Vec::new(),
            of_family: Vec::new(),
            order: Vec::new(),
            pins_met,
        };
        order.sort_unstable_by_key(|&i| (classes.memory(i), i));
        let pinned = order.iter().filter(|i| classes.pins_met[**i] != 0);
        classes.pinned = pinned.copied().collect();
        let families = order.iter().map(|&i| problem.items[i].family + 1).max();
        classes.of_family = vec![Vec::new(); families.unwrap_or(0)];
        for &i in &order {
            classes.of_family[problem.items[i].family].push(i);
        }
        classes.order = order;
        classes.thinned = classes.thin(deadline)?;
        Some(classes)
    }

    /// How many budgets can bind.
    pub(super) fn binding(&self) -> usize {
        self.dimensions.iter().flatten().count()
    }

    /// Whether any item meets all of these pins.
    pub(super) fn meets(&self, pins: u64) -> bool {
        self.pinned.iter().any(|&i| self.pins_met[i] & pins == pins)
    }

    fn memory(&self, item: usize) -> Taken {
        self.dimensions
            .map(|d| d.map_or(0, |d| self.problem.items[item].memory[d]))
    }

    /// The worth of an item for a part; none where it is not of its class.
    fn worth(&self, part: Part, item: usize) -> Option<Worth> {
        if self.pins_met[item] & part.pins != part.pins {
            return None;
        }
        let of = &self.problem.items[item];
        if part.tasks == 0 {
            return Some(self.scale.idle(of));
        }
        let scores = of.scores.iter().enumerate();
        let scores = scores.filter(|(task, _)| part.tasks >> task & 1 == 1);
        let sum = scores.map(|(_, score)| *score).sum::<Option<i64>>()?;
        Some(self.scale.serving(sum, of))
    }

    /// The sum of an item's scores for every set of tasks; none where it can't serve one of them.
    fn sums(&self, item: usize, of: &mut [Option<i64>]) {
        of[0] = Some(0);
        for (task, score) in self.problem.items[item].scores.iter().enumerate() {
            let bit = 1 << task;
            let (without, with) = of[..2 * bit].split_at_mut(bit);
            let Some(score) = score else {
                with.fill(None);
                continue;
            };
            for (with, without) in with.iter_mut().zip(without) {
                *with = without.map(|sum| sum + score);
            }
        }
    }

    /// Drops, for each set of tasks, what so many families beat that some of them always stay.
    fn thin(&self, deadline: Deadline<'_>) -> Option<Vec<Vec<Entry>>> {
        let parts = 1_usize << self.problem.tasks;
        let mut thinned = vec![Vec::new(); parts];
        let mut watched: Vec<Watched> = vec![Watched::default(); parts];
        let mut sums = vec![None; parts];
        for &item in &self.order {
            if deadline.passed() {
                return None;
            }
            self.sums(item, &mut sums);
            let memory = self.memory(item);
            let of = &self.problem.items[item];
            for part in 1..parts {
                let Some(sum) = sums[part] else { continue };
                let entry = Entry {
                    item,
                    memory,
                    worth: self.scale.serving(sum, of),
                };
                let family = |i: usize| self.problem.items[i].family;
                if !watched[part].beat_anyway(entry, self.spare, &family) {
                    thinned[part].push(entry);
                    watched[part].add(entry);
                }
            }
        }
        Some(thinned)
    }

    /// The front of a class with nothing left out, by memory; worth rises with it where only one
    /// memory binds.
    pub(super) fn whole_front(&self, part: Part) -> Vec<Entry> {
        if part.pins == 0 {
            front(self.thinned[part.tasks].iter().copied())
        } else {
            front(self.all(part, &self.pinned))
        }
    }

    /// The front of a class with something left out (`out` marks it), from the `whole` one.
    pub(super) fn front(
        &self,
        part: Part,
        whole: &[Entry],
        without: &Excluded,
        out: &[bool],
    ) -> Vec<Entry> {
        let allowed = |e: &Entry| !out[e.item];
        if part.pins != 0 {
            return front(self.all(part, &self.pinned).filter(allowed));
        }
        let touched = without.touched(self.problem);
        if touched.len() > self.spare {
            return front(self.all(part, &self.order).filter(allowed));
        }
        let thinned = &self.thinned[part.tasks];
        match (without.items.is_empty(), self.binding()) {
            (true, 1) => patched(whole, thinned, allowed),
            (true, _) => front(thinned.iter().copied().filter(allowed)),
            (false, _) => front(self.among_touched(part, &touched, out).into_iter()),
        }
    }

    /// What can be on a front where some items of these families are left out: of other families what
    /// stays whichever so many are left out, of these families all that is not.
    fn among_touched(&self, part: Part, touched: &[usize], out: &[bool]) -> Vec<Entry> {
        let thinned = self.thinned[part.tasks].iter().copied();
        let is_touched = |e: &Entry| touched.contains(&self.problem.items[e.item].family);
        let mut all: Vec<Entry> = thinned.filter(|e| !is_touched(e)).collect();
        for &family in touched {
            let own = self.of_family.get(family).into_iter().flatten();
            let own: Vec<usize> = own.copied().filter(|&i| !out[i]).collect();
            all.extend(self.all(part, &own));
        }
        // Nearly in order: all but the last few are.
        all.sort_by_key(|e| (e.memory, e.item));
        all
    }

    /// The room of sets of so many items that take just so much physical memory: what they take of
    /// the other is less by at least what each item differs in.
    pub(super) fn room_of(&self, items: usize, memory: u64) -> Option<Taken> {
        let mut room = self.room;
        for (room, beyond) in room.iter_mut().zip(self.least_beyond) {
            let beyond = beyond.checked_mul(i128::try_from(items).ok()?)?;
            let taken = u64::try_from(i128::from(memory) - beyond).ok()?;
            *room = (*room).min(taken);
        }
        Some(room)
    }

    /// Those of the items that are of a class.
    fn all<'i>(
        &self,
        part: Part,
        items: &'i [usize],
    ) -> impl Iterator<Item = Entry> + use<'_, 'i, 'a> {
        items.iter().filter_map(move |&item| {
            Some(Entry {
                item,
                memory: self.memory(item),
                worth: self.worth(part, item)?,
            })
        })
    }
}

/// The budgets that can bind. One memory is idle where keeping the other keeps it too; what may be
/// downloaded is where no set can exceed it.
fn binding_dimensions(problem: &Problem, items: &[usize]) -> Dimensions {
    let models = u64::try_from(problem.max_models).unwrap_or(u64::MAX);
    let idle = |d: usize| {
        let other = 1 - d;
        // What a set can take of this memory beyond what it takes of the other.
        let beyond = items.iter().map(|&i| {
            let memory = problem.items[i].memory;
            memory[d].saturating_sub(memory[other])
        });
        let most = beyond.max().unwrap_or(0).saturating_mul(models);
        problem.budgets[other].saturating_add(most) <= problem.budgets[d]
    };
    let memories: &[usize] = match (idle(0), idle(1)) {
        (true, false) => &[1],
        (_, true) => &[0],
        (false, false) => &[0, 1],
    };
    let downloads = items.iter().map(|&i| problem.items[i].memory[DOWNLOADS]);
    let most = downloads.max().unwrap_or(0).saturating_mul(models);
    let limited = (most > problem.budgets[DOWNLOADS]).then_some(DOWNLOADS);
    let mut dimensions = [None; BUDGETS];
    for (place, d) in dimensions
        .iter_mut()
        .zip(memories.iter().copied().chain(limited))
    {
        *place = Some(d);
    }
    dimensions
}

/// The least by which the physical memory of an item exceeds each memory that can bind.
fn least_beyond(problem: &Problem, dimensions: Dimensions, items: &[usize]) -> [i128; BUDGETS] {
    dimensions.map(|d| {
        let beyond = items.iter().map(|&i| {
            let memory = problem.items[i].memory;
            i128::from(memory[1]) - d.map_or(0, |d| i128::from(memory[d]))
        });
        beyond.min().unwrap_or(0)
    })
}

/// The binding budgets, each rounded down to a multiple of what divides every item's memory.
fn room(problem: &Problem, dimensions: Dimensions, items: &[usize]) -> Taken {
    dimensions.map(|d| {
        d.map_or(0, |d| {
            let divisor = items
                .iter()
                .fold(0, |g, &i| gcd(g, problem.items[i].memory[d]));
            let budget = problem.budgets[d];
            budget
                .checked_rem(divisor)
                .map_or(budget, |rest| budget - rest)
        })
    })
}

//! What one place of a loadout can hold: the items that can serve a given set of duties.
//!
//! A duty is a task, or a pin (which any pinned item meets and which is worth nothing). The best
//! set splits the duties among its members, so it is a choice of one item for each part of some
//! partition of the duties. For each part only the items on its *front* matter: no other item
//! takes less memory and is worth as much.
//!
//! Worth is one whole number, score x `scale` - MiB of physical memory, with `scale` above the MiB of
//! any set: more worth is a higher score, or the same score in less memory. (Some 10^5 steps of score
//! by some 10^7 MiB: far below 2^63.)
//!
//! Why the front is enough: let a best set hold `b` in some part, and let `a` take no more of either
//! memory and be worth more there (or as much, with an earlier name). With `a` in the place of `b`
//! the set still fits and still meets every duty, and ranks higher. So `b` was in no best set.
//! That holds where nothing forbids `a`; what may be forbidden (two items of one variant, the
//! families of a set already found) is left out of the items themselves, by [`Excluded`].

use crate::solve::problem::{Item, Problem};

/// An item as a part of the duties sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its index in the problem.
    pub(super) item: usize,
    /// The memory that can bind, the first always; zero for a budget that can't.
    pub(super) memory: [u64; 2],
    /// Its worth there.
    pub(super) worth: i64,
}

impl Entry {
    /// Worth more, or as much and first by name.
    fn beats(&self, other: &Self) -> bool {
        self.worth > other.worth || (self.worth == other.worth && self.item < other.item)
    }
}

/// What a search must leave out.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Excluded {
    /// Families.
    pub(super) families: Vec<usize>,
    /// Single items.
    pub(super) items: Vec<usize>,
}

impl Excluded {
    /// For each item whether it is to be left out.
    pub(super) fn marks(&self, problem: &Problem) -> Vec<bool> {
        let family_out = |item: &Item| self.families.contains(&item.family);
        let mut out: Vec<bool> = problem.items.iter().map(family_out).collect();
        self.items.iter().for_each(|&item| out[item] = true);
        out
    }
}

/// Families that may be left out where runners-up are looked for.
const SPARE_FAMILIES: usize = 7;
/// Items of the front kept at hand while thinning.
const WATCHED: usize = 16;

/// The items of every part of the duties.
pub(super) struct Slots<'a> {
    pub(super) problem: &'a Problem,
    /// How many duties: tasks, then pins.
    pub(super) duties: usize,
    /// One step of score in worth.
    pub(super) scale: i64,
    /// What the memories may take together, as [`Entry::memory`] counts.
    pub(super) room: [u64; 2],
    /// Which of the problem's budgets those are.
    dimensions: [Option<usize>; 2],
    /// Items that fit alone, by memory.
    order: Vec<usize>,
    /// For each pin and item whether the item meets it.
    meets: Vec<Vec<bool>>,
    /// Families that may be left out before the thinned lists no longer hold what takes their place.
    spare: usize,
    /// By part: what can be on its front even with so many families left out.
    thinned: Vec<Vec<Entry>>,
}

impl<'a> Slots<'a> {
    /// Prepares the items of every part, for so many best sets: where one will do, no family is
    /// ever left out. None where `give_up` says to stop.
    pub(super) fn new(
        problem: &'a Problem,
        items: &[usize],
        count: usize,
        give_up: &dyn Fn() -> bool,
    ) -> Option<Self> {
        let fits = |i: &&usize| (0..2).all(|d| problem.items[**i].memory[d] <= problem.budgets[d]);
        let mut order: Vec<usize> = items.iter().filter(fits).copied().collect();
        let dimensions = binding_dimensions(problem, &order);
        let mut slots = Self {
            problem,
            duties: problem.tasks + problem.pins.len(),
            scale: scale(problem, &order),
            room: room(problem, dimensions, &order),
            dimensions,
            meets: meets(problem),
            spare: if count > 1 { SPARE_FAMILIES } else { 0 },
            thinned: Vec::new(),
            order: Vec::new(),
        };
        order.sort_unstable_by_key(|&i| (slots.memory(i), i));
        slots.order = order;
        slots.thinned = slots.thin(give_up)?;
        Some(slots)
    }

    /// Whether both budgets can bind.
    pub(super) const fn two_bind(&self) -> bool {
        self.dimensions[1].is_some()
    }

    fn memory(&self, item: usize) -> [u64; 2] {
        self.dimensions
            .map(|d| d.map_or(0, |d| self.problem.items[item].memory[d]))
    }

    /// The scores of an item duty by duty.
    fn scores(&self, item: usize) -> impl Iterator<Item = Option<i64>> + '_ {
        let tasks = self.problem.items[item].scores.iter().copied();
        let pins = self.meets.iter();
        tasks.chain(pins.map(move |meets| meets[item].then_some(0)))
    }

    /// The worth of an item for every part; none where it can't serve one of its duties.
    fn worths(&self, item: usize, of: &mut [Option<i64>]) {
        of[0] = Some(-signed(self.problem.items[item].memory[1]));
        for (duty, score) in self.scores(item).enumerate() {
            let bit = 1 << duty;
            let (without, with) = of[..2 * bit].split_at_mut(bit);
            let Some(score) = score else {
                with.fill(None);
                continue;
            };
            let gain = score * self.scale;
            for (with, without) in with.iter_mut().zip(without) {
                *with = without.map(|worth| worth + gain);
            }
        }
    }

    /// Drops, for each part, what so many families beat that some of them always stay.
    ///
    /// An item that is beaten within its own family, or by items of more than
    /// `spare` others, is beaten by something whichever so many families are left out.
    fn thin(&self, give_up: &dyn Fn() -> bool) -> Option<Vec<Vec<Entry>>> {
        let parts = 1_usize << self.duties;
        let mut thinned = vec![Vec::new(); parts];
        let mut watched: Vec<Vec<Entry>> = vec![Vec::new(); parts];
        let mut worths = vec![None; parts];
        for &item in &self.order {
            if give_up() {
                return None;
            }
            self.worths(item, &mut worths);
            let memory = self.memory(item);
            for part in 1..parts {
                let Some(worth) = worths[part] else { continue };
                let entry = Entry {
                    item,
                    memory,
                    worth,
                };
                if !self.beaten_anyway(entry, &watched[part]) {
                    thinned[part].push(entry);
                    watch(&mut watched[part], entry);
                }
            }
        }
        Some(thinned)
    }

    fn beaten_anyway(&self, entry: Entry, watched: &[Entry]) -> bool {
        if self.spare == 0 {
            let mut better = watched.iter().take_while(|w| w.beats(&entry));
            return better.any(|w| w.memory[1] <= entry.memory[1]);
        }
        let family = self.problem.items[entry.item].family;
        let mut others = [usize::MAX; SPARE_FAMILIES];
        let mut count = 0;
        for w in watched.iter().take_while(|w| w.beats(&entry)) {
            if w.memory[1] > entry.memory[1] {
                continue;
            }
            let by = self.problem.items[w.item].family;
            if by == family || (count == self.spare && !others.contains(&by)) {
                return true;
            }
            if !others[..count].contains(&by) {
                others[count] = by;
                count += 1;
            }
        }
        false
    }

    /// The front of a part with nothing left out, by memory; worth rises with it where only one
    /// memory binds.
    pub(super) fn whole_front(&self, part: usize) -> Vec<Entry> {
        front(self.thinned[part].iter().copied())
    }

    /// The front of a part with something left out (`out` marks it), from the `whole` one.
    pub(super) fn front(
        &self,
        part: usize,
        whole: &[Entry],
        without: &Excluded,
        out: &[bool],
    ) -> Vec<Entry> {
        let allowed = |e: &Entry| !out[e.item];
        if without.items.is_empty() && without.families.len() <= self.spare {
            let thinned = &self.thinned[part];
            return if self.two_bind() {
                front(thinned.iter().copied().filter(allowed))
            } else {
                patched(whole, thinned, allowed)
            };
        }
        let mut worths = vec![None; 1 << self.duties];
        let all = self.order.iter().filter_map(|&item| {
            self.worths(item, &mut worths);
            worths[part].map(|worth| Entry {
                item,
                memory: self.memory(item),
                worth,
            })
        });
        front(all.filter(allowed))
    }
}

/// Keeps the best entries seen, the best first.
fn watch(watched: &mut Vec<Entry>, entry: Entry) {
    let place = watched.partition_point(|w| w.beats(&entry));
    if place < WATCHED {
        watched.insert(place, entry);
        watched.truncate(WATCHED);
    }
}

/// The entries that none beats in as little memory. They come by memory, rising.
fn front(entries: impl Iterator<Item = Entry>) -> Vec<Entry> {
    let mut sorted: Vec<Entry> = entries.collect();
    for equal in sorted.chunk_by_mut(|a, b| a.memory == b.memory) {
        equal.sort_unstable_by_key(|e| (std::cmp::Reverse(e.worth), e.item));
    }
    // Of what came before: rising in the second memory and in worth, the best at each.
    let mut stairs: Vec<Entry> = Vec::new();
    sorted.retain(|e| {
        let place = stairs.partition_point(|s| s.memory[1] <= e.memory[1]);
        if place > 0 && stairs[place - 1].beats(e) {
            return false;
        }
        let from = stairs[..place].partition_point(|s| s.memory[1] < e.memory[1]);
        let to = place + stairs[place..].partition_point(|s| e.beats(s));
        stairs.splice(from..to, [*e]);
        true
    });
    sorted
}

/// A front without some of its entries, where one memory binds: what takes their place lies
/// between the memory of the first one gone and that of the next one kept.
fn patched(whole: &[Entry], thinned: &[Entry], allowed: impl Fn(&Entry) -> bool) -> Vec<Entry> {
    let mut patched: Vec<Entry> = Vec::with_capacity(whole.len());
    let mut n = 0;
    while let Some(entry) = whole.get(n) {
        if allowed(entry) {
            patched.push(*entry);
            n += 1;
            continue;
        }
        n += whole[n..].iter().take_while(|e| !allowed(e)).count();
        let from = thinned.partition_point(|e| e.memory < entry.memory);
        let to = whole.get(n).map_or(thinned.len(), |next| {
            thinned.partition_point(|e| e.memory < next.memory)
        });
        let before = patched.last().copied();
        let gap = front(thinned[from..to].iter().copied().filter(&allowed));
        patched.extend(
            gap.into_iter()
                .filter(|e| before.is_none_or(|b| !b.beats(e))),
        );
    }
    patched
}

fn meets(problem: &Problem) -> Vec<Vec<bool>> {
    let of_pin = |pin: &Vec<usize>| {
        let mut meets = vec![false; problem.items.len()];
        pin.iter().for_each(|&i| meets[i] = true);
        meets
    };
    problem.pins.iter().map(of_pin).collect()
}

/// More than the MiB of any set.
fn scale(problem: &Problem, items: &[usize]) -> i64 {
    let largest = items.iter().map(|&i| problem.items[i].memory[1]).max();
    let models = i64::try_from(problem.max_models).unwrap_or(i64::MAX);
    models * signed(largest.unwrap_or(0)) + 1
}

/// The budgets that can bind. One is idle where keeping the other keeps it too.
fn binding_dimensions(problem: &Problem, items: &[usize]) -> [Option<usize>; 2] {
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
    match (idle(0), idle(1)) {
        (true, false) => [Some(1), None],
        (_, true) => [Some(0), None],
        (false, false) => [Some(0), Some(1)],
    }
}

/// The binding budgets, each rounded down to a multiple of what divides every item's memory.
fn room(problem: &Problem, dimensions: [Option<usize>; 2], items: &[usize]) -> [u64; 2] {
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

fn signed(mib: u64) -> i64 {
    i64::try_from(mib).unwrap_or(i64::MAX)
}

pub(super) const fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

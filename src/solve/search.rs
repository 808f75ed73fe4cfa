//! The exact search: every split of the duties among the members of a set, bounded and searched.
//!
//! Runners-up: the sets that hold no set found before. Each set found splits what is left to search
//! into ranges, one without each of its families, and the best of all ranges comes next; two
//! items of one variant, which a set must not hold together, are parted in the same way. Nothing is
//! lost: a set that holds no set found lacks one of its families, and so lies in some range.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use crate::solve::bound::Curve;
use crate::solve::incumbent::Incumbent;
use crate::solve::problem::{Problem, Solution};
use crate::solve::slots::{Entry, Excluded, Slots};
use crate::solve::split::{Front, Split};

/// What a search came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The best sets, best first, none containing the families of a better one.
    pub solutions: Vec<Solution>,
    /// What no set can exceed; none where there is no set.
    pub bound: Option<i64>,
    /// Whether everything was searched, so that the first set is the proven optimum.
    pub complete: bool,
}

/// The best sets, with proof.
#[must_use]
pub fn best(problem: &Problem, items: &[usize], count: usize) -> Vec<Solution> {
    within(problem, items, count, &|| false).solutions
}

/// The best sets found before `give_up` says to stop, and what no set can exceed: neither where
/// it says so before anything was searched.
#[must_use]
pub fn within(
    problem: &Problem,
    items: &[usize],
    count: usize,
    give_up: &dyn Fn() -> bool,
) -> Found {
    let prepared = Slots::new(problem, items, count, give_up);
    let Some(search) = prepared.and_then(|slots| Search::new(slots, give_up)) else {
        return Found {
            solutions: Vec::new(),
            bound: None,
            complete: false,
        };
    };
    let (first, bound, mut complete) = search.range(&Excluded::default(), None);
    let mut ranges = Vec::new();
    ranges.extend(first.map(|best| (best, Excluded::default())));
    let mut seen = BTreeSet::new();
    let mut solutions: Vec<Solution> = Vec::new();
    while solutions.len() < count {
        let Some(next) = (0..ranges.len()).min_by(|&a, &b| ranges[a].0.rank(&ranges[b].0)) else {
            break;
        };
        let (best, excluded) = ranges.swap_remove(next);
        let ceiling = best.clone();
        let narrower = match narrower(problem, &best, &excluded, &solutions) {
            Some(narrower) => narrower,
            None => {
                let families = problem.families(&best.items);
                solutions.push(best);
                without_each(&families, &excluded)
            }
        };
        if solutions.len() == count {
            break;
        }
        for excluded in narrower {
            if seen.insert(excluded.clone()) {
                let (best, _, all) = search.range(&excluded, Some(&ceiling));
                complete &= all || !solutions.is_empty();
                ranges.extend(best.map(|best| (best, excluded)));
            }
        }
    }
    let best = solutions.first().map(|s| s.objective);
    Found {
        bound: if complete { best } else { bound.max(best) },
        solutions,
        complete,
    }
}

/// The ranges that part what must not be together in `best`; none where it may stand as it is.
fn narrower(
    problem: &Problem,
    best: &Solution,
    excluded: &Excluded,
    found: &[Solution],
) -> Option<Vec<Excluded>> {
    let families = problem.families(&best.items);
    let held = found.iter().map(|s| problem.families(&s.items));
    for set in held {
        if set.iter().all(|f| families.contains(f)) {
            return Some(without_each(&set, excluded));
        }
    }
    let variant = |i: usize| problem.items[i].variant;
    let twin = best
        .items
        .iter()
        .enumerate()
        .find(|(n, i)| best.items[..*n].iter().any(|&j| variant(j) == variant(**i)));
    let (_, &twin) = twin?;
    // Either this item and no other of its variant, or not this item.
    let others = (0..problem.items.len()).filter(|&i| i != twin && variant(i) == variant(twin));
    Some(vec![
        with_items(excluded, others),
        with_items(excluded, std::iter::once(twin)),
    ])
}

fn with_items(excluded: &Excluded, items: impl Iterator<Item = usize>) -> Excluded {
    let mut wider = excluded.clone();
    wider.items.extend(items);
    wider.items.sort_unstable();
    wider.items.dedup();
    wider
}

fn without_each(families: &[usize], excluded: &Excluded) -> Vec<Excluded> {
    let without = |family: &usize| {
        let mut wider = excluded.clone();
        wider.families.push(*family);
        wider.families.sort_unstable();
        wider
    };
    families.iter().map(without).collect()
}

struct Search<'a> {
    slots: Slots<'a>,
    /// The fronts of all parts with nothing left out.
    whole: Vec<Option<Rc<Front>>>,
    /// Every split that can be served, with the most that it can be worth; the most first, then
    /// the fewest members.
    splits: Vec<(i64, Vec<usize>)>,
    give_up: &'a dyn Fn() -> bool,
}

impl<'a> Search<'a> {
    /// Prepares the search; none where `give_up` says to stop.
    fn new(slots: Slots<'a>, give_up: &'a dyn Fn() -> bool) -> Option<Self> {
        let in_time = || (!give_up()).then_some(());
        let mut whole = Vec::with_capacity(1 << slots.duties);
        for part in 0..1 << slots.duties {
            in_time()?;
            whole.push(front(&slots, slots.whole_front(part)));
        }
        let mut splits = Vec::new();
        for parts in partitions(slots.duties, slots.problem.max_models) {
            in_time()?;
            let fronts: Option<Vec<&Front>> = parts.iter().map(|&p| whole[p].as_deref()).collect();
            let bound = fronts.and_then(|fronts| bound(&fronts, slots.room));
            splits.extend(bound.map(|bound| (bound, parts)));
        }
        splits.sort_by_key(|(bound, _)| std::cmp::Reverse(*bound));
        Some(Self {
            whole,
            splits,
            slots,
            give_up,
        })
    }

    /// The front of a part; the whole one where it holds nothing that is left out.
    fn front(&self, part: usize, without: &Excluded, out: &[bool]) -> Option<Rc<Front>> {
        let whole = self.whole[part].as_ref()?;
        if whole.holds_any(out) {
            let slots = &self.slots;
            front(slots, slots.front(part, whole.entries(), without, out))
        } else {
            Some(Rc::clone(whole))
        }
    }

    /// The best set of a range (of a variant it may hold two items), what none in it can exceed,
    /// and whether it was searched to its end.
    ///
    /// Nothing in it is better than the best set of the range that it lies `within`. Leaving
    /// something out never makes a split worth more, so the splits come in one order for all
    /// ranges, and fronts are made only for those that may still beat the best set known.
    fn range(
        &self,
        excluded: &Excluded,
        within: Option<&Solution>,
    ) -> (Option<Solution>, Option<i64>, bool) {
        let slots = &self.slots;
        let fronts: Vec<OnceCell<_>> = vec![OnceCell::new(); 1 << slots.duties];
        let out = excluded.marks(slots.problem);
        let front = |part: usize| fronts[part].get_or_init(|| self.front(part, excluded, &out));
        let mut incumbent = Incumbent::new(slots.problem, slots.scale, within, self.give_up);
        let hopeless = |bound: i64, incumbent: &Incumbent<'_>| {
            incumbent.wanted().is_some_and(|wanted| bound < wanted)
        };
        let mut open = None;
        for (most, parts) in &self.splits {
            if hopeless(*most, &incumbent) {
                break;
            }
            let held: Option<_> = parts.iter().map(|&p| front(p).clone()).collect();
            let Some(split) = held.map(Split::new) else {
                continue;
            };
            if split
                .bound(slots.room)
                .is_none_or(|b| hopeless(b, &incumbent))
            {
                continue;
            }
            split.search(slots.room, &mut incumbent);
            if incumbent.gave_up {
                open = Some(*most);
                break;
            }
        }
        let objective = |worth: i64| -(-worth).div_euclid(slots.scale);
        let best = incumbent.best;
        let bound = open.map(objective).max(best.as_ref().map(|b| b.objective));
        (best, bound, !incumbent.gave_up)
    }
}

fn front(slots: &Slots<'_>, entries: Vec<Entry>) -> Option<Rc<Front>> {
    let dimensions = if slots.two_bind() { 2 } else { 1 };
    Front::new(entries, dimensions).map(Rc::new)
}

/// The most that these parts together can be worth; as [`Split::bound`].
fn bound(parts: &[&Front], room: [u64; 2]) -> Option<i64> {
    let dimensions = parts.first().map_or(0, |p| p.curves.len());
    let each: Option<Vec<i64>> = (0..dimensions)
        .map(|d| Curve::sum_at(parts.iter().map(|p| &p.curves[d]), room[d]))
        .collect();
    each?.into_iter().min()
}

/// Every way to split `duties` among at most `models` members, each part as a bit mask; fewer
/// members first.
fn partitions(duties: usize, models: usize) -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = vec![Vec::new()];
    for duty in 0..duties {
        let bit = 1_usize << duty;
        let mut grown = Vec::with_capacity(all.len() * 2);
        for partition in all {
            for n in 0..partition.len() {
                let mut joined = partition.clone();
                joined[n] |= bit;
                grown.push(joined);
            }
            if partition.len() < models {
                let mut apart = partition;
                apart.push(bit);
                grown.push(apart);
            }
        }
        all = grown;
    }
    all.sort_by_key(Vec::len);
    all
}

#[cfg(test)]
mod tests {
    use super::partitions;

    #[test]
    fn partitions_are_as_many_as_stirling_counted() {
        // Stirling numbers of the second kind: S(5,1..=4) = 1, 15, 25, 10; S(8,1..=3) = 1, 127, 966.
        assert_eq!(partitions(5, 4).len(), 51);
        assert_eq!(partitions(8, 3).len(), 1094);
        assert!(
            partitions(5, 4)
                .iter()
                .all(|p| p.iter().sum::<usize>() == 31)
        );
    }
}

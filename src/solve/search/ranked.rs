//! The best sets in order, by ranges (Murty 1968, Lawler 1972).
//!
//! Runners-up are the sets that hold no set found before. Each set found splits what is left to
//! search into ranges, one without each of its families, and the best of all ranges comes next; two
//! items of one group, which a set must not hold together, are parted in the same way. Nothing is
//! lost: a set that holds no set found lacks one of its families, and so lies in some range.
//!
//! Ranges overlap. Where a range that was searched holds a new one, and its best set lies in that,
//! it is the best there too; and any set known that lies in a range is one to begin with there.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use crate::solve::deadline::Deadline;
use crate::solve::problem::Problem;
use crate::solve::search::classes::{Classes, Excluded};
use crate::solve::search::range::Ranges;
use crate::solve::search::scale::Scale;
use crate::solve::solution::Solution;

/// Families that may be left out at little cost where runners-up are looked for.
const SPARE_FAMILIES: usize = 7;

/// What a search came to.
#[derive(Debug, Default)]
pub(in crate::solve) struct Searched {
    /// The best sets, best first, none containing the families of a better one.
    pub(in crate::solve) solutions: Vec<Solution>,
    /// What no set can exceed; none where there is no set, or nothing was searched.
    pub(in crate::solve) bound: Option<i64>,
    /// Whether the best of all sets was searched for to the end.
    pub(in crate::solve) complete: bool,
}

/// The best sets that are found before the deadline.
pub(in crate::solve) fn best(problem: &Problem, scale: Scale, deadline: Deadline<'_>) -> Searched {
    let prepared = |spare: usize| {
        let classes = Classes::new(problem, scale, spare, deadline)?;
        Ranges::new(classes, deadline)
    };
    // The best set alone needs far less preparation: it is there where a limit comes before the rest.
    let Some(first) = prepared(0).map(|all| all.search(&Excluded::default(), None, None)) else {
        return Searched::default();
    };
    let bound = first.bound;
    let mut ranked = Ranked {
        complete: first.complete,
        ..Ranked::default()
    };
    ranked.add(Excluded::default(), first.best);
    let spare = if problem.sets > 1 { SPARE_FAMILIES } else { 0 };
    ranked.find(problem, &|| prepared(spare));
    let best = ranked.solutions.first();
    let complete = best.map_or(ranked.complete, |best| best.proven);
    let objective = best.map(|best| best.objective);
    Searched {
        bound: if complete {
            objective
        } else {
            bound.max(objective)
        },
        complete,
        solutions: ranked.solutions,
    }
}

/// The sets found, and what is left to find.
#[derive(Default)]
struct Ranked {
    solutions: Vec<Solution>,
    /// Ranges that were searched, with the best set of each.
    open: Vec<(Solution, Excluded)>,
    /// All ranges that were searched, with the best set of each that has one.
    searched: BTreeMap<Excluded, Option<Solution>>,
    /// Whether all ranges were searched to their ends.
    complete: bool,
}

impl Ranked {
    /// `prepare` is called once, where ranges are to be searched; none where the deadline comes first.
    fn find<'a>(&mut self, problem: &Problem, prepare: &dyn Fn() -> Option<Ranges<'a>>) {
        let ranges = OnceCell::new();
        while self.solutions.len() < problem.sets {
            let next = (0..self.open.len()).min_by(|&a, &b| self.open[a].0.rank(&self.open[b].0));
            let Some(next) = next else { break };
            let (best, excluded) = self.open.swap_remove(next);
            let ceiling = best.clone();
            let narrower =
                if let Some(narrower) = narrower(problem, &best, &excluded, &self.solutions) {
                    narrower
                } else {
                    let families = problem.families(&best.items);
                    self.solutions.push(Solution {
                        proven: self.complete,
                        ..best.settled(problem)
                    });
                    without_each(&families, &excluded)
                };
            if self.solutions.len() < problem.sets && self.complete {
                match ranges.get_or_init(prepare) {
                    Some(ranges) => self.search_all(problem, ranges, narrower, &ceiling),
                    None => self.complete = false,
                }
            }
        }
    }

    fn search_all(
        &mut self,
        problem: &Problem,
        ranges: &Ranges<'_>,
        narrower: Vec<Excluded>,
        ceiling: &Solution,
    ) {
        for excluded in narrower {
            if !self.complete || self.searched.contains_key(&excluded) {
                continue;
            }
            let best = self.known(problem, &excluded).unwrap_or_else(|| {
                let begin = self.begin(problem, &excluded);
                let found = ranges.search(&excluded, Some(ceiling), begin);
                self.complete &= found.complete;
                found.best
            });
            self.add(excluded, best);
        }
    }

    fn add(&mut self, excluded: Excluded, best: Option<Solution>) {
        self.open
            .extend(best.clone().map(|best| (best, excluded.clone())));
        self.searched.insert(excluded, best);
    }

    /// The best set of a range, or that it has none, where a wider one tells.
    fn known(&self, problem: &Problem, excluded: &Excluded) -> Option<Option<Solution>> {
        let wider = self.searched.iter().filter(|(w, _)| excluded.holds(w));
        let mut best = wider.map(|(_, best)| best);
        best.find(|best| best.iter().all(|b| excluded.allows(problem, &b.items)))
            .cloned()
    }

    /// The best set known that lies in a range.
    fn begin(&self, problem: &Problem, excluded: &Excluded) -> Option<Solution> {
        let known = self.searched.values().flatten();
        let inside = known.filter(|b| excluded.allows(problem, &b.items));
        inside.min_by(|a, b| a.rank(b)).cloned()
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
    let group = |i: usize| problem.items[i].group;
    let twin = best
        .items
        .iter()
        .enumerate()
        .find(|(n, i)| best.items[..*n].iter().any(|&j| group(j) == group(**i)));
    let (_, &twin) = twin?;
    // Either this item and no other of its group, or not this item.
    let others = (0..problem.items.len()).filter(|&i| i != twin && group(i) == group(twin));
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

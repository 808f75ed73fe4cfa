//! The best set of one range: all sets without what the range leaves out.

use std::cell::OnceCell;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::solve::deadline::Deadline;
use crate::solve::problem::{Problem, Serves, Taken};
use crate::solve::search::classes::{Classes, Excluded};
use crate::solve::search::entry::Worth;
use crate::solve::search::first_by_name;
use crate::solve::search::front::Front;
use crate::solve::search::hull::Hull;
use crate::solve::search::incumbent::Incumbent;
use crate::solve::search::partitions::{Part, each_partition};
use crate::solve::search::settle::settle;
use crate::solve::search::split::Split;
use crate::solve::solution::Solution;

/// All that ranges have in common.
pub(super) struct Ranges<'a> {
    classes: Classes<'a>,
    /// Every part that can be, with the front of its class.
    whole: Vec<Rc<Front>>,
    /// Every split that can be, the most promising first.
    plans: Vec<Plan>,
    deadline: Deadline<'a>,
}

/// A split, and the most that it can be.
struct Plan {
    /// How many pins serve in it.
    serving: usize,
    worth: Worth,
    /// Its parts' places among all.
    parts: Box<[u32]>,
}

/// What a range came to.
pub(super) struct Searched {
    /// Its best set; of a group it may hold two items.
    pub(super) best: Option<Solution>,
    /// What no set in it can exceed, of those in which as many pins serve as in the best; none
    /// where there is no set.
    pub(super) bound: Option<i64>,
    /// Whether it was searched to its end, but perhaps for names.
    pub(super) complete: bool,
}

impl<'a> Ranges<'a> {
    /// Prepares the search; none where the deadline comes first.
    pub(super) fn new(classes: Classes<'a>, deadline: Deadline<'a>) -> Option<Self> {
        let problem = classes.problem;
        let in_time = || (!deadline.passed()).then_some(());
        let dimensions = classes.binding();
        let mut whole = Vec::new();
        let mut places = BTreeMap::new();
        for pins in 0..1_u64 << problem.pins.len() {
            for tasks in 0..1_usize << problem.tasks {
                in_time()?;
                let part = Part { tasks, pins };
                if part == Part::default() || !may_be(problem, part) {
                    continue;
                }
                if let Some(front) = Front::new(part, classes.whole_front(part), dimensions) {
                    places.insert(part, u32::try_from(whole.len()).ok()?);
                    whole.push(Rc::new(front));
                }
            }
        }
        // What is idle in the end may still get a task on the way there.
        let can = |part: Part| {
            places.contains_key(&part) || (part.tasks == 0 && classes.meets(part.pins))
        };
        let mut plans = Vec::new();
        let mut plan = |parts: &[Part]| {
            let places: Option<Vec<u32>> = parts.iter().map(|p| places.get(p).copied()).collect();
            if let Some(parts) = places {
                let fronts = || parts.iter().map(|&p| &*whole[p as usize]);
                if let Some(worth) = bound(fronts, dimensions, classes.room) {
                    let serving = fronts().map(|f| serving(problem, f.part)).sum();
                    plans.push(Plan {
                        serving,
                        worth,
                        parts: parts.into_boxed_slice(),
                    });
                }
            }
            !deadline.passed()
        };
        let (tasks, pins) = (problem.tasks, problem.pins.len());
        if !each_partition(tasks, pins, problem.max_models, &can, &mut plan) {
            return None;
        }
        plans.sort_by_key(|plan| (Reverse((plan.serving, plan.worth)), plan.parts.len()));
        Some(Self {
            whole,
            plans,
            classes,
            deadline,
        })
    }

    /// The front of a class; the whole one where it holds nothing that is left out.
    fn front(&self, part: usize, without: &Excluded, out: &[bool]) -> Option<Rc<Front>> {
        let whole = &self.whole[part];
        if whole.holds_any(out) {
            let entries = self
                .classes
                .front(whole.part, whole.entries(), without, out);
            Front::new(whole.part, entries, whole.hulls.len()).map(Rc::new)
        } else {
            Some(Rc::clone(whole))
        }
    }

    /// Searches a range. Nothing in it is better than the best set of the range that it lies
    /// `within`; `begin` is a set in it that is known.
    ///
    /// Leaving something out never makes a split worth more, so the splits come in one order for
    /// all ranges, and fronts are made only for those that may still beat the best set known.
    pub(super) fn search(
        &self,
        excluded: &Excluded,
        within: Option<&Solution>,
        begin: Option<Solution>,
    ) -> Searched {
        let classes = &self.classes;
        let fronts: Vec<OnceCell<_>> = vec![OnceCell::new(); self.whole.len()];
        let out = excluded.marks(classes.problem);
        let front = |part: usize| fronts[part].get_or_init(|| self.front(part, excluded, &out));
        let mut incumbent = Incumbent::new(classes.problem, classes.scale, within, self.deadline);
        incumbent.begin_with(begin);
        let all = |by: &dyn Fn(Split, &mut Incumbent<'_>), incumbent: &mut Incumbent<'_>| {
            let mut plans = self.plans.iter();
            plans.find(|plan| {
                let done = incumbent.is_past(plan.serving, plan.worth);
                if !done && !incumbent.stopped() && incumbent.turn_to(plan.serving) {
                    let held = plan.parts.iter().map(|&p| front(p as usize).clone());
                    if let Some(split) = held.collect::<Option<_>>().map(Split::new)
                        && split.may_hold_better(classes.room, incumbent)
                    {
                        by(split, incumbent);
                    }
                }
                done || incumbent.gave_up
            })
        };
        let better = |split: Split, best: &mut Incumbent<'_>| settle(split, classes.room, best);
        let stopped_at = all(&better, &mut incumbent);
        let complete = !incumbent.gave_up;
        if complete && incumbent.best.is_some() {
            incumbent.turn_to_names();
            let by_name = |split: Split, best: &mut Incumbent<'_>| {
                let memory = best.best.as_ref().map_or(u64::MAX, |best| best.memory);
                if let Some(room) = classes.room_of(split.parts().len(), memory) {
                    first_by_name::search(&split, room, best);
                }
            };
            all(&by_name, &mut incumbent);
        }
        let best = incumbent.best;
        let open = stopped_at.filter(|_| !complete);
        let open = open.map(|plan| classes.scale.objective(plan.worth));
        Searched {
            bound: open.max(best.as_ref().map(|b| b.objective)),
            best,
            complete,
        }
    }
}

/// Whether a part keeps to what its pins ask: one that must serve does not idle.
fn may_be(problem: &Problem, part: Part) -> bool {
    let mut pins = problem.pins.iter().enumerate();
    part.tasks != 0 || !pins.any(|(n, pin)| part.pins >> n & 1 == 1 && pin.serves == Serves::Must)
}

/// How many pins of a part serve, of those that are to serve where it is possible.
fn serving(problem: &Problem, part: Part) -> usize {
    let pins = problem.pins.iter().enumerate();
    let pins = pins.filter(|(n, pin)| part.pins >> n & 1 == 1 && pin.serves == Serves::IfPossible);
    if part.tasks == 0 { 0 } else { pins.count() }
}

/// The most that classes together can be worth; as [`Split::bound`].
fn bound<'f, F>(fronts: impl Fn() -> F, dimensions: usize, room: Taken) -> Option<Worth>
where
    F: Iterator<Item = &'f Front>,
{
    let each = (0..dimensions).map(|d| Hull::sum_at(fronts().map(|f| &f.hulls[d]), room[d]));
    each.collect::<Option<Vec<Worth>>>()?.into_iter().min()
}

//! Both solvers against an independent brute force: every set and every way to serve the tasks
//! with it is tried, none is argued away.

mod hard;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use planner::solve::{
    Deadline, Found, Item, Method, NO_LIMIT, Pin, Problem, Serves, Solution, Solver, Status, solve,
    solve_whole,
};
use proptest::prelude::*;

use crate::support::cases;

/// How many sets to compare: the best and its runners-up.
const COUNT: usize = 4;

/// How high a set ranks, the least first: pins that serve where they can, objective, idle items,
/// what those are worth, memory, how many items, and which.
type Rank = (
    Reverse<u32>,
    Reverse<i64>,
    u32,
    Reverse<i64>,
    u64,
    usize,
    Vec<usize>,
);

/// As the rules in `solve::problem` say, and sharing nothing with the solvers but its types.
struct BruteForce<'a> {
    problem: &'a Problem,
    chosen: Vec<usize>,
    best: Option<Rank>,
}

impl BruteForce<'_> {
    /// The best way to serve the tasks with just these items, each tried.
    fn best_of(problem: &Problem, chosen: Vec<usize>) -> Option<Rank> {
        let fits = |d: usize| {
            let taken: u64 = chosen.iter().map(|&i| problem.items[i].memory[d]).sum();
            taken <= problem.budgets[d]
        };
        let mut groups: Vec<usize> = chosen.iter().map(|&i| problem.items[i].group).collect();
        groups.sort_unstable();
        let apart = groups.windows(2).all(|g| g[0] != g[1]);
        let met = |pin: &Pin| chosen.iter().any(|i| pin.items.contains(i));
        if !(0..3).all(fits) || !apart || !problem.pins.iter().all(met) {
            return None;
        }
        let mut force = BruteForce {
            problem,
            chosen,
            best: None,
        };
        force.serve(0, 0, 0);
        force.best
    }

    /// Gives the tasks from this one on to every item in turn; `serving` says which serve before it.
    fn serve(&mut self, task: usize, serving: u32, objective: i64) {
        if task == self.problem.tasks {
            self.count(serving, objective);
            return;
        }
        for n in 0..self.chosen.len() {
            if let Some(score) = self.problem.items[self.chosen[n]].scores[task] {
                self.serve(task + 1, serving | 1 << n, objective + score);
            }
        }
    }

    fn count(&mut self, serving: u32, objective: i64) {
        let problem = self.problem;
        let serves = |n: usize| serving >> n & 1 == 1;
        let members = || self.chosen.iter().copied().enumerate();
        let pin_serves = |pin: &Pin| members().any(|(n, i)| serves(n) && pin.items.contains(&i));
        let mut possible = 0;
        for pin in &problem.pins {
            match (pin.serves, pin_serves(pin)) {
                (Serves::Must, false) => return,
                (Serves::IfPossible, true) => possible += 1,
                _ => {}
            }
        }
        let (mut idle, mut idle_worth) = (0, 0);
        for (n, i) in members().filter(|(n, _)| !serves(*n)) {
            if !problem.pins.iter().any(|pin| pin.items.contains(&i)) {
                return;
            }
            idle += 1;
            idle_worth += problem.items[self.chosen[n]].idle_worth;
        }
        let rank = (
            Reverse(possible),
            Reverse(objective),
            idle,
            Reverse(idle_worth),
            members().map(|(_, i)| problem.items[i].memory[1]).sum(),
            self.chosen.len(),
            self.chosen.clone(),
        );
        if self.best.as_ref().is_none_or(|best| rank < *best) {
            self.best = Some(rank);
        }
    }
}

/// The best set of each set of families, without those that contain the families of a better one;
/// best first.
fn brute_force(problem: &Problem) -> Vec<Rank> {
    let n = problem.items.len();
    assert!(n <= 16, "brute force is for small problems");
    let mut best: BTreeMap<Vec<usize>, Rank> = BTreeMap::new();
    for mask in 0_u32..1 << n {
        if mask.count_ones() as usize > problem.max_models {
            continue;
        }
        let chosen: Vec<usize> = (0..n).filter(|i| mask >> i & 1 == 1).collect();
        let mut families: Vec<usize> = chosen.iter().map(|&i| problem.items[i].family).collect();
        families.sort_unstable();
        families.dedup();
        if let Some(rank) = BruteForce::best_of(problem, chosen)
            && best.get(&families).is_none_or(|known| rank < *known)
        {
            best.insert(families, rank);
        }
    }
    let contains = |large: &[usize], small: &[usize]| small.iter().all(|f| large.contains(f));
    let beaten = |set: &Vec<usize>, rank: &Rank| {
        let mut others = best.iter();
        others.any(|(other, better)| contains(set, other) && better < rank)
    };
    let kept = best.iter().filter(|(set, rank)| !beaten(set, rank));
    let mut kept: Vec<Rank> = kept.map(|(_, rank)| rank.clone()).collect();
    kept.sort();
    kept
}

fn rank(set: &Solution) -> Rank {
    (
        Reverse(u32::try_from(set.pins_serving).unwrap()),
        Reverse(set.objective),
        u32::try_from(set.idle.len()).unwrap(),
        Reverse(set.idle_worth),
        set.memory,
        set.items.len(),
        set.items.clone(),
    )
}

fn ranks(found: &Found) -> Vec<Rank> {
    found.solutions.iter().map(rank).collect()
}

/// Whether what a set says of itself is so.
fn is_as_it_says(problem: &Problem, set: &Solution) {
    let scores = (0..problem.tasks).map(|t| problem.items[set.servers[t]].scores[t].unwrap());
    assert_eq!(scores.sum::<i64>(), set.objective);
    assert!(set.servers.iter().all(|i| set.items.contains(i)));
    let idle = set.items.iter().filter(|i| !set.servers.contains(i));
    assert!(idle.eq(&set.idle));
    let serves = |pin: &&Pin| set.servers.iter().any(|i| pin.items.contains(i));
    for pin in problem.pins.iter().filter(|pin| pin.serves == Serves::Must) {
        assert!(serves(&pin));
    }
    let possible = problem
        .pins
        .iter()
        .filter(|pin| pin.serves == Serves::IfPossible);
    assert_eq!(possible.filter(serves).count(), set.pins_serving);
    assert!(BruteForce::best_of(problem, set.items.clone()).is_some());
}

/// Small problems with few distinct figures, so that ties, equal items and tight budgets abound;
/// pins on models, on groups of them, and on any items.
fn problems() -> impl Strategy<Value = Problem> {
    let shape = (
        1_usize..=4,
        1_usize..=4,
        2_usize..=8,
        (0_u64..40, 0_u64..16),
        0_usize..=3,
    );
    shape
        .prop_flat_map(|(tasks, max_models, n, slack, pins)| {
            let score = prop_oneof![1 => Just(None), 6 => (0_i64..6).prop_map(Some)];
            let scores = prop::collection::vec(score, tasks);
            let item = (
                0_usize..4,
                0_usize..2,
                (1_u64..9, 0_u64..3, 0_u64..7),
                scores,
                -1_i64..3,
            );
            let pin = (0_usize..3, 0_usize..8, any::<u8>(), any::<bool>());
            (
                prop::collection::vec(item, n),
                prop::collection::vec(pin, pins),
                Just((tasks, max_models, slack)),
            )
        })
        .prop_map(|(items, pins, (tasks, max_models, (slack, disk)))| {
            // Of the even families a set may hold one item, of the others one of each of two groups.
            let item = |(family, group, (gpu, extra, download), scores, idle_worth)| Item {
                family,
                group: family * 2 + group * (family % 2),
                memory: [gpu, gpu + extra, download],
                scores,
                idle_worth,
            };
            let items: Vec<Item> = items.into_iter().map(item).collect();
            let pins = pins.into_iter().map(|(kind, of, any, must)| {
                let of = &items[of % items.len()];
                let holds = |&i: &usize| match kind {
                    0 => items[i].family == of.family,
                    1 => items[i].group == of.group,
                    _ => any >> i & 1 == 1,
                };
                Pin {
                    items: (0..items.len()).filter(holds).collect(),
                    serves: if must {
                        Serves::Must
                    } else {
                        Serves::IfPossible
                    },
                }
            });
            Problem {
                // Of one in three problems downloads are not limited.
                budgets: [
                    6 + slack / 4,
                    7 + slack / 3,
                    if disk < 10 { disk } else { NO_LIMIT },
                ],
                pins: pins.collect(),
                items,
                max_models,
                tasks,
                sets: COUNT,
            }
        })
}

proptest! {
    #![proptest_config(cases(3000, 60_000))]

    #[test]
    fn the_search_finds_what_brute_force_finds(problem in problems()) {
        let expected: Vec<_> = brute_force(&problem).into_iter().take(COUNT).collect();
        let found = solve(&problem, Method::Search, Deadline::never());
        prop_assert_eq!(ranks(&found), expected.clone());
        found.solutions.iter().for_each(|set| is_as_it_says(&problem, set));
        prop_assert!(found.is_proven() && found.solutions.iter().all(|set| set.proven));
        prop_assert_eq!(found.bound, expected.first().map(|best| best.1.0));
        prop_assert_eq!(found.status == Status::Infeasible, expected.is_empty());
    }

    #[test]
    fn presolve_loses_no_best_set_and_no_runner_up(problem in problems()) {
        let whole = solve_whole(&problem, Method::Search, Deadline::never());
        let reduced = solve(&problem, Method::Search, Deadline::never());
        prop_assert_eq!(ranks(&whole), ranks(&reduced));
    }
}

proptest! {
    #![proptest_config(cases(300, 6000))]

    #[test]
    fn the_integer_program_finds_the_same_optimum(problem in problems()) {
        // Between sets that are equal down to their memory it may choose another than the search,
        // and so forbid other runners-up.
        let but_for_names = |rank: &Rank| (rank.0, rank.1, rank.2, rank.3, rank.4);
        let expected = brute_force(&problem);
        let problem = Problem { sets: 1, ..problem };
        let found = solve(&problem, Method::Milp, Deadline::never());
        prop_assert!(found.is_proven() && matches!(found.solver, Solver::Microlp | Solver::Highs));
        let ranks = ranks(&found);
        prop_assert_eq!(ranks.first().map(but_for_names), expected.first().map(but_for_names));
        found.solutions.iter().for_each(|set| is_as_it_says(&problem, set));
    }
}

#[test]
fn equal_items_are_no_trouble_to_the_search() {
    let item = |number| Item {
        family: number,
        group: number,
        memory: [10, 10, 0],
        scores: vec![Some(7); 5],
        idle_worth: 0,
    };
    let items: Vec<Item> = (0..1000).map(item).collect();
    let problem = Problem {
        items,
        budgets: [35, 35, NO_LIMIT],
        max_models: 3,
        tasks: 5,
        pins: Vec::new(),
        sets: 6,
    };
    let found = solve_whole(&problem, Method::Search, Deadline::never()).solutions;
    assert_eq!(found.len(), 6);
    assert!(
        found
            .iter()
            .enumerate()
            .all(|(n, s)| s.items == [n] && s.objective == 35)
    );
}

//! Both solvers against an independent brute force: every subset is tried, none is argued away.

use planner::solve::deadline::Deadline;
use planner::solve::{Item, Problem, Solution, milp, presolve, search};
use proptest::prelude::*;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// How many sets to compare: the best and its runners-up.
const COUNT: usize = 4;

/// The best choice of each set of families, of every feasible choice of at most `max_models`
/// items; then without the sets that contain a better set. Best first. It
/// shares nothing with the solvers but the problem's types.
fn brute_force(problem: &Problem) -> Vec<(i64, u64, Vec<usize>)> {
    let n = problem.items.len();
    assert!(n <= 16, "brute force is for small problems");
    let rank = |e: &(i64, u64, Vec<usize>)| (-e.0, e.1, e.2.len(), e.2.clone());
    let mut best: BTreeMap<Vec<usize>, (i64, u64, Vec<usize>)> = BTreeMap::new();
    for mask in 1_u32..1 << n {
        let chosen: Vec<usize> = (0..n).filter(|i| mask >> i & 1 == 1).collect();
        let Some(value) = value(problem, &chosen) else {
            continue;
        };
        let memory = chosen.iter().map(|&i| problem.items[i].memory[1]).sum();
        let mut families: Vec<usize> = chosen.iter().map(|&i| problem.items[i].family).collect();
        families.sort_unstable();
        families.dedup();
        let entry = (value, memory, chosen);
        if best
            .get(&families)
            .is_none_or(|kept| rank(&entry) < rank(kept))
        {
            best.insert(families, entry);
        }
    }
    let contains = |large: &[usize], small: &[usize]| {
        large != small && small.iter().all(|f| large.contains(f))
    };
    let mut all: Vec<_> = best
        .iter()
        .filter(|(set, entry)| {
            !best
                .iter()
                .any(|(other, e)| contains(set, other) && rank(e) < rank(entry))
        })
        .map(|(_, entry)| entry.clone())
        .collect();
    all.sort_by_key(rank);
    all
}

fn value(problem: &Problem, chosen: &[usize]) -> Option<i64> {
    if chosen.len() > problem.max_models {
        return None;
    }
    for d in 0..2 {
        let taken: u64 = chosen.iter().map(|&i| problem.items[i].memory[d]).sum();
        if taken > problem.budgets[d] {
            return None;
        }
    }
    for (n, &i) in chosen.iter().enumerate() {
        if chosen[n + 1..]
            .iter()
            .any(|&j| problem.items[i].variant == problem.items[j].variant)
        {
            return None;
        }
    }
    if problem
        .pins
        .iter()
        .any(|pin| !chosen.iter().any(|i| pin.contains(i)))
    {
        return None;
    }
    let mut sum = 0;
    for t in 0..problem.tasks {
        sum += chosen
            .iter()
            .filter_map(|&i| problem.items[i].scores[t])
            .max()?;
    }
    Some(sum)
}

/// Small problems with few distinct figures, so that ties, equal items and tight budgets abound.
fn problems() -> impl Strategy<Value = Problem> {
    (
        1_usize..=5,
        1_usize..=4,
        2_usize..=9,
        0_u64..40,
        0_usize..=2,
    )
        .prop_flat_map(|(tasks, max_models, n, slack, pinned)| {
            let score = prop_oneof![1 => Just(None), 6 => (0_i64..6).prop_map(Some)];
            let item = (
                0_usize..4,
                0_usize..2,
                1_u64..9,
                0_u64..3,
                prop::collection::vec(score, tasks),
            );
            (
                prop::collection::vec(item, n),
                Just((tasks, max_models, slack, pinned)),
            )
        })
        .prop_map(|(items, (tasks, max_models, slack, pinned))| {
            let items: Vec<Item> = items
                .into_iter()
                .map(|(family, variant, gpu, extra, scores)| Item {
                    family,
                    variant: family * 2 + variant,
                    memory: [gpu, gpu + extra],
                    scores,
                })
                .collect();
            let of_family = |family: usize| {
                let pinned = |&i: &usize| items[i].family == family;
                (0..items.len()).filter(pinned).collect()
            };
            let families = [items[0].family, items[items.len() - 1].family];
            let pins = families[..pinned].iter().map(|&f| of_family(f)).collect();
            Problem {
                budgets: [6 + slack / 4, 7 + slack / 3],
                items,
                max_models,
                tasks,
                pins,
            }
        })
}

/// Every set of items takes a memory of its own: between sets that are equal in everything, names
/// decide, and which of them forbids the other as a runner-up may change with the items left.
fn without_equal_sets(mut problem: Problem) -> Problem {
    for (i, item) in problem.items.iter_mut().enumerate() {
        item.memory = item.memory.map(|m| (m << 16) + (1 << i));
    }
    problem.budgets = problem.budgets.map(|b| (b << 16) + 0xffff);
    problem
}

fn all(problem: &Problem) -> Vec<usize> {
    (0..problem.items.len()).collect()
}

fn values(solutions: &[Solution]) -> Vec<(i64, u64)> {
    solutions.iter().map(|s| (s.objective, s.memory)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn the_search_finds_what_brute_force_finds(problem in problems()) {
        let expected: Vec<_> = brute_force(&problem).into_iter().take(COUNT).collect();
        let found = search::best(&problem, &all(&problem), COUNT);
        let found: Vec<_> = found.into_iter().map(|s| (s.objective, s.memory, s.items)).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn presolve_loses_no_best_set_and_no_runner_up(problem in problems().prop_map(without_equal_sets)) {
        let whole = search::best(&problem, &all(&problem), COUNT);
        let reduced = search::best(&problem, &presolve::keep(&problem), COUNT);
        prop_assert_eq!(values(&whole), values(&reduced));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_integer_program_finds_the_same_optimum(problem in problems()) {
        // Between sets that are equal in score and in memory it may choose another than the search.
        let expected: Vec<_> = brute_force(&problem).into_iter().take(1).map(|b| (b.0, b.1)).collect();
        let found = milp::best(&problem, &presolve::keep(&problem), 1, Deadline::never()).unwrap();
        prop_assert!(found.complete);
        prop_assert_eq!(values(&found.solutions), expected);
    }
}

#[test]
fn equal_items_are_no_trouble_to_the_search() {
    let item = |variant| Item {
        family: variant,
        variant,
        memory: [10, 10],
        scores: vec![Some(7); 5],
    };
    let items: Vec<Item> = (0..1000).map(item).collect();
    let problem = Problem {
        items,
        budgets: [35, 35],
        max_models: 3,
        tasks: 5,
        pins: Vec::new(),
    };
    let found = search::best(&problem, &all(&problem), 6);
    assert_eq!(found.len(), 6);
    assert!(
        found
            .iter()
            .enumerate()
            .all(|(n, s)| s.items == [n] && s.objective == 35)
    );
}

/// Tries every set that begins with `chosen`: the most that any is worth, in the least memory.
fn best_from(problem: &Problem, chosen: &mut Vec<usize>) -> Option<(i64, Reverse<u64>)> {
    let memory: u64 = chosen.iter().map(|&i| problem.items[i].memory[1]).sum();
    let mut best = value(problem, chosen).map(|value| (value, Reverse(memory)));
    if chosen.len() < problem.max_models {
        for next in chosen.last().map_or(0, |last| last + 1)..problem.items.len() {
            chosen.push(next);
            best = best.max(best_from(problem, chosen));
            chosen.pop();
        }
    }
    best
}

/// Four tasks, twelve items made for each, worth what they take: only sums that fill the budget
/// are good, and few sums are to be had. Sizes are multiples of a step; every so many items take
/// some more, at a loss; and the second memory asks for a little more or less than the first.
fn hard_splits() -> impl Strategy<Value = Problem> {
    let sizes = prop::collection::vec((4_u64..80, 0_u64..3), 48);
    (
        sizes,
        1_u64..7,
        5_usize..20,
        0_i64..3,
        120_u64..400,
        0_u64..2,
    )
        .prop_map(|(sizes, step, odd, loss, budget, second)| {
            let item = |(n, (size, extra)): (usize, (u64, u64))| {
                let taken = size * step + if n % odd == 0 { 1 } else { 0 };
                let worth =
                    i64::try_from(size * step).unwrap() - if n % odd == 0 { loss } else { 0 };
                Item {
                    family: n,
                    variant: n,
                    memory: [taken, taken + second * extra],
                    scores: (0..4)
                        .map(|t| Some(if n % 4 == t { worth } else { 0 }))
                        .collect(),
                }
            };
            Problem {
                items: sizes.into_iter().enumerate().map(item).collect(),
                budgets: [budget, budget + second * 3],
                max_models: 4,
                tasks: 4,
                pins: Vec::new(),
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn what_is_hard_to_prove_is_still_right(problem in hard_splits()) {
        let expected = best_from(&problem, &mut Vec::new());
        let found = search::within(&problem, &all(&problem), 1, &|| false);
        prop_assert!(found.complete);
        let found = found.solutions.first().map(|s| (s.objective, Reverse(s.memory)));
        prop_assert_eq!(found, expected);
    }
}

/// The hardest there is: sums of even sizes under an odd budget, and one worthless odd item, so that
/// no bound tells that the budget can't be filled.
fn trap() -> Problem {
    let item = |n: usize| {
        let memory = if n == 0 {
            1
        } else {
            2 * (1000 + (n * 7919) as u64 % 40_000)
        };
        let worth = if n == 0 {
            0
        } else {
            i64::try_from(memory).unwrap()
        };
        let score = |task| Some(if n % 4 == task { worth } else { 0 });
        Item {
            family: n,
            variant: n,
            memory: [memory, memory],
            scores: (0..4).map(score).collect(),
        }
    };
    Problem {
        items: (0..400).map(item).collect(),
        budgets: [100_001, 100_001],
        max_models: 4,
        tasks: 4,
        pins: Vec::new(),
    }
}

#[test]
fn a_search_that_is_stopped_says_how_far_it_may_be_from_the_best() {
    let problem = trap();
    let mut stopped_on_the_way = 0;
    // The clock is looked at for every item before the search, and now and then in it.
    for looks in 400..480_u32 {
        let left = std::cell::Cell::new(looks);
        let give_up = || left.replace(left.get().saturating_sub(1)) == 0;
        let stopped = search::within(&problem, &all(&problem), 1, &give_up);
        let (Some(best), false) = (stopped.solutions.first(), stopped.complete) else {
            continue;
        };
        stopped_on_the_way += 1;
        assert!(problem.allows(&best.items));
        assert_eq!(problem.objective(&best.items), Some(best.objective));
        // Four even sizes can fill 100,000 of 100,001: nothing else can be better.
        let bound = stopped.bound.unwrap();
        assert!(
            best.objective <= 100_000 && bound >= 100_000,
            "{best:?}, bound {bound}"
        );
        assert!(bound - best.objective <= 1000, "{best:?}, bound {bound}");
    }
    assert!(stopped_on_the_way > 0);
}

#[test]
fn a_program_out_of_time_gives_a_set_that_is_allowed_and_a_bound_that_holds() {
    let problem = trap();
    // Looked at again and again, the clock goes on: first there is time, then there is none.
    let ticks = std::cell::Cell::new(0.0);
    let now = || {
        ticks.set(ticks.get() + 0.3);
        ticks.get()
    };
    for seconds in [0.0, 0.5] {
        let deadline = Deadline::after(&now, Some(seconds));
        let found = milp::best(&problem, &all(&problem), 3, deadline).unwrap();
        let best = &found.solutions[0];
        assert!(!found.complete && found.solutions.len() == 1);
        assert!(problem.allows(&best.items));
        assert_eq!(problem.objective(&best.items), Some(best.objective));
        // Four even sizes can fill 100,000 of 100,001, and some do.
        assert!(found.bound.unwrap() >= 100_000 && best.objective <= 100_000);
    }
}

//! Problems that are hard to prove, and searches that are stopped.

use std::cmp::Reverse;

use planner::solve::{
    Deadline, Found, Item, Method, NO_LIMIT, Problem, Solution, Solver, Status, solve_whole,
};
use proptest::prelude::*;

use super::is_as_it_says;
use crate::support::cases;

/// Objective, memory, how many items, and which: the least first.
type Short = (Reverse<i64>, u64, usize, Vec<usize>);

/// The first of all sets that begin with `chosen`, each tried. All have memory, so what serves
/// nothing is in none of the first.
fn first_from(problem: &Problem, chosen: &mut Vec<usize>) -> Option<Short> {
    let taken = |d: usize| -> u64 { chosen.iter().map(|&i| problem.items[i].memory[d]).sum() };
    if (0..3).any(|d| taken(d) > problem.budgets[d]) {
        return None;
    }
    let best = |t: usize| {
        chosen
            .iter()
            .filter_map(|&i| problem.items[i].scores[t])
            .max()
    };
    let objective: Option<i64> = (0..problem.tasks).map(best).sum();
    let of = |objective| (Reverse(objective), taken(1), chosen.len(), chosen.clone());
    let mut first = objective.map(of);
    if chosen.len() < problem.max_models {
        for next in chosen.last().map_or(0, |last| last + 1)..problem.items.len() {
            chosen.push(next);
            let other = first_from(problem, chosen);
            first = first.into_iter().chain(other).min();
            chosen.pop();
        }
    }
    first
}

/// Four tasks, twelve items made for each, worth what they take: only sums that fill the budget
/// are good, and few sums are to be had. Sizes are multiples of a step; every so many items take
/// some more, at a loss; the second memory asks for a little more or less than the first, and
/// downloads may be limited.
fn hard_splits() -> impl Strategy<Value = Problem> {
    let sizes = prop::collection::vec((4_u64..80, 0_u64..3), 48);
    (
        sizes,
        1_u64..7,
        5_usize..20,
        0_i64..3,
        120_u64..400,
        (0_u64..2, 0_u64..2),
    )
        .prop_map(|(sizes, step, odd, loss, budget, (second, third))| {
            let item = |(n, (size, extra)): (usize, (u64, u64))| {
                let taken = size * step + if n % odd == 0 { 1 } else { 0 };
                let worth =
                    i64::try_from(size * step).unwrap() - if n % odd == 0 { loss } else { 0 };
                Item {
                    family: n,
                    group: n,
                    memory: [taken, taken + second * extra, third * (size % 11)],
                    scores: (0..4)
                        .map(|t| Some(if n % 4 == t { worth } else { 0 }))
                        .collect(),
                    idle_worth: 0,
                }
            };
            Problem {
                items: sizes.into_iter().enumerate().map(item).collect(),
                budgets: [budget, budget + second * 3, 15 + budget % 8],
                max_models: 4,
                tasks: 4,
                pins: Vec::new(),
                sets: 1,
            }
        })
}

/// Four tasks, sixteen items of three sizes made for one task each in any order, worth what they
/// take: very many sets are equal, and neighbours by name serve different tasks.
fn many_equal() -> impl Strategy<Value = Problem> {
    let made = prop::collection::vec((1_u64..4, 0_usize..4), 16);
    (made, 5_u64..11).prop_map(|(made, budget)| {
        let item = |(n, (size, task)): (usize, (u64, usize))| Item {
            family: n,
            group: n,
            memory: [size, size, 0],
            scores: (0..4)
                .map(|t| {
                    Some(if t == task {
                        i64::try_from(size).unwrap()
                    } else {
                        0
                    })
                })
                .collect(),
            idle_worth: 0,
        };
        Problem {
            items: made.into_iter().enumerate().map(item).collect(),
            budgets: [budget, budget, NO_LIMIT],
            max_models: 4,
            tasks: 4,
            pins: Vec::new(),
            sets: 1,
        }
    })
}

proptest! {
    #![proptest_config(cases(100, 2000))]

    #[test]
    fn what_is_hard_to_prove_is_still_right(problem in prop_oneof![hard_splits(), many_equal()]) {
        let expected = first_from(&problem, &mut Vec::new());
        let found = solve_whole(&problem, Method::Search, Deadline::never());
        prop_assert!(found.is_proven());
        let first = found.solutions.into_iter().next();
        let short = |s: Solution| (Reverse(s.objective), s.memory, s.items.len(), s.items);
        prop_assert_eq!(first.map(short), expected);
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
            group: n,
            memory: [memory, memory, 0],
            scores: (0..4).map(score).collect(),
            idle_worth: 0,
        }
    };
    Problem {
        items: (0..400).map(item).collect(),
        budgets: [100_001, 100_001, NO_LIMIT],
        max_models: 4,
        tasks: 4,
        pins: Vec::new(),
        sets: 1,
    }
}

/// A clock that goes on by one with each look, and a limit after so many of them.
fn stopped_after(looks: u32, problem: &Problem, method: Method) -> (Found, u32) {
    let seen = std::cell::Cell::new(0);
    let now = || {
        seen.set(seen.get() + 1);
        f64::from(seen.get())
    };
    let deadline = Deadline::after(&now, Some(f64::from(looks)));
    let found = solve_whole(problem, method, deadline);
    (found, seen.get())
}

#[test]
fn a_search_that_is_stopped_says_how_far_it_may_be_from_the_best() {
    let problem = trap();
    let mut stopped_on_the_way = 0;
    // The clock is looked at for every item before the search, and now and then in it.
    for looks in (400..560).step_by(3) {
        let (stopped, seen) = stopped_after(looks, &problem, Method::Search);
        assert!(seen < looks + 20, "{seen} looks of {looks}");
        let (Some(best), Status::BestFound) = (stopped.solutions.first(), stopped.status) else {
            continue;
        };
        is_as_it_says(&problem, best);
        assert!(!best.proven);
        // Four even sizes can fill 100,000 of 100,001: nothing else can be better.
        let bound = stopped.bound.unwrap();
        assert!(
            best.objective <= 100_000 && bound >= 100_000,
            "{best:?}, bound {bound}"
        );
        if stopped.solver == Solver::ExactSearch {
            stopped_on_the_way += 1;
            assert!(bound - best.objective <= 1000, "{best:?}, bound {bound}");
        }
    }
    assert!(stopped_on_the_way > 0);
}

#[test]
fn a_program_out_of_time_gives_a_set_that_is_allowed_and_a_bound_that_holds() {
    let problem = trap();
    for looks in 0..3 {
        let (found, _) = stopped_after(looks, &problem, Method::Milp);
        let best = &found.solutions[0];
        assert!(found.status == Status::BestFound && found.solutions.len() == 1);
        assert!(!best.proven);
        is_as_it_says(&problem, best);
        // Four even sizes can fill 100,000 of 100,001, and some do.
        assert!(found.bound.unwrap() >= 100_000 && best.objective <= 100_000);
    }
}

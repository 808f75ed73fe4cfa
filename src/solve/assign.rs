//! Which of some items serves which task, for the highest rank.

use crate::solve::problem::Problem;
use crate::solve::solution::Solution;

/// Members up to which every choice of those that serve is gone through.
const LARGEST: usize = 10;

/// The highest set that can be made of some items, without those of them that it does not need;
/// none where none is feasible. Beyond [`LARGEST`] items each task goes to the best.
pub(super) fn best(problem: &Problem, members: &[usize]) -> Option<Solution> {
    let choices = if members.len() > LARGEST {
        vec![greedily(problem, members)?]
    } else {
        by_members(problem, members)
    };
    let sets = choices
        .iter()
        .filter_map(|servers| Solution::of(problem, servers, &needed(problem, servers, members)));
    sets.min_by(Solution::rank)
}

fn greedily(problem: &Problem, members: &[usize]) -> Option<Vec<usize>> {
    let server = |t: usize| {
        let able = members
            .iter()
            .filter(|&&i| problem.items[i].scores[t].is_some());
        able.copied()
            .max_by_key(|&i| (problem.items[i].scores[t], std::cmp::Reverse(i)))
    };
    (0..problem.tasks).map(server).collect()
}

/// For each choice of members that serve, each of them at least one task, the best servers.
fn by_members(problem: &Problem, members: &[usize]) -> Vec<Vec<usize>> {
    let none = || vec![None; 1 << members.len()];
    let mut best: Vec<Option<(i64, Vec<usize>)>> = none();
    best[0] = Some((0, Vec::new()));
    for task in 0..problem.tasks {
        let mut next = none();
        for (serving, known) in best.iter().enumerate() {
            let Some((objective, servers)) = known else {
                continue;
            };
            for (n, &item) in members.iter().enumerate() {
                let Some(score) = problem.items[item].scores[task] else {
                    continue;
                };
                let worth = objective + score;
                let place: &mut Option<(i64, Vec<usize>)> = &mut next[serving | 1 << n];
                if place.as_ref().is_none_or(|(known, _)| *known < worth) {
                    let mut servers = servers.clone();
                    servers.push(item);
                    *place = Some((worth, servers));
                }
            }
        }
        best = next;
    }
    best.into_iter()
        .flatten()
        .map(|(_, servers)| servers)
        .collect()
}

/// The members without which some pin would be met by none, though they serve nothing; where
/// several do, those that are worth more idle, or take less.
fn needed(problem: &Problem, servers: &[usize], members: &[usize]) -> Vec<usize> {
    let mut kept: Vec<usize> = members.to_vec();
    let mut idle: Vec<usize> = kept
        .iter()
        .copied()
        .filter(|i| !servers.contains(i))
        .collect();
    idle.sort_by_key(|&i| {
        let item = &problem.items[i];
        (item.idle_worth, std::cmp::Reverse(item.memory[1]), i)
    });
    for i in idle {
        let rest: Vec<usize> = kept.iter().copied().filter(|&k| k != i).collect();
        let needed = problem
            .pins
            .iter()
            .any(|pin| pin.is_met_by(i) && !rest.iter().any(|&k| pin.is_met_by(k)));
        if !needed {
            kept = rest;
        }
    }
    kept.retain(|i| !servers.contains(i));
    kept
}

//! The best roles for all nodes by what is known of columns: node after node, keeping of all ways to
//! give out the same the best alone.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::ask::{Ask, Columns};
use super::bounds::{Bounds, Known};
use super::role::{Given, Role, Sharing};

/// How good a division is, the least first: worth, bytes, models, crowding, and which column each
/// node has.
pub(super) type Rank = (Reverse<i64>, u64, usize, usize, Vec<usize>);

/// Roles that a node may have, with what is known of them.
struct Choice {
    roles: Vec<Role>,
    /// The number of each role among those of its task.
    numbers: Vec<usize>,
    worth: i64,
    memory: u64,
    models: usize,
    crowding: usize,
    solved: bool,
}

/// Roles for all nodes.
pub(super) struct Divided {
    pub(super) rank: Rank,
    /// For each node.
    pub(super) roles: Vec<Vec<Role>>,
    /// Whether all that it rests on was solved.
    pub(super) solved: bool,
}

/// The best division by what is known; none where no roles serve what has to be served.
pub(super) fn divide<C: Columns>(
    ask: &Ask,
    bounds: &Bounds<'_, C>,
    sharing: &[Sharing],
) -> Option<Divided> {
    let tasks: Vec<Task> = (0..ask.tasks()).map(|t| Task::new(ask, t)).collect();
    let kinds = ask.nodes.iter().max().map_or(0, |most| most + 1);
    let all = roles(&tasks);
    let of_kind = |kind| match ask.nodes.contains(&kind) {
        true => choices(&tasks, &all, bounds, kind, sharing),
        false => Vec::new(),
    };
    let choices: Vec<Vec<Choice>> = (0..kinds).map(of_kind).collect();
    let mut reached: HashMap<u64, Rank> = HashMap::new();
    reached.insert(0, (Reverse(0), 0, 0, 0, Vec::new()));
    for &kind in &ask.nodes {
        reached = one_more(&tasks, &choices[kind], &reached);
    }
    let whole = reached.into_iter().filter(|(state, _)| {
        let given = tasks.iter().zip(digits(&tasks, *state));
        given.into_iter().all(|(task, at)| task.whole[at])
    });
    let (_, rank) = whole.min_by(|(_, a), (_, b)| a.cmp(b))?;
    let chosen: Vec<&Choice> = ask
        .nodes
        .iter()
        .zip(&rank.4)
        .map(|(&kind, &n)| &choices[kind][n])
        .collect();
    Some(Divided {
        roles: chosen.iter().map(|c| c.roles.clone()).collect(),
        solved: chosen.iter().all(|c| c.solved),
        rank,
    })
}

/// What can become of a task: the states that giving it out goes through, by number, 0 the first.
struct Task {
    roles: Vec<Role>,
    /// By state and role the state after it.
    next: Vec<Vec<Option<usize>>>,
    /// Whether a state is one to end in.
    whole: Vec<bool>,
}

impl Task {
    fn new(ask: &Ask, t: usize) -> Self {
        let survives = ask.survive[t];
        let serves = ask.shares[t].iter().map(|&of| Role::Serves { of });
        let stands_by = survives.then_some(Role::StandsBy);
        let roles: Vec<Role> = serves.chain(stands_by).chain([Role::None]).collect();
        let mut states = vec![Given::default()];
        let mut next = Vec::new();
        while let Some(&state) = states.get(next.len()) {
            let after = roles.iter().map(|&role| {
                let after = state.and(role, survives)?;
                let known = states.iter().position(|s| *s == after);
                Some(known.unwrap_or_else(|| {
                    states.push(after);
                    states.len() - 1
                }))
            });
            let after = after.collect();
            next.push(after);
        }
        Self {
            whole: states.iter().map(|s| s.is_whole(survives)).collect(),
            roles,
            next,
        }
    }
}

/// The states of all tasks in one number, and back.
fn digits(tasks: &[Task], mut state: u64) -> Vec<usize> {
    let digit = |task: &Task| {
        let count = task.whole.len() as u64;
        let digit = state % count;
        state /= count;
        usize::try_from(digit).unwrap_or(0)
    };
    tasks.iter().map(digit).collect()
}

/// All that one more node may do, after all that those before it did.
fn one_more(
    tasks: &[Task],
    choices: &[Choice],
    reached: &HashMap<u64, Rank>,
) -> HashMap<u64, Rank> {
    let mut after: HashMap<u64, Rank> = HashMap::new();
    for (state, rank) in reached {
        let at = digits(tasks, *state);
        for (n, choice) in choices.iter().enumerate() {
            let mut number = 0;
            let mut scale = 1;
            let possible = tasks.iter().enumerate().all(|(t, task)| {
                let next = task.next[at[t]][choice.numbers[t]];
                number += scale * next.unwrap_or(0) as u64;
                scale *= task.whole.len() as u64;
                next.is_some()
            });
            if possible {
                keep(after.entry(number), rank, choice, n);
            }
        }
    }
    after
}

fn keep(entry: Entry<'_, u64, Rank>, rank: &Rank, choice: &Choice, n: usize) {
    let figures = (
        Reverse(rank.0.0 + choice.worth),
        rank.1 + choice.memory,
        rank.2 + choice.models,
        rank.3 + choice.crowding,
    );
    let with = || {
        let columns = rank.4.iter().copied().chain([n]).collect();
        (figures.0, figures.1, figures.2, figures.3, columns)
    };
    match entry {
        Entry::Vacant(entry) => drop(entry.insert(with())),
        Entry::Occupied(mut entry) => {
            let known = entry.get();
            if figures <= (known.0, known.1, known.2, known.3) && with() < *known {
                entry.insert(with());
            }
        }
    }
}

/// All roles of a node, one for each task, each with its numbers.
fn roles(tasks: &[Task]) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for task in tasks {
        all = all
            .into_iter()
            .flat_map(|before: Vec<usize>| {
                let numbers = 0..task.roles.len();
                numbers.map(move |n| before.iter().copied().chain([n]).collect())
            })
            .collect();
    }
    all
}

/// Those that a node of a kind may have, in the order of their roles.
fn choices<C: Columns>(
    tasks: &[Task],
    all: &[Vec<usize>],
    bounds: &Bounds<'_, C>,
    kind: usize,
    sharing: &[Sharing],
) -> Vec<Choice> {
    let choice = |numbers: &Vec<usize>| {
        let roles: Vec<Role> = numbers
            .iter()
            .zip(tasks)
            .map(|(&n, t)| t.roles[n])
            .collect();
        let serving = roles.iter().filter(|role| role.serves()).count();
        let (worth, memory, models, solved) = match roles.iter().any(|role| role.is_any()) {
            false => (0, 0, 0, true),
            true => match bounds.known(kind, &roles, sharing) {
                Known::AtMost(worth) => (worth?, 0, 0, false),
                Known::Solved(solved) => {
                    let column = solved.column.as_ref()?;
                    (solved.bound?, column.memory, column.models, true)
                }
            },
        };
        Some(Choice {
            roles,
            numbers: numbers.clone(),
            worth,
            memory,
            models,
            crowding: serving * serving,
            solved,
        })
    };
    all.iter().filter_map(choice).collect()
}

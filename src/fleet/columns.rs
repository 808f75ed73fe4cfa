//! What each node is worth: asked of the same code that plans a single machine.

use std::cell::OnceCell;
use std::cmp::Reverse;
use std::collections::HashMap;

use crate::fleet::kind::Kind;
use crate::fleet::place::{Ask, Column, Columns, Role, Sharing, Solved};
use crate::fleet::shard::{Units, Way};
use crate::scenario::{Candidate, Duty, Prepared, Scenario};
use crate::solve::{Deadline, Solution};

/// How much the score of a model counts that stands by: as if a node were lost one hundredth of the
/// time.
const STANDING_BY: f64 = 0.01;

/// Combinations of conversations at once that are planned for at most.
const MOST_LOADS: usize = 4096;

/// The scenarios of all kinds of nodes, for each number of conversations that their tasks may bring.
pub(super) struct Loads<'a> {
    tasks: Vec<OfTask>,
    /// By kind and number of the load.
    scenarios: Vec<Vec<Option<Scenario<'a>>>>,
}

/// How a task may be shared.
struct OfTask {
    /// The numbers of nodes that may share it.
    shares: Vec<usize>,
    /// How many conversations each of them has then.
    streams: Vec<u32>,
}

impl OfTask {
    /// As many conversations among up to so many nodes: each number of nodes that leaves fewer to
    /// each than the number before.
    fn of(streams: u32, nodes: usize) -> Self {
        let (mut shares, mut each) = (Vec::new(), Vec::new());
        for count in 1..=nodes {
            let own = streams.div_ceil(u32::try_from(count).unwrap_or(u32::MAX));
            if each.last() != Some(&own) {
                shares.push(count);
                each.push(own);
            }
        }
        Self {
            shares,
            streams: each,
        }
    }
}

impl<'a> Loads<'a> {
    /// Of a request to nodes of these kinds; none where there are too many combinations.
    pub(super) fn new(base: &Scenario<'a>, kinds: &[Kind], nodes: usize) -> Option<Self> {
        let request = &base.request;
        let tasks = request.tasks.iter();
        let tasks: Vec<OfTask> = tasks
            .map(|(task, _)| OfTask::of(request.workload(task).streams, nodes))
            .collect();
        let loads = tasks
            .iter()
            .try_fold(1_usize, |n, t| n.checked_mul(t.shares.len()))?;
        if loads > MOST_LOADS {
            return None;
        }
        let of_kind = |kind: &Kind| {
            let of_load = |load| kind.scenario(base, &streams(&tasks, load));
            (0..loads).map(of_load).collect()
        };
        Some(Self {
            scenarios: kinds.iter().map(of_kind).collect(),
            tasks,
        })
    }

    /// Conversations of each task at once where no task is shared.
    pub(super) fn unshared(&self) -> Vec<u32> {
        streams(&self.tasks, 0)
    }

    /// What is to be divided among nodes of these kinds.
    pub(super) fn ask(&self, nodes: Vec<usize>, survive: Vec<bool>) -> Ask {
        Ask {
            nodes,
            shares: self.tasks.iter().map(|t| t.shares.clone()).collect(),
            survive,
        }
    }

    /// The number of the load that roles bring. A task that a node has no role for counts as one of
    /// those that it has, so that as few loads as possible are told apart.
    fn load(&self, roles: &[Role]) -> usize {
        let shared = |task: &OfTask, of: usize| task.shares.iter().position(|n| *n == of);
        let first = roles.iter().find_map(|role| match role {
            Role::Serves { of } => Some(*of),
            Role::StandsBy => Some(1),
            Role::None => None,
        });
        let numbers = self.tasks.iter().zip(roles).map(|(task, role)| match role {
            Role::Serves { of } => shared(task, *of),
            Role::StandsBy => shared(task, 1),
            Role::None => first.and_then(|of| shared(task, of)),
        });
        let digits = numbers.zip(&self.tasks);
        let (load, _) = digits.fold((0, 1), |(load, scale), (number, task)| {
            (
                load + scale * number.unwrap_or(0),
                scale * task.shares.len(),
            )
        });
        load
    }
}

/// Conversations of each task at once, by the number of the load.
fn streams(tasks: &[OfTask], mut load: usize) -> Vec<u32> {
    let digit = |task: &OfTask| {
        let own = task.streams[load % task.streams.len()];
        load /= task.streams.len();
        own
    };
    tasks.iter().map(digit).collect()
}

/// By what candidates are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    /// Those of a kind of node under a load.
    Node { kind: usize, load: usize },
    /// Those of a kind of unit held together in one way.
    Unit { kind: usize, way: usize },
}

/// What a node keeps loaded: the solve that found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Loaded {
    pub(super) at: At,
    /// Candidates, with what serves each of its duties.
    pub(super) solution: Solution,
}

/// Columns of real machines.
pub(super) struct Machines<'s> {
    loads: &'s Loads<'s>,
    units: &'s Units<'s>,
    prepared: HashMap<(usize, usize), OnceCell<Prepared<'s>>>,
    together: Vec<Vec<OnceCell<Prepared<'s>>>>,
    deadline: Deadline<'s>,
}

impl<'s> Machines<'s> {
    pub(super) fn new(loads: &'s Loads<'s>, units: &'s Units<'s>, deadline: Deadline<'s>) -> Self {
        let kinds = loads.scenarios.iter().enumerate();
        let all = kinds.flat_map(|(kind, of)| (0..of.len()).map(move |load| (kind, load)));
        Self {
            prepared: all.map(|at| (at, OnceCell::new())).collect(),
            together: units.unprepared(),
            loads,
            units,
            deadline,
        }
    }

    /// The candidates of a node, or of nodes together.
    pub(super) fn prepared(&self, at: At) -> Option<&Prepared<'s>> {
        let (cell, scenario) = match at {
            At::Node { kind, load } => {
                let scenario = self.loads.scenarios[kind][load].as_ref()?;
                (self.prepared.get(&(kind, load))?, scenario)
            }
            At::Unit { kind, way } => {
                let scenario = &self.units.kinds[kind][way].scenario;
                (&self.together[kind][way], scenario)
            }
        };
        Some(cell.get_or_init(|| Prepared::once(scenario)))
    }

    /// The way in which a unit holds its model.
    pub(super) fn way(&self, at: At) -> Option<&Way<'s>> {
        match at {
            At::Node { .. } => None,
            At::Unit { kind, way } => Some(&self.units.kinds[kind][way]),
        }
    }

    /// The candidates that fit on a node of this kind by themselves, with all of its tasks.
    pub(super) fn fitting(&self, kind: usize) -> usize {
        let prepared = self.prepared(At::Node { kind, load: 0 });
        prepared.map_or(0, |p| p.pool.fitting(&p.limits))
    }
}

impl Columns for Machines<'_> {
    type Set = Loaded;

    fn solve(&self, kind: usize, roles: &[Role], sharing: &[Sharing]) -> Solved<Loaded> {
        let nodes = self.loads.scenarios.len();
        let Some(unit) = kind.checked_sub(nodes) else {
            let load = self.loads.load(roles);
            return self.solved(At::Node { kind, load }, roles, sharing);
        };
        // Several nodes that hold a model together share no task with others.
        if roles.iter().any(|role| role.is_shared()) {
            return NOTHING;
        }
        let ways = 0..self.units.kinds[unit].len();
        ways.map(|way| self.solved(At::Unit { kind: unit, way }, roles, sharing))
            .fold(NOTHING, better)
    }

    fn out_of_time(&self) -> bool {
        self.deadline.passed()
    }
}

/// Where nothing can be done.
const NOTHING: Solved<Loaded> = Solved {
    column: None,
    bound: None,
};

/// The better of two ways; of equal ones that which takes less, else the first.
fn better(one: Solved<Loaded>, other: Solved<Loaded>) -> Solved<Loaded> {
    let rank = |s: &Solved<Loaded>| s.column.as_ref().map(|c| (c.worth, Reverse(c.memory)));
    Solved {
        bound: one.bound.max(other.bound),
        column: match rank(&other) > rank(&one) {
            true => other.column,
            false => one.column,
        },
    }
}

impl Machines<'_> {
    fn solved(&self, at: At, roles: &[Role], sharing: &[Sharing]) -> Solved<Loaded> {
        let Some(prepared) = self.prepared(at) else {
            return NOTHING;
        };
        let duties = duties(roles);
        let may = |task: usize, c: &Candidate<'_>| {
            !roles[task].is_shared() || sharing[task].allows(c.variant_number)
        };
        // No pins are asked for, which alone could be too many.
        let Ok(found) = prepared.for_duties(&duties, may, self.deadline) else {
            return NOTHING;
        };
        let column = found.solutions.first().map(|set| {
            let mut variants = vec![0; roles.len()];
            for (duty, &server) in duties.iter().zip(&set.servers) {
                variants[duty.task] = prepared.pool.base(server).variant_number;
            }
            Column {
                worth: set.objective,
                memory: set.memory,
                models: set.items.len(),
                variants,
                set: Loaded {
                    at,
                    solution: set.clone(),
                },
            }
        });
        let bound = match (found.is_proven(), &column) {
            (true, column) => column.as_ref().map(|c| c.worth),
            (false, _) => Some(found.bound.unwrap_or(i64::MAX / 1024)),
        };
        Solved { column, bound }
    }
}

/// What roles ask of a node.
pub(super) fn duties(roles: &[Role]) -> Vec<Duty> {
    let duty = |(task, role): (usize, &Role)| {
        let counts = match role {
            #[expect(clippy::cast_precision_loss, reason = "a number of nodes")]
            Role::Serves { of } => 1.0 / *of as f64,
            Role::StandsBy => STANDING_BY,
            Role::None => return None,
        };
        Some(Duty { task, counts })
    };
    roles.iter().enumerate().filter_map(duty).collect()
}

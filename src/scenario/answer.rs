//! The answer to a scenario: which models, each at which context, for which tasks.

use crate::catalog::effort::Setting;
use crate::memory::limits::Demand;
use crate::plan::document::{Member, Pace, TurnTime};
use crate::plan::request::Request;
use crate::scenario::assumed::Assumed;
use crate::scenario::candidate::Candidate;
use crate::scenario::inputs::Scenario;
use crate::scenario::pool::Pool;
use crate::scenario::problem::points;
use crate::scenario::speeds::assumed_turns;
use crate::solve::Solution;
use crate::task::TaskProfile;

/// The best set of a scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// What is loaded, in the order of names.
    pub members: Vec<Member>,
    /// Its score in whole steps.
    pub steps: i64,
    /// What it takes of both limits.
    pub demand: Demand,
    /// The candidates of the members, and of what serves each task, by their numbers where they
    /// were prepared.
    pub(crate) items: Vec<usize>,
    pub(crate) servers: Vec<usize>,
    /// How the server of each task is asked, by the number of the way and by what has to be set.
    pub(crate) ways: Vec<usize>,
    pub(crate) settings: Vec<Setting>,
}

impl Answer {
    /// `there` is the scenario whose assumptions the candidates don't hold themselves, where it is
    /// another than they were made for.
    pub(super) fn new(
        request: &Request,
        pool: &Pool<'_>,
        there: Option<&Scenario<'_>>,
        solution: &Solution,
    ) -> Self {
        let nothing = Assumed::default();
        let beyond = there.map_or(&nothing, |there| &there.assumed);
        let chosen = || solution.items.iter().map(|&i| pool.candidate(i));
        let asked = |i: usize| {
            let c = pool.candidate(i);
            match there {
                Some(there) => asked_there(there, &c),
                None => c,
            }
        };
        let taken = |c: Candidate<'_>| beyond.demand(c.model, c.variant, c.demand);
        let members = chosen().zip(&solution.items).map(|(c, &i)| {
            let known = c.speed.as_deref().cloned();
            let speed = beyond.speed(c.model, c.variant, known);
            let asked = asked(i);
            let tasks = served(request, &solution.servers, i);
            Member {
                variant: c.name(),
                name: Some(c.title()),
                context: c.settings.context,
                turns: turn_times(request, &asked, |task| tasks.contains(task)),
                tasks,
                decode_tokens_per_second: speed.as_ref().map(|s| s.value()),
                basis: speed.as_ref().map(|s| s.basis()),
            }
        });
        let servers: Vec<Candidate<'_>> = solution.servers.iter().map(|&i| asked(i)).collect();
        let by_task = || servers.iter().enumerate();
        Self {
            ways: by_task().map(|(t, c)| c.chosen[t]).collect(),
            settings: by_task().map(|(t, c)| c.setting(t)).collect(),
            members: members.collect(),
            steps: solution.objective,
            demand: chosen().map(taken).sum(),
            items: solution.items.clone(),
            servers: solution.servers.clone(),
        }
    }

    /// Its score, 0 to 1.
    #[must_use]
    pub fn score(&self) -> f64 {
        points(self.steps)
    }

    /// `model/variant` of each, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.members.iter().map(|m| m.variant.clone()).collect();
        names.sort_unstable();
        names
    }

    /// Whether both load the same models at the same contexts for the same tasks, and ask them
    /// alike.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        let all = |a: &Self| -> Vec<(String, u32, Vec<String>)> {
            let of = a.members.iter();
            of.map(|m| (m.variant.clone(), m.context, m.tasks.clone()))
                .collect()
        };
        all(self) == all(other) && self.settings == other.settings
    }

    /// Whether a `model` or `model/variant` is loaded.
    #[must_use]
    pub fn holds(&self, name: &str) -> bool {
        self.members.iter().any(|m| is_called(m, name))
    }

    /// Whether a `model` or `model/variant` serves a task.
    #[must_use]
    pub fn is_served_by(&self, name: &str) -> bool {
        let mut serving = self.members.iter().filter(|m| !m.tasks.is_empty());
        serving.any(|m| is_called(m, name))
    }
}

/// Whether a name, `model` or `model/variant`, means a member.
fn is_called(member: &Member, name: &str) -> bool {
    member.variant == name || member.variant.split('/').next() == Some(name)
}

/// A candidate as it is best asked in another scenario of the same tasks.
pub(super) fn asked_there<'s>(there: &Scenario<'_>, c: &Candidate<'s>) -> Candidate<'s> {
    let moved = Candidate {
        turns: assumed_turns(there, c).unwrap_or_else(|| c.turns.clone()),
        ..c.clone()
    };
    moved.asked(&moved.best_ways(&there.request))
}

/// Seconds of a turn of each of the tasks that are meant, and what has to be set for it.
#[must_use]
pub fn turn_times(
    request: &Request,
    c: &Candidate<'_>,
    meant: impl Fn(&String) -> bool,
) -> Vec<TurnTime> {
    let tasks = request.tasks.iter().enumerate();
    let meant = tasks.filter(|(_, (task, _))| meant(&task.id));
    let time = |(t, (task, _)): (usize, &(TaskProfile, f64))| {
        let turn = c.turn(t)?;
        Some(TurnTime {
            task: task.id.clone(),
            effort: c.setting(t),
            seconds_per_turn: (&turn.seconds_per_turn()).into(),
            pace: Some(Pace {
                depth_tokens: turn.work.depth_tokens,
                streams: turn.work.streams,
                decode_tokens_per_second: (&turn.decode).into(),
            }),
        })
    };
    meant.filter_map(time).collect()
}

fn served(request: &Request, servers: &[usize], item: usize) -> Vec<String> {
    let tasks = request.tasks.iter().zip(servers);
    tasks
        .filter(|(_, server)| **server == item)
        .map(|((task, _), _)| task.id.clone())
        .collect()
}

//! A loadout by its candidates and what serves each task: what its quality is, and how long its
//! turns take.

use crate::advise::caps;
use crate::memory::limits::Demand;
use crate::plan::document::{Chosen, ChosenEffort, Memory};
use crate::scenario::ways::Weighed;
use crate::scenario::{Answer, Candidate, Prepared};

/// Candidates that are loaded together, and which of them serves each task, by their numbers.
pub(super) struct Loadout<'p, 's> {
    pub(super) prepared: &'p Prepared<'s>,
    pub(super) items: &'p [usize],
    pub(super) servers: &'p [usize],
    /// How each server is asked for its task.
    pub(super) ways: Vec<usize>,
}

impl<'p, 's> Loadout<'p, 's> {
    /// Candidates that are asked in the way that is best for each task.
    pub(super) fn of(prepared: &'p Prepared<'s>, items: &'p [usize], servers: &'p [usize]) -> Self {
        let best = |(t, &i): (usize, &usize)| prepared.pool.base(i).chosen[t];
        Self {
            prepared,
            items,
            servers,
            ways: servers.iter().enumerate().map(best).collect(),
        }
    }

    /// An answer, asked as it asks.
    pub(super) fn of_answer(prepared: &'p Prepared<'s>, answer: &'p Answer) -> Self {
        Self {
            ways: answer.ways.clone(),
            ..Self::of(prepared, &answer.items, &answer.servers)
        }
    }

    /// What it takes of both limits once it is loaded with its caps, which may be less than was
    /// decided by.
    pub(super) fn demand(&self) -> Demand {
        Demand::from(&self.totals())
    }

    /// What serves a task.
    pub(super) fn server(&self, task: usize) -> Candidate<'s> {
        self.prepared.pool.candidate(self.servers[task])
    }

    /// Its models, in the order of their names.
    pub(super) fn chosen(&self) -> Vec<Chosen> {
        let request = &self.prepared.scenario.request;
        let chosen = |&i: &usize| {
            let c = self.prepared.pool.candidate(i);
            let served: Vec<usize> = (0..request.tasks.len())
                .filter(|&t| self.servers[t] == i)
                .collect();
            Chosen {
                model: c.model.id.clone(),
                variant: c.variant.id.clone(),
                name: Some(c.title()),
                context: c.settings.context,
                cpu_experts: c.settings.cpu_experts,
                tasks: served
                    .iter()
                    .map(|&t| request.tasks[t].0.id.clone())
                    .collect(),
                efforts: self.efforts(&c, &served),
                unreported: c.reliability.unreported,
                unscored: served.iter().any(|&t| !c.scored(t)),
            }
        };
        self.items.iter().map(chosen).collect()
    }

    /// What has to be set for the tasks that a candidate serves, where that is not the default.
    fn efforts(&self, c: &Candidate<'_>, served: &[usize]) -> Vec<ChosenEffort> {
        let request = &self.prepared.scenario.request;
        let effort = |&t: &usize| {
            let effort = c.ways[t][self.ways[t]].setting;
            (!effort.is_default()).then(|| ChosenEffort {
                task: request.tasks[t].0.id.clone(),
                effort,
            })
        };
        served.iter().filter_map(effort).collect()
    }

    /// What it takes, line by line summed.
    pub(super) fn totals(&self) -> Memory {
        let members: Vec<_> = (self.items.iter())
            .map(|&i| self.prepared.pool.candidate(i))
            .collect();
        let settings = caps::settings(self.prepared, &members);
        let all = members.iter().zip(&settings);
        all.map(|(c, settings)| Memory::of(&c.ledger_at(settings)))
            .fold(Memory::default(), Memory::plus)
    }

    /// Points by the tasks' shares.
    pub(super) fn quality(&self) -> Option<f64> {
        self.by_shares(|c, t| self.weighed(c, t)?.quality)
    }

    /// Seconds of a turn that count in decisions, by the tasks' shares.
    pub(super) fn seconds(&self) -> Option<f64> {
        self.by_shares(|c, t| self.weighed(c, t)?.seconds)
    }

    /// The same as expected.
    pub(super) fn expected_seconds(&self) -> Option<f64> {
        self.by_shares(|c, t| {
            let way = c.ways[t].get(self.ways[t])?;
            Some(c.turn(t)?.expected_seconds_of(&way.work))
        })
    }

    /// The score, 0 to 1.
    pub(super) fn score(&self) -> Option<f64> {
        self.by_shares(|c, t| {
            let best = c.scores[t]?;
            let score = |number: usize| {
                let ways = c.ways_of(&self.prepared.scenario.request, t);
                ways.iter().find(|w| w.number == number).map(|w| w.score)
            };
            Some(best - score(c.chosen[t])? + score(self.ways[t])?)
        })
    }

    fn weighed(&self, c: &Candidate<'_>, task: usize) -> Option<Weighed> {
        let ways = c.ways_of(&self.prepared.scenario.request, task);
        ways.into_iter().find(|w| w.number == self.ways[task])
    }

    fn by_shares(&self, figure: impl Fn(&Candidate<'_>, usize) -> Option<f64>) -> Option<f64> {
        let shares = self.prepared.scenario.request.shares();
        let of = |(t, share): (usize, &f64)| Some(share * figure(&self.server(t), t)?);
        shares.iter().enumerate().map(of).sum()
    }
}

/// Expected points of a candidate for a task of the request, less its caution.
pub(super) fn quality(prepared: &Prepared<'_>, c: &Candidate<'_>, task: usize) -> Option<f64> {
    let caution = prepared.scenario.request.tasks.get(task)?.0.caution;
    Some(c.points(task)?.cautious(caution))
}

//! A loadout by its candidates and what serves each task: what its quality is, and how long its
//! turns take.

use crate::plan::document::{Chosen, Memory};
use crate::scenario::{Candidate, Prepared};

/// Candidates that are loaded together, and which of them serves each task, by their numbers.
pub(super) struct Loadout<'p, 's> {
    pub(super) prepared: &'p Prepared<'s>,
    pub(super) items: &'p [usize],
    pub(super) servers: &'p [usize],
}

impl<'p, 's> Loadout<'p, 's> {
    /// What serves a task.
    pub(super) fn server(&self, task: usize) -> &'p Candidate<'s> {
        &self.prepared.pool.candidates[self.servers[task]]
    }

    /// Its models, in the order of their names.
    pub(super) fn chosen(&self) -> Vec<Chosen> {
        let request = &self.prepared.scenario.request;
        let chosen = |&i: &usize| {
            let c = &self.prepared.pool.candidates[i];
            let tasks = request.tasks.iter().zip(self.servers);
            let served = tasks.filter(|(_, server)| **server == i);
            Chosen {
                model: c.model.id.clone(),
                variant: c.variant.id.clone(),
                context: c.settings.context,
                tasks: served.map(|((task, _), _)| task.id.clone()).collect(),
            }
        };
        self.items.iter().map(chosen).collect()
    }

    /// What it takes, line by line summed.
    pub(super) fn totals(&self) -> Memory {
        let all = self.items.iter().map(|&i| {
            let c = &self.prepared.pool.candidates[i];
            Memory::of(&c.ledger())
        });
        all.fold(Memory::default(), Memory::plus)
    }

    /// Points by the tasks' shares.
    pub(super) fn quality(&self) -> Option<f64> {
        self.by_shares(|c, t| quality(self.prepared, c, t))
    }

    /// Seconds of a turn by the tasks' shares.
    pub(super) fn seconds(&self) -> Option<f64> {
        self.by_shares(seconds)
    }

    /// The score, 0 to 1.
    pub(super) fn score(&self) -> Option<f64> {
        self.by_shares(|c, t| c.scores[t])
    }

    fn by_shares(&self, figure: impl Fn(&Candidate<'_>, usize) -> Option<f64>) -> Option<f64> {
        let shares = self.prepared.scenario.request.shares();
        let of = |(t, share): (usize, &f64)| Some(share * figure(self.server(t), t)?);
        shares.iter().enumerate().map(of).sum()
    }
}

/// Expected points of a candidate for a task of the request, less its caution.
pub(super) fn quality(prepared: &Prepared<'_>, c: &Candidate<'_>, task: usize) -> Option<f64> {
    let caution = prepared.scenario.request.tasks.get(task)?.0.caution;
    Some(c.points(task)?.cautious(caution))
}

/// Seconds of a turn of a task of the request, as they count in decisions.
pub(super) fn seconds(c: &Candidate<'_>, task: usize) -> Option<f64> {
    Some(c.turn(task)?.deciding_seconds())
}

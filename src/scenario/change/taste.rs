//! Other weights of tasks and utilities, other floors.

use super::flags::Flags;
use crate::plan::request::Request;
use crate::task::{Floors, TaskProfile, Utility, Weights};

/// A change to what counts.
#[derive(Debug, Clone, PartialEq)]
pub enum OnTaste {
    /// Another share for one task; the others keep their proportions.
    Share {
        /// Id of the task.
        task: String,
        /// Its share, 0 to 1.
        share: f64,
    },
    /// Another weight for one utility of one task; the task's other weights keep their proportions.
    Weight {
        /// Id of the task.
        task: String,
        /// The utility.
        utility: Utility,
        /// Its weight, 0 to 1.
        weight: f64,
    },
    /// Other floors of one task; none of them by default.
    Floors {
        /// Id of the task.
        task: String,
        /// The floors.
        floors: Floors,
    },
}

impl OnTaste {
    pub(super) fn apply(&self, request: &mut Request) {
        let place = |task: &str| request.tasks.iter().position(|(t, _)| t.id == task);
        match self {
            Self::Share { task, share } => {
                let mut shares = request.shares();
                if let Some(which) = place(task) {
                    reweigh(&mut shares, which, *share);
                }
                for ((_, weight), share) in request.tasks.iter_mut().zip(shares) {
                    *weight = share;
                }
            }
            Self::Weight {
                task,
                utility,
                weight,
            } => {
                if let Some(t) = place(task) {
                    let weights = &mut request.tasks[t].0.weights;
                    let mut all = weights.all();
                    reweigh(&mut all, *utility as usize, *weight);
                    *weights = Weights::from(all);
                }
            }
            Self::Floors { task, floors } => {
                if let Some(t) = place(task) {
                    request.tasks[t].0.floors = *floors;
                }
            }
        }
    }

    pub(super) fn describe(&self, request: &Request) -> String {
        match self {
            Self::Share { task, share } => {
                let now = task_of(request, task).map_or(0.0, |t| request.shares()[t]);
                format!(
                    "the share of `{task}` at {share:.3} instead of {now:.3}, the others in proportion"
                )
            }
            Self::Weight {
                task,
                utility,
                weight,
            } => {
                let profile = task_of(request, task).map(|t| &request.tasks[t].0);
                let now = profile.map_or(0.0, |profile: &TaskProfile| profile.weights.of(*utility));
                format!(
                    "the weight of {} in `{task}` at {weight:.3} instead of {now:.3}, the others in proportion",
                    utility.id()
                )
            }
            Self::Floors { task, floors } if *floors == Floors::default() => {
                format!("the task `{task}` without floors, in a profile of your own")
            }
            Self::Floors { task, floors } => {
                format!("the floors of the task `{task}` at {floors}, in a profile of your own")
            }
        }
    }

    pub(super) fn flags(&self, request: &Request) -> Option<Flags> {
        // Weights and floors stand in a profile.
        let Self::Share { .. } = self else {
            return None;
        };
        let mut changed = request.clone();
        self.apply(&mut changed);
        let tasks = changed.tasks.iter();
        let words = tasks.flat_map(|(task, w)| ["--task".to_owned(), format!("{}={w}", task.id)]);
        Some(Flags {
            with: words.collect(),
            without: Vec::new(),
        })
    }
}

fn task_of(request: &Request, task: &str) -> Option<usize> {
    request.tasks.iter().position(|(t, _)| t.id == task)
}

/// Gives one weight a new value; the others keep their proportions, and all add up to 1.
fn reweigh(weights: &mut [f64], which: usize, new: f64) {
    let rest = 1.0 - weights[which];
    if rest <= 0.0 {
        return;
    }
    for (n, w) in weights.iter_mut().enumerate() {
        *w = if n == which {
            new
        } else {
            *w * (1.0 - new) / rest
        };
    }
}

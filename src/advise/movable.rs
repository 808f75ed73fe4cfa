//! The weights and shares of a request that can be moved.

use crate::scenario::change::OnTaste;
use crate::scenario::{Change, Prepared};
use crate::task::Utility;

/// A share or a weight that can be moved: its task, its utility, and its value now.
pub(super) struct Movable {
    pub(super) task: String,
    pub(super) utility: Option<Utility>,
    pub(super) weight: f64,
}

impl Movable {
    /// The change that gives it another value.
    pub(super) fn at(&self, value: f64) -> Change {
        let task = self.task.clone();
        Change::Taste(match self.utility {
            None => OnTaste::Share { task, share: value },
            Some(utility) => OnTaste::Weight {
                task,
                utility,
                weight: value,
            },
        })
    }
}

/// Everything that can be moved, shares first; weights of zero only where asked for.
pub(super) fn movable(vary: &Prepared<'_>, with_zero: bool) -> Vec<Movable> {
    let request = &vary.scenario.request;
    let mut all = Vec::new();
    if request.tasks.len() > 1 {
        let shares = request.tasks.iter().zip(request.shares());
        all.extend(shares.map(|((task, _), weight)| Movable {
            task: task.id.clone(),
            utility: None,
            weight,
        }));
    }
    for (task, _) in &request.tasks {
        let weights = Utility::ALL.into_iter().map(|u| Movable {
            task: task.id.clone(),
            utility: Some(u),
            weight: task.weights.of(u),
        });
        all.extend(weights.filter(|m| m.weight < 1.0 && (with_zero || m.weight > 0.0)));
    }
    all
}

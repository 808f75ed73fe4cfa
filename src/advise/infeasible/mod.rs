//! Why no loadout meets a request: the fewest requirements that cannot hold together, and the single
//! changes that would give one. Everything said here was tried by solving again.

mod changes;
mod machines;
mod trial;

use crate::plan::document::Infeasible;
use crate::scenario::error::RecommendError;
use crate::scenario::{Prepared, Scenario};
use crate::solve::Deadline;
use trial::Trial;

/// Explains a request that has no loadout.
///
/// # Errors
/// When the solver fails, or the deadline comes before the conflict is found.
pub fn explain(
    scenario: &Scenario<'_>,
    deadline: Deadline<'_>,
) -> Result<Infeasible, RecommendError> {
    let trial = Trial {
        vary: &Prepared::to_vary(scenario),
        deadline,
    };
    let conflict = trial.conflict()?;
    let (changes, cut_short) = changes::all(&trial)?;
    let told = |needs: Vec<trial::Need>| {
        let needs = needs.into_iter();
        needs.map(|n| trial.requirement(n).into()).collect()
    };
    Ok(Infeasible {
        conflict: told(conflict.set),
        besides: told(conflict.besides),
        changes,
        cut_short,
    })
}

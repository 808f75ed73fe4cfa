//! How good each model is for a task, and what it takes on a machine.

use anyhow::Result;

use super::workspace::Workspace;
use super::{machine, tasks};
use crate::memory::limits::Limits;
use crate::memory::settings::SHORTEST_CONTEXT;
use crate::quality::Constants;
use crate::quality::held::held;
use crate::quality::rank;
use crate::quality::rank::RankedModel;
pub use crate::quality::rank::Ranking;
use crate::quality::talk::Lengths;
use crate::scenario::turns::work;
use crate::speed::Filter;

/// Ranks all models of the catalog for a task; where a machine is named, with what each takes there.
///
/// # Errors
/// When the catalog, the task or the machine can't be had.
pub fn rank(workspace: &Workspace, task: &str, machine: Option<&str>) -> Result<Ranking> {
    let task = tasks::find(task)?;
    let catalog = workspace.models()?;
    let constants = Constants::shipped();
    let Some(name) = machine else {
        return Ok(rank::rank(constants, &task, catalog, None, |_| None));
    };
    let machine = machine::named(name, workspace.profiles())?;
    let limits = Limits::of(&machine);
    let context = task.floors.context.max(SHORTEST_CONTEXT);
    let name = Some(name.to_owned());
    let mut ranking = rank::rank(constants, &task, catalog, name, |model| {
        held(model, context, &limits, machine.apple_silicon)
    });
    let (speed, lengths) = (workspace.speed_model()?, Lengths::of(catalog));
    let seconds = |ranked: &RankedModel| {
        let (model, variant) =
            catalog.find(&format!("{}/{}", ranked.model, ranked.variant.as_ref()?))?;
        let file = speed
            .on(model, variant?, &machine, Filter::default())
            .ok()?;
        let work = work(&task.workload, lengths.at(model, None));
        Some(file.estimate(&work).seconds_per_turn().value())
    };
    for ranked in &mut ranking.models {
        ranked.seconds_per_turn = seconds(ranked);
    }
    ranking.seconds_per_turn_unknown = (machine.bandwidth().is_none())
        .then(|| "the machine's memory bandwidth is not known".to_owned());
    Ok(ranking)
}

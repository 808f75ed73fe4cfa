//! How good each model is for a task, and what it takes on a machine.

use anyhow::Result;

use super::machine::MachineChoice;
use super::tasks;
use super::workspace::Workspace;
use crate::memory::limits::Limits;
use crate::memory::settings::SHORTEST_CONTEXT;
use crate::plan::request::Request;
use crate::quality::Constants;
use crate::quality::held::held;
use crate::quality::quantization::losses;
use crate::quality::rank;
pub use crate::quality::rank::Ranking;
use crate::quality::rank::There;
use crate::quality::talk::Lengths;
use crate::scenario::ways::best_way;
use crate::speed::{Filter, Workload};

/// Ranks all models of the catalog for a task; where a machine is named, with what each takes there.
///
/// # Errors
/// When the catalog, the task or the machine can't be had.
pub fn rank(workspace: &Workspace, task: &str, machine: Option<&MachineChoice>) -> Result<Ranking> {
    let task = tasks::find(task)?;
    let catalog = workspace.models()?;
    let constants = Constants::of(task.role);
    let Some(choice) = machine else {
        return Ok(rank::rank(constants, &task, catalog, None, |_| None));
    };
    let machine = choice.find(workspace.profiles())?;
    let limits = Limits::of(&machine);
    let context = task.floors.context.max(SHORTEST_CONTEXT);
    let (speed, lengths) = (workspace.speed_model()?, Lengths::of(catalog));
    let request = Request::new(vec![(task.clone(), 1.0)]);
    let there = |model| {
        let held = held(model, context, &limits, machine.is_mac())?;
        let file = speed.on(model, held.variant, &machine, Filter::default());
        let file = file.ok();
        let mut losses = model.variants.iter().zip(losses(model));
        let loss = losses.find(|(v, _)| v.id == held.variant.id)?.1;
        let turn = |work: &Workload| Some(file.as_ref()?.estimate(work));
        let (way, turn) = best_way(&request, (model, &loss), &lengths, turn)?;
        Some(There {
            held,
            setting: way.setting,
            effort: way.effort,
            seconds_per_turn: turn.map(|t| t.seconds_per_turn().value()),
        })
    };
    let mut ranking = rank::rank(
        constants,
        &task,
        catalog,
        Some(choice.name.clone().unwrap_or(machine.id.clone())),
        there,
    );
    ranking.seconds_per_turn_unknown = (machine.bandwidth().is_none())
        .then(|| "the machine's memory bandwidth is not known".to_owned());
    Ok(ranking)
}

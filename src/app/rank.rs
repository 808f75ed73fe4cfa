//! How good each model is for a task, and what it takes on a machine.

use anyhow::Result;

use super::machine::MachineChoice;
use super::tasks;
use super::workspace::Workspace;
use crate::catalog::schema::Model;
use crate::machine::Machine;
use crate::memory::limits::Limits;
use crate::memory::settings::SHORTEST_CONTEXT;
use crate::plan::request::Request;
use crate::quality::Constants;
use crate::quality::held::{Held, held};
use crate::quality::quantization::{Loss, losses};
use crate::quality::rank;
pub use crate::quality::rank::Ranking;
use crate::quality::rank::There;
use crate::quality::talk::Lengths;
use crate::scenario::ways::{Way, best_way, only_ways};
use crate::speed::{Estimate, Filter, SpeedModel, Workload};
use crate::task::TaskProfile;

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
    let rater = Rater {
        limits: Limits::of(&machine).with_guard(),
        speed: workspace.speed_model()?,
        lengths: Lengths::of(catalog),
        request: Request::new(vec![(task.clone(), 1.0)]),
        task: &task,
        machine: &machine,
    };
    let mut ranking = rank::rank(
        constants,
        &task,
        catalog,
        Some(choice.name.clone().unwrap_or(machine.id.clone())),
        |model| rater.there(model),
    );
    ranking.seconds_per_turn_unknown = (machine.bandwidth().is_none())
        .then(|| "the machine's memory bandwidth is not known".to_owned());
    Ok(ranking)
}

/// What models are rated with on a machine.
struct Rater<'w> {
    request: Request,
    task: &'w TaskProfile,
    machine: &'w Machine,
    limits: Limits,
    speed: &'w SpeedModel,
    lengths: Lengths<'w>,
}

impl Rater<'_> {
    /// A model in the file that scores best of those that fit and are as fast as the task asks, else
    /// of those that fit, else in its smallest.
    fn there<'m>(&self, model: &'m Model) -> Option<There<'m>> {
        let context = self.task.floors.context.max(SHORTEST_CONTEXT);
        let all = held(model, context, &self.limits, self.machine.is_mac());
        let or_apart = |held: Held<'m>| held.or_apart(model, context, &self.limits);
        let all: Vec<Held<'m>> = all.into_iter().map(or_apart).collect();
        let ways = only_ways(&self.request, model, &self.lengths)?;
        let losses = losses(model);
        let of_file = |held: &Held<'m>| {
            let mut files = model.variants.iter().zip(&losses);
            let loss = files.find(|(v, _)| v.id == held.variant.id)?.1;
            self.of_file(model, *held, &ways, loss)
        };
        let rated = all.iter().filter(|h| h.fits).filter_map(of_file);
        let best = rated.max_by(|(one, a), (other, b)| {
            let by_speed = one.serves.cmp(&other.serves);
            by_speed.then(a.total_cmp(b))
        });
        let best = best.or_else(|| of_file(all.first()?));
        best.map(|(there, _)| there)
    }

    /// One of its files, with the score of the way in which it is best asked.
    fn of_file<'m>(
        &self,
        model: &Model,
        held: Held<'m>,
        ways: &[Way],
        loss: &Loss,
    ) -> Option<(There<'m>, f64)> {
        let file = self
            .speed
            .on(model, held.variant, self.machine, Filter::default());
        let apart = held.cpu_experts.map_or(0, |experts| experts.layers);
        let batch = self.request.settings.ubatch;
        let file = file.ok().map(|f| f.with_experts_in_ram(apart, batch));
        let turn = |work: &Workload| Some(file.as_ref()?.estimate(work));
        let best = best_way(&self.request, ways, loss, turn)?;
        let least = self.task.floors.decode_tokens_per_second;
        let decodes = |turn: &Estimate| turn.decode.value() >= least;
        let turn = best.turn.as_ref();
        let there = There {
            held,
            setting: best.way.setting,
            effort: best.way.effort,
            seconds_per_turn: turn.map(|t| t.seconds_per_turn().value()),
            kept_quality: best.way.worth.quantized(loss).map(|p| p.mean),
            serves: held.fits
                && model.context_length >= self.task.floors.context
                && best.weighed.is_quick()
                && turn.is_some_and(decodes),
        };
        Some((there, best.weighed.score))
    }
}

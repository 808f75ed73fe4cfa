//! The best plan as steps from what is loaded now.

use anyhow::Result;

use super::events::{Event, Events};
use super::loaded_rows::known;
use super::machine::MachineChoice;
use super::recommend::recommend;
use super::studio::{Open, StudioChoice};
use super::workspace::Workspace;
use crate::advise::present::{Beside, Held, beside};
use crate::apply::current::{CURRENT_SCHEMA, Current, Download, Loading};
use crate::apply::document::{Action, ChangeRow, NOT_PLANNED};
use crate::apply::standing::Standing;
use crate::apply::{Instance, difference, is_llm, local_models};
use crate::catalog::full_name;
use crate::lmstudio::Loaded;
use crate::memory::limits::Demand;
use crate::plan::Plan;
use crate::plan::document::Entry;
use crate::plan::request::Request;
use crate::scenario::Scenario;
use crate::units::Bytes;

/// The best plan for a machine, what is loaded in LM Studio beside it, and the steps from one to the
/// other.
///
/// # Errors
/// As [`recommend`], and when LM Studio can't be asked.
pub fn current(
    workspace: &Workspace,
    machine: &MachineChoice,
    request: &Request,
    studio: &StudioChoice,
    events: &dyn Events,
) -> Result<Current> {
    let open = studio.open_running()?;
    let now = Now::of(&open, events)?;
    let mut plan = recommend(workspace, machine, request, events)?;
    let (standing, beside) = now.beside(workspace, machine, request, &plan)?;
    let wanted = open.wanted(&plan, &mut |row| events.tell(Event::OddRow(row)))?;
    let targets = now.adopted(&wanted);
    // What is kept of the plan is watched and asked for by the names that are there.
    for (entry, instance) in plan.loadout.iter_mut().zip(&targets) {
        entry.identifier.clone_from(&instance.identifier);
    }
    let steps = now.steps(&targets, standing.stays());
    let kept = |i: &Instance| {
        steps
            .iter()
            .any(|s| s.identifier == i.identifier && s.action == Action::Keep)
    };
    let all = plan.loadout.iter().zip(&targets).enumerate();
    let coming: Vec<(usize, (&Entry, &Instance))> = all
        .filter(|(_, (_, i))| !standing.stays() && !kept(i))
        .collect();
    let missing = coming.iter().filter(|(n, _)| !wanted[*n].1);
    let sees = request.sees();
    let downloads: Vec<Download> = missing
        .map(|(_, (entry, instance))| download(workspace, (entry, instance), sees))
        .collect::<Result<_>>()?;
    let loads: Vec<Loading> = (coming.iter())
        .map(|(n, (_, instance))| Loading {
            identifier: instance.identifier.clone(),
            seconds: beside.load_seconds[*n],
        })
        .collect();
    Ok(Current {
        schema: CURRENT_SCHEMA,
        standing,
        download_bytes: downloads.iter().map(|d| d.bytes).sum(),
        loading_seconds: loads.iter().filter_map(|l| l.seconds).sum(),
        expiring: now.expiring(&steps),
        steps,
        downloads,
        loads,
        plan,
    })
}

/// The best plan's score and that of what is loaded, task by task.
///
/// # Errors
/// As [`current`].
pub fn standing(
    workspace: &Workspace,
    machine: &MachineChoice,
    request: &Request,
    open: &Open,
    events: &dyn Events,
) -> Result<Standing> {
    let now = Now::of(open, events)?;
    let plan = recommend(workspace, machine, request, events)?;
    Ok(now.beside(workspace, machine, request, &plan)?.0)
}

/// What is loaded on this device.
struct Now {
    rows: Vec<Loaded>,
}

impl Now {
    fn of(open: &Open, events: &dyn Events) -> Result<Self> {
        let listing = open.loaded()?;
        let odd = listing.odd.iter();
        odd.for_each(|row| events.tell(Event::OddRow(row)));
        Ok(Self { rows: listing.rows })
    }

    /// The models that a plan is concerned with: those that converse, and what else the catalog knows.
    fn beside(
        &self,
        workspace: &Workspace,
        machine: &MachineChoice,
        request: &Request,
        plan: &Plan,
    ) -> Result<(Standing, Beside)> {
        let catalog = workspace.models()?;
        let (mut held, mut unknown, mut others) = (Vec::new(), Vec::new(), Bytes::ZERO);
        for loaded in self
            .rows
            .iter()
            .filter(|l| l.model.device_identifier.is_none())
        {
            let variant = known(loaded, catalog);
            match variant.zip(loaded.state.context_length) {
                Some(((model, variant), context)) => held.push(Held {
                    cpu_experts: None,
                    identifier: loaded.state.identifier.clone(),
                    variant: full_name(model, variant),
                    context,
                    slots: loaded.state.parallel.unwrap_or(request.settings.slots),
                }),
                None if is_llm(loaded) => {
                    unknown.push(loaded.state.identifier.clone());
                    others += loaded.model.size_bytes;
                }
                None => {}
            }
        }
        let named = machine.name.clone();
        let machine = machine.find(workspace.profiles())?;
        let scenario = Scenario::new(catalog, &machine, workspace.speed_model()?, request);
        // Of what is not known its files are the least that it takes.
        let others = Demand {
            gpu: others,
            total: others,
        };
        let beside = beside(&scenario, &held, others, plan);
        let standing = Standing {
            machine: named,
            ..Standing::of(&beside, plan, unknown)
        };
        Ok((standing, beside))
    }

    /// The steps to what is wanted; where nothing is to change, all that is loaded stays.
    fn steps(&self, wanted: &[Instance], stays: bool) -> Vec<ChangeRow> {
        let as_it_is = || {
            local_models(&self.rows, wanted)
                .into_iter()
                .map(Instance::of)
        };
        let target = match stays {
            true => as_it_is().collect(),
            false => wanted.to_vec(),
        };
        difference(&self.rows, &target, &is_llm).rows(NOT_PLANNED)
    }

    /// What is wanted under the names and for as long as it is loaded now: the same files serve as
    /// well under another name.
    fn adopted(&self, wanted: &[(Instance, bool)]) -> Vec<Instance> {
        let named = |name: &str| self.rows.iter().find(|l| l.state.identifier == name);
        let adopt = |(instance, here): &(Instance, bool)| {
            let same = |l: &&Loaded| {
                let taken = wanted
                    .iter()
                    .any(|(w, _)| w.identifier == l.state.identifier);
                *here
                    && !taken
                    && l.model.device_identifier.is_none()
                    && l.model.model_key == instance.key
            };
            let is = named(&instance.identifier).or_else(|| self.rows.iter().find(same));
            let is = is.map(Instance::of);
            Instance {
                ttl_seconds: is.as_ref().and_then(|is| is.ttl_seconds),
                identifier: is.map_or_else(|| instance.identifier.clone(), |is| is.identifier),
                ..instance.clone()
            }
        };
        wanted.iter().map(adopt).collect()
    }

    /// What stays, and goes by itself after a time.
    fn expiring(&self, steps: &[ChangeRow]) -> Vec<String> {
        let kept = |l: &&Loaded| {
            let mut all = steps.iter().filter(|s| s.action == Action::Keep);
            all.any(|s| s.identifier == l.state.identifier)
        };
        let local = local_models(&self.rows, &[]).into_iter().filter(kept);
        let expiring = local.filter(|l| l.state.ttl_ms.is_some());
        expiring.map(|l| l.state.identifier.clone()).collect()
    }
}

fn download(
    workspace: &Workspace,
    (entry, instance): (&Entry, &Instance),
    sees: bool,
) -> Result<Download> {
    let variant = entry.full_name();
    let found = workspace.models()?.find(&variant);
    let known = found.and_then(|(model, variant)| Some(model.download_bytes(variant?, sees)));
    Ok(Download {
        identifier: instance.identifier.clone(),
        bytes: known.unwrap_or(entry.memory.weights_bytes),
        variant,
    })
}

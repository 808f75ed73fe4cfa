//! What must hold before an apply changes anything.

use anyhow::{Result, bail};

use crate::app::machine;
use crate::app::workspace::Workspace;
use crate::apply::{Difference, Step};
use crate::fault;
use crate::lmstudio::Loaded;
use crate::machine::Machine;
use crate::memory::limits::Demand;
use crate::plan::Plan;
use crate::units::Bytes;

/// A plan for a larger machine, or for a higher limit of the GPU, is not begun.
pub(super) fn this_machine_holds(plan: &Plan, workspace: &Workspace) -> Result<()> {
    holds(plan, &machine::this(workspace.profiles())?)
}

/// The same of a machine that was read.
pub(in crate::app) fn holds(plan: &Plan, machine: &Machine) -> Result<()> {
    let needed = Demand::from(&plan.totals).physical(plan.limits.gpu_memory);
    if machine.memory < needed {
        bail!(fault!(
            "the plan takes {} of memory, and the machine has {}: it was made for {}", needed.both(), machine.memory.both(), plan.machine.name;
            "make one for this machine with `planner recommend`; `--any-machine` applies it all the same"
        ));
    }
    let gpu = plan.totals.gpu_total_bytes + plan.limits.safety_margin_bytes;
    let raised = plan.machine.wired_limit_bytes.unwrap_or(gpu).max(gpu);
    match &machine.gpu_working_set {
        Some(set) if set.bytes < gpu => bail!(fault!(
            "the plan takes {} of GPU memory, and the limit is {}", gpu.both(), set.bytes.both();
            "{}", match machine.raise() {
                Some(raise) if machine.is_mac() => format!("raise it until the next restart: `{}`", raise.command(Bytes::from_mib(raised.mib_ceil()))),
                Some(raise) => format!("raise it: `{}`; {}", raise.command(raised + Bytes(Bytes::from_gib(1).0 - 1)), raise.lasts),
                None => "make a plan for this machine with `planner recommend`".to_owned(),
            }
        )),
        _ => Ok(()),
    }
}

/// What stays beside the plan must fit into what the plan leaves. Its files are the least it takes.
pub(in crate::app) fn room_for_others(
    plan: &Plan,
    changes: &Difference,
    now: &[Loaded],
) -> Result<()> {
    let stays = |l: &&Loaded| {
        changes
            .extra
            .iter()
            .any(|g| g.stays && g.is.identifier == l.state.identifier)
    };
    let bytes: Bytes = now.iter().filter(stays).map(|l| l.model.size_bytes).sum();
    let left = plan.free();
    if bytes > left {
        bail!(fault!(
            "the other models take at least {}, and the plan leaves {}", bytes.both(), left.both();
            "leave `--keep-others` out, or plan with a larger `--reserve`"
        ));
    }
    Ok(())
}

/// `lms unload` asks a person which of two models of one name is meant: what has a namesake on a
/// linked device can't be unloaded, so neither is it loaded.
pub(in crate::app) fn no_namesake(changes: &Difference, now: &[Loaded]) -> Result<()> {
    for step in changes.steps() {
        let (Step::Unload(instance) | Step::Load(instance)) = step;
        let name = &instance.identifier;
        let mut same = now.iter().filter(|l| l.state.identifier == *name);
        if let Some(device) = same.find_map(|l| l.model.device_identifier.as_ref()) {
            bail!(fault!(
                "`{name}` is loaded on the linked device {device}, and `lms unload` can't be told which of two is meant";
                "unload it there first"
            ));
        }
    }
    Ok(())
}

/// Nobody's answer is cut off.
pub(in crate::app) fn nothing_busy(changes: &Difference, now: &[Loaded]) -> Result<()> {
    for step in changes.steps() {
        let Step::Unload(instance) = step else {
            continue;
        };
        let is = |l: &&Loaded| l.state.identifier == instance.identifier;
        if now.iter().find(is).is_some_and(|l| l.state.is_busy()) {
            bail!(fault!(
                "can't unload `{}`: it is answering a request", instance.identifier;
                "try again when it is idle"
            ));
        }
    }
    Ok(())
}

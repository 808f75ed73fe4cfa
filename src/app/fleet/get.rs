//! What has to lie on each node of a fleet's plan, what of it does, and what brings the rest.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};

use super::nodes::{ANSWER, NodeAt, Part, asleep, each, of_plan};
use super::plan_file::read_plan;
use crate::app::hints::hint_of;
use crate::app::studio::Open;
use crate::apply::fleet::{FLEET_SCHEMA, FleetFiles, NodeFiles, NodeModel};
use crate::edge::lms::Lms;
use crate::fleet::FleetPlan;
use crate::lmstudio::Running;
use crate::plan::Plan;
use crate::plan::document::Entry;

/// What each node needs, held against what its LM Studio lists. Nothing is downloaded: files come
/// from the hub to a node by a program on it.
///
/// # Errors
/// When the plan can't be read. A node that is not reached is named in the answer.
pub fn files(file: &Path, node_timeout: Option<Duration>) -> Result<FleetFiles> {
    let plan = read_plan(file)?;
    let mut nodes = of_plan(&plan);
    nodes.retain(|node| !matches!(node.part, Part::Nothing));
    let limit = node_timeout.unwrap_or(ANSWER);
    Ok(FleetFiles {
        schema: FLEET_SCHEMA,
        plan: file.display().to_string(),
        nodes: each(&nodes, |node| of_node(&plan, node, limit)),
    })
}

fn of_node(plan: &FleetPlan, node: &NodeAt, limit: Duration) -> NodeFiles {
    let mut found = NodeFiles {
        node: node.name.clone(),
        target: node.target.clone(),
        models: Vec::new(),
        command: None,
        note: None,
        error: None,
        hint: None,
    };
    let Part::Whole(part) = &node.part else {
        let head = |e: &&Entry| e.is_on(&node.name) && e.node.as_ref() == Some(&node.name);
        found.models = plan.loadout.iter().filter(head).map(model).collect();
        found.note = Some(match found.models.is_empty() {
            true => {
                "its layers come over the link at each load: no file has to lie here".to_owned()
            }
            false => {
                "llama.cpp's server fetches what it lacks, or takes it from LM Studio's folder"
                    .to_owned()
            }
        });
        return found;
    };
    found.models = part.loadout.iter().map(model).collect();
    match here(part, node, limit) {
        Ok(here) => {
            for (model, here) in found.models.iter_mut().zip(here) {
                model.here = Some(here);
            }
        }
        Err(error) => {
            found.error = Some(format!("{error:#}"));
            found.hint = hint_of(&error);
        }
    }
    found.command = command(&found);
    found
}

fn model(e: &Entry) -> NodeModel {
    NodeModel {
        variant: e.full_name(),
        bytes: e.memory.weights_bytes,
        repository: e.repository.clone(),
        here: None,
    }
}

/// Which models of a node's part its LM Studio has.
fn here(part: &Plan, node: &NodeAt, limit: Duration) -> Result<Vec<bool>> {
    let lms = Lms::over(node.ssh(limit)?);
    // To ask for the list would start it.
    if lms.what_runs()? == Some(Running::Nothing) {
        bail!(asleep(node.target.as_deref().unwrap_or_default()));
    }
    let wanted = Open::over(lms).wanted(part, &mut |_| {})?;
    Ok(wanted.into_iter().map(|(_, here)| here).collect())
}

/// What brings what is not there, or may not be.
fn command(found: &NodeFiles) -> Option<String> {
    let missing = found.models.iter().filter(|m| m.here != Some(true));
    let calls: Vec<String> = missing
        .map(|m| format!("planner get {}", m.variant))
        .collect();
    let target = found.target.as_ref()?;
    let all = calls.join(" && ");
    let quoted = shlex::try_quote(&all).ok()?;
    (!calls.is_empty()).then(|| format!("ssh {target} {quoted}"))
}

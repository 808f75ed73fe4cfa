//! The plan of a fleet as files: for each node what loads its part in LM Studio, a gateway that
//! clients ask for a task by its name, and scripts that bring all of it up and down over ssh.

mod router;
mod rpc;
mod server;
mod values;

use super::artifact::{Artifact, Template};
use super::artifacts::{artifacts, json_file};
use super::error::EmitError;
use super::manifest::{MANIFEST, Manifest};
use super::models::Options;
use super::render::filled;
use crate::fleet::FleetPlan;
use crate::fleet::document::PlannedNode;
pub use server::NodeServer;
use values::Values;

const FILES: [Template; 8] = [
    (
        "README.md",
        include_str!("../templates/fleet/README.md"),
        false,
        "what is here, and how to use it",
    ),
    (
        "preflight.sh",
        include_str!("../templates/fleet/preflight.sh"),
        true,
        "says what would stand in the way; changes nothing that is loaded",
    ),
    (
        "launch.sh",
        include_str!("../templates/fleet/launch.sh"),
        true,
        "loads each node's part on it, over ssh",
    ),
    (
        "stop.sh",
        include_str!("../templates/fleet/stop.sh"),
        true,
        "ends the gateway, and unloads each node's part",
    ),
    (
        "health.sh",
        include_str!("../templates/fleet/health.sh"),
        true,
        "asks every model and every task for one token",
    ),
    (
        "fleet.sh",
        include_str!("../templates/fleet/fleet.sh"),
        false,
        "the nodes, and what the scripts share",
    ),
    (
        "gateway/litellm.yaml",
        include_str!("../templates/fleet/litellm.yaml"),
        false,
        "LiteLLM: a name for each task, and what takes over",
    ),
    (
        "gateway/gateway.sh",
        include_str!("../templates/fleet/gateway.sh"),
        true,
        "starts and stops LiteLLM on this machine",
    ),
];

/// Of a node's own files those that a fleet needs: clients go to the gateway, not to a node.
fn is_needed(path: &str) -> bool {
    let beside = ["README.md", MANIFEST];
    !beside.contains(&path) && !path.starts_with("clients/") && !path.starts_with("engines/")
}

/// The files of a fleet's plan, the manifest last.
///
/// # Errors
/// As [`artifacts`], when a node that keeps something loaded has no address, and when the server does
/// not run a model.
pub fn fleet_artifacts(plan: &FleetPlan, server: NodeServer) -> Result<Vec<Artifact>, EmitError> {
    let sharded = plan.loadout.iter().find(|e| !e.shards.is_empty());
    if let Some(e) = sharded.filter(|_| server == NodeServer::LmStudio) {
        return Err(EmitError::Sharded(e.full_name()));
    }
    let values = Values::of(plan, server)?;
    let mut files = filled(FILES, &values)?;
    for node in plan.nodes.iter().filter(|node| plan.is_busy(node)) {
        if plan.on(node).next().is_none() {
            files.extend(in_folder(node, rpc::files(plan, node)?));
            continue;
        }
        let options = Options {
            host: node.address.clone(),
            port: Some(node.port),
            ..Options::default()
        };
        let part = plan.of_node(node);
        let mut own = artifacts(&part, &options)?;
        match server {
            NodeServer::LmStudio => own.retain(|file| is_needed(&file.path)),
            NodeServer::LlamaCpp => own = router::files(plan, node, &part, own)?,
        }
        files.extend(in_folder(node, own));
    }
    files.push(json_file("plan.json", plan, "the plan itself")?);
    let manifest = Manifest::of(&plan.generator, &files);
    files.push(json_file(MANIFEST, &manifest, "this list")?);
    Ok(files)
}

/// Files in the folder of a node.
fn in_folder(node: &PlannedNode, files: Vec<Artifact>) -> impl Iterator<Item = Artifact> {
    files.into_iter().map(|file| Artifact {
        path: format!("{}/{}", node.name, file.path),
        ..file
    })
}

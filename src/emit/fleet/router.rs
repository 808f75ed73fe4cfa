//! A node's part for llama.cpp's own server: a preset for each model, and what starts and ends it.

use serde::Serialize;

use super::rpc::Remote;
use super::values::in_url;
use crate::emit::artifact::{Artifact, Template};
use crate::emit::error::EmitError;
use crate::emit::models::{Model, Options, models};
use crate::emit::render::filled;
use crate::fleet::FleetPlan;
use crate::fleet::document::PlannedNode;
use crate::plan::Plan;

const PRESET: &str = "engines/llama-server.ini";

/// Of the files of a plan those that are used here too.
const KEPT: [&str; 4] = ["common.sh", "json.awk", PRESET, "plan.json"];

const FILES: [Template; 3] = [
    (
        "launch.sh",
        include_str!("../templates/fleet/router/launch.sh"),
        true,
        "starts llama.cpp's server with this node's models",
    ),
    (
        "unload.sh",
        include_str!("../templates/fleet/router/unload.sh"),
        true,
        "ends it",
    ),
    (
        "router.sh",
        include_str!("../templates/fleet/router/router.sh"),
        false,
        "where it answers, and which process it is",
    ),
];

#[derive(Serialize)]
struct Values<'a> {
    models: &'a [Model],
    port: u16,
    models_folder: &'a str,
    url_host: String,
    /// The other nodes of a model that is sharded.
    remote: Option<&'a Remote>,
}

/// The files of a node. `own` are those of its part as the plan of one machine.
pub(super) fn files(
    plan: &FleetPlan,
    node: &PlannedNode,
    part: &Plan,
    own: Vec<Artifact>,
) -> Result<Vec<Artifact>, EmitError> {
    let models = models(part, &Options::default())?;
    let first =
        |such: fn(&Model) -> bool| models.iter().find(|m| such(m)).map(|m| m.variant.clone());
    if let Some(name) = first(|m| !m.gguf) {
        return Err(EmitError::NotByLlamaCpp(name));
    }
    if let Some(name) = first(|m| m.repository.is_empty()) {
        return Err(EmitError::NoRepository(name));
    }
    let sharded = plan.on(node).find(|e| !e.shards.is_empty());
    let remote = sharded.and_then(|e| Some((Remote::of(plan, e)?, e)));
    let values = Values {
        models: &models,
        port: node.port,
        models_folder: node.models.as_deref().unwrap_or_default(),
        url_host: in_url(node.address.as_deref().unwrap_or_default()),
        remote: remote.as_ref().map(|(remote, _)| remote),
    };
    let kept = own.into_iter().filter(|f| KEPT.contains(&f.path.as_str()));
    let with_remote = |file: Artifact| match &remote {
        Some((remote, e)) if file.path == PRESET => Artifact {
            text: remote.preset(&file.text, &e.identifier),
            ..file
        },
        _ => file,
    };
    let mut files: Vec<Artifact> = kept.map(with_remote).collect();
    files.extend(filled(FILES, &values)?);
    Ok(files)
}

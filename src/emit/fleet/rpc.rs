//! A sharded model for llama.cpp: what its head is told of the other nodes, and their RPC servers.

use serde::Serialize;

use super::values::in_url;
use crate::emit::artifact::{Artifact, Template};
use crate::emit::error::EmitError;
use crate::emit::render::filled;
use crate::fleet::FleetPlan;
use crate::fleet::document::PlannedNode;
use crate::plan::document::{Entry, Shard};

/// The GPU of a Mac by llama.cpp's name; the scripts put that of the node in its place.
const LOCAL: &str = "MTL0";

const FILES: [Template; 3] = [
    (
        "launch.sh",
        include_str!("../templates/fleet/rpc/launch.sh"),
        true,
        "starts llama.cpp's RPC server",
    ),
    (
        "unload.sh",
        include_str!("../templates/fleet/rpc/unload.sh"),
        true,
        "ends it",
    ),
    (
        "rpc.sh",
        include_str!("../templates/fleet/rpc/rpc.sh"),
        false,
        "where it answers, and which process it is",
    ),
];

/// The nodes of a sharded model as its head is told of them.
#[derive(Debug, Serialize)]
pub(super) struct Remote {
    /// `10.0.0.2:1235,10.0.0.3:1235`.
    pub(super) rpc: String,
    /// How many.
    count: usize,
    #[serde(skip)]
    tensor_split: String,
}

impl Remote {
    /// Of a sharded entry.
    pub(super) fn of(plan: &FleetPlan, e: &Entry) -> Option<Self> {
        let (_, others) = e.shards.split_last()?;
        let address = |shard: &Shard| {
            let node = plan.nodes.iter().find(|node| node.name == shard.node)?;
            let host = in_url(node.address.as_deref()?);
            Some(format!("{host}:{}", port(node)))
        };
        let all: Option<Vec<String>> = others.iter().map(address).collect();
        let head = e.shards.len() - 1;
        // One more for the output matrix, which is an item like a layer.
        let items = e.shards.iter().enumerate();
        let items = items.map(|(n, shard)| shard.layers + u32::from(n == head));
        Some(Self {
            rpc: all?.join(","),
            count: others.len(),
            tensor_split: items.map(|n| n.to_string()).collect::<Vec<_>>().join(","),
        })
    }

    /// A preset with what the section of the model says besides.
    pub(super) fn preset(&self, text: &str, identifier: &str) -> String {
        let devices = (0..self.count).map(|n| format!("RPC{n}"));
        let devices: Vec<String> = devices.chain([LOCAL.to_owned()]).collect();
        let section = format!("[{identifier}]\n");
        let more = format!(
            "{section}rpc = {}\ndevice = {}\nsplit-mode = layer\ntensor-split = {}\nfit = off\n",
            self.rpc,
            devices.join(","),
            self.tensor_split
        );
        text.replacen(&section, &more, 1)
    }
}

/// The port of a node's RPC server: one beside that of its own server.
fn port(node: &PlannedNode) -> u16 {
    node.port.checked_add(1).unwrap_or(node.port - 1)
}

#[derive(Serialize)]
struct Values<'a> {
    part: String,
    host: &'a str,
    port: u16,
}

/// The files of a node that holds a part of another's model.
pub(super) fn files(plan: &FleetPlan, node: &PlannedNode) -> Result<Vec<Artifact>, EmitError> {
    let values = Values {
        part: plan.shards_on(node).concat(),
        host: (node.address.as_deref()).ok_or_else(|| EmitError::NoAddress(node.name.clone()))?,
        port: port(node),
    };
    filled(FILES, &values)
}

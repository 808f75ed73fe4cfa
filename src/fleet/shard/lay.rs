//! A sharded model as an entry of a plan: its layers and bytes on each node.

use crate::catalog::whole_of;
use crate::fleet::node::Node;
use crate::plan::document::{Entry, Memory, Shard};
use crate::scenario::Prepared;

/// Lays the model of an entry over nodes, the head last.
pub(in crate::fleet) fn lay(entry: &mut Entry, prepared: &Prepared<'_>, nodes: &[&Node]) {
    let scenario = prepared.scenario;
    let Some(sharding) = &scenario.assumed.sharding else {
        return;
    };
    let mut files = scenario.catalog.files();
    let named = files.find(|(m, v)| m.id == entry.model && v.id == entry.variant);
    let Some((whole, split)) =
        named.and_then(|(m, v)| Some((whole_of(m, v)?, sharding.split(m, v)?)))
    else {
        return;
    };
    let shard = |(n, (node, &layers)): (usize, (&&Node, &u32))| {
        let is_head = n + 1 == nodes.len();
        let ledger = whole.shard(&entry.settings, layers, is_head);
        Shard {
            node: node.name.clone(),
            layers,
            memory: Memory::of(&ledger),
            ledger: ledger.lines().to_vec(),
        }
    };
    let shards: Vec<Shard> = nodes
        .iter()
        .zip(&split.layers)
        .enumerate()
        .map(shard)
        .collect();
    let parts = shards.iter().map(|shard| shard.memory);
    entry.memory = parts.fold(Memory::default(), Memory::plus);
    entry.ledger = shards.iter().flat_map(|s| s.ledger.clone()).collect();
    entry.node = shards.last().map(|head| head.node.clone());
    entry.shards = shards;
}

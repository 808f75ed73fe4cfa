//! Saved plans of fleets.

use std::path::Path;

use anyhow::{Result, bail};
use serde::Deserialize as _;
use serde_json::Value;

use crate::edge::files;
use crate::fault;
use crate::fleet::FleetPlan;
use crate::fleet::document::{SCHEMA, is_fleet_plan};
use crate::fleet::node::{is_host, is_name, private_address};
use crate::plan::document::{Entry, Shard};
use crate::plan::sound::{below_zero, contradiction};
use crate::printable::{hidden_in, printable};
use crate::units::Bytes;

/// Where such a plan comes from.
const SAVE: &str = "`planner recommend --fleet fleet.toml --out fleet-plan.json` saves one";

/// Whether a file holds the plan of a fleet, as far as it can be read at all.
#[must_use]
pub fn is_plan(path: &Path) -> bool {
    let text = files::read_text(path).unwrap_or_default();
    let document: Value = serde_json::from_str(&text).unwrap_or_default();
    is_fleet_plan(&document)
}

/// Whether a file is of a fleet: its plan, or `fleet.toml`.
#[must_use]
pub fn is_meant(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "toml") || is_plan(path)
}

/// Reads the plan of a fleet that keeps something loaded.
///
/// # Errors
/// When the file can't be read, is no such plan, or says what none says: its names become those of
/// folders, and its addresses those that servers are bound to.
pub fn read_plan(path: &Path) -> Result<FleetPlan> {
    let shown = path.display();
    let none = |e: serde_json::Error| fault!("{shown} is not the plan of a fleet: {e}"; "{SAVE}");
    let text = files::read_text(path)?;
    let document: Value = serde_json::from_str(&text).map_err(none)?;
    if let Some(place) = hidden_in(&document) {
        bail!(fault!(
            "{shown} is not the plan of a fleet: `{}` contains invisible characters", printable(&place);
            "{SAVE}"
        ));
    }
    if document.get("schema").and_then(Value::as_u64) != Some(u64::from(SCHEMA)) {
        bail!(
            fault!("{shown} is of another version than {SCHEMA}, which this planner reads"; "{SAVE}")
        );
    }
    if let Some(unsound) = below_zero(&document) {
        bail!(fault!(
            "{shown}, line {}: `{}` {}", unsound.place.line(&text), unsound.place, unsound.what;
            "{SAVE}"
        ));
    }
    let plan = FleetPlan::deserialize(&document).map_err(none)?;
    if plan.loadout.is_empty() {
        bail!(fault!("{shown} keeps nothing loaded"; "`planner recommend --fleet` says why"));
    }
    match wrong(&plan) {
        Some(what) => bail!(fault!(
            "{shown}: {what}";
            "a plan is not edited by hand: correct the fleet's file, and make it anew with `planner recommend --fleet`"
        )),
        None => Ok(plan),
    }
}

/// What no plan says that planner wrote.
fn wrong(plan: &FleetPlan) -> Option<String> {
    for (n, node) in plan.nodes.iter().enumerate() {
        let name = &node.name;
        let hosts = [node.host.as_ref(), node.user.as_ref()];
        let address = node.address.as_ref();
        if !is_name(name) || plan.nodes[..n].iter().any(|other| other.name == *name) {
            return Some(format!(
                "`nodes[{n}].name` is `{name}`, which can't be a node's"
            ));
        }
        if hosts.into_iter().flatten().any(|word| !is_host(word)) {
            return Some(format!(
                "`{name}` has a host or a user that ssh would not take"
            ));
        }
        if address.is_some_and(|address| private_address(address).is_none()) {
            return Some(format!("the address of `{name}` is not a private one"));
        }
        let part = plan.of_node(node);
        if let Some(unsound) = contradiction(&part).filter(|_| !part.loadout.is_empty()) {
            return Some(format!("on `{name}`: `{}` {}", unsound.place, unsound.what));
        }
    }
    if let Some(n) = plan.loadout.iter().position(|e| !is_laid(plan, e)) {
        return Some(format!(
            "`loadout[{n}].shards` are not the parts of a model on nodes of the plan"
        ));
    }
    let placed = |node: &String| plan.nodes.iter().any(|n| n.name == *node);
    let lost = plan
        .loadout
        .iter()
        .position(|e| !e.node.as_ref().is_some_and(placed))?;
    Some(format!("`loadout[{lost}]` is on no node of the plan"))
}

/// Whether the shards of an entry, where it has any, lie on nodes of the plan, the last on its own, and
/// sum to it.
fn is_laid(plan: &FleetPlan, e: &Entry) -> bool {
    let Some(head) = e.shards.last() else {
        return true;
    };
    let known = |shard: &Shard| {
        let nodes = || plan.nodes.iter().filter(|node| node.name == shard.node);
        let once = e.shards.iter().filter(|s| s.node == shard.node).count() == 1;
        let alone =
            || nodes().all(|n| plan.loadout.iter().filter(|e| e.is_on(&n.name)).count() == 1);
        let lines: Bytes = shard.ledger.iter().map(|line| line.bytes).sum();
        let told = lines == shard.memory.total_bytes;
        nodes().count() == 1 && once && alone() && told && shard.layers > 0
    };
    let parts = e.shards.iter().map(|shard| shard.memory.total_bytes);
    let sums = e.memory.total_bytes == parts.sum();
    e.node.as_ref() == Some(&head.node) && e.shards.len() > 1 && e.shards.iter().all(known) && sums
}

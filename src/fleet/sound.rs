//! Whether the plan of a fleet can be what planner saved: what names folders and scripts, and whom
//! servers answer, is taken from it.

use crate::fleet::document::{FleetPlan, PlannedNode};
use crate::fleet::node::{is_host, is_name, private_address};
use crate::plan::document::{Entry, Shard};
use crate::plan::place::{Place, Step};
use crate::plan::sound::{Unsound, contradiction};
use crate::units::Bytes;

/// What a plan that can be read says against itself.
#[must_use]
pub fn contradiction_of_fleet(plan: &FleetPlan) -> Option<Unsound> {
    let nodes = plan.nodes.iter().enumerate();
    let mut wrong = nodes.filter_map(|(n, node)| of_node(plan, n, node));
    wrong
        .next()
        .or_else(|| unlaid(plan))
        .or_else(|| nowhere(plan))
}

fn at(list: &str, n: usize, fields: &[&str], what: impl Into<String>) -> Unsound {
    Unsound {
        place: Place::in_item(&[list], n, fields),
        what: what.into(),
    }
}

fn of_node(plan: &FleetPlan, n: usize, node: &PlannedNode) -> Option<Unsound> {
    misnamed(plan, n, node).or_else(|| {
        let part = plan.of_node(node);
        let unsound = contradiction(&part).filter(|_| !part.loadout.is_empty())?;
        Some(Unsound {
            place: in_fleet(plan, n, node, unsound.place),
            what: unsound.what,
        })
    })
}

/// A name, an address or a way to it that no node has, or that another has too.
fn misnamed(plan: &FleetPlan, n: usize, node: &PlannedNode) -> Option<Unsound> {
    let name = &node.name;
    let before = &plan.nodes[..n];
    if !is_name(name) {
        let what = format!("is `{name}`, which can't be a node's");
        return Some(at("nodes", n, &["name"], what));
    }
    if before.iter().any(|other| other.name == *name) {
        let what = format!("is `{name}`, which another node is called");
        return Some(at("nodes", n, &["name"], what));
    }
    let words = [("host", &node.host), ("user", &node.user)];
    let words = words
        .into_iter()
        .filter_map(|(key, word)| Some((key, word.as_ref()?)));
    for (key, word) in words {
        if !is_host(word) {
            let what = format!("is `{word}`, which ssh would not take");
            return Some(at("nodes", n, &[key], what));
        }
    }
    let address = node.address.as_ref()?;
    if private_address(address).is_none() {
        let what = format!("is `{address}`, which is not a private address");
        return Some(at("nodes", n, &["address"], what));
    }
    let same = before
        .iter()
        .find(|other| other.address.as_ref() == Some(address));
    same.map(|other| {
        let what = format!("is `{address}`, which is that of `{}`", other.name);
        at("nodes", n, &["address"], what)
    })
}

/// A place in the part of a node, as one in the plan of the fleet.
fn in_fleet(plan: &FleetPlan, n: usize, node: &PlannedNode, place: Place) -> Place {
    let of_a_node = ["machine", "totals", "limits", "binding", "headroom_bytes"];
    match place.0.as_slice() {
        [Step::Field(list), Step::Item(own), rest @ ..] if list == "loadout" => {
            let entries = plan.loadout.iter().enumerate();
            let mut on_it = entries.filter(|(_, e)| e.node.as_ref() == Some(&node.name));
            let Some((number, entry)) = on_it.nth(*own) else {
                return place;
            };
            let mut steps = vec![Step::Field(list.clone()), Step::Item(number)];
            let head = entry.shards.len().checked_sub(1);
            let of_head =
                |field: &Step| matches!(field, Step::Field(f) if f == "memory" || f == "ledger");
            if let Some(head) = head.filter(|_| rest.first().is_some_and(of_head)) {
                steps.extend([Step::Field("shards".to_owned()), Step::Item(head)]);
            }
            steps.extend_from_slice(rest);
            Place(steps)
        }
        [Step::Field(field), ..] if of_a_node.contains(&field.as_str()) => {
            let mut steps = vec![Step::Field("nodes".to_owned()), Step::Item(n)];
            steps.extend(place.0);
            Place(steps)
        }
        _ => place,
    }
}

/// An entry whose shards are no parts of a model.
fn unlaid(plan: &FleetPlan) -> Option<Unsound> {
    let n = plan.loadout.iter().position(|e| !is_laid(plan, e))?;
    let what = "are not the parts of a model on nodes of the plan";
    Some(at("loadout", n, &["shards"], what))
}

/// An entry of no node.
fn nowhere(plan: &FleetPlan) -> Option<Unsound> {
    let placed = |node: &String| plan.nodes.iter().any(|n| n.name == *node);
    let entries = plan.loadout.iter();
    let n = entries
        .clone()
        .position(|e| !e.node.as_ref().is_some_and(placed))?;
    Some(at("loadout", n, &["node"], "is no node of the plan"))
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

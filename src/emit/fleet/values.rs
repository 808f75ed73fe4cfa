//! What a fleet's templates are filled with.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::server::NodeServer;
use crate::emit::error::EmitError;
use crate::emit::models::reasoning_effort;
use crate::fleet::FleetPlan;
use crate::fleet::document::PlannedNode;
use crate::fleet::shard::rules::RULES;
use crate::fleet::shard_words;
use crate::plan::document::Entry;

/// The port of the gateway: LiteLLM's own.
const GATEWAY_PORT: u16 = 4000;

#[derive(Serialize)]
pub(super) struct Values<'a> {
    generator: &'a str,
    nodes: Vec<OfNode<'a>>,
    tasks: Vec<OfTask<'a>>,
    losses: Vec<String>,
    /// Layers of models that no node holds whole, node by node.
    shards: Vec<String>,
    /// What these are run by; empty where there are none.
    rules: Vec<OfRule>,
    /// Nodes run LM Studio.
    lm_studio: bool,
    gateway_port: u16,
}

/// Something that sharded models are run by.
#[derive(Serialize)]
struct OfRule {
    says: &'static str,
    source: &'static str,
}

/// A node that keeps something loaded.
#[derive(Serialize)]
struct OfNode<'a> {
    name: &'a str,
    machine: &'a str,
    /// Where ssh goes.
    target: String,
    /// As it stands in an address of the web.
    host: String,
    address: &'a str,
    port: u16,
    models: Vec<OfModel<'a>>,
}

#[derive(Serialize)]
struct OfModel<'a> {
    identifier: &'a str,
    title: String,
    tasks: String,
    /// What asks it for one token.
    body: String,
}

#[derive(Serialize)]
struct OfTask<'a> {
    id: &'a str,
    /// What asks the gateway for one token of it.
    body: String,
    serving: Vec<Server<'a>>,
    standing_by: Vec<Server<'a>>,
}

/// A model of a node, as it is asked for a task.
#[derive(Serialize)]
struct Server<'a> {
    node: &'a str,
    host: String,
    port: u16,
    identifier: &'a str,
    /// What a request of the task carries besides, as JSON; empty where nothing.
    extra: String,
}

impl<'a> Values<'a> {
    pub(super) fn of(plan: &'a FleetPlan, server: NodeServer) -> Result<Self, EmitError> {
        if plan.loadout.is_empty() {
            return Err(EmitError::Empty);
        }
        let mut busy: Vec<&PlannedNode> = (plan.nodes.iter())
            .filter(|node| plan.is_busy(node))
            .collect();
        // Those first that hold a part of another's model: it is loaded onto them.
        busy.sort_by_key(|node| plan.on(node).next().is_some());
        let shards = shards(plan);
        let rules = RULES.iter().filter(|_| !shards.is_empty());
        let tasks = plan.request.tasks.iter().map(|task| OfTask {
            id: &task.id,
            body: one_token(&task.id),
            serving: servers(plan, &busy, &task.id, |e| &e.tasks),
            standing_by: servers(plan, &busy, &task.id, |e| &e.stands_by_for),
        });
        Ok(Self {
            generator: &plan.generator,
            tasks: tasks.collect(),
            losses: plan
                .losses
                .iter()
                .map(crate::fleet::losses::words)
                .collect(),
            rules: rules
                .map(|rule| OfRule {
                    says: rule.says,
                    source: rule.source,
                })
                .collect(),
            shards,
            nodes: busy
                .iter()
                .map(|node| of_node(plan, node))
                .collect::<Result<_, _>>()?,
            lm_studio: server == NodeServer::LmStudio,
            gateway_port: GATEWAY_PORT,
        })
    }
}

/// `30 layers of Kimi K2.5 Q4_K_M on studio-1`.
fn shards(plan: &FleetPlan) -> Vec<String> {
    let all = plan
        .loadout
        .iter()
        .flat_map(|e| e.shards.iter().map(move |s| (e, s)));
    all.map(|(e, shard)| format!("{} on {}", shard_words(e, shard), shard.node))
        .collect()
}

fn of_node<'a>(plan: &'a FleetPlan, node: &'a PlannedNode) -> Result<OfNode<'a>, EmitError> {
    let address = node.address.as_deref();
    let address = address.ok_or_else(|| EmitError::NoAddress(node.name.clone()))?;
    let model = |e: &'a Entry| OfModel {
        identifier: &e.identifier,
        title: e.title(),
        tasks: told(e),
        body: one_token(&e.identifier),
    };
    Ok(OfNode {
        name: &node.name,
        machine: &node.machine.name,
        target: node.target().unwrap_or_default(),
        host: in_url(address),
        address,
        port: node.port,
        models: plan.on(node).map(model).collect(),
    })
}

fn told(e: &Entry) -> String {
    let stands_by = e.stands_by_for.join(", ");
    match (e.tasks.join(", "), stands_by.is_empty()) {
        (tasks, true) => tasks,
        (tasks, false) if tasks.is_empty() => format!("stands by for {stands_by}"),
        (tasks, false) => format!("{tasks}; stands by for {stands_by}"),
    }
}

fn servers<'a>(
    plan: &'a FleetPlan,
    busy: &[&'a PlannedNode],
    task: &str,
    tasks: fn(&Entry) -> &[String],
) -> Vec<Server<'a>> {
    let of_node = |node: &&'a PlannedNode| {
        let node = *node;
        let own = plan.on(node);
        own.filter(|e| tasks(e).iter().any(|t| t == task))
            .map(|e| Server {
                node: &node.name,
                host: in_url(node.address.as_deref().unwrap_or_default()),
                port: node.port,
                identifier: &e.identifier,
                extra: extra(e, task),
            })
            .collect::<Vec<_>>()
    };
    busy.iter().flat_map(of_node).collect()
}

/// What sets the effort that the plan counts on: LM Studio takes one, other servers the other.
fn extra(e: &Entry, task: &str) -> String {
    let effort = e.efforts.iter().find(|own| own.task == task);
    let Some(effort) = effort.filter(|own| !own.effort.is_default()) else {
        return String::new();
    };
    let mut fields = Map::new();
    if let Some(word) = reasoning_effort(effort.effort) {
        fields.insert("reasoning_effort".to_owned(), Value::String(word));
    }
    if !effort.template.is_empty() {
        fields.insert("chat_template_kwargs".to_owned(), json!(effort.template));
    }
    match fields.is_empty() {
        true => String::new(),
        false => Value::Object(fields).to_string(),
    }
}

fn one_token(model: &str) -> String {
    json!({"model": model, "max_tokens": 1, "messages": [{"role": "user", "content": "1"}]})
        .to_string()
}

/// An address of version 6 stands in brackets there.
pub(super) fn in_url(address: &str) -> String {
    match address.contains(':') {
        true => format!("[{address}]"),
        false => address.to_owned(),
    }
}

//! The plan of a fleet as text: what to keep loaded where, what a lost node takes down, what it
//! rests on.

use super::budget;
use super::explain;
use super::first::{depths_of, each};
use super::grounds;
use super::plan::macos;
use super::screen::{Paint, Screen};
use super::table::{Column, Grid};
use super::turn;
use super::words::join;
use crate::basis::Basis;
use crate::fleet::FleetPlan;
use crate::fleet::document::{NotServed, NotServedWhy, Placements, PlannedNode};
use crate::fleet::explain::FleetExplanation;
use crate::fleet::link::Link;
use crate::fleet::losses::words;
use crate::memory::Engine;
use crate::plan::document::{Entry, OptimalityStatus, Shard};
use crate::units::{Bytes, thousands, tokens};

/// What an owner reads in ten seconds; with `details`, each node's memory too. Where there is no
/// plan, why not.
#[must_use]
pub fn text(plan: &FleetPlan, screen: &Screen, details: bool) -> String {
    if plan.loadout.is_empty() {
        return no_plan(plan, screen);
    }
    let answer = screen.paint(Paint::Strong, &answer(plan));
    let mut out = format!("{}\n", screen.fold("", "", &answer));
    out.push_str(&loadout(plan, screen).to_string());
    out.push('\n');
    if details {
        for node in plan.nodes.iter().filter(|n| plan.is_busy(n)) {
            out.push_str(&screen.heading(&format!("{}: {}", node.name, node.machine.name)));
            let bars = budget::bars(screen, &node.totals, &node.limits, node.binding);
            out.push_str(&bars);
        }
        out.push('\n');
    }
    for (label, words) in lines(plan) {
        out.push_str(&screen.labelled(label, &words));
    }
    out
}

/// Why each node keeps what it keeps.
#[must_use]
pub fn explained(answer: &FleetExplanation, screen: &Screen) -> String {
    let mut out = String::new();
    for node in &answer.nodes {
        let tasks = join(&node.tasks);
        out.push_str(&screen.heading(&format!("{}: {tasks}", node.node)));
        if let Some(why) = &node.left_out {
            out.push_str(&screen.fold("  ", "  ", why));
        }
        let text = node.explanation.as_ref();
        out.push_str(&text.map_or_else(String::new, |e| explain::text(e, screen)));
    }
    out
}

/// Labels and what stands behind them.
fn lines(plan: &FleetPlan) -> Vec<(&'static str, String)> {
    let mut all = vec![("Turns", depths(plan))];
    let sharded = plan.loadout.iter().filter(|e| !e.shards.is_empty());
    all.extend(sharded.map(|e| ("Sharded", sharded_words(plan, e))));
    all.extend(empty(plan).map(|words| ("Free", words)));
    let losses = plan.losses.iter().map(|loss| ("If lost", words(loss)));
    all.extend(losses);
    all.push(("Rests on", rests_on(plan)));
    all.extend(unserved_together(plan).map(|words| ("Mind", words)));
    all.extend(plan.advice.iter().map(|a| ("Mind", a.text.clone())));
    all.push(("For", nodes(plan)));
    let plain = plan.survive.is_empty() && plan.request.agents.is_none();
    let next = match plain && plan.nodes.len() > 1 {
        true => {
            "`--out fleet-plan.json` keeps this plan; `--survive 1` keeps every task served when a node is lost; `--streams 8` divides conversations among the nodes"
        }
        false => "`--out fleet-plan.json` keeps this plan; `--details` shows each node's memory",
    };
    all.push(("Next", next.to_owned()));
    all
}

/// That no server which `emit` writes runs both a sharded model and one for MLX.
fn unserved_together(plan: &FleetPlan) -> Option<String> {
    let sharded = plan.loadout.iter().any(|e| !e.shards.is_empty());
    let mut mlx = plan.loadout.iter().filter(|e| e.engine == Engine::Mlx);
    let first = mlx.next().filter(|_| sharded)?;
    Some(format!(
        "{} runs on MLX, and what `emit` writes for sharded models runs llama.cpp alone: plan with `--engine llama.cpp`",
        first.name
    ))
}

/// `Keep Qwen3.8 27B 4bit for agent on studio-1, and gpt-oss-120b mlx-4bit for chat on studio-2.`
fn answer(plan: &FleetPlan) -> String {
    let mut told: Vec<String> = Vec::new();
    let mut seen: Vec<(&str, &str, &[String])> = Vec::new();
    for e in plan.loadout.iter().filter(|e| !e.tasks.is_empty()) {
        let key = (e.model.as_str(), e.variant.as_str(), e.tasks.as_slice());
        if seen.contains(&key) {
            continue;
        }
        seen.push(key);
        let same = |other: &&Entry| {
            (
                other.model.as_str(),
                other.variant.as_str(),
                other.tasks.as_slice(),
            ) == key
        };
        let nodes = plan.loadout.iter().filter(same);
        let where_to = match e.shards.as_slice() {
            [] => format!(
                "on {}",
                join(&nodes.filter_map(|e| e.node.clone()).collect::<Vec<_>>())
            ),
            _ => format!("over {}", join(&over(e))),
        };
        let tasks = join(&e.tasks);
        told.push(format!(
            "{} {} for {tasks} {where_to}",
            e.name, e.quantization
        ));
    }
    format!("Keep loaded: {}.", told.join("; "))
}

/// The nodes of a sharded model.
fn over(e: &Entry) -> Vec<String> {
    e.shards.iter().map(|shard| shard.node.clone()).collect()
}

/// `Kimi K2.5 Q4_K_M: 30 layers on studio-1 (300.1 GiB), 31 and the output matrix on studio-2 (310.9
/// GiB), which clients ask; the others serve it by llama.cpp's RPC over thunderbolt5 (figures assumed)`.
fn sharded_words(plan: &FleetPlan, e: &Entry) -> String {
    let head = e.shards.len().saturating_sub(1);
    let part = |(n, shard): (usize, &Shard)| {
        let output = if n == head {
            " and the output matrix"
        } else {
            ""
        };
        let bytes = shard.memory.total_bytes.gib();
        let layers = if shard.layers == 1 { "layer" } else { "layers" };
        format!(
            "{} {layers}{output} on {} ({bytes:.1} GiB)",
            shard.layers, shard.node
        )
    };
    let parts: Vec<String> = e.shards.iter().enumerate().map(part).collect();
    format!(
        "{} {}: {}, which clients ask; the others serve it by llama.cpp's RPC over {}",
        e.name,
        e.quantization,
        join(&parts),
        join(&links(plan, e))
    )
}

/// What joins the head of a sharded model to its other nodes, each kind once.
fn links(plan: &FleetPlan, e: &Entry) -> Vec<String> {
    let nodes = over(e);
    let head = nodes.last();
    let used = |link: &&Link| {
        let [a, b] = &link.between;
        nodes.contains(a) && nodes.contains(b) && (Some(a) == head || Some(b) == head)
    };
    let words = |link: &Link| {
        let figures = [&link.latency_microseconds, &link.bandwidth_bytes_per_second];
        match figures.iter().any(|figure| figure.basis == Basis::Assumed) {
            true => format!("{} (figures assumed)", link.kind.id()),
            false => format!("{} (figures of yours)", link.kind.id()),
        }
    };
    let mut all: Vec<String> = plan.links.iter().filter(used).map(words).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// In the order of a row's cells.
const COLUMNS: [Column<'static>; 8] = [
    Column::words("Node", 0),
    Column::words("Model", 0),
    Column::words("For", 0),
    Column::words("Engine", 2),
    Column::figures("Context", 1),
    Column::figures("A turn", 0).folding(),
    Column::figures("Tokens/s", 3),
    Column::figures("Memory", 0),
];

fn loadout(plan: &FleetPlan, screen: &Screen) -> Grid {
    let rows: Vec<[String; 8]> = plan.loadout.iter().map(row).collect();
    screen.narrowed(&COLUMNS, &rows)
}

fn row(e: &Entry) -> [String; 8] {
    [
        match e.shards.as_slice() {
            [] => e.node.clone().unwrap_or_default(),
            _ => over(e).join(" + "),
        },
        e.title(),
        serves(e),
        e.engine.to_string(),
        tokens(e.settings.context),
        each(e, |t| turn::seconds(t.seconds_per_turn.value)),
        each(e, |t| format!("{:.0}", t.decode_tokens_per_second.value)),
        format!("{:.1} GiB", e.memory.gpu_total_bytes.gib()),
    ]
}

/// The tasks that a model serves, each with what it has to be asked for, and those that it stands
/// by for.
fn serves(e: &Entry) -> String {
    let with = |task: &String| {
        let words = e.effort(task).words();
        words.map_or_else(|| task.clone(), |words| format!("{task} ({words})"))
    };
    let mut told: Vec<String> = Vec::new();
    if !e.tasks.is_empty() {
        told.push(e.tasks.iter().map(with).collect::<Vec<_>>().join(", "));
    }
    if !e.stands_by_for.is_empty() {
        let tasks: Vec<String> = e.stands_by_for.iter().map(with).collect();
        told.push(format!("stands by for {}", tasks.join(", ")));
    }
    told.join("; ")
}

/// Where the turns are.
fn depths(plan: &FleetPlan) -> String {
    let all = depths_of(&plan.loadout);
    match all.is_empty() {
        true => "speeds are not known".to_owned(),
        false => all.join("; "),
    }
}

/// Nodes that keep nothing loaded, and what they have left otherwise.
fn empty(plan: &FleetPlan) -> Option<String> {
    let (full, empty): (Vec<&PlannedNode>, Vec<&PlannedNode>) =
        plan.nodes.iter().partition(|n| plan.is_busy(n));
    let left = |n: &PlannedNode| Bytes(u64::try_from(n.headroom_bytes).unwrap_or(0));
    let spare = full
        .iter()
        .map(|n| format!("{} {:.1} GiB", n.name, left(n).gib()));
    let spare = spare.collect::<Vec<_>>().join(", ");
    if empty.is_empty() {
        return Some(format!("to spare: {spare}"));
    }
    let names: Vec<String> = empty.iter().map(|n| n.name.clone()).collect();
    let keeps = if names.len() > 1 { "keep" } else { "keeps" };
    let why = match plan.optimality.status {
        OptimalityStatus::Optimal => ": no task would be served better with it",
        _ => "",
    };
    Some(format!(
        "{} {keeps} nothing loaded{why}; to spare beside: {spare}",
        join(&names)
    ))
}

/// The names of which the same is said, in the order in which it is said first.
fn together(all: impl Iterator<Item = (String, String)>) -> Vec<(String, Vec<String>)> {
    let mut told: Vec<(String, Vec<String>)> = Vec::new();
    for (what, name) in all {
        match told.iter_mut().find(|(other, _)| *other == what) {
            Some((_, names)) => names.push(name),
            None => told.push((what, vec![name])),
        }
    }
    told
}

fn rests_on(plan: &FleetPlan) -> String {
    let o = &plan.optimality;
    let all = thousands(o.candidates as u64);
    let proof = match o.status {
        OptimalityStatus::Optimal => {
            let how = match o.placements {
                Placements::Whole => "whole",
                Placements::WholeOrSharded => "whole, or sharded where no node holds them,",
            };
            let nodes = plan.nodes.len();
            format!("proven the best of all ways to place {all} candidates {how} on {nodes} nodes")
        }
        _ => format!(
            "at most {:.1} points of 100 below the best of {all} candidates, as far as the time limit let it search",
            o.gap * 100.0
        ),
    };
    format!(
        "{}; quality from {}; {proof}",
        grounds::speeds(&plan.loadout, true),
        grounds::scores(&plan.loadout)
    )
}

/// `studio-1 and studio-2: Mac Studio M3 Ultra, 512 GB, macOS 27 (the newest)`.
fn nodes(plan: &FleetPlan) -> String {
    let machine = |n: &PlannedNode| format!("{}{}", n.machine.name, macos(&n.machine));
    let told = together(plan.nodes.iter().map(|n| (machine(n), n.name.clone())));
    let told = told
        .iter()
        .map(|(what, names)| format!("{}: {what}", join(names)));
    told.collect::<Vec<_>>().join("; ")
}

fn no_plan(plan: &FleetPlan, screen: &Screen) -> String {
    let mut out = screen.heading("No plan");
    let Some(why) = &plan.infeasible else {
        out.push_str("Nothing was found within the time limit.\n");
        return out;
    };
    out.push_str(&screen.fold("", "", &reason(why)));
    for task in &why.tasks {
        let words = match task.nodes.as_slice() {
            [] => "no node".to_owned(),
            nodes => join(nodes),
        };
        out.push_str(&screen.fold(
            "  ",
            "    ",
            &format!("{} can be served by {words}", task.task),
        ));
    }
    let machine = plan.nodes.first().map_or("", |n| n.machine.id.as_str());
    let next = match why.why {
        NotServedWhy::NoNode => format!(
            "`planner recommend --machine {machine} --task {}` says what stands in the way on such a machine",
            why.tasks.first().map_or("", |t| t.task.as_str())
        ),
        NotServedWhy::OneNode => {
            "leave `--survive` out for these, give the other nodes more memory, or add a node"
                .to_owned()
        }
        NotServedWhy::NotTogether => {
            "plan fewer tasks, more `--models` per node, or another node".to_owned()
        }
    };
    out.push_str(&screen.labelled("Next", &next));
    out
}

fn reason(why: &NotServed) -> String {
    match why.why {
        NotServedWhy::NoNode => "No node of the fleet can serve what is asked for:",
        NotServedWhy::OneNode => {
            "What has to outlive the loss of a node can be served by one node alone:"
        }
        NotServedWhy::NotTogether => "Each task could be served, and not all of them at once:",
    }
    .to_owned()
}

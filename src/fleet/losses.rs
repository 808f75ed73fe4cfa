//! What the loss of each node takes down: read off a loadout.

use crate::fleet::document::{Loss, LostTask, TakenOver};
use crate::plan::document::Entry;

/// For each node that keeps something loaded, in the order of the nodes.
#[must_use]
pub fn losses(nodes: &[String], loadout: &[Entry]) -> Vec<Loss> {
    let of = |node: &String| {
        let tasks: Vec<LostTask> = loadout
            .iter()
            .filter(|e| e.is_on(node))
            .flat_map(|e| &e.tasks)
            .map(|task| lost(node, task, loadout))
            .collect();
        (!tasks.is_empty()).then(|| Loss {
            node: node.clone(),
            tasks,
        })
    };
    nodes.iter().filter_map(of).collect()
}

fn lost(node: &str, task: &String, loadout: &[Entry]) -> LostTask {
    let elsewhere = || loadout.iter().filter(|e| !e.is_on(node));
    let serving = elsewhere().filter(|e| e.tasks.contains(task));
    let mut standing_by = elsewhere().filter(|e| e.stands_by_for.contains(task));
    LostTask {
        task: task.clone(),
        served_by: serving.filter_map(|e| e.node.clone()).collect(),
        taken_over_by: standing_by.find_map(|e| {
            Some(TakenOver {
                node: e.node.clone()?,
                variant: e.full_name(),
            })
        }),
    }
}

/// `studio-1: agent not served; code and chat still on studio-2`.
#[must_use]
pub fn words(loss: &Loss) -> String {
    let mut told: Vec<(String, Vec<&str>)> = Vec::new();
    for task in &loss.tasks {
        let what = outcome(task);
        match told.iter_mut().find(|(other, _)| *other == what) {
            Some((_, tasks)) => tasks.push(&task.task),
            None => told.push((what, vec![&task.task])),
        }
    }
    let told = told
        .iter()
        .map(|(what, tasks)| format!("{} {what}", tasks.join(", ")));
    format!("{}: {}", loss.node, told.collect::<Vec<_>>().join("; "))
}

fn outcome(task: &LostTask) -> String {
    match (&task.taken_over_by, task.served_by.as_slice()) {
        (None, []) => "not served".to_owned(),
        (_, nodes @ [_, ..]) => format!("still on {}", nodes.join(", ")),
        (Some(over), []) => format!("by {} on {}", over.variant, over.node),
    }
}

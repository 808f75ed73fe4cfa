//! Plans that earlier versions saved, brought to the present shape.

use serde_json::{Map, Value, json};

use super::document::SCHEMA;
use crate::task;

/// The oldest shape that can still be read.
pub const OLDEST: u32 = 1;

/// Utilities that are no part of scores any more.
const GONE: [&str; 4] = ["precision", "specialty", "efficiency", "load_time"];

/// A document of the given shape in the present one; `None` for a shape that is too old or too new.
///
/// What later commands use (request, machine, loadout, memory, limits) is unchanged, but for the
/// profiles' parts that are gone.
#[must_use]
pub fn to_present(schema: u32, mut document: Value) -> Option<Value> {
    if !(OLDEST..=SCHEMA).contains(&schema) {
        return None;
    }
    let plan = document.as_object_mut()?;
    if schema < 2 {
        from_schema_1(plan);
    }
    if schema < 3 {
        from_schema_2(plan);
    }
    plan.insert("schema".to_owned(), json!(SCHEMA));
    Some(document)
}

/// Schema 1 had reasons as text alone: those of its rejections, its advice and its conflict are
/// left out, and the parts of scores get the share that they were multiplied by.
fn from_schema_1(plan: &mut Map<String, Value>) {
    for reasons in ["rejected", "advice"] {
        plan.insert(reasons.to_owned(), json!([]));
    }
    plan.insert("infeasible".to_owned(), Value::Null);
    for parts in parts(plan) {
        parts.iter_mut().for_each(part_of_schema_1);
    }
}

/// Schema 2 scored the bits of the weights, the publisher's own words, speed by size and load time.
fn from_schema_2(plan: &mut Map<String, Value>) {
    for parts in parts(plan) {
        parts.retain(|part| !is_gone(part.get("utility")));
    }
    let profiles = plan
        .get_mut("request")
        .and_then(|request| request.get_mut("tasks"))
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
        .filter_map(|task| task.get_mut("profile").and_then(Value::as_object_mut));
    profiles.for_each(|profile| {
        task::older::mend(profile);
    });
}

fn is_gone(utility: Option<&Value>) -> bool {
    let name = utility.and_then(Value::as_str);
    name.is_some_and(|name| GONE.contains(&name))
}

/// The parts of each entry's score.
fn parts(plan: &mut Map<String, Value>) -> impl Iterator<Item = &mut Vec<Value>> {
    let loadout = plan.get_mut("loadout").and_then(Value::as_array_mut);
    loadout.into_iter().flatten().filter_map(|entry| {
        entry
            .pointer_mut("/score/parts")
            .and_then(Value::as_array_mut)
    })
}

/// `contribution` was weight x value x share.
fn part_of_schema_1(part: &mut Value) {
    let figure = |name: &str| part.get(name).and_then(Value::as_f64).unwrap_or(0.0);
    let product = figure("weight") * figure("value");
    let share = if product > 0.0 {
        figure("contribution") / product
    } else {
        1.0
    };
    if let Some(part) = part.as_object_mut() {
        part.insert("share".to_owned(), json!(share));
        part.insert("contribution".to_owned(), json!(product));
    }
}

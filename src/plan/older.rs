//! Plans that earlier versions saved, brought to the present shape.

use serde_json::{Value, json};

use super::document::SCHEMA;

/// The oldest shape that can still be read.
pub const OLDEST: u32 = 1;

/// A document of the given shape in the present one; `None` for a shape that is too old or too new.
///
/// Schema 1 had reasons as text alone: those of its rejections, its advice and its conflict are left
/// out, and the parts of scores get the share that they were multiplied by. What later commands use
/// (request, machine, loadout, memory, limits) is unchanged.
#[must_use]
pub fn to_present(schema: u32, mut document: Value) -> Option<Value> {
    match schema {
        SCHEMA => Some(document),
        OLDEST => {
            let plan = document.as_object_mut()?;
            plan.insert("schema".to_owned(), json!(SCHEMA));
            for reasons in ["rejected", "advice"] {
                plan.insert(reasons.to_owned(), json!([]));
            }
            plan.insert("infeasible".to_owned(), Value::Null);
            let loadout = plan.get_mut("loadout").and_then(Value::as_array_mut);
            for entry in loadout.into_iter().flatten() {
                let parts = entry.pointer_mut("/score/parts");
                let parts = parts.and_then(Value::as_array_mut);
                parts.into_iter().flatten().for_each(part_of_schema_1);
            }
            Some(document)
        }
        _ => None,
    }
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

//! Saved plans.

use std::path::Path;

use anyhow::{Result, bail};
use schemars::schema_for;
use serde::Deserialize;
use serde_json::Value;

use crate::edge::files;
use crate::fault;
use crate::plan::Plan;
use crate::plan::document::SCHEMA;
use crate::plan::{known, older};
use crate::printable::{hides, printable};

/// Just the version of a plan's shape: another version may lack anything else.
#[derive(Deserialize)]
struct Shape {
    schema: u32,
}

/// Reads a saved plan.
///
/// # Errors
/// When the file can't be read, is no plan, or one of another version.
pub fn read(path: &Path) -> Result<Plan> {
    let text = files::read_text(path)?;
    let shown = path.display();
    let save = "`planner recommend --out plan.json` saves one";
    let none = |e: serde_json::Error| fault!("{shown} is not a plan: {e}"; "{save}");
    let document: Value = serde_json::from_str(&text).map_err(none)?;
    if let Some(place) = hidden(&document) {
        bail!(fault!(
            "{shown} is not a plan of planner's: `{}` holds characters that are not seen", printable(&place);
            "{save}"
        ));
    }
    let schema = Shape::deserialize(&document).map_err(none)?.schema;
    let Some(mut document) = older::to_present(schema, document) else {
        bail!(fault!(
            "{shown} has the shape of version {schema}, and this planner reads versions {} to {SCHEMA}", older::OLDEST;
            "{save}"
        ));
    };
    known::only(&mut document, schema_for!(Plan).as_value());
    let plan: Plan = serde_json::from_value(document)
        .map_err(|e| fault!("{shown} is not a plan of this planner: {e}"; "{save}"))?;
    let weighs = |weight: f64| weight.is_finite() && weight > 0.0;
    if !plan.request.tasks.iter().all(|t| weighs(t.weight)) {
        bail!(fault!("{shown} has a task whose weight is not above zero"; "{save}"));
    }
    Ok(plan)
}

/// Where in a document a name or a text hides something: planner writes no such plan, and whatever
/// is made of one would carry it on.
fn hidden(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => text.contains(hides).then(String::new),
        Value::Array(items) => (0..)
            .zip(items)
            .find_map(|(at, item)| Some(format!("[{at}]{}", hidden(item)?))),
        Value::Object(fields) => fields.iter().find_map(|(name, field)| {
            let below = if name.contains(hides) {
                Some(String::new())
            } else {
                hidden(field)
            };
            Some(format!(".{name}{}", below?))
        }),
        _ => None,
    }
}

/// Reads a saved plan that has models.
///
/// # Errors
/// As [`read`], and when nothing fitted.
pub fn read_loadout(path: &Path) -> Result<Plan> {
    let plan = read(path)?;
    if plan.loadout.is_empty() {
        bail!(fault!(
            "{} has no models: nothing fitted", path.display();
            "`planner recommend` says why"
        ));
    }
    Ok(plan)
}

//! Saved plans.

use std::path::Path;

use anyhow::{Result, bail};
use serde::Deserialize;

use crate::edge::files;
use crate::fault;
use crate::plan::Plan;
use crate::plan::document::SCHEMA;

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
    let shape: Shape =
        serde_json::from_str(&text).map_err(|e| fault!("{shown} is not a plan: {e}"; "{save}"))?;
    if shape.schema != SCHEMA {
        bail!(fault!(
            "{shown} has the shape of version {}, and this planner reads version {SCHEMA}", shape.schema;
            "{save}"
        ));
    }
    Ok(serde_json::from_str(&text)
        .map_err(|e| fault!("{shown} is not a plan of this planner: {e}"; "{save}"))?)
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

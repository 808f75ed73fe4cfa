//! Saved plans of fleets.

use std::path::Path;

use anyhow::{Result, bail};
use serde_json::Value;

use crate::app::plan_file::{Saved, saved};
use crate::catalog::Catalog;
use crate::edge::files;
use crate::fault;
use crate::fleet::FleetPlan;
use crate::fleet::document::{SCHEMA, is_fleet_plan};
use crate::fleet::sound::contradiction_of_fleet;
use crate::printable::{hidden_in, printable};

/// Where such a plan comes from.
const SAVE: &str = "`planner recommend --fleet fleet.toml --out fleet-plan.json` saves one";
/// What to do about one that was changed since.
const ANEW: &str = "a plan is not edited by hand: correct the fleet's file, and make it anew with `planner recommend --fleet`";

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
pub(super) fn read_plan(path: &Path) -> Result<FleetPlan> {
    plan(&saved(path, ANEW)?)
}

/// Reads the plan of a fleet whose models the catalog has.
///
/// # Errors
/// When the file can't be read, is no such plan, or says what none says, or the catalog lacks a model of
/// it.
pub fn read_known_plan(path: &Path, catalog: &Catalog) -> Result<FleetPlan> {
    let saved = saved(path, ANEW)?;
    let plan = plan(&saved)?;
    saved.of_known_models(&plan.loadout, catalog)?;
    Ok(plan)
}

fn plan(saved: &Saved<'_>) -> Result<FleetPlan> {
    let shown = saved.path.display();
    let none = |e: serde_json::Error| fault!("{shown} is not the plan of a fleet: {e}"; "{SAVE}");
    let document: Value = serde_json::from_str(&saved.text).map_err(none)?;
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
    saved.nothing_below_zero(&document)?;
    let plan: FleetPlan = saved.shaped(document)?;
    if plan.loadout.is_empty() {
        bail!(fault!("{shown} keeps nothing loaded"; "`planner recommend --fleet` says why"));
    }
    match contradiction_of_fleet(&plan) {
        Some(unsound) => bail!(saved.unsound(&unsound)),
        None => Ok(plan),
    }
}

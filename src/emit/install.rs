//! Where LM Studio wants its files, what they become there, and the record that takes it back.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::EmitError;
use super::models::{Options, models};
use crate::lmstudio::{Installed, MergeError, config, merge};
use crate::plan::Plan;

/// Version of the record's shape.
pub const INSTALL_SCHEMA: u32 = 1;

/// Below LM Studio's home: the defaults of models.
const DEFAULTS: &str = ".internal/user-concrete-model-default-config";
/// Below LM Studio's home: presets.
const PRESETS: &str = "config-presets";

/// A file to put in place.
#[derive(Debug, Clone, PartialEq)]
pub struct Placement {
    /// Path below LM Studio's home.
    pub path: PathBuf,
    /// What it should say.
    pub ours: Value,
}

/// A file that was put in place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    /// Where.
    pub path: PathBuf,
    /// What was there before; none where nothing was.
    pub before: Option<String>,
    /// What was written.
    pub after: String,
}

/// The record of an installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installation {
    /// Version of this shape.
    pub schema: u32,
    /// The files, in the order of writing.
    pub files: Vec<Placed>,
}

/// The files of a plan for LM Studio's home: `installed` is the entry of each model, in the plan's
/// order.
///
/// # Errors
/// When LM Studio has no value for a setting, or no usable name for a model's file.
pub fn placements(plan: &Plan, installed: &[&Installed]) -> Result<Vec<Placement>, EmitError> {
    let names = models(plan, &Options::default())?;
    let mut files = Vec::new();
    for (entry, model) in plan.loadout.iter().zip(installed) {
        let load = config::load_fields(&entry.settings)?;
        let operation = entry
            .sampling
            .as_ref()
            .map_or_else(Vec::new, config::sampling_fields);
        files.push(Placement {
            path: defaults_path(model)?,
            ours: config::model_default(&load, &operation),
        });
        if operation.is_empty() {
            continue;
        }
        let file = names.iter().find(|m| m.identifier == entry.identifier);
        let preset = format!("planner-{}", file.map_or("model", |m| m.file.as_str()));
        files.push(Placement {
            path: PathBuf::from(PRESETS).join(format!("{preset}.preset.json")),
            ours: config::preset(&preset, &operation),
        });
    }
    Ok(files)
}

/// LM Studio names the file after its index of models. A name that leaves the folder, or one of a
/// linked device, is no name of a file here.
fn defaults_path(model: &Installed) -> Result<PathBuf, EmitError> {
    let name = model
        .indexed_model_identifier
        .as_deref()
        .unwrap_or_default();
    let plain =
        |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains([':', '\\']);
    if name.split('/').all(plain) {
        Ok(PathBuf::from(DEFAULTS).join(format!("{name}.json")))
    } else {
        Err(EmitError::Template {
            file: format!("the defaults of `{}`", model.model_key),
            error: format!("LM Studio's name for it, `{name}`, is not one of a file"),
        })
    }
}

/// What a file becomes: ours, merged into what is there.
///
/// # Errors
/// When what is there has a shape that we do not know.
pub fn planned_text(placement: &Placement, existing: Option<&str>) -> Result<String, MergeError> {
    let value = match existing {
        Some(text) => merge(text, &placement.ours)?,
        None => placement.ours.clone(),
    };
    Ok(format!("{value:#}\n"))
}

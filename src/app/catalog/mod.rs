//! What is known of models: listed, shown, checked, added to.

mod add;
mod list;
mod own;

pub use add::{AddRequest, Added, Missing, add};
pub use list::{ListRequest, list};
pub use own::{edit, remove};

use anyhow::{Result, bail};
use serde::Serialize;

use super::workspace::Workspace;
use crate::audit;
use crate::audit::Finding;
use crate::catalog::schema::Model;
use crate::{fault, suggest};

/// Version of the shape of the findings.
const SCHEMA: u32 = 1;

/// Everything that is known of a model; of a variant, of its model.
///
/// # Errors
/// When the catalog can't be read or has no such model.
pub fn show<'a>(workspace: &'a Workspace, name: &str) -> Result<&'a Model> {
    let catalog = workspace.catalog()?;
    let id = name.split('/').next().unwrap_or(name);
    let Some(found) = catalog.model(id) else {
        let near = suggest::nearest(id, catalog.models.iter().map(|m| m.id.as_str()));
        bail!(fault!(
            "model not found: `{id}`{}", suggest::or_nothing(near.as_deref());
            "`planner catalog list` shows them"
        ));
    };
    if catalog.find(name).is_none() {
        bail!(fault!(
            "variant not found: `{name}`";
            "`planner catalog show {id}` lists the variants"
        ));
    }
    Ok(found)
}

/// What cannot be true in the catalog.
#[derive(Debug, Serialize)]
pub struct Findings {
    /// Version of this shape.
    pub schema: u32,
    /// Findings that nobody explained.
    pub unexplained: usize,
    /// All findings.
    pub findings: Vec<Finding>,
}

/// Checks the catalog.
///
/// # Errors
/// When it can't be read.
pub fn check(workspace: &Workspace) -> Result<Findings> {
    let findings = audit::check(workspace.catalog()?, &workspace.profiles().chips);
    Ok(Findings {
        schema: SCHEMA,
        unexplained: findings.iter().filter(|f| f.explanation.is_none()).count(),
        findings,
    })
}

//! Why each node of a fleet's plan keeps what it keeps.

use std::path::Path;

use anyhow::{Context as _, Result};

use super::plan_file::read_known_plan;
use crate::app::events::Events;
use crate::app::explain::{ExplainRequest, explain as of_machine};
use crate::app::workspace::Workspace;
use crate::fleet::explain::{EXPLAIN_SCHEMA, FleetExplanation, NodeExplanation};

/// Explains the part of each node as the plan of that machine alone for the tasks that are its own.
///
/// # Errors
/// As [`crate::app::explain`].
pub fn explain(
    workspace: &Workspace,
    file: &Path,
    request: &ExplainRequest,
    events: &dyn Events,
) -> Result<FleetExplanation> {
    let mut nodes = Vec::new();
    for part in read_known_plan(file, workspace.models()?)?.parts() {
        let (explanation, left_out) = match &part.plan {
            Ok(plan) => {
                let answer = of_machine(workspace, plan, request, events);
                (
                    Some(answer.with_context(|| format!("on {}", part.node))?),
                    None,
                )
            }
            Err(why) => (None, Some((*why).to_owned())),
        };
        nodes.push(NodeExplanation {
            node: part.node,
            tasks: part.tasks,
            left_out,
            explanation,
        });
    }
    Ok(FleetExplanation {
        schema: EXPLAIN_SCHEMA,
        nodes,
    })
}

//! Why a saved plan says what it says.

use anyhow::Result;

use super::events::{Event, Events, Work};
use super::patience::deadline;
use super::workspace::Workspace;
use crate::advise::explain;
use crate::advise::explain::Explanation;
use crate::plan::Plan;
use crate::scenario::{Scenario, again};

/// What is asked of a plan.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ExplainRequest {
    /// A model or variant: why it does not serve.
    pub why_not: Option<String>,
    /// When to stop, in seconds; 20 where nothing is said.
    pub time_limit: Option<f64>,
}

/// Why a plan is as it is, what would change it, and why a model is not in it.
///
/// # Errors
/// When the catalog can't be read or lacks a name, or the solver fails.
pub fn explain(
    workspace: &Workspace,
    plan: &Plan,
    request: &ExplainRequest,
    events: &dyn Events,
) -> Result<Explanation> {
    let chips = &workspace.profiles().chips;
    let machine = again::machine(plan, chips);
    let original = again::request(plan);
    let (models, speed) = (workspace.models()?, workspace.speed_model()?);
    let scenario = Scenario::new(models, &machine, speed, &original);
    events.tell(Event::Began(Work::Variations));
    let why_not = request.why_not.as_deref();
    let answer = explain::explain(&scenario, plan, why_not, deadline(request.time_limit));
    events.tell(Event::Ended(Work::Variations));
    Ok(answer?)
}

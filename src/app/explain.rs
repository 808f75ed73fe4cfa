//! Why a saved plan says what it says.

use anyhow::Result;

use super::events::{Event, Events, Work};
use super::workspace::Workspace;
use crate::advise::explain;
use crate::advise::explain::Explanation;
use crate::memory::limits::Limits;
use crate::plan::Plan;
use crate::scenario::again;
use crate::scenario::candidates::Setting;

/// Why a plan is as it is, what would change it, and why a model is not in it.
///
/// # Errors
/// When the catalog can't be read or lacks a name, or the solver fails.
pub fn explain(
    workspace: &Workspace,
    plan: &Plan,
    why_not: Option<&str>,
    events: &dyn Events,
) -> Result<Explanation> {
    let chips = &workspace.profiles().chips;
    let machine = again::machine(plan, chips);
    let request = again::request(plan);
    let setting = Setting {
        catalog: workspace.models()?,
        machine: &machine,
        limits: &Limits::of(&machine),
        predictor: workspace.predictor()?,
        request: &request,
    };
    events.tell(Event::Began(Work::Variations));
    let answer = explain::explain(setting, plan, why_not);
    events.tell(Event::Ended(Work::Variations));
    Ok(answer?)
}

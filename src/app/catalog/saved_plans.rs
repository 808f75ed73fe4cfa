//! What plans that were kept by name come to with one catalog and with another.

use anyhow::Result;

use crate::app::patience::deadline;
use crate::app::workspace::Workspace;
use crate::app::{plan_file, plans};
use crate::catalog::update::PlanChange;
use crate::plan::Plan;
use crate::scenario::error::check_names;
use crate::scenario::{Prepared, Scenario, again};
use crate::solve::Deadline;

/// Each plan that was kept, solved again with both.
///
/// # Errors
/// When the folder of plans can't be read.
pub(super) fn changes(now: &Workspace, then: &Workspace) -> Result<Vec<PlanChange>> {
    let deadline = deadline(None);
    let change = |name: String| match solved(&name, now, then, deadline) {
        Ok((now, then)) => PlanChange {
            plan: name,
            now,
            then,
            reason: None,
        },
        Err(error) => PlanChange {
            plan: name,
            now: Vec::new(),
            then: Vec::new(),
            reason: Some(format!("{error:#}")),
        },
    };
    Ok(plans::names()?.into_iter().map(change).collect())
}

type Members = Vec<String>;

fn solved(
    name: &str,
    now: &Workspace,
    then: &Workspace,
    deadline: Deadline<'_>,
) -> Result<(Members, Members)> {
    let plan = plan_file::read(&plans::find(name)?)?;
    Ok((
        members(&plan, now, deadline)?,
        members(&plan, then, deadline)?,
    ))
}

/// What a plan's question is answered with: `model/variant` of each, by name.
fn members(plan: &Plan, workspace: &Workspace, deadline: Deadline<'_>) -> Result<Members> {
    let machine = again::machine(plan, &workspace.profiles().chips);
    let request = again::request(plan);
    let catalog = workspace.catalog()?;
    check_names(catalog, &request)?;
    let scenario = Scenario::new(catalog, &machine, workspace.speed_model()?, &request);
    let best = Prepared::once(&scenario).best(deadline)?;
    let members = best.into_iter().flat_map(|answer| answer.members);
    let mut names: Members = members.map(|member| member.variant).collect();
    names.sort_unstable();
    Ok(names)
}

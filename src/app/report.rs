//! The figures of a campaign or of the whole catalog.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::asked::asked;
use super::machine::MachineChoice;
use super::tasks;
use super::workspace::Workspace;
use crate::edge::{browser, places};
use crate::fault;
use crate::plan::request::Request;
use crate::study;
use crate::study::{Inputs, SCENARIOS, ScenarioRequest, Study};

/// Which figures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReportRequest {
    /// Only what this study measured.
    pub campaign: Option<String>,
    /// The tasks to recommend for, as `code` or `code=2`; the usual scenarios when left out.
    pub tasks: Vec<String>,
    /// A mix of tasks in their place.
    pub mix: Option<String>,
    /// The machine whose figures they are.
    pub machine: MachineChoice,
}

/// The folder for the pages of a report that is opened and not kept elsewhere.
///
/// # Errors
/// When the home folder is not known.
pub fn report_folder() -> Result<PathBuf> {
    places::report_path()
        .ok_or_else(|| fault!("the home folder is not known"; "give `--out` a folder").into())
}

/// Opens a page in the user's browser.
///
/// # Errors
/// When nothing here opens pages.
pub fn open_page(page: &Path) -> Result<()> {
    browser::open(page).map_err(|why| {
        fault!("the page was not opened: {why}"; "open {} yourself", page.display()).into()
    })
}

/// Gathers the data of a report.
///
/// # Errors
/// When the machine, the catalog or a task is not there, or nothing was measured on the chip.
pub fn report(workspace: &Workspace, request: &ReportRequest) -> Result<Study> {
    let profiles = workspace.profiles();
    let machine = request.machine.find(profiles)?;
    let study = study::gather(&Inputs {
        catalog: workspace.models()?,
        chips: &profiles.chips,
        machine: &machine,
        speed: workspace.speed_model()?,
        campaign: request.campaign.as_deref(),
        scenarios: &scenarios(request, workspace)?,
    })?;
    if let Some(campaign) = request
        .campaign
        .as_ref()
        .filter(|_| study.measured.is_empty())
    {
        bail!(fault!(
            "nothing was measured on the chip of {} in the campaign `{campaign}`", study.machine.name;
            "name another machine with `--machine`; `planner machines` lists them"
        ));
    }
    Ok(study)
}

/// What was asked for, or the usual scenarios.
fn scenarios(request: &ReportRequest, workspace: &Workspace) -> Result<Vec<ScenarioRequest>> {
    if !request.tasks.is_empty() || request.mix.is_some() {
        let tasks = asked(&request.tasks, request.mix.as_deref(), workspace.config())?;
        return Ok(vec![ScenarioRequest {
            id: "custom".to_owned(),
            max_models: Request::usual_models(&tasks),
            tasks,
        }]);
    }
    SCENARIOS
        .iter()
        .map(|(id, names, max_models)| {
            let tasks = names.iter().map(|n| Ok((tasks::find(n)?, 1.0)));
            Ok(ScenarioRequest {
                id: (*id).to_owned(),
                tasks: tasks.collect::<Result<_>>()?,
                max_models: *max_models,
            })
        })
        .collect()
}

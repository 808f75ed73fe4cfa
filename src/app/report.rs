//! The figures of a campaign or of the whole catalog.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::machine::MachineChoice;
use super::tasks;
use super::workspace::Workspace;
use crate::edge::{browser, places};
use crate::fault;
use crate::study;
use crate::study::{Inputs, SCENARIOS, ScenarioRequest, Study};

/// Which figures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReportRequest {
    /// Only what this study measured.
    pub campaign: Option<String>,
    /// The tasks to recommend for, as `code` or `code=2`; the usual scenarios when left out.
    pub tasks: Vec<String>,
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
        scenarios: &scenarios(&request.tasks)?,
    })?;
    if study.measured.is_empty() {
        let campaign = request.campaign.as_deref();
        let within = campaign.map_or(String::new(), |c| format!(" in the campaign `{c}`"));
        bail!(fault!(
            "nothing was measured on the chip of {}{within}", study.machine.name;
            "name another machine with `--machine`; `planner machines` lists them"
        ));
    }
    Ok(study)
}

/// The mix asked for, or the usual scenarios.
fn scenarios(asked: &[String]) -> Result<Vec<ScenarioRequest>> {
    if !asked.is_empty() {
        return Ok(vec![ScenarioRequest {
            id: "custom".to_owned(),
            tasks: tasks::weighted(asked)?,
            max_models: 3,
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

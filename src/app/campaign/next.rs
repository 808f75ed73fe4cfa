//! What a study of so many hours should measure.

use anyhow::Result;

use super::super::gaps::gaps;
use super::super::on_disk::here;
use crate::app::events::Events;
use crate::app::machine::MachineChoice;
use crate::app::studio::StudioChoice;
use crate::app::workspace::Workspace;
use crate::campaign::{Evening, Job, NextStudy};
use crate::plan::request::Request;
use crate::scenario::Scenario;
use crate::units::Bytes;

/// What is asked.
pub struct NextRequest {
    /// The machine that measures.
    pub machine: MachineChoice,
    /// Whose answer a measurement could change.
    pub request: Request,
    /// Seconds that it may take.
    pub seconds: f64,
    /// Bytes per second of a download, where it is known.
    pub download: Option<Bytes>,
    /// Which LM Studio has the files that need no download.
    pub studio: StudioChoice,
}

/// Picks what to measure of what could change the answer, within the time.
///
/// # Errors
/// As [`gaps`], and when LM Studio is there and can't be asked.
pub fn next(workspace: &Workspace, asked: &NextRequest, events: &dyn Events) -> Result<NextStudy> {
    let (machine, request) = (&asked.machine, &asked.request);
    let gaps = gaps(workspace, machine, request, events)?;
    let evening = Evening {
        seconds: asked.seconds,
        download: asked.download,
        here: here(workspace, &asked.studio, events)?,
        job: Job::usual(),
    };
    let machine = machine.find(workspace.profiles())?;
    let speed = workspace.speed_model()?;
    let scenario = Scenario::new(workspace.models()?, &machine, speed, request);
    Ok(crate::campaign::next(&scenario, &gaps, &evening))
}

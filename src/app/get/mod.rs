//! Downloads models into LM Studio's folder.

mod listing;
mod request;
mod run;
mod wanted;

pub use request::GetRequest;

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use anyhow::{Context as _, Result};

use super::events::Events;
use super::workspace::Workspace;
use crate::download::document::{FileState, GetModel, GetOutcome, GetReport, SCHEMA};
use crate::edge::download::room_of;
use crate::edge::{clock, files, lms};
use crate::fault;
use crate::units::Bytes;
use listing::Listed;
use run::Run;

/// What is left free on the disk: the system needs some to go on.
const LEFT_FREE: Bytes = Bytes(1_000_000_000);

/// Downloads what is missing, until `stop` is set; what came by then is kept.
///
/// # Errors
/// When there is no such model, the hub can't be asked or contradicts itself, or the disk can't be
/// written. What came by then is kept, but of a file that is not what the hub says.
pub fn get(
    workspace: &Workspace,
    request: &GetRequest,
    events: &dyn Events,
    stop: &AtomicBool,
) -> Result<GetReport> {
    let began = clock::seconds();
    let folder = match &request.models_folder {
        Some(folder) => folder.clone(),
        None => lms::downloads_folder().with_context(|| {
            fault!(
                "the models folder is not known: nor is the user's home";
                "set HOME, or name the folder with `--models-folder DIR`"
            )
        })?,
    };
    let folder = PathBuf::from(files::absolute(&folder)?);
    let wanted = wanted::models(workspace, &request.what)?;
    let listed = wanted
        .iter()
        .map(|model| listing::list(model, &request.endpoint))
        .collect::<Result<Vec<Listed>>>()?;
    let models = listed
        .iter()
        .map(|l| l.standing(&folder))
        .collect::<Result<Vec<GetModel>>>()?;
    let mut report = GetReport {
        schema: SCHEMA,
        outcome: GetOutcome::NotStarted,
        folder: folder.display().to_string(),
        disk_free_bytes: room_of(&folder),
        missing_bytes: missing(&models),
        models,
        seconds: 0.0,
    };
    if lacks_room(&report) {
        report.outcome = GetOutcome::NoRoom;
    } else if !request.dry_run {
        report.outcome =
            Run::new(request, &folder, events, stop).all(&listed, &mut report.models)?;
    }
    report.seconds = clock::seconds() - began;
    Ok(report)
}

fn lacks_room(report: &GetReport) -> bool {
    let needed = report.missing_bytes + LEFT_FREE;
    report.missing_bytes > Bytes::ZERO && report.disk_free_bytes.is_some_and(|free| free < needed)
}

/// What has to come of all models; files that several of them need come once.
fn missing(models: &[GetModel]) -> Bytes {
    let mut seen = Vec::new();
    let mut bytes = Bytes::ZERO;
    for model in models {
        for file in &model.files {
            let place = (&model.folder, &file.local);
            if file.state == FileState::Missing && !seen.contains(&place) {
                seen.push(place);
                bytes += file.bytes.saturating_sub(file.kept_bytes);
            }
        }
    }
    bytes
}

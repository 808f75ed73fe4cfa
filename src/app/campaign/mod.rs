//! A study that runs by itself: model after model is downloaded, loaded, measured, recorded, unloaded.
//!
//! It is other use cases in a row: recommend, get, apply, bench, trial, undo. Whether something of its
//! own is still loaded is told by the journal of `apply`, so that a run which was killed begins by
//! taking back what it loaded.

mod agreed;
mod next;
mod one;
mod request;
mod small_tasks;
mod turn;

pub use next::{NextRequest, next};
pub use request::{Stop, StudyRequest};

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use anyhow::{Context as _, Result, bail};

use super::apply::{ApplyRequest, Goal, apply, interrupted};
use super::events::{Answer, Event, Events, Question};
use super::hints::hint_of;
use super::names;
use super::workspace::Workspace;
use crate::apply::document::Outcome as Undone;
use crate::apply::{Journal, Phase};
use crate::campaign::{Stage, StudyFile, StudyRun};
use crate::edge::openai::{Limits, Listing, Server};
use crate::edge::{files, journal};
use crate::fault;
use agreed::Agreed;
use turn::Turn;

/// The study's journal, in the folder of its results.
const JOURNAL: &str = "study.json";

/// What running a study came to.
#[derive(Debug)]
pub struct Ran {
    /// How far it is.
    pub run: StudyRun,
    /// Whether anything of it was done now.
    pub worked: bool,
}

/// Runs a study, or goes on with it, until `stop` is set. What is loaded in the end is what was loaded
/// before.
///
/// # Errors
/// When the study can't be read, names what is not there, LM Studio's server can't be asked, the
/// results can't be written, or what was loaded before can't be loaded again. A model that fails is
/// kept as failed, and ends nothing.
pub fn run(
    workspace: &Workspace,
    request: &StudyRequest,
    events: &dyn Events,
    stop: Stop<'_>,
) -> Result<Ran> {
    let shown = request.file.display().to_string();
    let file = StudyFile::parse(&shown, &files::read_text(&request.file)?)?;
    for variant in &file.variants {
        names::variant(variant, workspace.models()?)?;
    }
    let folder = folder(request)?;
    let place = folder.join(JOURNAL);
    let mut run = StudyRun::begun(
        files::absolute(&request.file)?,
        folder.display().to_string(),
        &file.variants,
        read(&place)?,
        request.again,
    );
    if run.next().is_none() {
        return Ok(Ran { run, worked: false });
    }
    let agreed = Agreed::to(events);
    let turn = Turn {
        workspace,
        request,
        file: &file,
        folder: &folder,
        events: &agreed,
        stop,
    };
    let mut ahead = run.clone();
    turn.look_ahead(&mut ahead.variants)?;
    if request.dry_run || !ahead.can_go_on() {
        let run = ahead;
        return Ok(Ran { run, worked: false });
    }
    answers(request, stop)?;
    events.tell(Event::Study(&ahead));
    if events.ask(Question::RunStudy)? == Answer::No {
        return Ok(Ran { run, worked: false });
    }
    put_back(workspace, request, &run, &agreed, stop)?;
    nothing_open()?;
    while let Some(n) = run.next().filter(|_| !stop.all.load(Ordering::Relaxed)) {
        events.tell(Event::StudyTurn {
            variant: &run.variants[n].variant,
            number: n + 1,
            of: run.variants.len(),
        });
        let came = turn.take(&mut run.variants[n].clone(), &mut |row| {
            run.variants[n] = row.clone();
            files::write_json(&place, &run)
        });
        // Until what was there before is loaded again it stays loaded in the journal: the next run
        // then begins with that.
        put_back(workspace, request, &run, &agreed, stop)?;
        let row = &mut run.variants[n];
        match came {
            Ok(()) => row.stage = Stage::Done,
            Err(_) if stop.all.load(Ordering::Relaxed) => row.stage = Stage::Pending,
            Err(error) => {
                row.stage = Stage::Failed;
                (row.why, row.hint) = (Some(format!("{error:#}")), hint_of(&error));
                events.tell(Event::StudyFailed(row));
            }
        }
        files::write_json(&place, &run)?;
    }
    Ok(Ran { run, worked: true })
}

/// What is loaded is what somebody left, and not the middle of an apply.
fn nothing_open() -> Result<()> {
    match journal::last::<Journal>()?.filter(Journal::is_open) {
        Some(open) => bail!(interrupted(&open.plan)),
        None => Ok(()),
    }
}

/// The folder of a study's results.
fn folder(request: &StudyRequest) -> Result<PathBuf> {
    let folder = match &request.out {
        Some(folder) => folder.clone(),
        None => request.file.with_extension("results"),
    };
    Ok(PathBuf::from(files::absolute(&folder)?))
}

fn read(place: &Path) -> Result<Option<StudyRun>> {
    if !files::is_file(place) {
        return Ok(None);
    }
    let shown = place.display();
    let text = files::read_text(place)?;
    let run: StudyRun = serde_json::from_str(&text).with_context(|| {
        fault!("the study's journal {shown} is damaged"; "move it away: the study then begins anew")
    })?;
    if run.schema != crate::campaign::SCHEMA {
        bail!(fault!(
            "the study's journal {shown} is of another version of planner";
            "finish with that one, or move it away: the study then begins anew"
        ));
    }
    Ok(Some(run))
}

/// A server that is off is told before an hour of downloading, not after it.
fn answers(request: &StudyRequest, stop: Stop<'_>) -> Result<()> {
    const SECONDS: f64 = 15.0;
    let limits = Limits {
        first_token_seconds: SECONDS,
        stall_seconds: SECONDS,
        request_seconds: SECONDS,
    };
    let server = Server::new(&request.base_url, request.token.clone(), limits)?;
    match server.get(&format!("{}/models", server.base()), stop.step) {
        Listing::Unreachable(problem) => bail!(fault!(
            "can't ask {}: {}", request.base_url, problem.explanation;
            "start LM Studio's server: `lms server start`"
        )),
        Listing::Found(_) | Listing::Refused(_) => Ok(()),
    }
}

/// Loads again what was loaded before a model of this study, where one is loaded.
fn put_back(
    workspace: &Workspace,
    request: &StudyRequest,
    run: &StudyRun,
    events: &Agreed<'_>,
    stop: Stop<'_>,
) -> Result<()> {
    let Some(last) = journal::last::<Journal>()?.filter(|last| last.phase != Phase::RolledBack)
    else {
        return Ok(());
    };
    let ours = |row: &crate::campaign::VariantRun| {
        let plan = turn::plan_of(Path::new(&run.folder), &row.variant);
        row.stage == Stage::Loaded && last.plan == plan.display().to_string()
    };
    if !run.variants.iter().any(ours) {
        return Ok(());
    }
    let undo = ApplyRequest {
        studio: request.studio.clone(),
        ..ApplyRequest::to(Goal::Undo)
    };
    let undone = || {
        stop.step.store(false, Ordering::Relaxed);
        apply(workspace, &undo, events, stop.step)
    };
    // The first Ctrl-C ends the study and not this, whether it came before or comes now; another one
    // does.
    let first_may_come = !stop.all.load(Ordering::Relaxed);
    let mut report = undone();
    let is_back = (report.as_ref()).is_ok_and(|report| report.outcome == Undone::RolledBack);
    if !is_back && first_may_come && stop.all.load(Ordering::Relaxed) {
        report = undone();
    }
    let report = report?;
    match report.outcome {
        Undone::RolledBack => Ok(()),
        _ => bail!(fault!(
            "what was loaded before is not loaded again{}", report.error.map_or_else(String::new, |e| format!(": {e}"));
            "`planner apply --undo` tries again"
        )),
    }
}

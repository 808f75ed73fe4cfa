//! Asks LM Studio and planner's own records how they are. It starts nothing and changes nothing.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Error;

use super::lms::Lms;
use super::{files, install, journal, lms, places};
use crate::apply::Journal;
use crate::apply::fleet::FleetJournal;
use crate::doctor::{Fault, JournalSeen, Records, StudioAnswers};
use crate::lmstudio::{Running, running};
use crate::machine::assemble::Answer;
use crate::machine::reading::NotRead;

/// The longest that a question to `lms` is waited for.
const LIMIT: Duration = Duration::from_secs(20);

/// What LM Studio says of itself.
#[must_use]
pub fn studio() -> StudioAnswers {
    let home = lms::home().filter(|home| home.is_dir());
    let file = |name: &str| match &home {
        Some(home) => files::read_text(&home.join(name)).map_err(|e| words(&e)),
        None => Err(NotRead::NotHere("LM Studio has no home here".to_owned())),
    };
    let found = Lms::find();
    let ask = |args: &[&str]| match &found {
        Ok(lms) => answer(lms, args),
        Err(_) => Err(NotRead::NoCommand("lms".to_owned())),
    };
    let (running, server) = (
        ask(&["daemon", "status"]),
        ask(&["server", "status", "--json"]),
    );
    let asleep = sleeps(&running, &server);
    // These start LM Studio where it does not run.
    let awake = |args: &[&str]| match asleep {
        true => Err(NotRead::NotHere(
            "LM Studio does not run, and asking would start it".to_owned(),
        )),
        false => ask(args),
    };
    StudioAnswers {
        bionic: home.as_deref().and_then(install::sibling).is_some(),
        lms: found
            .as_ref()
            .map(|lms| lms.program().display().to_string())
            .map_err(words),
        version: ask(&["version", "--json"]),
        load_help: ask(&["load", "--help"]),
        installed: awake(&["ls", "--json"]),
        loaded: awake(&["ps", "--json"]),
        runtimes: awake(&["runtime", "ls"]),
        link: awake(&["link", "status", "--json"]),
        settings: file("settings.json"),
        server_config: file(".internal/http-server-config.json"),
        home: home
            .as_ref()
            .map(|home| home.display().to_string())
            .ok_or_else(|| NotRead::NotHere("LM Studio has no home here".to_owned())),
        running,
        server,
    }
}

/// Whether nothing of LM Studio is known to run.
fn sleeps(daemon: &Answer<String>, server: &Answer<String>) -> bool {
    match daemon.as_deref().map(running) {
        Ok(Some(said)) => said == Running::Nothing,
        // One that does not know the question is older, and its server tells.
        _ => !server
            .as_ref()
            .is_ok_and(|said| said.contains("\"running\":true")),
    }
}

fn answer(lms: &Lms, args: &[&str]) -> Answer<String> {
    let called = lms.call(args, LIMIT).map_err(|e| words(&e))?;
    if called.success {
        return Ok(called.stdout);
    }
    let said = called.stderr.lines().map(str::trim).find(|l| !l.is_empty());
    Err(NotRead::Failed {
        command: format!("lms {}", args.join(" ")),
        status: "exit status 1".to_owned(),
        stderr: said.unwrap_or("no message").to_owned(),
    })
}

fn words(error: &Error) -> NotRead {
    NotRead::NotHere(format!("{error:#}"))
}

/// What planner keeps; `fault` words an error.
#[must_use]
pub fn records(fault: &dyn Fn(&Error) -> Fault) -> Records {
    let mut broken = Vec::new();
    let installed = install::last().unwrap_or_else(|error| {
        broken.push(fault(&error));
        Vec::new()
    });
    let state = places::state_folder().ok();
    let parents = installed.iter().filter_map(|file| file.path.parent());
    let mut folders: Vec<PathBuf> = parents.map(Path::to_owned).collect();
    folders.extend(state.clone());
    folders.extend(places::user_catalog());
    folders.sort();
    folders.dedup();
    let left = folders.iter().flat_map(|folder| files::left_in(folder));
    Records {
        journal: match (journal::last::<Journal>(), journal::last::<FleetJournal>()) {
            (Ok(Some(last)), _) if last.is_open() => JournalSeen::Open { plan: last.plan },
            (_, Ok(Some(last))) if last.is_open() => JournalSeen::Open { plan: last.plan },
            (Err(error), _) | (_, Err(error)) => JournalSeen::Unreadable(fault(&error)),
            (Ok(None), Ok(None)) => JournalSeen::None,
            _ => JournalSeen::Closed,
        },
        set_aside: state.map_or_else(Vec::new, |folder| journal::set_aside_in(&folder)),
        left_behind: left.map(|path| path.display().to_string()).collect(),
        changed_since_install: installed
            .iter()
            .filter(|file| files::read_text(&file.path).ok().as_ref() != Some(&file.after))
            .map(|file| file.path.display().to_string())
            .collect(),
        broken,
    }
}

//! Reads the real machine.
//!
//! It asks and collects; what an answer means is decided in `machine::assemble`. It never waits
//! longer than five seconds for one answer, and changes nothing on the machine.

#[cfg(not(target_os = "macos"))]
mod linux;
#[cfg(target_os = "macos")]
mod macos;

use std::path::{Path, PathBuf};
use std::time::Duration;

use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};

use super::command;
use crate::machine::assemble::{Answer, CommonAnswers};
use crate::machine::reading::{NotRead, ProcessMemory, Reading};
use crate::units::Bytes;

/// The longest that one answer is waited for.
const LIMIT: Duration = Duration::from_secs(5);

/// Where LM Studio keeps models unless told otherwise, below the home folder.
const DEFAULT_MODELS_FOLDER: &str = ".lmstudio/models";

/// Reads this machine, and the volume of LM Studio's default models folder, or of the home folder
/// where there is none.
#[must_use]
pub fn read() -> Reading {
    let folder = etcetera::home_dir().ok().map(|home| {
        let models = home.join(DEFAULT_MODELS_FOLDER);
        if models.is_dir() { models } else { home }
    });
    read_for(folder)
}

/// Reads this machine, and the volume of this models folder.
#[must_use]
pub fn read_with_models_folder(folder: &Path) -> Reading {
    read_for(Some(folder.to_owned()))
}

fn read_for(folder: Option<PathBuf>) -> Reading {
    #[cfg(target_os = "macos")]
    return macos::read(folder);
    #[cfg(not(target_os = "macos"))]
    return linux::read(folder);
}

fn common_answers(folder: Option<PathBuf>) -> CommonAnswers {
    let df = match &folder {
        Some(folder) => command::text(
            "df",
            &["-P".as_ref(), "-k".as_ref(), folder.as_os_str()],
            LIMIT,
        ),
        None => Err(NotRead::NotHere("the home folder is not known".to_owned())),
    };
    CommonAnswers {
        processes: processes(),
        folder: folder.unwrap_or_default().to_string_lossy().into_owned(),
        df,
    }
}

/// All processes whose memory the system lets us see. Without root, macOS hides other users'; they
/// come back with no memory, and are left out.
fn processes() -> Answer<Vec<ProcessMemory>> {
    let mut system = System::new().map_err(|error| unread("sysinfo", &error))?;
    let kind = ProcessRefreshKind::nothing()
        .with_memory()
        .with_exe(UpdateKind::Always)
        .without_tasks();
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, kind);
    let found: Vec<ProcessMemory> = system
        .processes()
        .values()
        .filter(|process| process.memory() > 0)
        .map(|process| {
            let executable = process.exe().filter(|path| !path.as_os_str().is_empty());
            // Linux cuts a process's own name to 15 characters; its executable's is whole.
            let name = executable
                .and_then(Path::file_name)
                .unwrap_or_else(|| process.name());
            ProcessMemory {
                pid: process.pid().as_u32(),
                name: name.to_string_lossy().into_owned(),
                executable: executable.map(|path| path.to_string_lossy().into_owned()),
                resident_bytes: Bytes(process.memory()),
            }
        })
        .collect();
    if found.is_empty() {
        return Err(NotRead::NotHere(
            "the system shows no process's memory".to_owned(),
        ));
    }
    Ok(found)
}

fn unread(who: &str, error: &dyn std::fmt::Display) -> NotRead {
    NotRead::NotRun {
        command: who.to_owned(),
        error: error.to_string(),
    }
}

//! The processes and their memory.

use std::path::Path;

use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};

use super::answer::unread;
use crate::machine::assemble::Answer;
use crate::machine::reading::{NotRead, ProcessMemory};
use crate::units::Bytes;

/// All processes whose memory the system lets us see. Without root, macOS hides other users'; they
/// come back with no memory, and are left out.
pub(super) fn read() -> Answer<Vec<ProcessMemory>> {
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

//! Reads the real machine.
//!
//! It asks and collects; what an answer means is decided in `machine::assemble`. It never waits
//! longer than five seconds for one answer, and changes nothing on the machine.

mod answer;
mod common;
mod disk;
#[cfg(not(target_os = "macos"))]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
mod processes;

use std::path::{Path, PathBuf};

use crate::machine::assemble::MachineAnswers;
use crate::machine::reading::Reading;

/// Where LM Studio keeps models unless told otherwise, below the home folder.
const DEFAULT_MODELS_FOLDER: &str = ".lmstudio/models";

/// Reads this machine, and the volume of LM Studio's default models folder, or of the home folder
/// where there is none.
#[must_use]
pub fn read() -> Reading {
    ask().reading()
}

/// Asks this machine for all that [`read`] is made of.
#[must_use]
pub fn ask() -> MachineAnswers {
    let folder = etcetera::home_dir().ok().map(|home| {
        let models = home.join(DEFAULT_MODELS_FOLDER);
        if models.is_dir() { models } else { home }
    });
    ask_for(folder)
}

/// Reads this machine, and the volume of this models folder.
#[must_use]
pub fn read_with_models_folder(folder: &Path) -> Reading {
    ask_for(Some(folder.to_owned())).reading()
}

/// What is free on the volume of a folder; none where that can't be told.
#[must_use]
pub fn free_on(folder: &Path) -> Option<crate::units::Bytes> {
    disk::holding(folder).ok().map(|disk| disk.available_bytes)
}

fn ask_for(folder: Option<PathBuf>) -> MachineAnswers {
    #[cfg(target_os = "macos")]
    return macos::ask(folder.as_deref());
    #[cfg(not(target_os = "macos"))]
    return linux::ask(folder.as_deref());
}

//! What is asked of a study.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use crate::app::machine::MachineChoice;
use crate::app::studio::StudioChoice;
use crate::units::Bytes;

/// A study to run.
#[derive(Clone)]
pub struct StudyRequest {
    /// Its file.
    pub file: PathBuf,
    /// The folder of its results; beside the file when left out.
    pub out: Option<PathBuf>,
    /// Try those again that failed.
    pub again: bool,
    /// Only say how far it is.
    pub dry_run: bool,
    /// The machine whose limits hold; this one when left out.
    pub machine: MachineChoice,
    /// Which LM Studio.
    pub studio: StudioChoice,
    /// Address of its server.
    pub base_url: String,
    /// The server's token, where it wants one.
    pub token: Option<String>,
    /// The hub that has the files.
    pub endpoint: String,
    /// The models folder; LM Studio's when left out.
    pub models_folder: Option<PathBuf>,
    /// Bytes per second at most of a download.
    pub limit: Option<Bytes>,
    /// Connections at once at most of a download.
    pub connections: u32,
}

/// How a study is stopped. Both are set by a Ctrl-C.
#[derive(Clone, Copy)]
pub struct Stop<'a> {
    /// Ends the step that is under way; going back to what was loaded before sets it anew.
    pub step: &'a AtomicBool,
    /// Ends the study.
    pub all: &'a AtomicBool,
}

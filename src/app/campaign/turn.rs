//! What the turn of a model goes by, and where its files are.

use std::path::{Path, PathBuf};

use super::agreed::Agreed;
use super::request::{Stop, StudyRequest};
use crate::app::workspace::Workspace;
use crate::campaign::StudyFile;
use crate::fault;
use crate::fault::Fault;

/// A model's turn.
pub(super) struct Turn<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) request: &'a StudyRequest,
    pub(super) file: &'a StudyFile,
    pub(super) folder: &'a Path,
    pub(super) events: &'a Agreed<'a>,
    pub(super) stop: Stop<'a>,
}

/// A model's folder in a study's, by its name.
pub(super) fn folder_of(folder: &Path, variant: &str) -> PathBuf {
    folder.join(variant.replace('/', "--"))
}

/// Where the plan of a model is.
pub(super) fn plan_of(folder: &Path, variant: &str) -> PathBuf {
    folder_of(folder, variant).join("plan.json")
}

/// Told of a step that a Ctrl-C ended.
pub(super) fn interrupted() -> Fault {
    fault!("interrupted"; "the same command goes on")
}

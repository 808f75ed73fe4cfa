//! What a hub has of a model: its files, with their sizes, what they hold and how they stand here.

use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::wanted::{Files, WantedModel};
use crate::app::read::{Choice, Named, gguf_set};
use crate::download::document::{Check, FileState, GetFile, GetModel};
use crate::download::{Content, LocalFile, folder_files, gguf_files, sound};
use crate::edge::download::{Standing, Wanted, standing};
use crate::edge::hub::{Hub, HubFile};
use crate::fault;
use crate::model::repository::Repository;
use crate::units::Bytes;

/// A model as a hub has it.
pub(super) struct Listed {
    pub(super) name: String,
    pub(super) repository: String,
    pub(super) commit: Option<String>,
    pub(super) files: Vec<ListedFile>,
    /// Where the files are asked for.
    pub(super) hub: Hub,
}

/// A file of it.
pub(super) struct ListedFile {
    pub(super) path: String,
    pub(super) local: String,
    pub(super) wanted: Wanted,
}

impl Listed {
    /// How the files of a model stand on this disk.
    pub(super) fn standing(&self, folder: &Path) -> Result<GetModel> {
        let repository = &self.repository;
        let target = folder.join(repository);
        let files = self.files.iter().map(|file| {
            let (state, kept) = match standing(folder, repository, &file.local, &file.wanted) {
                Standing::Present => (FileState::Present, file.wanted.bytes),
                Standing::Checked => (FileState::Checked, file.wanted.bytes),
                Standing::Missing(kept) => (FileState::Missing, kept),
                Standing::Taken => {
                    let place = target.join(&file.local);
                    return Err(fault!(
                        "{} is there, and is not what the hub has: that file has {} bytes", place.display(), file.wanted.bytes.0;
                        "move it away, and run this again"
                    )
                    .into());
                }
            };
            Ok(GetFile {
                path: file.path.clone(),
                local: file.local.clone(),
                bytes: file.wanted.bytes,
                kept_bytes: kept,
                received_bytes: Bytes::ZERO,
                state,
                check: file.check(),
            })
        });
        Ok(GetModel {
            name: self.name.clone(),
            repository: repository.clone(),
            commit: self.commit.clone(),
            folder: target.display().to_string(),
            files: files.collect::<Result<_>>()?,
        })
    }
}

impl ListedFile {
    pub(super) const fn check(&self) -> Check {
        match self.wanted.content {
            Content::Sha256(_) => Check::Sha256,
            Content::GitBlob(_) => Check::GitBlob,
            Content::Unknown => Check::Size,
        }
    }
}

/// Asks a hub for the files of a model, as of one commit, so that none of them changes on the way.
pub(super) fn list(model: &WantedModel, endpoint: &str) -> Result<Listed> {
    let repository = &model.repository;
    let hub = Hub::at(endpoint)?;
    // A mirror that has files alone names no commit.
    let commit = hub.card(repository).unwrap_or_default().commit;
    let hub = match &commit {
        Some(commit) => hub.as_of(commit),
        None => hub,
    };
    let all = hub.files(repository)?;
    let sizes: Vec<(String, Bytes)> = all.iter().map(|f| (f.path.clone(), f.bytes)).collect();
    let offered = Repository::of(&sizes);
    let chosen = choose(model, &offered, &all)?;
    sound(&chosen).with_context(
        || fault!("`{repository}` can't be downloaded"; "name another repository of the model"),
    )?;
    let files = chosen
        .into_iter()
        .map(|LocalFile { path, local }| {
            let file = all.iter().find(|f| f.path == path).with_context(|| {
                fault!(
                    "`{repository}` lacks `{path}`";
                    "the upload is not complete: name another repository of the model"
                )
            })?;
            Ok(ListedFile {
                wanted: Wanted {
                    url: hub.file(repository, &path),
                    bytes: file.bytes,
                    content: file.content.clone(),
                },
                path,
                local,
            })
        })
        .collect::<Result<_>>()?;
    Ok(Listed {
        name: model.name.clone(),
        repository: repository.clone(),
        commit,
        files,
        hub,
    })
}

fn choose(model: &WantedModel, offered: &Repository, all: &[HubFile]) -> Result<Vec<LocalFile>> {
    let folder = || folder_files(all.iter().map(|f| f.path.as_str()));
    match &model.files {
        Files::Named(rest) => match Named::read(rest)?.choose(offered)? {
            Choice::Folder => Ok(folder()),
            Choice::Set(set) => Ok(gguf_files(set, offered)),
            Choice::All(_) => {
                let names = offered.gguf.iter().map(|s| s.quantization.as_str());
                bail!(fault!(
                    "`{}` has several quantizations", model.name;
                    "name one, such as `{}:{}`; it has {}",
                    model.name, offered.gguf[0].quantization, names.collect::<Vec<_>>().join(", ")
                ))
            }
        },
        Files::Folder if offered.safetensors => Ok(folder()),
        Files::Folder => bail!(fault!(
            "`{}` has no `config.json` with safetensors files any more", model.repository;
            "name another repository: `planner get hf:OWNER/REPOSITORY`"
        )),
        Files::Gguf {
            quantization,
            pattern,
        } => {
            let set = gguf_set(offered, quantization, pattern.as_deref());
            let set = set.with_context(|| {
                fault!(
                    "`{}` has no {quantization} any more", model.repository;
                    "see what it has: `planner fit hf:{}`", model.repository
                )
            })?;
            Ok(gguf_files(set, offered))
        }
    }
}

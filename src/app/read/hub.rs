//! A model in a repository of a hub: which of its files are meant.

use anyhow::{Context as _, Result, anyhow, bail};

use super::found::Found;
use super::headers::Reader;
use super::repository::Place;
use crate::app::events::Events;
use crate::edge::hub::Hub;
use crate::fault;
use crate::model::repository::{GgufSet, Repository};
use crate::suggest;
use crate::units::Bytes;

/// A name on a hub, taken apart.
pub(in crate::app) struct Named<'a> {
    /// As it was given, without `hf:`.
    rest: &'a str,
    /// `owner/name`.
    pub(in crate::app) repository: String,
    quantization: Option<&'a str>,
    file: String,
}

impl<'a> Named<'a> {
    /// Reads `owner/repository[:quantization]` or `owner/repository/path.gguf`.
    pub(in crate::app) fn read(rest: &'a str) -> Result<Self> {
        let (path, quantization) = match rest.rsplit_once(':') {
            Some((path, quantization)) => (path, Some(quantization)),
            None => (rest, None),
        };
        let segments: Vec<&str> = path.split('/').collect();
        let [owner, name, file @ ..] = segments.as_slice() else {
            bail!(fault!(
                "invalid repository `hf:{rest}`";
                "write hf:owner/repository, or hf:owner/repository:Q4_K_M"
            ));
        };
        if [owner, name].iter().any(|s| !is_plain(s)) {
            bail!(fault!(
                "invalid repository `hf:{rest}`: a name has letters, digits, `-`, `_` and `.`";
                "copy the name from the model's page: hf:owner/repository"
            ));
        }
        Ok(Self {
            rest,
            repository: format!("{owner}/{name}"),
            quantization,
            file: file.join("/"),
        })
    }

    /// Which of the models that a repository offers is meant.
    pub(in crate::app) fn choose<'o>(&self, offered: &'o Repository) -> Result<Choice<'o>> {
        choose(offered, self.quantization, &self.file, self.rest)
    }
}

/// Looks into `owner/repository[:quantization]` or `owner/repository/path.gguf`. Where the
/// repository has several quantizations and none is named, gives the smallest, and the list.
pub(super) fn find(
    rest: &str,
    endpoint: &str,
    events: &dyn Events,
) -> Result<(Found, Vec<GgufSet>)> {
    let named = Named::read(rest)?;
    let repository = &named.repository;
    let hub = Hub::at(endpoint)?;
    let files: Vec<(String, Bytes)> = hub
        .files(repository)?
        .into_iter()
        .map(|f| (f.path, f.bytes))
        .collect();
    let offered = Repository::of(&files);
    let chosen = named.choose(&offered)?;
    let place = Place {
        hub: &hub,
        reader: Reader {
            fetcher: &hub.fetcher,
            events,
        },
        repository,
    };
    let found = match chosen {
        Choice::Folder => (place.folder(&files)?, Vec::new()),
        Choice::Set(set) => (place.gguf_set(set, &offered)?, Vec::new()),
        Choice::All(smallest) => (place.gguf_set(smallest, &offered)?, offered.gguf.clone()),
    };
    place.reader.done(&hub.file(repository, ""));
    Ok(found)
}

fn is_plain(segment: &str) -> bool {
    !segment.is_empty()
        && !segment.starts_with('.')
        && segment
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// What a name means of what a repository offers.
pub(in crate::app) enum Choice<'a> {
    /// Its safetensors files.
    Folder,
    /// One of its GGUF models.
    Set(&'a GgufSet),
    /// All of them, of which this is the smallest.
    All(&'a GgufSet),
}

fn choose<'a>(
    offered: &'a Repository,
    wanted: Option<&str>,
    file: &str,
    rest: &str,
) -> Result<Choice<'a>> {
    if !file.is_empty() {
        let set = offered
            .gguf
            .iter()
            .find(|s| s.paths.iter().any(|p| p == file));
        return set
            .map(Choice::Set)
            .with_context(|| format!("`hf:{rest}`: the repository has no model in `{file}`"));
    }
    let all = || -> Vec<&str> {
        offered
            .gguf
            .iter()
            .map(|s| s.quantization.as_str())
            .collect()
    };
    match (wanted, offered.gguf.as_slice()) {
        (Some(wanted), _) => offered.find(wanted).map(Choice::Set).ok_or_else(|| {
            let near = suggest::nearest(wanted, all());
            anyhow!(fault!(
                "`hf:{rest}`: the repository has no `{wanted}`{}", suggest::or_nothing(near.as_deref());
                "it has {}", if offered.gguf.is_empty() {
                    "no GGUF files".to_owned()
                } else {
                    all().join(", ")
                }
            ))
        }),
        (None, [one]) => Ok(Choice::Set(one)),
        (None, [smallest, ..]) => Ok(Choice::All(smallest)),
        (None, []) if offered.safetensors => Ok(Choice::Folder),
        (None, []) => bail!(fault!(
            "`hf:{rest}`: the repository has neither GGUF files nor `config.json` with safetensors files";
            "name the repository that holds the converted files"
        )),
    }
}

//! The files of a repository as a model: a set of GGUF files, or a folder of safetensors.

use anyhow::{Context as _, Result, bail};

use super::found::Found;
use super::headers::{Reader, by_size};
use crate::edge::hub::Hub;
use crate::fault;
use crate::fit::from_gguf::GgufModel;
use crate::fit::{About, Sibling, from_folder, from_gguf};
use crate::lmstudio::matching::holds;
use crate::memory::Companion;
use crate::model::repository::{GgufSet, Repository};
use crate::model::safetensors_index::Index;
use crate::units::Bytes;

/// A repository of a hub.
pub(super) struct Place<'a> {
    pub(super) hub: &'a Hub,
    pub(super) reader: Reader<'a>,
    pub(super) repository: &'a str,
}

impl Place<'_> {
    /// A GGUF model of a repository, with its projector and the other quantizations.
    pub(super) fn gguf_set(&self, set: &GgufSet, offered: &Repository) -> Result<Found> {
        let repository = self.repository;
        let headers = set
            .paths
            .iter()
            .map(|path| self.reader.gguf(&self.hub.file(repository, path)))
            .collect::<Result<Vec<_>>>()?;
        let name = format!("hf:{repository}:{}", set.quantization);
        let GgufModel {
            mut subject,
            prediction,
            about,
        } = from_gguf::model(&name, &headers, set.bytes).with_context(|| name.clone())?;
        subject.siblings = offered
            .gguf
            .iter()
            .filter(|other| other.paths != set.paths)
            .map(|other| Sibling {
                name: format!("hf:{repository}:{}", other.quantization),
                quantization: other.quantization.clone(),
                weights: by_size(other.bytes),
            })
            .collect();
        let senses = match offered.projector() {
            Some(projector) => Some(self.projector(projector)?),
            None => None,
        };
        Ok(Found {
            subject,
            prediction,
            senses,
            about: About {
                repository: Some(Hub::known_as(repository)),
                files: set.paths.first().cloned(),
                quantization: Some(set.quantization.clone()),
                ..about
            },
            folder: None,
            known: None,
        })
    }

    fn projector(&self, set: &GgufSet) -> Result<Companion> {
        let path = set.paths.first().map_or("", String::as_str);
        let header = self.reader.gguf(&self.hub.file(self.repository, path))?;
        from_gguf::projector(&header, set.bytes).with_context(|| path.to_owned())
    }

    /// `config.json` and the headers of all safetensors files of a repository.
    pub(super) fn folder(&self, files: &[(String, Bytes)]) -> Result<Found> {
        let (hub, repository) = (self.hub, self.repository);
        let has = |name: &str| files.iter().any(|(path, _)| path == name);
        let get = |name: &str| hub.fetcher.document(&hub.file(repository, name));
        let (config, _) = get("config.json")?;
        const INDEX: &str = "model.safetensors.index.json";
        let shards: Vec<String> = if has(INDEX) {
            let index = Index::read(&get(INDEX)?.0).context(INDEX)?;
            index.shards().into_iter().map(str::to_owned).collect()
        } else {
            let top = files.iter().map(|(path, _)| path);
            top.filter(|p| !p.contains('/') && p.ends_with(".safetensors"))
                .cloned()
                .collect()
        };
        let missing: Vec<&str> = shards
            .iter()
            .map(String::as_str)
            .filter(|s| !has(s))
            .collect();
        if !missing.is_empty() {
            bail!(fault!(
                "hf:{repository}: {} of {} files are missing: {}", missing.len(), shards.len(), missing.join(", ");
                "the upload is not complete: name another repository of the model"
            ));
        }
        let mut tensors = Vec::new();
        for shard in &shards {
            tensors.extend(
                self.reader
                    .safetensors(&hub.file(repository, shard), shard)?,
            );
        }
        let name = format!("hf:{repository}");
        let model = from_folder::model(&name, &config, &tensors).context("config.json")?;
        Ok(Found {
            subject: model.subject,
            prediction: None,
            senses: model.senses,
            about: About {
                title: repository.rsplit('/').next().map(str::to_owned),
                repository: Some(Hub::known_as(repository)),
                ..model.about
            },
            folder: None,
            known: None,
        })
    }
}

/// The model that a pattern means, which all its files follow or one of them has as its path; of
/// several, the one of the quantization.
pub(in crate::app) fn gguf_set<'a>(
    offered: &'a Repository,
    quantization: &str,
    pattern: Option<&str>,
) -> Option<&'a GgufSet> {
    let means = |set: &GgufSet, pattern: &str| {
        let mut paths = set.paths.iter();
        set.paths.iter().any(|path| path == pattern) || paths.all(|path| holds(pattern, path))
    };
    let follows = |set: &&GgufSet| pattern.is_none_or(|pattern| means(set, pattern));
    let such: Vec<&GgufSet> = offered.gguf.iter().filter(follows).collect();
    match such.as_slice() {
        [one] if pattern.is_some() => Some(one),
        several => {
            let is_it = |set: &&&GgufSet| set.quantization.eq_ignore_ascii_case(quantization);
            several.iter().find(is_it).copied()
        }
    }
}

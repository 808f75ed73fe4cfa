//! A model on a Hugging Face hub or at any address: only the headers of its files are read.

use anyhow::{Context as _, Result, anyhow, bail};
use reqwest::Url;

use super::target::Found;
use crate::basis::Basis;
use crate::edge::fetch;
use crate::edge::fetch::Fetcher;
use crate::edge::hub;
use crate::edge::hub::Hub;
use crate::edge::remote_file::RemoteFile;
use crate::fault;
use crate::fit::from_gguf::GgufModel;
use crate::fit::{About, Sibling, from_folder, from_gguf};
use crate::memory::Companion;
use crate::memory::Weights;
use crate::model::gguf;
use crate::model::gguf::{Header, PartName};
use crate::model::repository::{GgufSet, Repository};
use crate::model::safetensors;
use crate::model::safetensors_index::Index;
use crate::units::Bytes;

/// What a name on a hub means.
#[derive(Debug)]
pub(in crate::cli) enum Remote {
    /// One model.
    One(Box<Found>),
    /// A repository with several quantizations, the first model of which was looked into.
    Several(Box<Found>, Vec<GgufSet>),
}

/// What was read, for people.
pub(in crate::cli) struct Reading {
    pub(in crate::cli) remote: Remote,
    pub(in crate::cli) told: String,
}

/// Whether a name means something that is not here.
pub(in crate::cli) fn is_remote(name: &str) -> bool {
    name.starts_with("hf:") || name.starts_with("https://") || name.starts_with("http://")
}

/// Looks into `hf:owner/repository[:quantization]`, `hf:owner/repository/path.gguf`, or an address.
pub(in crate::cli) fn find(name: &str, endpoint: &str) -> Result<Reading> {
    match name.strip_prefix("hf:") {
        Some(rest) => on_hub(rest, endpoint),
        None => at_address(name, endpoint),
    }
}

fn told(fetcher: &Fetcher, place: &Url) -> String {
    let (bytes, requests) = fetcher.read_so_far();
    format!(
        "read {} in {requests} requests from {}",
        Bytes(bytes).decimal(),
        place.host_str().unwrap_or("the server")
    )
}

fn on_hub(rest: &str, endpoint: &str) -> Result<Reading> {
    let (path, wanted) = match rest.rsplit_once(':') {
        Some((path, quantization)) => (path, Some(quantization)),
        None => (rest, None),
    };
    let segments: Vec<&str> = path.split('/').collect();
    let [owner, name, file @ ..] = segments.as_slice() else {
        bail!(fault!(
            "`hf:{rest}` names no repository";
            "write hf:owner/repository, or hf:owner/repository:Q4_K_M"
        ));
    };
    if [owner, name].iter().any(|s| !is_plain(s)) {
        bail!(fault!(
            "`hf:{rest}` has characters that no repository has";
            "copy the name from the model's page: hf:owner/repository"
        ));
    }
    let repository = format!("{owner}/{name}");
    let hub = Hub::at(endpoint)?;
    let files: Vec<(String, Bytes)> = hub
        .files(&repository)?
        .into_iter()
        .map(|f| (f.path, f.bytes))
        .collect();
    let offered = Repository::of(&files);
    let chosen = choose(&offered, wanted, &file.join("/"), rest)?;
    let remote = match chosen {
        Choice::Folder => Remote::One(Box::new(folder(&hub, &repository, &files)?)),
        Choice::Set(set) => Remote::One(Box::new(gguf_set(&hub, &repository, set, &offered)?)),
        Choice::All(smallest) => Remote::Several(
            Box::new(gguf_set(&hub, &repository, smallest, &offered)?),
            offered.gguf.clone(),
        ),
    };
    let told = told(&hub.fetcher, &hub.file(&repository, ""));
    Ok(Reading { remote, told })
}

fn is_plain(segment: &str) -> bool {
    !segment.is_empty()
        && !segment.starts_with('.')
        && segment
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

enum Choice<'a> {
    Folder,
    Set(&'a GgufSet),
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
            let near = crate::suggest::nearest(wanted, all());
            anyhow!(fault!(
                "`hf:{rest}`: the repository has no `{wanted}`{}", crate::suggest::or_nothing(near.as_deref());
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

/// A GGUF model of a repository, with its projector and the other quantizations.
fn gguf_set(hub: &Hub, repository: &str, set: &GgufSet, offered: &Repository) -> Result<Found> {
    let headers = set
        .paths
        .iter()
        .map(|path| header(&hub.fetcher, &hub.file(repository, path)))
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
    let senses = match offered.projectors.last() {
        Some(projector) => Some(projector_of(hub, repository, projector)?),
        None => None,
    };
    Ok(Found {
        subject,
        prediction,
        senses,
        about: About {
            repository: Some(hub.page(repository)),
            files: set.paths.first().cloned(),
            quantization: Some(set.quantization.clone()),
            ..about
        },
        folder: None,
        known: None,
    })
}

/// Weights by the size of their files, which hold a few MB beside them.
pub(super) fn by_size(bytes: Bytes) -> Weights {
    Weights {
        gpu: bytes,
        cpu: Bytes::ZERO,
        basis: Basis::Assumed,
        source: "the size of its files".to_owned(),
    }
}

fn projector_of(hub: &Hub, repository: &str, set: &GgufSet) -> Result<Companion> {
    let path = set.paths.first().map_or("", String::as_str);
    let header = header(&hub.fetcher, &hub.file(repository, path))?;
    from_gguf::projector(&header, set.bytes).with_context(|| path.to_owned())
}

/// The header of a GGUF file, held against the length that the server tells.
fn header(fetcher: &Fetcher, url: &Url) -> Result<Header> {
    let shown = url.path().trim_start_matches('/').to_owned();
    let mut file = RemoteFile::open(fetcher, url)?;
    let length = file.length();
    let header = gguf::read(&mut file).with_context(|| shown.clone())?;
    if let Some(truncation) = header.truncation(length) {
        bail!(fault!(
            "{shown}: {truncation}";
            "the upload is not complete, or the server tells a wrong length"
        ));
    }
    Ok(header)
}

/// `config.json` and the headers of all safetensors files of a repository.
fn folder(hub: &Hub, repository: &str, files: &[(String, Bytes)]) -> Result<Found> {
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
            "hf:{repository}: {} of its {} files are not there: {}", missing.len(), shards.len(), missing.join(", ");
            "the upload is not complete: name another repository of the model"
        ));
    }
    let mut tensors = Vec::new();
    for shard in &shards {
        let mut file = RemoteFile::open(&hub.fetcher, &hub.file(repository, shard))?;
        tensors.extend(
            safetensors::read(&mut file)
                .with_context(|| shard.clone())?
                .tensors,
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
            repository: Some(hub.page(repository)),
            ..model.about
        },
        folder: None,
        known: None,
    })
}

/// A GGUF file at any address, with its other parts beside it.
fn at_address(text: &str, endpoint: &str) -> Result<Reading> {
    let url = fetch::address(text)?;
    // The token is for the hub, whatever address is read.
    let fetcher = Fetcher::new(&fetch::address(endpoint)?, hub::token().as_deref())?;
    let name = url.path().rsplit('/').next().unwrap_or_default().to_owned();
    if !name.to_ascii_lowercase().ends_with(".gguf") {
        bail!(fault!(
            "{text} is not the address of a GGUF file";
            "a repository is named hf:owner/repository; --endpoint names a mirror of the hub"
        ));
    }
    let urls: Vec<Url> = match PartName::parse(&name) {
        Some(part) => part
            .all()
            .map(|p| beside(&url, &p))
            .collect::<Result<Vec<_>>>()?,
        None => vec![url.clone()],
    };
    let headers = urls
        .iter()
        .map(|url| header(&fetcher, url))
        .collect::<Result<Vec<_>>>()?;
    let bytes = headers.iter().filter_map(Header::expected_bytes).sum();
    let model = from_gguf::model(&name, &headers, bytes).with_context(|| name.clone())?;
    let told = told(&fetcher, &url);
    let found = Found {
        subject: model.subject,
        prediction: model.prediction,
        senses: None,
        about: About {
            files: Some(text.to_owned()),
            ..model.about
        },
        folder: None,
        known: None,
    };
    Ok(Reading {
        remote: Remote::One(Box::new(found)),
        told,
    })
}

fn beside(url: &Url, name: &str) -> Result<Url> {
    url.join(name)
        .map(|mut other| {
            other.set_query(url.query());
            other
        })
        .with_context(|| format!("no address for {name}"))
}

//! An MLX or Hugging Face folder as the model that is asked about: `config.json` and the headers
//! of its safetensors files.

use std::io::BufReader;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::found::Found;
use crate::edge::files;
use crate::fault;
use crate::fault::Fault;
use crate::fit::{About, from_folder};
use crate::model::safetensors;
use crate::model::safetensors::Tensor;
use crate::model::safetensors_index::Index;

const INDEX: &str = "model.safetensors.index.json";

/// Reads the model that a folder holds.
pub(super) fn read(folder: &Path) -> Result<Found> {
    let config = folder.join("config.json");
    if !files::is_file(&config) {
        bail!(no_config(folder)?);
    }
    let text = files::read_text(&config)?;
    let tensors = tensors(folder)?;
    let name = folder
        .canonicalize()
        .ok()
        .and_then(|p| p.file_name().map(|n| n.to_string_lossy().into_owned()))
        .unwrap_or_else(|| folder.display().to_string());
    let model = from_folder::model(&name, text.as_bytes(), &tensors)
        .with_context(|| config.display().to_string())?;
    Ok(Found {
        subject: model.subject,
        prediction: None,
        senses: model.senses,
        about: About {
            title: Some(name),
            ..model.about
        },
        folder: Some(folder.to_path_buf()),
        known: None,
    })
}

/// A folder of GGUF files is asked about by file.
fn no_config(folder: &Path) -> Result<Fault> {
    let names = files::names_in(folder)?;
    let gguf: Vec<&str> = names
        .iter()
        .map(String::as_str)
        .filter(|n| n.to_ascii_lowercase().ends_with(".gguf"))
        .collect();
    let shown = folder.display();
    Ok(match gguf.first() {
        Some(first) => {
            fault!(
                "{shown} is a folder of {} GGUF files", gguf.len();
                "give one of them, such as {}", folder.join(first).display()
            )
        }
        None => {
            fault!(
                "{shown} has no `config.json`, so it holds no MLX or Hugging Face model";
                "give the folder that has `config.json` and the safetensors files"
            )
        }
    })
}

/// The tensors of all files: those that the index names, else every safetensors file.
fn tensors(folder: &Path) -> Result<Vec<Tensor>> {
    let index = folder.join(INDEX);
    let shards: Vec<String> = if files::is_file(&index) {
        let index = Index::read(files::read_text(&index)?.as_bytes())
            .with_context(|| index.display().to_string())?;
        index.shards().into_iter().map(str::to_owned).collect()
    } else {
        let names = files::names_in(folder)?;
        names
            .into_iter()
            .filter(|n| n.ends_with(".safetensors") && !n.starts_with('.'))
            .collect()
    };
    if shards.is_empty() {
        bail!(fault!(
            "{} has no safetensors files", folder.display();
            "download the model's weights into it"
        ));
    }
    let missing: Vec<&str> = shards
        .iter()
        .filter(|s| !files::is_file(&folder.join(s)))
        .map(String::as_str)
        .collect();
    if !missing.is_empty() {
        bail!(fault!(
            "{}: {} of {} files are missing: {}", folder.display(), missing.len(), shards.len(), missing.join(", ");
            "download them into the folder"
        ));
    }
    let mut all = Vec::new();
    for shard in &shards {
        let path = folder.join(shard);
        let (file, length) = files::open(&path)?;
        let header =
            safetensors::read(BufReader::new(file)).with_context(|| path.display().to_string())?;
        if let Some(truncation) = header.truncation(length) {
            bail!(fault!(
                "{}: {truncation}", path.display();
                "is it still downloading? wait, or download it again"
            ));
        }
        all.extend(header.tensors);
    }
    Ok(all)
}

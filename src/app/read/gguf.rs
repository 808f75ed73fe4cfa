//! A GGUF file as the model that is asked about, with all its parts where it is split. Only
//! headers are read.

use std::io::BufReader;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::found::Found;
use crate::edge::files;
use crate::fault;
use crate::fit::About;
use crate::fit::from_gguf;
use crate::model::gguf;
use crate::model::gguf::{Header, PartName};
use crate::units::Bytes;

/// Reads the model that a file, or any part of a split one, belongs to.
pub(super) fn read(path: &Path) -> Result<Found> {
    let (headers, bytes) = parts(path)?;
    let name = file_name(path);
    let model = from_gguf::model(&name, &headers, bytes)
        .map_err(|error| anyhow::Error::new(error).context(path.display().to_string()))?;
    Ok(Found {
        subject: model.subject,
        prediction: model.prediction,
        senses: None,
        about: About {
            files: Some(name),
            ..model.about
        },
        folder: path.parent().map(Path::to_path_buf),
        known: None,
    })
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// The headers of all parts in their order, and the bytes of all files.
fn parts(path: &Path) -> Result<(Vec<Header>, Bytes)> {
    let name = file_name(path);
    let Some(part) = PartName::parse(&name) else {
        let (header, length) = header(path)?;
        return Ok((vec![header], length));
    };
    let names: Vec<String> = part.all().collect();
    let missing: Vec<&str> = names
        .iter()
        .filter(|n| !files::is_file(&path.with_file_name(n)))
        .map(String::as_str)
        .collect();
    if !missing.is_empty() {
        bail!(fault!(
            "{}: {} of {} parts are missing: {}", path.display(), missing.len(), names.len(), missing.join(", ");
            "download them into the same folder"
        ));
    }
    let mut headers = Vec::with_capacity(names.len());
    let mut bytes = Bytes::ZERO;
    for name in names {
        let (header, length) = header(&path.with_file_name(name))?;
        headers.push(header);
        bytes += length;
    }
    Ok((headers, bytes))
}

/// The header of one file that has all its bytes.
pub(in crate::app) fn header(path: &Path) -> Result<(Header, Bytes)> {
    if !files::is_file(path) {
        bail!(fault!(
            "file not found: {}", path.display();
            "check the path; of a model on the hub hf:OWNER/REPOSITORY reads the header, and `planner catalog list` shows the models that need no file"
        ));
    }
    let (file, length) = files::open(path)?;
    let header = gguf::read(BufReader::new(file)).with_context(|| path.display().to_string())?;
    if let Some(truncation) = header.truncation(length) {
        bail!(fault!(
            "{}: {truncation}", path.display();
            "is it still downloading? wait, or download it again"
        ));
    }
    Ok((header, length))
}

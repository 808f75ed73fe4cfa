//! A bundle from folders of catalog files, to be signed.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::offer;
use crate::app::layers;
use crate::app::save;
use crate::app::save::Saved;
use crate::app::workspace::Workspace;
use crate::catalog::Catalog;
use crate::catalog::bundle::Bundle;
use crate::edge::{clock, files};
use crate::fault;

/// What goes into a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleRequest {
    /// Folders of catalog files.
    pub folders: Vec<PathBuf>,
    /// Its number; the time of day, to the minute, when left out.
    pub serial: Option<u64>,
    /// Its day; today when left out.
    pub date: Option<String>,
    /// The file to write.
    pub out: PathBuf,
}

/// A bundle that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundled {
    /// Its file.
    pub saved: Saved,
    /// Its number.
    pub serial: u64,
    /// Its models.
    pub models: usize,
    /// Findings of the check that nobody explained.
    pub findings: usize,
}

/// Writes a bundle of all catalog files in some folders.
///
/// # Errors
/// When a folder can't be read, its files make no catalog, or the bundle can't be written.
pub fn bundle(workspace: &Workspace, request: &BundleRequest) -> Result<Bundled> {
    let mut texts = Vec::new();
    for folder in &request.folders {
        texts.extend(files::read_toml_folder(folder)?);
    }
    if texts.is_empty() {
        bail!(fault!(
            "no .toml file in the folders";
            "give a folder of catalog files, such as `catalog` in planner's repository"
        ));
    }
    let catalog = Catalog::default().with_layer(&layers::layer(&texts)?)?;
    let named = texts
        .into_iter()
        .map(|(path, text)| Ok((name(&path)?, text)));
    let named = named.collect::<Result<Vec<_>>>()?;
    let now = clock::utc();
    let digits = |n: usize| {
        now.chars()
            .filter(char::is_ascii_digit)
            .take(n)
            .collect::<String>()
    };
    let serial = match request.serial {
        Some(serial) => serial,
        None => digits("202611291945".len()).parse()?,
    };
    let date = request.date.as_deref().unwrap_or(&now[..10]);
    let bundle = Bundle::of(named, serial, date)?;
    let mut text = serde_json::to_vec_pretty(&bundle)?;
    text.push(b'\n');
    Ok(Bundled {
        saved: save::bytes(&request.out, &text)?,
        serial,
        models: catalog.models.len(),
        findings: offer::unexplained(&catalog, &workspace.profiles().chips),
    })
}

fn name(path: &str) -> Result<String> {
    let name = Path::new(path).file_name().and_then(|name| name.to_str());
    name.map(str::to_owned)
        .with_context(|| format!("{path} has no name"))
}

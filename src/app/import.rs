//! What other programs measured, into a catalog.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::names;
use super::workspace::Workspace;
use crate::catalog::schema::Measurement;
use crate::catalog::{Catalog, Layer, write};
use crate::edge::{clock, files};
use crate::fault;
use crate::import;
use crate::import::document::{Became, Import, ImportedFile};
use crate::import::{Imported, Overrides, Resolved, resolve};

/// Version of an import's shape.
const SCHEMA: u32 = 1;

/// Which files, and what they do not say themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportRequest {
    /// The files.
    pub files: Vec<PathBuf>,
    /// The `model/variant` that every row is of.
    pub variant: Option<String>,
    /// The chip that every row was measured on.
    pub chip: Option<String>,
    /// The engine that ran.
    pub engine: Option<String>,
    /// The study that the rows belong to.
    pub campaign: Option<String>,
    /// The catalog folder to write into; the user's own when left out.
    pub out: Option<PathBuf>,
    /// Write nothing.
    pub dry_run: bool,
}

/// Places every row of the files, and writes one new catalog file per model.
///
/// # Errors
/// When a file can't be read, a name is not there, or the catalog can't take the rows.
pub fn import(workspace: &Workspace, request: &ImportRequest) -> Result<Import> {
    let catalog = workspace.catalog()?;
    let profiles = workspace.profiles();
    if let Some(variant) = &request.variant {
        names::variant(variant, catalog)?;
    }
    if let Some(chip) = &request.chip {
        names::chip(chip, profiles)?;
    }
    let say = Overrides {
        variant: request.variant.as_deref(),
        chip: request.chip.as_deref(),
        engine: request.engine.as_deref(),
        campaign: request.campaign.as_deref(),
    };
    let mut answer = Import {
        schema: SCHEMA,
        files: Vec::new(),
        new: 0,
        known: 0,
        refused: 0,
        written: Vec::new(),
    };
    let mut all: Vec<(String, Measurement)> = Vec::new();
    for (file, imported) in read(&request.files)? {
        let resolved: Vec<Resolved> = imported
            .rows
            .iter()
            .map(|row| resolve(row, catalog, &profiles.chips, &say))
            .collect();
        answer
            .files
            .push(ImportedFile::of(&file, &imported, &resolved));
        all.extend(resolved.into_iter().filter_map(|r| match r {
            Resolved::New { model, measurement } => Some((model, *measurement)),
            _ => None,
        }));
    }
    let of = |kind| answer.files.iter().map(|f| f.count(kind)).sum();
    (answer.new, answer.known, answer.refused) =
        (of(Became::New), of(Became::Known), of(Became::Refused));
    if !request.dry_run {
        answer.written = write_all(request, all, catalog)?;
    }
    Ok(answer)
}

/// Reads every file; one that can't be read stops it all, so that nothing is half done.
fn read(paths: &[PathBuf]) -> Result<Vec<(String, Imported)>> {
    paths
        .iter()
        .map(|path| {
            let text = files::read_text(path)?;
            let name = path.file_name().unwrap_or(path.as_os_str());
            let name = name.to_string_lossy();
            let imported = import::read(&name, &text)
                .with_context(|| format!("can't import {}", path.display()))?;
            Ok((path.display().to_string(), imported))
        })
        .collect()
}

/// One new file per model. The catalog that results is put together first, so that no file is
/// written that could not be read again.
fn write_all(
    request: &ImportRequest,
    mut all: Vec<(String, Measurement)>,
    catalog: &Catalog,
) -> Result<Vec<String>> {
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let folder = match &request.out {
        Some(folder) => folder.clone(),
        None => files::user_catalog_path().with_context(
            || fault!("the home folder is not known"; "say where to write with `--out DIR`"),
        )?,
    };
    all.sort_by(|a, b| a.0.cmp(&b.0));
    let now = clock::utc();
    let mut texts = Vec::new();
    for of_model in all.chunk_by(|a, b| a.0 == b.0) {
        let model = &of_model[0].0;
        let rows: Vec<Measurement> = of_model.iter().map(|(_, m)| m.clone()).collect();
        let text = write::extension(model, &rows, "Written by planner catalog import.")?;
        texts.push((format!("import-{model}-{}", now.replace(':', "")), text));
    }
    let layer = Layer::read(
        texts
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str())),
    )?;
    catalog
        .clone()
        .with_layer(&layer)
        .context("the measurements can't be added to the catalog")?;
    texts
        .iter()
        .map(|(name, text)| {
            let path = files::write_new(&folder, name, "toml", text.as_bytes())?;
            Ok(path.display().to_string())
        })
        .collect()
}

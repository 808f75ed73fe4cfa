//! What other programs measured, into a catalog.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::names;
use super::workspace::Workspace;
use crate::audit::added;
use crate::catalog::schema::Measurement;
use crate::catalog::write::Rows;
use crate::catalog::{Catalog, Layer, same_run, write};
use crate::edge::{clock, files, places};
use crate::fault;
use crate::import;
use crate::import::document::{Became, Import, ImportedFile};
use crate::import::evidence;
use crate::import::evidence::{Evidence, Placed};
use crate::import::{Imported, Overrides, Resolved, resolve};

/// Version of an import's shape.
const SCHEMA: u32 = 1;

/// Which files, and what they do not say themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportRequest {
    /// The files.
    pub files: Vec<PathBuf>,
    /// The `model/variant` that every row is of; of scores, the `model` will do.
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
    if let Some(name) = &request.variant
        && catalog.model(name).is_none()
    {
        names::variant(name, catalog)?;
    }
    if let Some(chip) = &request.chip {
        names::chip(chip, workspace.profiles())?;
    }
    let mut taking = Taking {
        workspace,
        catalog,
        request,
        rows: BTreeMap::new(),
    };
    let mut read = Vec::new();
    for (path, file) in read_all(&request.files)? {
        read.push(match file {
            Read::Measured(imported) => taking.measured(&path, &imported)?,
            Read::Quality(evidence) => taking.quality(&path, &evidence),
        });
    }
    let of = |kind| read.iter().map(|f| f.count(kind)).sum();
    let (new, known, refused) = (of(Became::New), of(Became::Known), of(Became::Refused));
    let written = match request.dry_run {
        true => Vec::new(),
        false => write_all(request, &taking.rows, catalog)?,
    };
    Ok(Import {
        schema: SCHEMA,
        files: read,
        new,
        known,
        refused,
        written,
    })
}

/// What a file holds.
enum Read {
    Measured(Imported),
    Quality(Evidence),
}

/// Reads every file; one that can't be read stops it all, so that nothing is half done.
fn read_all(paths: &[PathBuf]) -> Result<Vec<(String, Read)>> {
    let one = |path: &PathBuf| {
        let text = files::read_text(path)?;
        let read = match evidence::read(&text) {
            Some(evidence) => Read::Quality(evidence),
            None => {
                let imported = import::read(&name(path), &text)
                    .with_context(|| format!("can't import {}", path.display()))?;
                Read::Measured(imported)
            }
        };
        Ok((path.display().to_string(), read))
    };
    paths.iter().map(one).collect()
}

/// The name of a file without its folders, which are nobody's business.
fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

/// An import under way: the rows so far, by the ids of their models.
struct Taking<'a> {
    workspace: &'a Workspace,
    catalog: &'a Catalog,
    request: &'a ImportRequest,
    rows: BTreeMap<String, Rows>,
}

impl Taking<'_> {
    fn measured(&mut self, path: &str, imported: &Imported) -> Result<ImportedFile> {
        let say = Overrides {
            variant: self.request.variant.as_deref(),
            chip: self.request.chip.as_deref(),
            engine: self.request.engine.as_deref(),
            campaign: self.request.campaign.as_deref(),
        };
        let chips = &self.workspace.profiles().chips;
        let rows = imported.rows.iter();
        let mut resolved: Vec<Resolved> = rows
            .map(|row| resolve(row, self.catalog, chips, &say))
            .collect();
        if import::is_contributed(imported) {
            self.hold_back(&mut resolved)?;
        }
        for row in &resolved {
            if let Resolved::New { model, measurement } = row {
                let rows = self.rows.entry(model.clone()).or_default();
                rows.measurements.push((**measurement).clone());
            }
        }
        Ok(ImportedFile::of(path, imported, &resolved))
    }

    /// Marks what strangers measured and what can't be, or is far from what is expected; refuses what
    /// is there twice.
    fn hold_back(&self, resolved: &mut [Resolved]) -> Result<()> {
        let speed = self.workspace.speed_model()?;
        let chips = &self.workspace.profiles().chips;
        let before = self.rows.iter();
        let before = before.flat_map(|(id, rows)| rows.measurements.iter().map(move |m| (id, m)));
        let mut seen: Vec<(String, Measurement)> =
            before.map(|(id, m)| (id.clone(), m.clone())).collect();
        for row in resolved {
            let Resolved::New { model, measurement } = row else {
                continue;
            };
            let same = |(other, m): &(String, Measurement)| {
                other == model
                    && (&m.variant, &m.chip) == (&measurement.variant, &measurement.chip)
                    && same_run(m, measurement)
            };
            if seen.iter().any(same) {
                *row = Resolved::Refused("it is the same run as a row before it".to_owned());
                continue;
            }
            if let Some(known) = self.catalog.model(model) {
                measurement.suspect = added::doubt(known, measurement, speed, chips);
            }
            seen.push((model.clone(), (**measurement).clone()));
        }
        Ok(())
    }

    fn quality(&mut self, path: &str, found: &Evidence) -> ImportedFile {
        let source = format!("{}, {}", found.format, name(Path::new(path)));
        let said = self.request.variant.as_deref();
        let rows = found.rows.iter();
        let placed: Vec<Placed> = rows
            .map(|row| evidence::place(row, self.catalog, said, &source))
            .collect();
        for row in &placed {
            match row {
                Placed::Score(model, score) => {
                    let rows = self.rows.entry(model.clone()).or_default();
                    rows.scores.push(score.clone());
                }
                Placed::Loss(model, loss) => {
                    let rows = self.rows.entry(model.clone()).or_default();
                    rows.losses.push(loss.clone());
                }
                Placed::Known(_) | Placed::Refused(_) => {}
            }
        }
        ImportedFile::of_quality(path, found, &placed)
    }
}

/// One new file per model. The catalog that results is put together first, so that no file is
/// written that could not be read again.
fn write_all(
    request: &ImportRequest,
    rows: &BTreeMap<String, Rows>,
    catalog: &Catalog,
) -> Result<Vec<String>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let folder = match &request.out {
        Some(folder) => folder.clone(),
        None => places::user_catalog_path().with_context(
            || fault!("the home folder is not known"; "say where to write with `--out DIR`"),
        )?,
    };
    let now = clock::utc().replace(':', "");
    let mut texts = Vec::new();
    for (model, rows) in rows {
        let text = write::extension(model, rows, "Written by planner catalog import.")?;
        texts.push((format!("import-{model}-{now}"), text));
    }
    let named = texts.iter();
    let layer = Layer::read(named.map(|(name, text)| (name.as_str(), text.as_str())))?;
    catalog
        .clone()
        .with_layer(&layer)
        .context("the rows can't be added to the catalog")?;
    let write = |(name, text): &(String, String)| {
        let path = files::write_new(&folder, name, "toml", text.as_bytes())?;
        Ok(path.display().to_string())
    };
    texts.iter().map(write).collect()
}

//! The catalogs that lie on one another: the binary's or one taken in its place, the user's own,
//! and folders that were named.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Error, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::catalog::bundle::Bundle;
use crate::catalog::editions::Taken;
use crate::catalog::{Catalog, LOOKED_OVER, Layer};
use crate::edge::{editions, files, places};
use crate::fault;
use crate::toml_text::nothing_hidden;

/// Which catalogs lie on one another, from the bottom up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layers {
    /// The catalog inside the binary, or the one that was taken in its place.
    pub shipped: bool,
    /// The user's own, in the configuration folder, where it exists.
    pub own: bool,
    /// Further folders of catalog files.
    pub folders: Vec<PathBuf>,
}

impl Default for Layers {
    fn default() -> Self {
        Self {
            shipped: true,
            own: true,
            folders: Vec::new(),
        }
    }
}

/// The catalog, and the files that should be in it and are not.
#[derive(Debug, Default)]
pub(super) struct Layered {
    pub(super) catalog: Catalog,
    pub(super) left_out: Vec<Error>,
    /// It is the binary's own, and nothing lies on it.
    pub(super) untouched: bool,
}

impl Layers {
    /// Reads all of them.
    ///
    /// # Errors
    /// When a folder that was named can't be read, or does not fit on the layers below.
    pub(super) fn read(&self) -> Result<Layered> {
        let mut read = Layered::default();
        if self.shipped {
            let taken = taken().unwrap_or_else(|error| {
                read.left_out.push(error);
                None
            });
            read.untouched = taken.is_none();
            read.catalog = taken.map_or_else(Catalog::embedded, Ok)?;
        }
        self.on(read)
    }

    /// Lays all but the lowest on a catalog.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub(super) fn on(&self, mut read: Layered) -> Result<Layered> {
        if let Some(folder) = places::user_catalog().filter(|_| self.own) {
            read.add_own(&folder);
        }
        for folder in &self.folders {
            let texts = files::read_toml_folder(folder)?;
            if texts.is_empty() {
                bail!(fault!(
                    "--catalog {}: no .toml file in it", folder.display();
                    "`planner catalog add MODEL --out {}` writes one", folder.join("model.toml").display()
                ));
            }
            read.add(&texts)?;
        }
        Ok(read)
    }
}

impl Layered {
    /// Lays the user's own files on it: together, or else each that can be used.
    fn add_own(&mut self, folder: &Path) {
        if !files::is_folder(folder) {
            let shown = folder.display();
            return self.left_out.push(
                fault!(
                    "{shown} is a file, and your catalog is a folder of that name";
                    "move it away: `planner catalog add` makes the folder"
                )
                .into(),
            );
        }
        let paths = match files::toml_files(folder) {
            Ok(paths) => paths,
            Err(error) => return self.left_out.push(error),
        };
        let mut texts = Vec::new();
        for path in paths {
            match files::read_text(&path) {
                Ok(text) => texts.push((path.display().to_string(), text)),
                Err(error) => self.left_out.push(error),
            }
        }
        if texts.is_empty() || self.add(&texts).is_ok() {
            return;
        }
        for text in texts.chunks(1) {
            if let Err(error) = self.add(text) {
                self.left_out.push(error);
            }
        }
    }

    fn add(&mut self, texts: &[(String, String)]) -> Result<()> {
        self.catalog = self.catalog.clone().with_layer(&layer(texts)?)?;
        self.untouched = false;
        Ok(())
    }
}

/// Catalog files, each a path and a text, as they are read wherever they come from.
///
/// # Errors
/// When one hides something, is no catalog file, or two describe one model.
pub(super) fn layer(texts: &[(String, String)]) -> Result<Layer> {
    for (path, text) in texts {
        nothing_hidden(path, text)?;
    }
    let texts = texts.iter();
    Ok(Layer::read(
        texts.map(|(path, text)| (path.as_str(), text.as_str())),
    )?)
}

/// A catalog that was taken: its files translated, so that every run reads them as fast as the
/// binary's.
#[derive(Serialize)]
struct Translated<'a> {
    serial: u64,
    date: &'a str,
    files: BTreeMap<&'a str, toml::Value>,
}

/// The same as it is read.
#[derive(Deserialize)]
struct Read<'a> {
    #[serde(borrow)]
    files: BTreeMap<String, &'a RawValue>,
}

/// The files of a bundle as they are kept.
///
/// # Errors
/// When one is not TOML.
pub(super) fn translated(bundle: &Bundle) -> Result<String> {
    let files = bundle.texts().map(|(name, text)| {
        let value = toml::from_str(text).with_context(|| format!("can't read {name}"))?;
        Ok((name, value))
    });
    Ok(serde_json::to_string(&Translated {
        serial: bundle.serial,
        date: &bundle.date,
        files: files.collect::<Result<_>>()?,
    })?)
}

/// A catalog from what [`translated`] gave.
///
/// # Errors
/// When it is something else, or does not hold together.
pub(super) fn of_translated(text: &str, date: &str) -> Result<Catalog> {
    let Read { files } = serde_json::from_str(text)?;
    let files = files.iter();
    let layer = Layer::translated(files.map(|(name, json)| (name.as_str(), json.get())))?;
    let mut catalog = Catalog::default().with_layer(&layer)?;
    catalog.date = Some(date.to_owned());
    Ok(catalog)
}

/// The catalog that was taken in place of the binary's; none where none was, or where the binary's
/// is newer.
fn taken() -> Result<Option<Catalog>> {
    let editions = editions::read()?;
    editions
        .in_use()
        .filter(|taken| !is_older(taken))
        .map(of_taken)
        .transpose()
}

/// Whether the catalog in the binary is newer than one that was taken.
pub(super) fn is_older(taken: &Taken) -> bool {
    LOOKED_OVER > taken.date.as_str()
}

/// A catalog that was taken.
///
/// # Errors
/// When its file is gone or damaged, or this planner can't read it.
pub(super) fn of_taken(taken: &Taken) -> Result<Catalog> {
    let read = || of_translated(&editions::text(taken)?, &taken.date);
    read().with_context(|| {
        fault!(
            "the catalog update {} of {} can't be read", taken.serial, taken.date;
            "`planner catalog update --rollback` goes back to the one before"
        )
    })
}

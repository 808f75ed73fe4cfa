//! The data inside the binary: TOML in the repository, translated to JSON when planner is built.

use include_dir::{Dir, include_dir};
use serde::de::DeserializeOwned;

use crate::toml_text::TomlError;

static FILES: Dir<'_> = include_dir!("$OUT_DIR/shipped");

/// A file that ships.
#[derive(Debug, Clone, Copy)]
pub struct Shipped {
    json: &'static [u8],
    name: &'static str,
    folder: &'static str,
}

/// The files of a folder, without those of the folders in it.
pub fn files(folder: &'static str) -> impl Iterator<Item = Shipped> {
    let listed = FILES.get_dir(folder).into_iter().flat_map(Dir::files);
    listed.filter_map(move |file| {
        Some(Shipped {
            json: file.contents(),
            name: file.path().file_stem()?.to_str()?,
            folder,
        })
    })
}

/// A file of a folder by its name, without `.toml`.
#[must_use]
pub fn file(folder: &'static str, name: &str) -> Option<Shipped> {
    files(folder).find(|file| file.name == name)
}

impl Shipped {
    /// Where it stands in the repository.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}/{}.toml", self.folder, self.name)
    }

    /// What it says.
    ///
    /// # Errors
    /// When it has another shape.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, TomlError> {
        parse(&self.path(), self.json)
    }
}

/// What a file that was translated to JSON says.
///
/// # Errors
/// When it has another shape.
pub fn parse<T: DeserializeOwned>(path: &str, json: &[u8]) -> Result<T, TomlError> {
    serde_json::from_slice(json).map_err(|error| TomlError::Shipped {
        path: path.to_owned(),
        message: error.to_string(),
    })
}

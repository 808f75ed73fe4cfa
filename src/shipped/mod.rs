//! The data inside the binary: TOML in the repository, packed when planner is built.

mod packed;

use std::ops::Range;

use serde::de::DeserializeOwned;

use crate::toml_text::TomlError;
use packed::Packed;

/// All files by their paths in the repository, those of a folder in the order of their names.
static FILES: &[(&str, Range<usize>)] = include!(concat!(env!("OUT_DIR"), "/files.rs"));
/// What they say.
static PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/packed"));
/// The texts in them.
static TEXTS: &str = include_str!(concat!(env!("OUT_DIR"), "/texts"));

/// Files that people are shown as they are written, with what they say to them.
static WRITTEN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/written.rs"));

/// A file as it is written, by its path in the repository; none where only what it says ships.
#[must_use]
pub fn text(path: &str) -> Option<&'static str> {
    let mut written = WRITTEN.iter();
    written.find(|(of, _)| *of == path).map(|(_, text)| *text)
}

/// A file that ships.
#[derive(Debug, Clone, Copy)]
pub struct Shipped {
    path: &'static str,
    packed: &'static [u8],
}

/// The files of a folder, without those of the folders in it.
pub fn files(folder: &str) -> impl Iterator<Item = Shipped> {
    let of_folder = move |path: &str| {
        let name = path.strip_prefix(folder).and_then(|p| p.strip_prefix('/'));
        name.is_some_and(|name| !name.contains('/'))
    };
    let listed = FILES.iter().filter(move |(path, _)| of_folder(path));
    listed.map(Shipped::of)
}

/// What a file says, by its path in the repository.
///
/// # Errors
/// When there is none, or it has another shape.
pub fn read<T: DeserializeOwned>(path: &str) -> Result<T, TomlError> {
    let found = FILES.iter().find(|(of, _)| *of == path);
    let found = found.ok_or_else(|| TomlError::Shipped {
        path: path.to_owned(),
        message: "it does not ship".to_owned(),
    });
    Shipped::of(found?).parse()
}

impl Shipped {
    fn of((path, place): &'static (&'static str, Range<usize>)) -> Self {
        Self {
            path,
            packed: &PACKED[place.clone()],
        }
    }

    /// Where it stands in the repository.
    #[must_use]
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// What it says.
    ///
    /// # Errors
    /// When it has another shape.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, TomlError> {
        T::deserialize(&mut Packed::new(self.packed, TEXTS))
            .map_err(|error| broken(self.path, &error))
    }
}

/// What a file that was translated to JSON says.
///
/// # Errors
/// When it has another shape.
pub fn parse<T: DeserializeOwned>(path: &str, json: &[u8]) -> Result<T, TomlError> {
    serde_json::from_slice(json).map_err(|error| broken(path, &error))
}

fn broken(path: &str, error: &dyn std::error::Error) -> TomlError {
    TomlError::Shipped {
        path: path.to_owned(),
        message: error.to_string(),
    }
}

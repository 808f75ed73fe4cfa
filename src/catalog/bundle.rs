//! A whole catalog as one file that can be signed: every file of it with its length and SHA-256.
//!
//! Nothing of a bundle is believed before its signature was checked; and nothing of it is a path,
//! compressed, or longer than it says.

use std::collections::BTreeSet;

use jiff::civil::Date;
use ring::digest::{SHA256, digest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::basis::GENERATOR;
use crate::fault::Hinted;
use crate::printable::hexadecimal;

/// Version of this document's shape.
pub const SCHEMA: u32 = 1;
/// A larger bundle is not read, in bytes.
pub const LARGEST: u64 = 32 << 20;
/// A larger file of one is refused, in bytes.
const LARGEST_FILE: usize = 4 << 20;
/// A bundle of more files is refused.
const MOST_FILES: usize = 4096;
/// A longer name of a file is refused, in characters.
const LONGEST_NAME: usize = 120;

/// A catalog as one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// Version of this shape.
    pub schema: u32,
    /// What it is.
    pub kind: Kind,
    /// Which program made it.
    pub generator: String,
    /// Its number: of two bundles signed with one key, the newer has the higher.
    pub serial: u64,
    /// The day that it was made: `2026-11-29`.
    pub date: String,
    /// Its files, by name.
    pub files: Vec<BundledFile>,
}

/// What a bundle holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A catalog of planner's.
    PlannerCatalog,
}

/// A file of a catalog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BundledFile {
    /// Its name, which has no folder: `qwen3-8b.toml`.
    pub name: String,
    /// Length of its text in bytes.
    pub bytes: usize,
    /// SHA-256 of its text, in hexadecimal digits.
    pub sha256: String,
    /// Its text.
    pub text: String,
}

/// Why a bundle can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// Not a bundle, or one that breaks off.
    #[error("it is not a catalog bundle: {0}")]
    NotOne(String),
    /// Made by a newer planner.
    #[error("it has schema version {0}; this planner reads version {SCHEMA}")]
    Newer(u32),
    /// More than any catalog.
    #[error("{0}")]
    TooLarge(String),
    /// No name that a file of a catalog has.
    #[error("`{0}` can't be the name of a catalog file")]
    Name(String),
    /// Two files of one name.
    #[error("two of its files are called `{0}`")]
    Twice(String),
    /// A text that is not what was listed.
    #[error("the text of `{0}` has another length or SHA-256 than the bundle lists")]
    Altered(String),
    /// No day.
    #[error("`{0}` is not a date")]
    Date(String),
}

impl Hinted for BundleError {
    fn hint(&self) -> Option<String> {
        let words = match self {
            Self::NotOne(_) | Self::Altered(_) => {
                "get the file anew; `planner catalog bundle` makes one"
            }
            Self::Newer(_) => "build a newer planner",
            Self::TooLarge(_) => {
                "a bundle has at most 4,096 files of at most 4 MiB each, 32 MiB in all"
            }
            Self::Name(_) => {
                "a name has lower case letters, digits, `.`, `-` and `_`, and ends with .toml"
            }
            Self::Twice(_) => "give each file another name",
            Self::Date(_) => "write it as 2026-11-29",
        };
        Some(words.to_owned())
    }
}

impl Bundle {
    /// A bundle of these files, each a name and a text.
    ///
    /// # Errors
    /// When a name can't be one, two are the same, or it is larger than any that is read.
    pub fn of(
        mut files: Vec<(String, String)>,
        serial: u64,
        date: &str,
    ) -> Result<Self, BundleError> {
        files.sort();
        let file = |(name, text): (String, String)| BundledFile {
            name,
            bytes: text.len(),
            sha256: sha256(text.as_bytes()),
            text,
        };
        let bundle = Self {
            schema: SCHEMA,
            kind: Kind::PlannerCatalog,
            generator: GENERATOR.to_owned(),
            serial,
            date: date.to_owned(),
            files: files.into_iter().map(file).collect(),
        };
        bundle.sound()?;
        Ok(bundle)
    }

    /// Reads a bundle whose signature was checked.
    ///
    /// # Errors
    /// When it is none, of another version, too large, or not what it lists.
    pub fn read(text: &str) -> Result<Self, BundleError> {
        /// Just its version: another may lack anything else.
        #[derive(Deserialize)]
        struct Shape {
            schema: u32,
        }
        if text.len() as u64 > LARGEST {
            return Err(BundleError::TooLarge(format!(
                "it has {} bytes",
                text.len()
            )));
        }
        let none = |e: serde_json::Error| BundleError::NotOne(e.to_string());
        let Shape { schema } = serde_json::from_str(text).map_err(none)?;
        if schema != SCHEMA {
            return Err(BundleError::Newer(schema));
        }
        let bundle: Self = serde_json::from_str(text).map_err(none)?;
        bundle.sound()?;
        Ok(bundle)
    }

    /// Names and texts of its files.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        let files = self.files.iter();
        files.map(|file| (file.name.as_str(), file.text.as_str()))
    }

    fn sound(&self) -> Result<(), BundleError> {
        if self.date.len() != 10 || self.date.parse::<Date>().is_err() {
            return Err(BundleError::Date(self.date.clone()));
        }
        if self.files.is_empty() {
            return Err(BundleError::NotOne("it has no files".to_owned()));
        }
        if self.files.len() > MOST_FILES {
            return Err(BundleError::TooLarge(format!(
                "it has {} files",
                self.files.len()
            )));
        }
        let mut names = BTreeSet::new();
        for file in &self.files {
            file.sound()?;
            if !names.insert(&file.name) {
                return Err(BundleError::Twice(file.name.clone()));
            }
        }
        Ok(())
    }
}

impl BundledFile {
    fn sound(&self) -> Result<(), BundleError> {
        if !is_name(&self.name) {
            return Err(BundleError::Name(self.name.clone()));
        }
        if self.text.len() > LARGEST_FILE {
            let (name, bytes) = (&self.name, self.text.len());
            return Err(BundleError::TooLarge(format!("`{name}` has {bytes} bytes")));
        }
        if self.bytes != self.text.len() || self.sha256 != sha256(self.text.as_bytes()) {
            return Err(BundleError::Altered(self.name.clone()));
        }
        Ok(())
    }
}

/// Whether it is the name of a file, in no folder, on any system.
fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
    name.len() <= LONGEST_NAME
        && name.ends_with(".toml")
        && name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && name.chars().all(plain)
}

/// SHA-256 in hexadecimal digits.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(digest(&SHA256, bytes).as_ref())
}

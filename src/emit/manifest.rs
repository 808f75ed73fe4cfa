//! What a folder of emitted files holds, so that it can be checked and replaced safely.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::artifact::Artifact;
use crate::catalog::bundle::sha256;
use crate::units::Bytes;

/// Version of the manifest's shape.
const SCHEMA: u32 = 1;

/// The manifest's name in its folder.
pub const MANIFEST: &str = "manifest.json";

/// What a folder of emitted files holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Manifest {
    /// Version of this shape.
    pub schema: u32,
    /// Which program wrote it.
    pub generator: String,
    /// The files, beside this one.
    pub files: Vec<ManifestEntry>,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ManifestEntry {
    /// Path below the folder.
    pub path: String,
    /// Its bytes.
    pub size_bytes: Bytes,
    /// SHA-256 of its content, in hexadecimal.
    pub sha256: String,
    /// What it is for.
    pub purpose: String,
}

impl Manifest {
    /// The manifest of these files.
    #[must_use]
    pub fn of(generator: &str, artifacts: &[Artifact]) -> Self {
        let files = artifacts.iter().map(|a| ManifestEntry {
            path: a.path.clone(),
            size_bytes: Bytes(a.text.len() as u64),
            sha256: sha256(a.text.as_bytes()),
            purpose: a.purpose.to_owned(),
        });
        Self {
            schema: SCHEMA,
            generator: generator.to_owned(),
            files: files.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    /// The digest of "abc" in FIPS 180-2.
    #[test]
    fn the_digest_is_sha_256() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(super::sha256(b"abc"), expected);
    }
}

//! Names of licenses, each spelt in one way.

/// The licenses of models that have an SPDX identifier, as SPDX spells it; the hub writes small letters.
const SPDX: [&str; 12] = [
    "AFL-3.0",
    "AGPL-3.0",
    "Apache-2.0",
    "BSD-3-Clause",
    "CC-BY-4.0",
    "CC-BY-NC-4.0",
    "CC-BY-NC-SA-4.0",
    "CC-BY-SA-4.0",
    "CC0-1.0",
    "GPL-3.0",
    "MIT",
    "OpenMDW-1.1",
];

/// A license by its SPDX identifier where it has one, else as it was published.
#[must_use]
pub fn named(published: &str) -> &str {
    let mut known = SPDX.into_iter();
    known
        .find(|id| id.eq_ignore_ascii_case(published))
        .unwrap_or(published)
}

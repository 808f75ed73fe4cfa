//! What an import came to, as a document (`schemas/import.json`).

use schemars::JsonSchema;
use serde::Serialize;

use super::resolve::Resolved;
use super::rows::{Imported, Skipped};
use crate::catalog::schema::Measurement;

/// The answer to `catalog import`.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Import {
    /// Version of this shape.
    pub schema: u32,
    /// Each file, in the order given.
    pub files: Vec<ImportedFile>,
    /// Measurements that are new.
    pub new: usize,
    /// Measurements that the catalog has already.
    pub known: usize,
    /// Rows that are no measurement, or can't be placed.
    pub refused: usize,
    /// The catalog files that were written; none in a dry run.
    pub written: Vec<String>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ImportedFile {
    /// Its path.
    pub file: String,
    /// The format that it was read as.
    pub format: String,
    /// Each of its rows.
    pub rows: Vec<ImportedRow>,
}

/// One row of a file.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ImportedRow {
    /// Which row.
    pub what: String,
    /// What became of it.
    pub became: Became,
    /// `model/variant` that it is of.
    pub variant: Option<String>,
    /// Requests in it.
    pub requests: usize,
    /// Its decode speed, where it states one.
    pub decode_tokens_per_second: Option<f64>,
    /// Its prefill speed.
    pub prefill_tokens_per_second: Option<f64>,
    /// Why it was refused; where the catalog has it; why it must not decide.
    pub reason: Option<String>,
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Became {
    /// A measurement.
    New,
    /// Nothing: the catalog has it already.
    Known,
    /// Nothing, for the reason given.
    Refused,
}

impl ImportedFile {
    /// A file with what became of its rows, in their order.
    #[must_use]
    pub fn of(file: &str, imported: &Imported, resolved: &[Resolved]) -> Self {
        let rows = imported.rows.iter().zip(resolved);
        let placed = rows.map(|(row, became)| row_of(&row.what, &row.measurement, became));
        let skipped = imported.skipped.iter().map(Skipped::row);
        Self {
            file: file.to_owned(),
            format: imported.format.to_owned(),
            rows: placed.chain(skipped).collect(),
        }
    }

    /// Rows of this kind.
    #[must_use]
    pub fn count(&self, became: Became) -> usize {
        self.rows.iter().filter(|r| r.became == became).count()
    }
}

impl Skipped {
    fn row(&self) -> ImportedRow {
        ImportedRow {
            what: self.what.clone(),
            became: Became::Refused,
            variant: None,
            requests: 0,
            decode_tokens_per_second: None,
            prefill_tokens_per_second: None,
            reason: Some(self.reason.clone()),
        }
    }
}

fn row_of(what: &str, m: &Measurement, resolved: &Resolved) -> ImportedRow {
    let (became, variant, reason) = match resolved {
        Resolved::New { model, measurement } => (
            Became::New,
            Some(format!("{model}/{}", measurement.variant)),
            measurement.suspect.clone(),
        ),
        Resolved::Known { variant, source } => {
            (Became::Known, Some(variant.clone()), Some(source.clone()))
        }
        Resolved::Refused(reason) => (Became::Refused, None, Some(reason.clone())),
    };
    ImportedRow {
        what: what.to_owned(),
        became,
        variant,
        requests: m.tests.len(),
        decode_tokens_per_second: m.decode_tokens_per_second,
        prefill_tokens_per_second: m.prefill_tokens_per_second,
        reason,
    }
}

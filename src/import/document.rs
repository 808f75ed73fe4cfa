//! What an import came to, as a document (`schemas/import.json`).

use schemars::JsonSchema;
use serde::Serialize;

use super::evidence::{Evidence, EvidenceRow, Figure, Placed};
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
    /// Rows that are new: measurements, scores, losses of files.
    pub new: usize,
    /// Rows that the catalog has already.
    pub known: usize,
    /// Rows that can't be used, or can't be placed.
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
    /// `model/variant` that it is of; of a score, the model.
    pub variant: Option<String>,
    /// Requests in it.
    pub requests: usize,
    /// Its decode speed, where it states one.
    pub decode_tokens_per_second: Option<f64>,
    /// Its prefill speed.
    pub prefill_tokens_per_second: Option<f64>,
    /// The benchmark, where the row is a score.
    pub benchmark: Option<String>,
    /// The score, in percent.
    pub score: Option<f64>,
    /// What a file loses, in nats per token.
    pub loss_nats: Option<f64>,
    /// Why it was refused; where the catalog has it; why it must not decide.
    pub reason: Option<String>,
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Became {
    /// A row of the catalog.
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

    /// A file of scores or losses, with what became of them.
    #[must_use]
    pub fn of_quality(file: &str, found: &Evidence, placed: &[Placed]) -> Self {
        let rows = found.rows.iter().zip(placed);
        let placed = rows.map(|(row, placed)| row.row(placed));
        let skipped = found.skipped.iter().map(Skipped::row);
        Self {
            file: file.to_owned(),
            format: found.format.to_owned(),
            rows: placed.chain(skipped).collect(),
        }
    }

    /// Rows of this kind.
    #[must_use]
    pub fn count(&self, became: Became) -> usize {
        self.rows.iter().filter(|r| r.became == became).count()
    }
}

impl ImportedRow {
    /// A row with no figures in it.
    fn bare(what: &str, became: Became, variant: Option<String>, reason: Option<String>) -> Self {
        Self {
            what: what.to_owned(),
            became,
            variant,
            requests: 0,
            decode_tokens_per_second: None,
            prefill_tokens_per_second: None,
            benchmark: None,
            score: None,
            loss_nats: None,
            reason,
        }
    }
}

impl Skipped {
    fn row(&self) -> ImportedRow {
        ImportedRow::bare(&self.what, Became::Refused, None, Some(self.reason.clone()))
    }
}

impl EvidenceRow {
    fn row(&self, placed: &Placed) -> ImportedRow {
        let (became, of, reason) = match placed {
            Placed::Score(model, _) => (Became::New, Some(model.clone()), None),
            Placed::Loss(model, loss) => {
                (Became::New, Some(format!("{model}/{}", loss.variant)), None)
            }
            Placed::Known(source) => (Became::Known, None, Some(source.clone())),
            Placed::Refused(reason) => (Became::Refused, None, Some(reason.clone())),
        };
        let row = ImportedRow::bare(&self.what, became, of, reason);
        match &self.figure {
            Figure::Score {
                benchmark, score, ..
            } => ImportedRow {
                benchmark: Some((*benchmark).to_owned()),
                score: Some(*score),
                ..row
            },
            Figure::Loss { nats, .. } => ImportedRow {
                loss_nats: Some(*nats),
                ..row
            },
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
        requests: m.tests.len(),
        decode_tokens_per_second: m.decode_tokens_per_second,
        prefill_tokens_per_second: m.prefill_tokens_per_second,
        ..ImportedRow::bare(what, became, variant, reason)
    }
}

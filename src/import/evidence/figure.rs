//! What a reader finds of quality in a file.

use crate::import::rows::Skipped;

/// What a file says of quality.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// The format that it was read as.
    pub format: &'static str,
    /// Its figures.
    pub rows: Vec<EvidenceRow>,
    /// What in it is no figure that can be used.
    pub skipped: Vec<Skipped>,
}

/// One figure, before it is known which model it is of.
#[derive(Debug, Clone, PartialEq)]
pub struct EvidenceRow {
    /// Which figure of the file, for people.
    pub what: String,
    /// What the file calls the model.
    pub model: Option<String>,
    /// The figure.
    pub figure: Figure,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub enum Figure {
    /// A score of a model.
    Score {
        /// The benchmark, by its name in the catalog.
        benchmark: &'static str,
        /// In percent.
        score: f64,
        /// The program and its settings.
        harness: String,
    },
    /// What a file loses against the weights that were released.
    Loss {
        /// Mean KL divergence, in nats per token.
        nats: f64,
        /// Standard error of the mean.
        error: Option<f64>,
    },
}

impl Evidence {
    /// With nothing in it yet.
    pub(super) fn of(format: &'static str) -> Self {
        Self {
            format,
            rows: Vec::new(),
            skipped: Vec::new(),
        }
    }

    /// Lists what can't be used, and why.
    pub(super) fn skip(&mut self, what: impl Into<String>, reason: impl Into<String>) {
        self.skipped.push(Skipped {
            what: what.into(),
            reason: reason.into(),
        });
    }

    /// A score in percent, where it can be one.
    pub(super) fn score(
        &mut self,
        what: &str,
        model: Option<&str>,
        benchmark: &'static str,
        score: f64,
        harness: String,
    ) {
        if !(0.0..=100.0).contains(&score) {
            return self.skip(what, format!("{score} is no percentage"));
        }
        self.rows.push(EvidenceRow {
            what: what.to_owned(),
            model: model.map(str::to_owned),
            figure: Figure::Score {
                benchmark,
                score: (score * 100.0).round() / 100.0,
                harness,
            },
        });
    }
}

//! The table of models: its rows, its order, and the filter.

use std::cmp::Ordering;

use crate::app::{Ranking, Workspace};
use crate::units::Bytes;

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    /// The model's id.
    pub(super) model: String,
    /// Expected quality out of 100, and its band.
    pub(super) quality: f64,
    /// The lower end.
    pub(super) low: f64,
    /// The upper end.
    pub(super) high: f64,
    /// Seconds of a turn here, where they are known.
    pub(super) seconds: Option<f64>,
    /// What it takes here.
    pub(super) memory: Option<Bytes>,
    /// The file of that.
    pub(super) variant: Option<String>,
    /// Whether that fits.
    pub(super) fits: Option<bool>,
    /// Its licence.
    pub(super) license: String,
    /// When it came out.
    pub(super) released: String,
}

/// What the table is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    /// The id.
    Model,
    /// Best first.
    Quality,
    /// Fastest first.
    Turn,
    /// Smallest first.
    Memory,
    /// What fits first.
    Fits,
    /// The licence.
    License,
    /// Newest first.
    Released,
}

impl Column {
    /// All, from the left.
    pub(super) const ALL: [Self; 7] = [
        Self::Model,
        Self::Quality,
        Self::Turn,
        Self::Memory,
        Self::Fits,
        Self::License,
        Self::Released,
    ];

    /// Its heading.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Model => "Model",
            Self::Quality => "Quality",
            Self::Turn => "A turn",
            Self::Memory => "Memory",
            Self::Fits => "Fits",
            Self::License => "Licence",
            Self::Released => "Released",
        }
    }

    /// The next one to the right, or from the last the first.
    pub(super) fn next(self) -> Self {
        let at = Self::ALL.iter().position(|c| *c == self).unwrap_or(0);
        Self::ALL[(at + 1) % Self::ALL.len()]
    }

    fn order(self, a: &Row, b: &Row) -> Ordering {
        let least = |a: Option<f64>, b: Option<f64>| {
            let known = |s: Option<f64>| s.unwrap_or(f64::INFINITY);
            known(a).total_cmp(&known(b))
        };
        let by = match self {
            Self::Model => a.model.cmp(&b.model),
            Self::Quality => b.quality.total_cmp(&a.quality),
            Self::Turn => least(a.seconds, b.seconds),
            Self::Memory => least(a.memory.map(Bytes::gib), b.memory.map(Bytes::gib)),
            Self::Fits => b.fits.cmp(&a.fits),
            Self::License => a.license.cmp(&b.license),
            Self::Released => b.released.cmp(&a.released),
        };
        by.then(b.quality.total_cmp(&a.quality))
            .then(a.model.cmp(&b.model))
    }
}

/// The rows of a ranking, with what the catalog says of each model.
pub(super) fn rows(ranking: &Ranking, workspace: &Workspace) -> anyhow::Result<Vec<Row>> {
    let catalog = workspace.models()?;
    let row = |ranked: &crate::quality::rank::RankedModel| {
        let known = catalog.model(&ranked.model);
        let text = |of: fn(&crate::catalog::schema::Model) -> &Option<String>| {
            known.and_then(|m| of(m).clone()).unwrap_or_default()
        };
        Row {
            model: ranked.model.clone(),
            quality: ranked.quality,
            low: ranked.low,
            high: ranked.high,
            seconds: ranked.seconds_per_turn,
            memory: ranked.memory_bytes,
            variant: ranked.variant.clone(),
            fits: ranked.fits,
            license: text(|m| &m.license),
            released: text(|m| &m.released),
        }
    };
    Ok(ranking.models.iter().map(row).collect())
}

/// The rows that the filter keeps, in order. Every word has to stand somewhere in a row.
pub(super) fn shown<'a>(rows: &'a [Row], filter: &str, by: Column, reversed: bool) -> Vec<&'a Row> {
    let words: Vec<String> = filter.split_whitespace().map(str::to_lowercase).collect();
    let keeps = |row: &&Row| {
        let text = format!("{} {} {}", row.model, row.license, row.released).to_lowercase();
        let fits = row
            .fits
            .map_or("", |fits| if fits { "fits" } else { "too-large" });
        words.iter().all(|w| text.contains(w.as_str()) || w == fits)
    };
    let mut kept: Vec<&Row> = rows.iter().filter(keeps).collect();
    kept.sort_by(|a, b| by.order(a, b));
    if reversed {
        kept.reverse();
    }
    kept
}

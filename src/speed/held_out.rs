//! How near predictions come to rows that the fit has not seen: whole sources, and whole Macs, left
//! out in turn. Rows of one source resemble each other, so leaving out rows alone would flatter.

use std::collections::{BTreeMap, BTreeSet};

use super::constants::{Decode, Prefill};
use super::fitted::Part;
use super::observed::Row;
use crate::machine::Kind;

/// What is left out together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Group {
    /// All rows of a source.
    Source,
    /// All rows of a chip with so many cores.
    Mac,
    /// All rows of a model: of kinds of machines of which few sources or chips are known.
    Model,
}

impl Group {
    pub(super) const ALL: [Self; 3] = [Self::Source, Self::Mac, Self::Model];

    /// What is left out in turn of a kind of machine.
    const fn of_kind(kind: Kind) -> &'static [Self] {
        if kind.is_mac() {
            &[Self::Source, Self::Mac]
        } else {
            &Self::ALL
        }
    }

    /// Its name in documents.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Mac => "mac",
            Self::Model => "model",
        }
    }

    fn name_of(self, row: &Row<'_>) -> String {
        match self {
            Self::Source => row.source.clone(),
            Self::Mac => row.mac(),
            Self::Model => row.model.id.clone(),
        }
    }
}

/// A row predicted by a fit without its group.
#[derive(Debug, Clone)]
pub(super) struct Miss {
    /// What was left out.
    pub(super) group: Group,
    /// Engine and shape: `mlx dense`.
    pub(super) class: String,
    /// The engine, or the program that is a class of its own.
    pub(super) engine: String,
    /// The kind of machine.
    pub(super) kind: Kind,
    /// Of the chip.
    pub(super) generation: u32,
    /// Tokens in the context.
    pub(super) depth: f64,
    /// Which row: the same in both groups.
    pub(super) row: usize,
    /// Logarithm of predicted over measured speed.
    pub(super) log: f64,
}

/// The engine of a row as errors are told by: oMLX has kernels of its own.
pub(super) fn engine(row: &Row<'_>) -> &'static str {
    if row.is_omlx() {
        "omlx"
    } else {
        row.job.kernels.name()
    }
}

/// Every row of decoding, each group left out in turn.
pub(super) fn decode(rows: &[Row<'_>], whole: &Part<Decode>) -> Vec<Miss> {
    misses(rows, |kind, others| {
        let part = Part::<Decode>::fit(kind, others, Some(whole));
        Box::new(move |row| part.expected(row))
    })
}

/// Every row of reading, each group left out in turn.
pub(super) fn prefill(rows: &[Row<'_>], whole: &Part<Prefill>) -> Vec<Miss> {
    misses(rows, |kind, others| {
        let part = Part::<Prefill>::fit(kind, others, Some(whole));
        Box::new(move |row| part.expected(row))
    })
}

type Expect = Box<dyn Fn(&Row<'_>) -> f64>;

/// A group that is all there is tells nothing, and is left in.
fn misses(rows: &[Row<'_>], fit: impl Fn(Kind, &[&Row<'_>]) -> Expect) -> Vec<Miss> {
    let mut all = Vec::new();
    let Some(kind) = rows.first().map(Row::kind) else {
        return all;
    };
    for &group in Group::of_kind(kind) {
        let names: BTreeSet<String> = rows.iter().map(|r| group.name_of(r)).collect();
        for name in names {
            let others: Vec<&Row<'_>> = rows.iter().filter(|r| group.name_of(r) != name).collect();
            if others.is_empty() {
                continue;
            }
            let expect = fit(kind, &others);
            for (i, row) in rows
                .iter()
                .enumerate()
                .filter(|(_, r)| group.name_of(r) == name)
            {
                all.push(miss(group, i, row, expect(row)));
            }
        }
    }
    all
}

fn miss(group: Group, index: usize, row: &Row<'_>, seconds: f64) -> Miss {
    let engine = engine(row);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a generation of chips"
    )]
    let generation = row.gpu.generation as u32;
    Miss {
        group,
        class: format!("{engine} {}", row.job.shape.name()),
        engine: engine.to_owned(),
        kind: row.kind(),
        generation,
        depth: row.depth(),
        row: index,
        log: (row.seconds / seconds).ln(),
    }
}

/// The size that a share of some errors keeps to; none of none.
pub(super) fn quantile(mut sizes: Vec<f64>, share: f64) -> Option<f64> {
    sizes.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a rank among some hundreds"
    )]
    let rank = (share * sizes.len().saturating_sub(1) as f64).round() as usize;
    sizes.get(rank).copied()
}

/// Half-widths of the bands, as logarithms: by class, each class's own errors against those of all
/// by their number, so that about `share` of the rows of a group left out lie inside. None is below
/// `least`.
pub(super) fn bands(misses: &[Miss], share: f64, least: f64) -> BTreeMap<String, f64> {
    /// Rows that all classes together count as.
    const HELD: f64 = 8.0;
    let sizes = |keep: &dyn Fn(&Miss) -> bool| -> Vec<f64> {
        misses
            .iter()
            .filter(|m| keep(m))
            .map(|m| m.log.abs())
            .collect()
    };
    let all = quantile(sizes(&|_| true), share).unwrap_or(0.3);
    let classes: BTreeSet<&String> = misses.iter().map(|m| &m.class).collect();
    let mut bands: BTreeMap<String, f64> = classes
        .into_iter()
        .map(|class| {
            let own = sizes(&|m| m.class == *class);
            let rows: BTreeSet<usize> = misses
                .iter()
                .filter(|m| m.class == *class)
                .map(|m| m.row)
                .collect();
            #[expect(clippy::cast_precision_loss, reason = "a number of rows")]
            let n = rows.len() as f64;
            let width = quantile(own, share).unwrap_or(all);
            let mixed = (n * width.ln() + HELD * all.ln()) / (n + HELD);
            (class.clone(), mixed.exp().max(least))
        })
        .collect();
    bands.insert("all".to_owned(), all.max(least));
    bands
}

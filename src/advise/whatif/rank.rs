//! Machines in order of what they give, and what that comes to: which is beaten by another, which
//! is the smallest that keeps the answer, which is the best step up.

use std::cmp::Ordering;

use crate::advise::whatif::document::{Loadout, MachineRow, StepRule, StepUp};

/// The share of the greatest gain that a step up gives.
const MOST: f64 = 0.75;
/// Less of a score is no gain.
const LEAST: f64 = 0.005;

/// Machines in order of rank, and what they come to.
#[derive(Debug, Default)]
pub(super) struct Ranked {
    pub(super) rows: Vec<MachineRow>,
    /// The machine that the others are held against, and its answer.
    pub(super) against: Option<(String, Loadout)>,
    pub(super) owned: bool,
    pub(super) smallest: Option<String>,
    pub(super) step_up: Option<StepUp>,
}

/// The highest score first; of equal ones the least memory, then the slowest memory.
pub(super) fn sort(rows: &mut [MachineRow]) {
    rows.sort_by(|a, b| {
        let by_score = score(b).total_cmp(&score(a));
        by_score.then_with(|| by_size(a, b))
    });
}

/// The least memory, then the slowest.
fn by_size(a: &MachineRow, b: &MachineRow) -> Ordering {
    let speed = |r: &MachineRow| r.bandwidth_bytes_per_second.unwrap_or(0.0);
    let by_speed = || speed(a).total_cmp(&speed(b));
    let by_memory = a.memory_bytes.cmp(&b.memory_bytes);
    by_memory.then_with(by_speed).then_with(|| a.id.cmp(&b.id))
}

/// What sorted rows come to. `owned`: what they are held against is there already, and a step up
/// starts from it; else one starts from the least of them.
pub(super) fn conclude(
    rows: Vec<MachineRow>,
    against: Option<(String, Loadout)>,
    owned: bool,
) -> Ranked {
    let beaten: Vec<Option<String>> = rows.iter().map(|r| beaten_by(r, &rows)).collect();
    let mut rows = rows;
    for (row, by) in rows.iter_mut().zip(beaten) {
        row.beaten_by = by;
    }
    let smallest = rows
        .iter()
        .filter(|r| r.keeps_the_answer)
        .min_by(|a, b| by_size(a, b));
    let smallest = smallest.map(|r| r.id.clone());
    let own = against.as_ref().filter(|_| owned);
    let from = match own {
        Some((_, now)) => now.objective.unwrap_or(0.0),
        None => rows.iter().map(score).fold(f64::INFINITY, f64::min),
    };
    Ranked {
        step_up: step_up(&rows, from),
        smallest,
        against,
        owned,
        rows,
    }
}

fn score(row: &MachineRow) -> f64 {
    row.answer.objective.unwrap_or(0.0)
}

/// The first machine in order of rank that is better in score or memory and worse in nothing that
/// is known of both.
fn beaten_by(row: &MachineRow, rows: &[MachineRow]) -> Option<String> {
    let beats = |other: &&MachineRow| {
        let no_dearer = match (other.price, row.price) {
            (Some(other), Some(own)) => other <= own,
            (_, own) => own.is_none(),
        };
        let no_worse = score(other) >= score(row) && other.memory_bytes <= row.memory_bytes;
        let better = score(other) > score(row) || other.memory_bytes < row.memory_bytes;
        no_worse && better && no_dearer
    };
    rows.iter().find(beats).map(|r| r.id.clone())
}

fn step_up(rows: &[MachineRow], from: f64) -> Option<StepUp> {
    let gain = |r: &MachineRow| score(r) - from;
    let greatest = rows.iter().map(gain).fold(0.0, f64::max);
    if greatest < LEAST {
        return None;
    }
    let step = |r: &MachineRow, rule| StepUp {
        id: r.id.clone(),
        gain: gain(r),
        greatest_gain: greatest,
        rule,
    };
    let per_price = |r: &MachineRow| Some(gain(r) / r.price.filter(|p| *p > 0.0)?);
    let priced = rows.iter().filter(|r| gain(r) >= LEAST);
    let priced = priced.filter_map(|r| Some((r, per_price(r)?)));
    if let Some((row, _)) = priced.max_by(|(_, a), (_, b)| a.total_cmp(b)) {
        return Some(step(row, StepRule::GainPerPrice));
    }
    let most = rows.iter().filter(|r| gain(r) >= MOST * greatest);
    // Of the same memory the one that gives more, and then the slower.
    let least = most.min_by(|a, b| {
        let by_memory = a.memory_bytes.cmp(&b.memory_bytes);
        let by_score = || score(b).total_cmp(&score(a));
        by_memory.then_with(by_score).then_with(|| by_size(a, b))
    })?;
    Some(step(least, StepRule::LeastMemory))
}

//! How far measured rows lie from the physics, and how near predictions come with that taken in.
//!
//! A class of engine and architecture, a model in an engine, and one file each run slower or faster
//! than the physics by a factor of their own, whatever the Mac. Each factor is the mean of its rows
//! (in logs, of what the wider one leaves) as if one more row said "no difference": few rows move
//! it little, and what has none keeps that of the wider one.

use super::physics::Physics;
use super::rows::{Engine, Row, Shape};

/// Rows that a factor needs to count as much as the wider one.
const HELD: f64 = 1.0;
/// Rows that a class needs for its own error to count as much as that of all.
const ERROR_HELD: f64 = 4.0;
/// Standard deviations that four of five rows keep to.
const FOUR_OF_FIVE: f64 = 1.28;
/// Steps from the constants of all rows to those without one model.
const STEPS_WITHOUT: usize = 2;
/// The least relative error to admit: so far published runs of measured files lie off that the
/// catalog does not hold, where its own come from few hands and agree better.
const LEAST_ERROR: f64 = 0.12;
/// Standard deviation to admit where nothing was measured to tell.
const UNKNOWN_SPREAD: f64 = 0.25;

/// What a prediction rests on, the nearest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Nearest {
    /// Other models of the class.
    Class,
    /// Other files of the model in the same engine.
    Model,
    /// The same file on other Macs.
    File,
}

impl Nearest {
    pub(super) const ALL: [Self; 3] = [Self::Class, Self::Model, Self::File];
}

/// Whom a prediction is for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) class: (Engine, Shape),
    pub(super) model: &'a str,
    pub(super) variant: &'a str,
}

impl<'a> Target<'a> {
    pub(super) fn of(row: &'a Row) -> Self {
        Self {
            class: row.class(),
            model: &row.model,
            variant: &row.variant,
        }
    }

    /// Whether a row is as near as that.
    pub(super) fn has(&self, row: &Row, nearest: Nearest) -> bool {
        let model = row.model == self.model && row.job.engine == self.class.0;
        match nearest {
            Nearest::Class => row.class() == self.class,
            Nearest::Model => model,
            Nearest::File => model && row.variant == self.variant,
        }
    }

    /// The nearest that some row is.
    pub(super) fn nearest<'r>(&self, rows: impl Iterator<Item = &'r Row>) -> Nearest {
        rows.filter_map(|r| Nearest::ALL.into_iter().rfind(|n| self.has(r, *n)))
            .max()
            .unwrap_or(Nearest::Class)
    }
}

/// Log of the factor by which a target is slower than the physics.
pub(super) fn factor<'r>(
    physics: &Physics,
    rows: impl Iterator<Item = &'r Row>,
    target: Target<'_>,
) -> f64 {
    let near: Vec<(&Row, f64)> = rows
        .filter(|r| target.has(r, Nearest::Class))
        .map(|r| (r, (r.seconds / physics.seconds(&r.job)).ln()))
        .collect();
    Nearest::ALL.into_iter().fold(0.0, |sum, nearest| {
        let (mut weights, mut left) = (HELD, 0.0);
        for (row, miss) in near.iter().filter(|(r, _)| target.has(r, nearest)) {
            weights += row.weight;
            left += row.weight * (miss - sum);
        }
        sum + left / weights
    })
}

/// A row predicted without itself.
#[derive(Debug, Clone, Copy)]
struct Miss {
    class: (Engine, Shape),
    nearest: Nearest,
    weight: f64,
    /// Square of predicted over measured, in logs.
    square: f64,
}

/// How near predictions come: every row of an engine's own, predicted from the others.
#[derive(Debug, Clone, Default)]
pub(super) struct Errors(Vec<Miss>);

impl Errors {
    /// Predicts each row as if its model had not been measured, as if its file had not, and as if
    /// its Mac had not; each time by constants fitted without its model.
    pub(super) fn of(rows: &[Row], physics: &Physics) -> Self {
        let mut misses = Vec::new();
        for model in rows.chunk_by(|a, b| a.model == b.model) {
            let id = &model[0].model;
            let others = rows.iter().filter(|r| r.model != *id);
            let without = physics.fitted(others, STEPS_WITHOUT);
            for row in model.iter().filter(|r| r.own_engine) {
                misses.extend(Nearest::ALL.map(|n| miss(rows, row, &without, n)));
            }
        }
        Self(misses.into_iter().flatten().collect())
    }

    /// The relative error that about four of five predictions keep to that rest on `nearest` in a
    /// class; its own misses count against those of all classes by their number.
    pub(super) fn error(&self, class: (Engine, Shape), nearest: Nearest) -> f64 {
        let all = self.spread(nearest);
        let (mut weights, mut ratio) = (ERROR_HELD, ERROR_HELD);
        for m in self.0.iter().filter(|m| m.class == class) {
            weights += m.weight;
            ratio += m.weight * m.square / self.spread(m.nearest).powi(2);
        }
        ((FOUR_OF_FIVE * all * (ratio / weights).sqrt()).exp() - 1.0).max(LEAST_ERROR)
    }

    /// The standard deviation over all classes.
    fn spread(&self, nearest: Nearest) -> f64 {
        let (mut weights, mut squares) = (0.0, 0.0);
        for m in self.0.iter().filter(|m| m.nearest == nearest) {
            weights += m.weight;
            squares += m.weight * m.square;
        }
        if weights > 0.0 {
            (squares / weights).sqrt()
        } else {
            UNKNOWN_SPREAD
        }
    }
}

/// A row predicted from those that are no nearer than `nearest`, where one is as near.
fn miss(rows: &[Row], row: &Row, physics: &Physics, nearest: Nearest) -> Option<Miss> {
    let target = Target::of(row);
    let left = rows.iter().filter(|r| match nearest {
        Nearest::Class => r.model != row.model,
        Nearest::Model => !target.has(r, Nearest::File),
        Nearest::File => !(target.has(r, Nearest::File) && r.chip == row.chip),
    });
    if target.nearest(left.clone()) != nearest {
        return None;
    }
    let log = factor(physics, left, target) + (physics.seconds(&row.job) / row.seconds).ln();
    Some(Miss {
        class: row.class(),
        nearest,
        weight: row.weight,
        square: log * log,
    })
}

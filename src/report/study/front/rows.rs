//! The points of a front, numbered and sorted into classes of speed.
//!
//! Nothing is left out and nothing is reordered: row n of the table is point n of the document.

use serde::Serialize;

use super::super::mark::{Mark, Shape};
use super::super::picture::COLORS;
use crate::basis::Basis;
use crate::plan::document::ParetoPoint;
use crate::study::document::Scenario;

/// Where a class of speed begins, tokens per second: doublings, so that a class means a difference
/// that is felt. A speed that is not known is a class of its own, the first.
const CLASSES_FROM: [f64; 4] = [0.0, 20.0, 40.0, 80.0];
/// A point that keeps so much of the best score may be pointed out as smaller or faster.
const NEARLY: f64 = 0.95;
/// Half the size of a mark that fills a box from -10 to 10.
const ALONE: f64 = 7.5;
/// The place of each class's colour among the page's.
const COLOR_OF: [usize; 5] = [7, 7, 0, 1, 3];
/// Up to so many points have room in half a page.
const FEW: usize = 14;

/// What a reader looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in super::super) enum Role {
    /// What the plan keeps loaded.
    Recommended,
    /// The least memory with nearly the best score.
    Smaller,
    /// The highest speed with nearly the best score.
    Faster,
}

/// A point of the front.
#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct Row<'a> {
    /// Its number in picture and table.
    pub(super) number: usize,
    /// What the document says of it.
    pub(super) point: &'a ParetoPoint,
    /// The class of its speed.
    pub(super) class: usize,
    /// Whether a speed of it is predicted.
    pub(super) predicted: bool,
    /// Its score as a share of the best.
    share: f64,
    /// Why a reader looks for it; mostly nothing.
    pub(super) roles: Vec<Role>,
    /// Its mark, for a box from -10 to 10.
    mark: Mark,
}

/// A class of speed that occurs, for the legend.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Class {
    pub(super) id: usize,
    mark: Mark,
}

/// The front of one scenario.
#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct Front<'a> {
    /// The scenario.
    pub(super) id: &'a str,
    /// Every point, the highest score first.
    pub(super) rows: Vec<Row<'a>>,
    /// Which classes of speed occur, the slowest first.
    pub(super) classes: Vec<Class>,
    /// Whether there is something to compare, and so a picture.
    pub(super) drawn: bool,
    /// Whether it is small enough for half a page.
    few: bool,
    /// Whether any of it rests on a prediction.
    pub(super) predicted: bool,
    /// A mark that rests on a prediction, for the legend.
    predicted_mark: Mark,
}

impl<'a> Front<'a> {
    /// The front of a scenario.
    pub(in super::super) fn of(scenario: &'a Scenario) -> Self {
        let points = &scenario.pareto;
        let best = points.first().map_or(1.0, |p| p.objective);
        let roles = roles(scenario, best * NEARLY);
        let rows: Vec<Row<'_>> = points
            .iter()
            .enumerate()
            .map(|(n, point)| {
                let class = class(point.slowest_tokens_per_second);
                let predicted = rests_on_a_prediction(point);
                Row {
                    number: n + 1,
                    point,
                    class,
                    predicted,
                    share: point.objective / best,
                    roles: roles.iter().filter(|r| r.1 == n).map(|r| r.0).collect(),
                    mark: mark(class, predicted, ALONE),
                }
            })
            .collect();
        let occurs = |id: &usize| rows.iter().any(|r| r.class == *id);
        let classes = (0..=CLASSES_FROM.len()).filter(occurs).map(|id| Class {
            id,
            mark: mark(id, false, ALONE),
        });
        Self {
            id: &scenario.id,
            classes: classes.collect(),
            drawn: rows.len() > 1,
            few: rows.len() <= FEW,
            predicted: rows.iter().any(|r| r.predicted),
            predicted_mark: mark(CLASSES_FROM.len() - 1, true, ALONE),
            rows,
        }
    }

    /// Whether it is small enough for half a page.
    pub(in super::super) const fn few(&self) -> bool {
        self.few
    }
}

/// The page's colour of a class.
pub(in super::super) const fn color(class: usize) -> &'static str {
    COLORS[COLOR_OF[class]]
}

/// The mark of a class, hollow where its speed rests on a prediction; `size` is about half its
/// width.
pub(in super::super) fn mark(class: usize, predicted: bool, size: f64) -> Mark {
    let shape = match class {
        0 => Shape::Cross,
        1 => Shape::TriangleDown,
        2 => Shape::Square,
        3 => Shape::Circle,
        _ => Shape::TriangleUp,
    };
    let mark = Mark::new(shape, color(class), size);
    if predicted { mark.hollow() } else { mark }
}

/// Zero where the speed is not known.
fn class(speed: Option<f64>) -> usize {
    speed.map_or(0, |s| {
        CLASSES_FROM.iter().filter(|from| s >= **from).count()
    })
}

fn rests_on_a_prediction(point: &ParetoPoint) -> bool {
    let mut members = point.members.iter();
    members.any(|m| m.basis == Some(Basis::Predicted))
}

/// Which points play a role; a point that is smaller or faster than the recommended one only where
/// it is another.
fn roles(scenario: &Scenario, enough: f64) -> Vec<(Role, usize)> {
    let points = &scenario.pareto;
    let near = || (0..points.len()).filter(|&n| points[n].objective >= enough);
    let speed = |n: usize| points[n].slowest_tokens_per_second.unwrap_or(0.0);
    let recommended = (0..points.len()).find(|&n| is_loadout(scenario, &points[n]));
    let smaller = near().min_by_key(|&n| points[n].total_bytes);
    // The first of equals has the higher score.
    let faster = near().reduce(|a, b| if speed(b) > speed(a) { b } else { a });
    let mut roles: Vec<(Role, usize)> = recommended
        .map(|n| (Role::Recommended, n))
        .into_iter()
        .collect();
    roles.extend(
        smaller
            .map(|n| (Role::Smaller, n))
            .filter(|r| Some(r.1) != recommended),
    );
    roles.extend(
        faster
            .map(|n| (Role::Faster, n))
            .filter(|r| Some(r.1) != recommended),
    );
    roles
}

fn is_loadout(scenario: &Scenario, point: &ParetoPoint) -> bool {
    let loaded = |variant: &str, context: u32| {
        scenario
            .loadout
            .iter()
            .any(|e| variant == e.full_name() && context == e.settings.context)
    };
    point.members.len() == scenario.loadout.len()
        && point.members.iter().all(|m| loaded(&m.variant, m.context))
}

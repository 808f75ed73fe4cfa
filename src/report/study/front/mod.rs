//! The front of score, memory and speed, made ready for people: its points numbered, sorted into
//! classes of speed, and those marked that a reader looks for.
//!
//! Nothing is left out and nothing is reordered: row n of the table is point n of the document.

mod axis;
mod labels;
mod mark;
mod scatter;

use serde::Serialize;

use crate::basis::Basis;
use crate::plan::document::ParetoPoint;
use crate::study::document::Scenario;
pub(super) use scatter::{Words, draw};

/// Where a class of speed begins, tokens per second: doublings, so that a class means a difference
/// that is felt. A speed that is not known is a class of its own, the first.
const CLASSES_FROM: [f64; 4] = [0.0, 20.0, 40.0, 80.0];
/// A point that keeps so much of the best score may be pointed out as smaller or faster.
const NEARLY: f64 = 0.95;
/// Up to so many points have room in half a page.
const FEW: usize = 14;

/// What a reader looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Role {
    /// What the plan keeps loaded.
    Recommended,
    /// The least memory with nearly the best score.
    Smaller,
    /// The highest speed with nearly the best score.
    Faster,
}

/// A point of the front.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Row<'a> {
    /// Its number in picture and table.
    number: usize,
    /// What the document says of it.
    point: &'a ParetoPoint,
    /// The class of its speed.
    class: usize,
    /// Whether a speed of it is predicted.
    predicted: bool,
    /// Its score as a share of the best.
    share: f64,
    /// Why a reader looks for it; mostly nothing.
    roles: Vec<Role>,
    /// Its mark, as SVG that fills a box from -10 to 10.
    mark: String,
}

/// A class of speed that occurs, for the legend.
#[derive(Debug, Clone, Serialize)]
struct Class {
    id: usize,
    mark: String,
}

/// The front of one scenario.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Front<'a> {
    /// The scenario.
    id: &'a str,
    /// Every point, the highest score first.
    rows: Vec<Row<'a>>,
    /// Which classes of speed occur, the slowest first.
    classes: Vec<Class>,
    /// Whether there is something to compare, and so a picture.
    drawn: bool,
    /// Whether it is small enough for half a page.
    few: bool,
    /// Whether any of it rests on a prediction.
    predicted: bool,
    /// A mark that rests on a prediction, for the legend.
    predicted_mark: String,
}

impl<'a> Front<'a> {
    /// The front of a scenario.
    pub(super) fn of(scenario: &'a Scenario) -> Self {
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
                    mark: mark::alone(class, predicted),
                }
            })
            .collect();
        let occurs = |id: &usize| rows.iter().any(|r| r.class == *id);
        let classes = (0..=CLASSES_FROM.len()).filter(occurs).map(|id| Class {
            id,
            mark: mark::alone(id, false),
        });
        Self {
            id: &scenario.id,
            classes: classes.collect(),
            drawn: rows.len() > 1,
            few: rows.len() <= FEW,
            predicted: rows.iter().any(|r| r.predicted),
            predicted_mark: mark::alone(CLASSES_FROM.len() - 1, true),
            rows,
        }
    }

    /// Whether it is small enough for half a page.
    pub(super) const fn few(&self) -> bool {
        self.few
    }
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
        scenario.loadout.iter().any(|e| {
            variant == format!("{}/{}", e.model, e.variant) && context == e.settings.context
        })
    };
    point.members.len() == scenario.loadout.len()
        && point.members.iter().all(|m| loaded(&m.variant, m.context))
}

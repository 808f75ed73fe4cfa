//! Whether a plan can be what planner saved: a figure below zero, a field that is gone and a list
//! that is empty tell a file that was edited by hand.

use serde_json::Value;

use super::document::{OptimalityStatus, Plan};
use super::place::{Place, Step};

/// What is wrong with a plan, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsound {
    /// Where.
    pub place: Place,
    /// What, as what follows the place in a sentence.
    pub what: String,
}

/// How the fields end that hold no figure below zero.
const NEVER_BELOW_ZERO: [&str; 8] = [
    "_bytes",
    "_per_second",
    "_seconds",
    "_tokens",
    "_per_hour",
    "share",
    "weight",
    "slots",
];
/// Those of them that may.
const SIGNED: [&str; 1] = ["headroom_bytes"];

/// The first figure below zero that none can be.
#[must_use]
pub fn below_zero(document: &Value) -> Option<Unsound> {
    let mut found = None;
    walk(document, &Place::default(), &mut |place, value| {
        let Some(Step::Field(name)) = place.0.last() else {
            return;
        };
        let unsigned = NEVER_BELOW_ZERO.iter().any(|end| name.ends_with(end));
        let below = value.as_f64().is_some_and(|n| n < 0.0);
        if below && unsigned && !SIGNED.contains(&name.as_str()) && found.is_none() {
            found = Some(Unsound {
                place: place.clone(),
                what: format!("is {value}, and can't be below zero"),
            });
        }
    });
    found
}

fn walk(value: &Value, place: &Place, see: &mut impl FnMut(&Place, &Value)) {
    see(place, value);
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                walk(inner, &place.then(Step::Field(name.clone())), see);
            }
        }
        Value::Array(items) => {
            for (n, inner) in items.iter().enumerate() {
                walk(inner, &place.then(Step::Item(n)), see);
            }
        }
        _ => {}
    }
}

/// What a plan that can be read says against itself.
#[must_use]
pub fn contradiction(plan: &Plan) -> Option<Unsound> {
    let tasks = &plan.request.tasks;
    let weightless = |weight: f64| !(weight.is_finite() && weight > 0.0);
    if let Some(n) = tasks.iter().position(|t| weightless(t.weight)) {
        let place = Place::of(&["request", "tasks"]).then(Step::Item(n));
        return Some(Unsound {
            place: place.then(Step::Field("weight".to_owned())),
            what: "is not above zero".to_owned(),
        });
    }
    let found = matches!(
        plan.optimality.status,
        OptimalityStatus::Optimal | OptimalityStatus::BestFound
    );
    (found && plan.loadout.is_empty()).then(|| Unsound {
        place: Place::of(&["loadout"]),
        what: "is empty, and the plan says that models were found".to_owned(),
    })
}

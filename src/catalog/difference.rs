//! What one catalog says that another does not, model by model.

use schemars::JsonSchema;
use serde::Serialize;

use super::lookup::Catalog;
use super::schema::Model;

/// What is different in a catalog from the one before it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Difference {
    /// Ids of the models that are new.
    pub added: Vec<String>,
    /// Ids of the models that are gone.
    pub removed: Vec<String>,
    /// Models of which something is said anew.
    pub changed: Vec<ModelDifference>,
}

/// What is different of a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ModelDifference {
    /// Its id.
    pub model: String,
    /// Something of the model itself: its shape, its settings, its sources.
    pub facts: bool,
    /// Its files.
    pub variants: Rows,
    /// What was measured with them.
    pub measurements: Rows,
    /// Its published scores.
    pub scores: Rows,
}

/// How many rows are new, and how many are gone; one that was changed is both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Rows {
    /// New rows.
    pub added: usize,
    /// Rows that are gone.
    pub removed: usize,
}

impl Difference {
    /// From one catalog to another.
    #[must_use]
    pub fn between(before: &Catalog, after: &Catalog) -> Self {
        let ids = |of: &Catalog, not_in: &Catalog| {
            let lacking = of.models.iter().filter(|m| not_in.model(&m.id).is_none());
            lacking.map(|m| m.id.clone()).collect()
        };
        let both = before.models.iter();
        let both = both.filter_map(|m| Some((m, after.model(&m.id)?)));
        Self {
            added: ids(after, before),
            removed: ids(before, after),
            changed: both
                .filter_map(|(a, b)| ModelDifference::between(a, b))
                .collect(),
        }
    }

    /// Whether nothing is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Measurements that are new and that are gone, of models that stay.
    #[must_use]
    pub fn measurements(&self) -> Rows {
        let rows = self.changed.iter().map(|m| m.measurements);
        rows.fold(Rows::default(), |sum, rows| Rows {
            added: sum.added + rows.added,
            removed: sum.removed + rows.removed,
        })
    }
}

impl ModelDifference {
    fn between(before: &Model, after: &Model) -> Option<Self> {
        if before == after {
            return None;
        }
        Some(Self {
            model: after.id.clone(),
            facts: facts(before) != facts(after) || before.losses != after.losses,
            variants: Rows::between(&before.variants, &after.variants),
            measurements: Rows::between(&before.measurements, &after.measurements),
            scores: Rows::between(&before.scores, &after.scores),
        })
    }
}

/// A model without its rows.
fn facts(model: &Model) -> Model {
    Model {
        scores: Vec::new(),
        losses: Vec::new(),
        variants: Vec::new(),
        measurements: Vec::new(),
        ..model.clone()
    }
}

impl Rows {
    fn between<T: PartialEq>(before: &[T], after: &[T]) -> Self {
        let lacking =
            |of: &[T], not_in: &[T]| of.iter().filter(|row| !not_in.contains(row)).count();
        Self {
            added: lacking(after, before),
            removed: lacking(before, after),
        }
    }
}

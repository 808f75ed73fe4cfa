//! A model that no catalog has, or other figures of one that it has.

use crate::catalog::schema::Model;
use crate::scenario::error::{RecommendError, check_name};
use crate::scenario::inputs::Scenario;
use crate::scenario::new_model;
use crate::scenario::new_model::NewModel;
use crate::speed::Figure;

/// A change to what is known of models.
#[derive(Debug, Clone, PartialEq)]
pub enum OnFigures {
    /// A model that the catalog does not have.
    New(NewModel),
    /// One whose files were read.
    Entry(Box<Model>),
    /// The speed of one variant that scores count.
    Speed {
        /// `model/variant`.
        variant: String,
        /// In tokens per second.
        tokens_per_second: f64,
    },
    /// The memory that a model or variant takes.
    Size {
        /// `model` or `model/variant`.
        of: String,
        /// As a share of what it takes.
        share: f64,
    },
    /// Every prediction true at the high end of its range.
    Hopeful,
}

impl OnFigures {
    pub(super) fn apply(&self, scenario: &mut Scenario<'_>) -> Result<(), RecommendError> {
        match self {
            Self::New(new) => {
                let with = new_model::with_model(&scenario.catalog, &scenario.machine, new)?;
                *scenario.catalog.to_mut() = with;
            }
            Self::Entry(entry) => {
                let with = new_model::with_entry(&scenario.catalog, entry)?;
                *scenario.catalog.to_mut() = with;
            }
            Self::Speed {
                variant,
                tokens_per_second,
            } => {
                check_name(&scenario.catalog, "--speed", variant)?;
                let given = (variant.clone(), *tokens_per_second);
                scenario.assumed.speeds.push(given);
            }
            Self::Size { of, share } => {
                check_name(&scenario.catalog, "--size", of)?;
                scenario.assumed.sizes.push((of.clone(), *share));
            }
            Self::Hopeful => scenario.assumed.hopeful = true,
        }
        Ok(())
    }

    pub(super) fn describe(&self, scenario: &Scenario<'_>) -> String {
        match self {
            Self::New(new) => {
                let speed = new.tokens_per_second.map_or_else(
                    || "at its predicted speed".to_owned(),
                    |t| format!("at {t} t/s"),
                );
                format!(
                    "{} of {} {speed}, like {}",
                    new.name,
                    new.weights.both(),
                    new.like
                )
            }
            Self::Entry(entry) => {
                let count = entry.variants.len();
                let files = if count == 1 { "file" } else { "files" };
                format!("{} ({count} {files} read)", entry.name)
            }
            Self::Speed {
                variant,
                tokens_per_second,
            } => {
                let now = scenario.catalog.find(variant).and_then(|(model, found)| {
                    let speed = crate::scenario::speeds::counted_speed(scenario, model, found?)?;
                    Some(Figure::deciding(&speed))
                });
                let now = now.map_or_else(|| "an unknown speed".to_owned(), |s| format!("{s:.1}"));
                format!("{variant} at {tokens_per_second:.1} t/s instead of {now}")
            }
            Self::Size { of, share } => {
                format!("{of} in {:.1} % of the memory that it takes", share * 100.0)
            }
            Self::Hopeful => "every prediction at the high end of its range".to_owned(),
        }
    }
}

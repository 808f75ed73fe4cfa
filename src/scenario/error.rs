//! Why no plan could be attempted, and the check of what a request names.

use crate::catalog::Catalog;
use crate::fault::Hinted;
use crate::plan::request::Request;
use crate::suggest;

/// A flag with its value as it was typed: `--pin x`, `--new like=x`.
fn given(flag: &str, name: &str) -> String {
    let apart = if flag.ends_with('=') { "" } else { " " };
    format!("{flag}{apart}{name}")
}

/// Why no plan could be attempted. "Nothing fits" is not an error but an empty plan.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RecommendError {
    /// A pin or an exclusion names nothing.
    #[error("`{}` names no model or variant{}", given(flag, name), suggest::or_nothing(.suggestion.as_deref()))]
    UnknownModel {
        /// The flag.
        flag: &'static str,
        /// The name given.
        name: String,
        /// The nearest name.
        suggestion: Option<String>,
    },
    /// No measurement belongs to the campaign.
    #[error("no measurement belongs to the campaign `{name}`{}", suggest::or_nothing(.suggestion.as_deref()))]
    UnknownCampaign {
        /// The name given.
        name: String,
        /// The names there are.
        known: String,
        /// The nearest name.
        suggestion: Option<String>,
    },
    /// More pins than models.
    #[error("{pins} models are pinned and at most {models} may be loaded")]
    TooManyPins {
        /// How many are pinned.
        pins: usize,
        /// How many may be loaded.
        models: usize,
    },
    /// Nothing to serve.
    #[error("no task was given")]
    NoTask,
    /// A saved plan's request that has no loadout.
    #[error("the plan's request has no loadout to explain")]
    NoAnswer,
    /// A new model has the name of a known one.
    #[error("`{name}` is already in the catalog")]
    NameTaken {
        /// The name given.
        name: String,
    },
    /// A new model is to be like one that LM Studio can't run.
    #[error("`{name}` has no variant that LM Studio runs, so nothing can be planned like it")]
    NothingToBeLike {
        /// The name given.
        name: String,
    },
    /// The time limit came before an answer was proven.
    #[error("the time limit came before there was an answer")]
    OutOfTime,
}

impl Hinted for RecommendError {
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::UnknownModel { .. } => "`planner catalog list` shows them".to_owned(),
            Self::UnknownCampaign { known, .. } => format!("the campaigns are {known}"),
            Self::TooManyPins { .. } => "raise `--models` or pin fewer".to_owned(),
            Self::NoTask => "name one with `--task`".to_owned(),
            Self::NoAnswer => "`planner recommend` says why, and what would give one".to_owned(),
            Self::NameTaken { name } => format!(
                "give the new model a name of its own; `planner explain --why-not {name}` is about the known one"
            ),
            Self::NothingToBeLike { .. } => {
                "name a model with a GGUF or MLX variant; `planner catalog list` shows them"
                    .to_owned()
            }
            Self::OutOfTime => "give a larger `--time-limit`".to_owned(),
        })
    }
}

/// Whether everything that the request names exists.
///
/// # Errors
/// When something does not; the error names the nearest.
pub fn check_names(catalog: &Catalog, request: &Request) -> Result<(), RecommendError> {
    for (flag, names) in [("--pin", &request.pins), ("--exclude", &request.excludes)] {
        for name in names {
            check_name(catalog, flag, name)?;
        }
    }
    let campaigns = catalog.campaigns();
    match &request.campaign {
        Some(name) if !campaigns.contains(&name.as_str()) => Err(RecommendError::UnknownCampaign {
            name: name.clone(),
            known: campaigns
                .iter()
                .map(|c| format!("`{c}`"))
                .collect::<Vec<_>>()
                .join(", "),
            suggestion: suggest::nearest(name, campaigns.iter().copied()),
        }),
        _ => Ok(()),
    }
}

/// Whether a name is a model's or a variant's.
///
/// # Errors
/// When it is not; the error names the nearest.
pub fn check_name(catalog: &Catalog, flag: &'static str, name: &str) -> Result<(), RecommendError> {
    if catalog.find(name).is_some() {
        return Ok(());
    }
    Err(RecommendError::UnknownModel {
        flag,
        suggestion: catalog.nearest(name),
        name: name.to_owned(),
    })
}

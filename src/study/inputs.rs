//! What a study is gathered from.

use crate::catalog::Catalog;
use crate::machine::Machine;
use crate::machine::profile::Chip;
use crate::speed::SpeedModel;
use crate::task::TaskProfile;

/// Everything that a study is gathered from.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The catalog.
    pub catalog: &'a Catalog,
    /// The chips that are known.
    pub chips: &'a [Chip],
    /// The machine that it is about.
    pub machine: &'a Machine,
    /// The speed model.
    pub speed: &'a SpeedModel,
    /// The campaign to keep to; the whole catalog where absent.
    pub campaign: Option<&'a str>,
    /// What to recommend for.
    pub scenarios: &'a [ScenarioRequest],
}

/// A scenario to answer.
#[derive(Debug, Clone)]
pub struct ScenarioRequest {
    /// Its id.
    pub id: String,
    /// The tasks with their weights.
    pub tasks: Vec<(TaskProfile, f64)>,
    /// Models at once, at most.
    pub max_models: usize,
}

//! What was asked for.

use super::candidates::SHORTEST_CONTEXT;
use super::task::TaskProfile;
use crate::memory::{Engine, Settings};

/// A request for a plan. Everything that can be left to the solver is an `Option`.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The tasks and how much each counts, against each other.
    pub tasks: Vec<(TaskProfile, f64)>,
    /// Models resident at once, at most.
    pub max_models: usize,
    /// A fixed context; else the solver chooses.
    pub context: Option<u32>,
    /// What every model is loaded with; engine and context are each candidate's own.
    pub settings: Settings,
    /// Slowest decode speed to accept.
    pub min_tokens_per_second: Option<f64>,
    /// Only this engine.
    pub engine: Option<Engine>,
    /// Models or variants that must be resident.
    pub pins: Vec<String>,
    /// Models or variants that must not be.
    pub excludes: Vec<String>,
    /// Only what this campaign measured.
    pub campaign: Option<String>,
    /// No predicted speeds.
    pub measured_only: bool,
    /// Which method solves.
    pub method: Method,
}

/// Which method solves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Method {
    /// The exact search up to [`super::solve::SEARCH_MODELS`] models, the integer program beyond.
    #[default]
    Auto,
    /// The exact search.
    Search,
    /// The integer program through good_lp.
    Milp,
}

impl Request {
    /// A request with LM Studio's defaults.
    #[must_use]
    pub const fn new(tasks: Vec<(TaskProfile, f64)>) -> Self {
        Self {
            tasks,
            max_models: 3,
            context: None,
            settings: Settings::lm_studio(Engine::LlamaCpp, SHORTEST_CONTEXT),
            min_tokens_per_second: None,
            engine: None,
            pins: Vec::new(),
            excludes: Vec::new(),
            campaign: None,
            measured_only: false,
            method: Method::Auto,
        }
    }
}

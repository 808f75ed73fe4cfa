//! What is asked of a model's fit.

use std::path::PathBuf;

use crate::app::machine::MachineChoice;
use crate::edge::hub;
use crate::fit::{Fit, SlowTurn, Survey, Verdict};
use crate::memory::Engine;
use crate::memory::offload::Apart;
use crate::plan::document::LoadSettings;
use crate::plan::request::Demands;
use crate::units::Bytes;

/// Which model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// A variant of the catalog, a file, a folder, a repository of a hub or an address.
    Named(String),
    /// One that need not exist.
    Hypothetical {
        /// Its size.
        weights: Bytes,
        /// The model of the catalog that it is built like; any where left out.
        like: Option<String>,
    },
    /// Everything that LM Studio has on disk.
    Installed {
        /// The models folder; LM Studio's own when left out.
        folder: Option<PathBuf>,
    },
}

/// What a model sees with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Projector {
    /// What lies beside its file, or inside its folder.
    #[default]
    Auto,
    /// Nothing.
    Off,
    /// This GGUF file.
    File(PathBuf),
}

/// What is loaded with a model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Companions {
    /// What it sees with.
    pub projector: Projector,
    /// A smaller model that drafts tokens: a file, or a variant of the catalog.
    pub draft: Option<String>,
    /// So many tokens at a time are drafted by the model's own layers.
    pub draft_tokens: Option<u32>,
}

/// The question.
#[derive(Debug, Clone, PartialEq)]
pub struct FitRequest {
    /// Which model.
    pub model: Asked,
    /// On which machine.
    pub machine: MachineChoice,
    /// With how many tokens of context; the model's own when left out.
    pub context: Option<u32>,
    /// Also with more than the model was trained for.
    pub beyond_trained: bool,
    /// What of it is left to the processor.
    pub apart: Apart,
    /// Memory over contexts, for each type of KV cache, too.
    pub table: bool,
    /// The hub that is asked for repositories.
    pub endpoint: String,
    /// Loaded besides: variants, files or folders, with `@CONTEXT` if not their own; saved plans.
    pub beside: Vec<String>,
    /// What LM Studio has loaded now is loaded besides.
    pub beside_loaded: bool,
    /// What is loaded with it.
    pub companions: Companions,
    /// How it is loaded.
    pub settings: LoadSettings,
    /// The tasks whose turns are told, by id or file; those of every day when empty.
    pub tasks: Vec<String>,
    /// Tokens in the context of a turn, where not as the tasks' profiles say.
    pub depth: Option<u32>,
    /// Conversations at once, where not as the tasks' profiles say.
    pub agents: Option<u32>,
    /// How quick the turns have to be.
    pub demands: Demands,
    /// In which engine; the one that runs the files when left out.
    pub engine: Option<Engine>,
}

impl FitRequest {
    /// A model as LM Studio loads it by default, alone, on the machine that planner runs on.
    #[must_use]
    pub fn of(model: Asked) -> Self {
        Self {
            model,
            machine: MachineChoice::default(),
            context: None,
            beyond_trained: false,
            apart: Apart::default(),
            table: false,
            endpoint: hub::ENDPOINT.to_owned(),
            beside: Vec::new(),
            beside_loaded: false,
            companions: Companions::default(),
            settings: LoadSettings::default(),
            tasks: Vec::new(),
            depth: None,
            agents: None,
            demands: Demands::default(),
            engine: None,
        }
    }
}

/// The answer: one model, or several.
#[derive(Debug)]
pub enum FitAnswer {
    /// One model.
    One(Box<Fit>),
    /// Several, a row each.
    Several(Survey),
}

impl FitAnswer {
    /// Whether it fits and is as quick as was asked for; of several, whether one of them does.
    #[must_use]
    pub fn fits(&self) -> bool {
        let fits =
            |verdict: Verdict, slow: &[SlowTurn]| verdict == Verdict::Fits && slow.is_empty();
        match self {
            Self::One(fit) => fits(fit.verdict, &fit.too_slow),
            Self::Several(all) => all.models.iter().any(|m| fits(m.verdict, &m.too_slow)),
        }
    }
}

//! What to do, and what to know: each of a closed kind, with its figures, in words.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalog::Catalog;
use crate::catalog::schema::{Model, Variant};
use crate::machine::Machine;
use crate::memory::Engine;
use crate::speed::speculation;

/// Something to do or to know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Advice {
    /// Which kind.
    pub kind: AdviceKind,
    /// The figures of the text by name, with units: `wired_limit_bytes`, `score`.
    #[serde(default)]
    pub figures: BTreeMap<String, f64>,
    /// In words.
    pub text: String,
    /// The command that does it, to be run as it stands; where it is one of planner, the request's
    /// own with `flags`. A front that has no command line gives the flags alone.
    pub command: Option<String>,
    /// The flags of the same command of planner that do it, word by word.
    #[serde(default)]
    pub flags: Vec<String>,
}

impl Advice {
    /// Something to know, or to do by other means than a command.
    #[must_use]
    pub fn new(kind: AdviceKind, text: String) -> Self {
        Self {
            kind,
            figures: BTreeMap::new(),
            text,
            command: None,
            flags: Vec::new(),
        }
    }

    /// The same with the figures of its text.
    #[must_use]
    pub fn figures<const N: usize>(self, figures: [(&str, f64); N]) -> Self {
        let named = figures.map(|(name, figure)| (name.to_owned(), figure));
        Self {
            figures: named.into(),
            ..self
        }
    }

    /// The same with the command that does it.
    #[must_use]
    pub fn command(self, command: String) -> Self {
        Self {
            command: Some(command),
            ..self
        }
    }

    /// The same with the flags that do it.
    #[must_use]
    pub fn flags(self, flags: Vec<String>) -> Self {
        Self { flags, ..self }
    }
}

/// What advice is about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum AdviceKind {
    /// A task's profile was written for an earlier version.
    OldProfile,
    /// Raise the GPU's limit.
    RaiseWiredLimit,
    /// A better loadout fills memory beyond the guard.
    KeptClear,
    /// The loadout fills memory beyond the guard.
    NearlyFull,
    /// Measuring these could change the answer.
    MeasureNext,
    /// Speeds of the loadout are predicted.
    RestsOnPredictions,
    /// Nobody reported that LM Studio's engine loads a model's architecture.
    NotSeenToLoad,
    /// LM Studio's engine has a model's architecture, and nobody was read to have loaded it there.
    NewToLmStudio,
    /// What is known to fail on the machine's version of macOS.
    KnownToFail,
    /// No speed is known on the machine.
    NoSpeeds,
    /// A context holds less than the turns of a task, or than all of its conversations.
    ContextBelowTurn,
    /// What a loadout that a study published really needs.
    PublishedLoadout,
    /// One model serves several tasks while more could be loaded, and why.
    OneForSeveral,
    /// The front was not traced to its end.
    FrontCutShort,
    /// A context at which it fits.
    ShorterContext,
    /// It fits at no context.
    TooLarge,
    /// Turn flash attention on.
    FlashAttention,
    /// Keep keys and values in 8 bits.
    QuantizedKvCache,
    /// Let all slots share one pool.
    UnifiedKvCache,
    /// Serve fewer requests at once.
    FewerSlots,
    /// Leave layers to the processor.
    LayersOnProcessor,
    /// Leave the experts of some layers to the processor.
    ExpertsOnProcessor,
    /// Leave out what is loaded with the model.
    WithoutCompanions,
    /// Unload what is loaded besides.
    Alone,
    /// All settings that make room, at once.
    AllTogether,
    /// A smaller file of the model.
    SmallerQuantization,
    /// The smallest Mac that holds it.
    SmallestMac,
    /// Nothing but the size of the model is known.
    OnlyTheSizeIsKnown,
    /// Why a model that no catalog has, and that was asked about, is not in the answer.
    NewModel,
    /// What the file says of itself.
    AboutTheFile,
    /// What drafting was measured to gain near this model and chip.
    Drafting,
    /// What decides it is not known.
    Unknown,
}

/// What is known of loading a file in LM Studio that its owner has to mind: that nobody reported
/// it, or that its engine has to be new.
#[must_use]
pub fn of_loading(catalog: &Catalog, model: &Model, variant: &Variant) -> Vec<Advice> {
    let unreported = catalog.not_seen_to_load(model, variant);
    let unreported = unreported.map(|loads| (AdviceKind::NotSeenToLoad, loads.unreported()));
    let loads = catalog.loads(model, variant);
    let new = loads.map_or_else(Vec::new, |l| l.new_to_lm_studio(&model.name));
    let new = new
        .into_iter()
        .map(|text| (AdviceKind::NewToLmStudio, text));
    let told = unreported.into_iter().chain(new);
    told.map(|(kind, text)| Advice::new(kind, text)).collect()
}

/// The same of one of several, by its name where the words don't say it.
#[must_use]
pub fn of_loading_one(
    catalog: &Catalog,
    (model, variant): (&Model, &Variant),
    name: &str,
) -> Vec<Advice> {
    let mut told = of_loading(catalog, model, variant);
    let nameless = |a: &&mut Advice| a.kind == AdviceKind::NotSeenToLoad;
    for advice in told.iter_mut().filter(nameless) {
        advice.text = format!("{name}: {}", advice.text);
    }
    told
}

/// What drafting was measured to gain near a model in an engine on a machine; it decides nothing.
#[must_use]
pub fn of_drafting(
    catalog: &Catalog,
    model: &Model,
    machine: &Machine,
    engine: Engine,
) -> Vec<Advice> {
    let gains = speculation::gains(catalog, model, machine);
    let told = speculation::told(&gains, engine).into_iter();
    told.map(|text| Advice::new(AdviceKind::Drafting, text))
        .collect()
}

impl AdviceKind {
    /// Whether it doubts that LM Studio loads a model.
    #[must_use]
    pub const fn doubts_loading(self) -> bool {
        matches!(
            self,
            Self::KnownToFail | Self::NewToLmStudio | Self::NotSeenToLoad
        )
    }

    /// Whether it tells something and asks for nothing.
    #[must_use]
    pub const fn is_note(self) -> bool {
        matches!(
            self,
            Self::AboutTheFile
                | Self::ContextBelowTurn
                | Self::Drafting
                | Self::FrontCutShort
                | Self::KnownToFail
                | Self::NewModel
                | Self::NoSpeeds
                | Self::NewToLmStudio
                | Self::NotSeenToLoad
                | Self::OneForSeveral
                | Self::OnlyTheSizeIsKnown
                | Self::PublishedLoadout
                | Self::RestsOnPredictions
                | Self::Unknown
        )
    }
}

//! Why a variant is no candidate: a closed set of reasons with their figures, each with its words.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::basis::Basis;
use crate::catalog::effort::Setting;
use crate::catalog::roles::Role;
use crate::memory::KvType;
use crate::units::Bytes;

/// A variant that was no candidate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rejected {
    /// `model/variant`.
    pub variant: String,
    /// Which kind of reason.
    pub kind: RejectionKind,
    /// In words, with figures.
    pub reason: String,
    /// The same as figures.
    pub why: Refusal,
}

impl Rejected {
    /// A variant, by `model/variant`, with its reason.
    #[must_use]
    pub fn new(variant: String, why: Refusal) -> Self {
        Self {
            variant,
            kind: why.kind(),
            reason: why.to_string(),
            why,
        }
    }
}

/// Which kind of reason, in the order that people care about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RejectionKind {
    /// Too large for the machine.
    Memory,
    /// Below a floor of every task, or of the request.
    Floor,
    /// Left out by the request.
    Request,
    /// The machine can't run its engine.
    Engine,
    /// Its memory is not known.
    Unknown,
}

/// Why a variant is no candidate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Refusal {
    /// It needs more than may be used, at the shortest context tried.
    TooLarge {
        /// What it needs.
        needed_bytes: Bytes,
        /// What may be used.
        budget_bytes: Bytes,
        /// Whether both are of the GPU's working set, not of physical memory.
        of_gpu: bool,
        /// The context, in tokens.
        context: u32,
    },
    /// Below a floor of a task.
    BelowFloor {
        /// Id of the task.
        task: String,
        /// Which floor.
        shortfall: Shortfall,
    },
    /// At no context that fits does it reach the floors of a task.
    NoContextReaches,
    /// Slower than the request accepts.
    TooSlow {
        /// Tokens per second that count; absent where they are not known.
        tokens_per_second: Option<f64>,
        /// How they are known.
        basis: Option<Basis>,
        /// Tokens in the context.
        #[serde(default)]
        depth_tokens: u32,
        /// Tokens per second asked for.
        least: f64,
    },
    /// Takes longer than the request accepts.
    TooLong {
        /// What takes long.
        wait: Wait,
        /// Seconds that count; absent where they are not known.
        seconds: Option<f64>,
        /// How they are known.
        basis: Option<Basis>,
        /// Seconds asked for.
        most: f64,
    },
    /// Excluded by name.
    Excluded,
    /// Not on the disk, and only what is there was asked for.
    NotInstalled,
    /// Not on the disk, and more than may be downloaded.
    TooMuchToDownload {
        /// What would have to be downloaded.
        needed_bytes: Bytes,
        /// What may be.
        most_bytes: Bytes,
    },
    /// Another engine was asked for.
    OtherEngine {
        /// Its engine.
        engine: String,
    },
    /// llama.cpp keeps its keys and values in one type, and two were asked for.
    OneKvType {
        /// Of the keys.
        keys: KvType,
        /// Of the values.
        values: KvType,
    },
    /// A cache with quantized keys was asked for, which is known to harm it.
    QuantizedKeys {
        /// What it was measured to cost, and by whom.
        because: String,
    },
    /// Its only measurement in the campaign is suspect.
    SuspectMeasurement {
        /// The campaign.
        campaign: String,
        /// Why it is.
        because: String,
    },
    /// Not measured on this class of machine.
    NotMeasured {
        /// The campaign that it would have to be measured in.
        campaign: Option<String>,
    },
    /// Trained for less context than was asked for.
    NotTrainedFor {
        /// Tokens trained for.
        trained: u32,
        /// Tokens asked for.
        asked: u32,
    },
    /// It thinks, and is not known to take the effort that was asked for.
    NoSuchEffort {
        /// Which.
        asked: Setting,
    },
    /// Runs in an engine that LM Studio does not have.
    NotInLmStudio {
        /// The engine.
        engine: String,
    },
    /// Was seen not to load.
    FailsToLoad {
        /// What was seen.
        seen: String,
    },
    /// MLX on another machine than a Mac.
    NeedsAppleSilicon,
    /// The catalog has no confirmed figures of its architecture.
    NoArchitecture,
}

/// What somebody waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Wait {
    /// The first token of a turn.
    FirstToken,
    /// The whole turn.
    Turn,
}

/// The first floor of a task that is not reached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "floor", rename_all = "snake_case")]
pub enum Shortfall {
    /// Tokens per second.
    Speed {
        /// What counts: of a prediction, the middle.
        tokens_per_second: f64,
        /// The middle and the high end, where it is predicted.
        predicted: Option<(f64, f64)>,
        /// Tokens in the context.
        #[serde(default)]
        depth_tokens: u32,
        /// The floor.
        least: f64,
    },
    /// Seconds to the first token, or of a turn.
    Wait {
        /// Of what.
        wait: Wait,
        /// What counts: of a prediction, the middle.
        seconds: f64,
        /// The floor.
        most: f64,
    },
    /// Points out of 100.
    Quality {
        /// What is expected of it, after quantization.
        points: f64,
        /// The floor.
        least: f64,
    },
    /// Its publisher does not say that it calls tools.
    ToolUse,
    /// It is made for embeddings, or for completing code as it is typed, and for nothing else.
    Purpose {
        /// For which.
        made_for: String,
    },
    /// It is not known to do what the task asks for: to see, to fill in the middle, to embed.
    Role {
        /// What the task asks.
        lacks: Role,
    },
    /// Tokens of context.
    Context {
        /// What it has.
        context: u32,
        /// The floor.
        least: u32,
    },
    /// Share of requests passed.
    PassRate {
        /// What it has.
        rate: f64,
        /// The floor.
        least: f64,
    },
    /// Bits per weight.
    Precision {
        /// What it has.
        bits_per_weight: f64,
        /// The floor.
        least: f64,
    },
}

impl Refusal {
    /// The kind that the reason belongs to.
    #[must_use]
    pub const fn kind(&self) -> RejectionKind {
        match self {
            Self::TooLarge { .. } => RejectionKind::Memory,
            Self::BelowFloor { .. }
            | Self::NoContextReaches
            | Self::TooSlow { .. }
            | Self::TooLong { .. } => RejectionKind::Floor,
            Self::Excluded
            | Self::NotInstalled
            | Self::TooMuchToDownload { .. }
            | Self::OtherEngine { .. }
            | Self::OneKvType { .. }
            | Self::QuantizedKeys { .. }
            | Self::SuspectMeasurement { .. }
            | Self::NotMeasured { .. }
            | Self::NotTrainedFor { .. }
            | Self::NoSuchEffort { .. } => RejectionKind::Request,
            Self::NotInLmStudio { .. } | Self::FailsToLoad { .. } | Self::NeedsAppleSilicon => {
                RejectionKind::Engine
            }
            Self::NoArchitecture => RejectionKind::Unknown,
        }
    }
}

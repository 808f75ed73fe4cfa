//! Why a variant is no candidate: a closed set of reasons with their figures, each with its words.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::basis::Basis;
use crate::catalog::effort::Setting;
use crate::catalog::roles::Role;
use crate::memory::KvType;
use crate::units::{Bytes, apart, tokens};

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

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::FirstToken => "to the first token",
            Self::Turn => "a turn",
        })
    }
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

/// ` at a depth of 48,000`, where it is one.
fn at(depth: u32) -> String {
    match depth {
        0 => String::new(),
        depth => format!(" at a depth of {}", tokens(depth)),
    }
}

/// `measured`, or the end of a prediction that counts.
fn counted(basis: Basis) -> String {
    match basis {
        Basis::Predicted => "the low end of a prediction, which is what counts".to_owned(),
        basis => basis.to_string(),
    }
}

impl Refusal {
    /// Too slow, in words.
    fn fmt_slow(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooSlow {
                tokens_per_second: Some(tps),
                basis: Some(basis),
                depth_tokens,
                least,
            } => write!(
                f,
                "{tps:.1} t/s ({}){}, below the {least} t/s asked for",
                counted(*basis),
                at(*depth_tokens)
            ),
            Self::TooSlow { least, .. } => {
                write!(f, "speed unknown, and at least {least} t/s was asked for")
            }
            Self::TooLong {
                wait,
                seconds: Some(seconds),
                basis: Some(basis),
                most,
            } => write!(
                f,
                "{seconds:.1} s {wait} ({basis}), above the {most} s asked for"
            ),
            Self::TooLong { wait, most, .. } => {
                write!(
                    f,
                    "speed unknown, and at most {most} s {wait} was asked for"
                )
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge {
                needed_bytes,
                budget_bytes,
                of_gpu,
                context,
            } => {
                let (needed, budget) = apart(*needed_bytes, *budget_bytes);
                let memory = if *of_gpu { "GPU memory" } else { "memory" };
                let at = tokens(*context);
                write!(
                    f,
                    "needs {needed} of {memory} at {at} tokens; {budget} may be used"
                )
            }
            Self::BelowFloor { task, shortfall } => write!(f, "{task}: {shortfall}"),
            Self::NoContextReaches => {
                f.write_str("no context that fits reaches the floors of a task")
            }
            Self::TooSlow { .. } | Self::TooLong { .. } => self.fmt_slow(f),
            Self::Excluded => f.write_str("excluded"),
            Self::NotInstalled => f.write_str("not on the disk"),
            Self::TooMuchToDownload {
                needed_bytes,
                most_bytes,
            } => write!(
                f,
                "{} to download, and `--disk` allows {}",
                needed_bytes.both(),
                most_bytes.both()
            ),
            Self::OtherEngine { engine } => write!(f, "runs in {engine}, which was not asked for"),
            Self::OneKvType { keys, values } => write!(
                f,
                "llama.cpp stores its keys and values in one type, and {keys} and {values} were asked for"
            ),
            Self::SuspectMeasurement { campaign, because } => {
                write!(
                    f,
                    "its only measurement in `{campaign}` is suspect: {because}"
                )
            }
            Self::NotMeasured {
                campaign: Some(campaign),
            } => write!(f, "not measured in `{campaign}` on this class of machine"),
            Self::NotMeasured { campaign: None } => {
                f.write_str("not measured on this class of machine")
            }
            Self::NotTrainedFor { trained, asked } => write!(
                f,
                "trained for {} tokens, and {} were asked for",
                tokens(*trained),
                tokens(*asked)
            ),
            Self::NoSuchEffort { asked } => {
                write!(f, "thinks, and is not known to take the effort `{asked}`")
            }
            Self::NotInLmStudio { engine } => write!(f, "runs in {engine}, not in LM Studio"),
            Self::FailsToLoad { seen } => write!(f, "was seen not to load: {seen}"),
            Self::NeedsAppleSilicon => f.write_str("MLX needs Apple silicon"),
            Self::NoArchitecture => {
                f.write_str("memory unknown: no confirmed architecture figures in the catalog")
            }
        }
    }
}

impl fmt::Display for Shortfall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Speed {
                tokens_per_second: tps,
                predicted: Some((_, high)),
                depth_tokens,
                least,
            } => write!(
                f,
                "{tps:.1} t/s{}, predicted (at most {high:.1}), is below its floor of {least} t/s",
                at(*depth_tokens)
            ),
            Self::Speed {
                tokens_per_second: tps,
                predicted: None,
                depth_tokens,
                least,
            } => write!(
                f,
                "{tps:.1} t/s{} is below its floor of {least} t/s",
                at(*depth_tokens)
            ),
            Self::Wait {
                wait,
                seconds,
                most,
            } => write!(f, "{seconds:.1} s {wait} is above its floor of {most} s"),
            Self::Quality { points, least } => write!(
                f,
                "{points:.1} points of quality expected, below its floor of {least}"
            ),
            Self::ToolUse => f.write_str("its publisher does not say that it calls tools"),
            Self::Purpose { made_for } => write!(f, "made for {made_for} alone"),
            Self::Role { lacks } => f.write_str(match lacks {
                Role::Chat => "does not converse",
                Role::Vision => "not known to take pictures with this file",
                Role::Autocomplete => "not known to fill in the middle of code",
                Role::Embedding => "no embedding model",
            }),
            Self::Context { context, least } => write!(
                f,
                "a context of {} is below its floor of {}",
                tokens(*context),
                tokens(*least)
            ),
            Self::PassRate { rate, least } => write!(
                f,
                "a pass rate of {:.0} % is below its floor of {:.0} %",
                rate * 100.0,
                least * 100.0
            ),
            Self::Precision {
                bits_per_weight,
                least,
            } => write!(
                f,
                "{bits_per_weight:.3} bits per weight are below its floor of {least}"
            ),
        }
    }
}

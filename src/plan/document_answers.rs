//! What a plan answers beyond its loadout: its models at once, the front, why there is no loadout.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::requirement::Conflicting;
use super::turn::Ranged;
use crate::basis::Basis;
use crate::catalog::effort::Setting;
use crate::memory::limits::Limits;
use crate::memory::settings::{CONTEXT_STEP, SHORTEST_CONTEXT};
use crate::speed::Figure;
use crate::units::Bytes;

/// What happens when all tasks of the request generate at once, each a stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Concurrency {
    /// Always predicted.
    pub basis: Basis,
    /// The rule, in words.
    pub rule: String,
    /// The speed of each model that serves a task, in the order of their names.
    pub streams: Vec<Stream>,
    /// Tokens per second of all streams together.
    pub total_tokens_per_second: f64,
}

/// One model that generates beside all other streams.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Stream {
    /// `model/variant`.
    pub variant: String,
    /// Tasks that it serves, each in a stream of its own.
    #[serde(default)]
    pub tasks: usize,
    /// Tokens per second of one stream alone.
    pub alone_tokens_per_second: f64,
    /// Tokens per second of each stream beside the others.
    pub together_tokens_per_second: f64,
    /// Low end: the GPU serves one stream after the other.
    pub low: f64,
    /// High end.
    pub high: f64,
}

/// Why a pinned model serves no task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Idle {
    /// It is below a floor of every task.
    BelowFloors,
    /// Beside the other pins, no task is left that it can serve.
    OthersServe,
}

/// What a proof is about.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Scope {
    /// The contexts that were tried.
    pub contexts: Contexts,
    /// What a loadout may take of memory at most to stay clear of the share that was seen to fail;
    /// absent where that rule does not apply, or the reserve leaves no more.
    pub guard_bytes: Option<Bytes>,
    /// The best score without that rule; absent where it takes nothing away, or that is not proven.
    pub objective_without_guard: Option<f64>,
}

impl Scope {
    /// What is tried where a request asks for this context, or for none, within these limits.
    #[must_use]
    pub fn of(context: Option<u32>, limits: &Limits, objective_without_guard: Option<f64>) -> Self {
        Self {
            contexts: context.map_or(
                Contexts::Steps {
                    from: SHORTEST_CONTEXT,
                    step: CONTEXT_STEP,
                },
                |context| Contexts::Given { context },
            ),
            guard_bytes: limits.guard_bytes.filter(|_| limits.guard_cuts()),
            objective_without_guard,
        }
    }
}

/// Which contexts were tried of each model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Contexts {
    /// This many tokens and its doublings, up to the context that the model was trained for: what
    /// earlier versions tried.
    Doublings {
        /// The shortest, in tokens.
        from: u32,
    },
    /// From this many tokens in steps up to the context that the model was trained for, and that
    /// one.
    Steps {
        /// The shortest, in tokens.
        from: u32,
        /// Tokens from one to the next.
        step: u32,
    },
    /// The one that was asked for.
    Given {
        /// In tokens.
        context: u32,
    },
}

impl Default for Contexts {
    fn default() -> Self {
        Self::Doublings {
            from: SHORTEST_CONTEXT,
        }
    }
}

/// A speed as it is shown, with its basis.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SpeedFigure {
    /// Tokens per second: measured, or the middle of a prediction.
    pub decode_tokens_per_second: f64,
    /// Measured or predicted.
    pub basis: Basis,
    /// Low end of its range; of a prediction it is what counts in decisions.
    pub low: f64,
    /// High end.
    pub high: f64,
}

impl From<&Figure> for SpeedFigure {
    fn from(speed: &Figure) -> Self {
        let (low, high) = speed.range();
        Self {
            decode_tokens_per_second: speed.value(),
            basis: speed.basis(),
            low,
            high,
        }
    }
}

/// A loadout that no other beats in score, memory and speed at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ParetoPoint {
    /// What it would keep loaded.
    pub members: Vec<Member>,
    /// Its score.
    pub objective: f64,
    /// What it takes of the GPU working set.
    pub gpu_total_bytes: Bytes,
    /// What it takes of physical memory.
    pub total_bytes: Bytes,
    /// The slowest decode at the depth of a task that it serves, as it counts in decisions: of a
    /// prediction, the low end. Absent where a speed is not known.
    pub slowest_tokens_per_second: Option<f64>,
    /// That model's speed in full.
    #[serde(default)]
    pub slowest: Option<SpeedFigure>,
}

/// Why there is no loadout, and what would give one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Infeasible {
    /// The fewest requirements that cannot hold together, as they were given.
    pub conflict: Vec<Conflicting>,
    /// Where that is one: the others that nothing meets either, each by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub besides: Vec<Conflicting>,
    /// Single changes that give a loadout, each tried by solving again; the cheapest first.
    pub changes: Vec<Change>,
    /// Whether the time limit came before every change was tried.
    #[serde(default)]
    pub cut_short: bool,
}

impl Infeasible {
    /// That none of the changes that were tried gives a loadout.
    #[must_use]
    pub const fn none_found(&self) -> &'static str {
        match self.cut_short {
            true => "no change was found before the time limit",
            false => "no change that was tried gives a plan, nor two or three of them together",
        }
    }
}

/// One change that gives a loadout.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// In words.
    pub text: String,
    /// The flags of `recommend` that make it, each in place of the same flag of the request.
    #[serde(default, deserialize_with = "words")]
    pub flags: Vec<String>,
    /// The flags of the request to leave out.
    #[serde(default)]
    pub without: Vec<String>,
    /// What the loadout would be: `model/variant` of each.
    pub loadout: Vec<String>,
    /// Its score.
    pub objective: f64,
}

/// Flags as a list, or as the one line that they stood in before.
fn words<'de, D: Deserializer<'de>>(text: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Flags {
        List(Vec<String>),
        Line(String),
    }
    Ok(match Flags::deserialize(text)? {
        Flags::List(words) => words,
        Flags::Line(line) if line.starts_with("--") => line.split(' ').map(str::to_owned).collect(),
        Flags::Line(_) => Vec::new(),
    })
}

/// One model of a runner-up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Member {
    /// `model/variant`.
    pub variant: String,
    /// `Qwen3.8 27B 4bit`: the model's name and the quantization; absent in older documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Context in tokens.
    pub context: u32,
    /// Ids of the tasks that it serves.
    pub tasks: Vec<String>,
    /// Tokens per second, where known.
    pub decode_tokens_per_second: Option<f64>,
    /// Measured or predicted.
    pub basis: Option<Basis>,
    /// Seconds of a turn of each of the tasks, where known.
    #[serde(default)]
    pub turns: Vec<TurnTime>,
}

/// Seconds of a turn of a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TurnTime {
    /// Id of the task.
    pub task: String,
    /// The seconds.
    pub seconds_per_turn: Ranged,
    /// What the model has to be asked for.
    #[serde(default, skip_serializing_if = "Setting::is_default")]
    pub effort: Setting,
    /// What they are made of; absent in documents of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pace: Option<Pace>,
}

/// How fast a turn is written, and where.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pace {
    /// Tokens in the context when the answer begins.
    pub depth_tokens: u32,
    /// Conversations at once.
    pub streams: u32,
    /// Tokens per second of one conversation at that depth, beside the others.
    pub decode_tokens_per_second: Ranged,
}

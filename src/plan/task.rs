//! Task profiles: a taste made explicit as weights, anchors and floors.

use std::collections::BTreeMap;

use include_dir::{Dir, include_dir};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use crate::catalog::sampling::Sampling;
use crate::suggest;
use crate::toml_text::{self, TomlError};
use crate::units::exact_tokens;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/profiles/tasks");

/// What a score is made of.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Utility {
    /// Published scores on the task's benchmarks.
    Quality,
    /// Decode speed, tokens per second.
    Speed,
    /// Decode speed per GB of weights.
    Efficiency,
    /// Context length in tokens.
    Context,
    /// Share of requests that passed.
    Reliability,
    /// Load time in seconds.
    LoadTime,
    /// Bits per weight.
    Precision,
    /// Whether the publisher made the model for this task.
    Specialty,
}

impl Utility {
    /// All, in the order that scores print.
    pub const ALL: [Self; 8] = [
        Self::Quality,
        Self::Speed,
        Self::Efficiency,
        Self::Context,
        Self::Reliability,
        Self::LoadTime,
        Self::Precision,
        Self::Specialty,
    ];

    /// The name in profiles and on screen.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Quality => "quality",
            Self::Speed => "speed",
            Self::Efficiency => "efficiency",
            Self::Context => "context",
            Self::Reliability => "reliability",
            Self::LoadTime => "load_time",
            Self::Precision => "precision",
            Self::Specialty => "specialty",
        }
    }
}

/// One task profile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskProfile {
    /// Id: `code`.
    pub id: String,
    /// What the task is, in a line.
    pub summary: String,
    /// Weight of each utility; together 1.
    pub weights: Weights,
    /// How each figure becomes a number from 0 to 1.
    pub scales: Scales,
    /// The benchmarks that stand for quality.
    #[serde(default)]
    pub benchmarks: Vec<Benchmark>,
    /// What a candidate must reach to serve the task at all.
    #[serde(default)]
    pub floors: Floors,
    /// Sampling settings that clients should use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampling: Option<Sampling>,
}

/// The weight of each utility: every one is named, so that none is forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// See [`Utility::Quality`].
    pub quality: f64,
    /// See [`Utility::Speed`].
    pub speed: f64,
    /// See [`Utility::Efficiency`].
    pub efficiency: f64,
    /// See [`Utility::Context`].
    pub context: f64,
    /// See [`Utility::Reliability`].
    pub reliability: f64,
    /// See [`Utility::LoadTime`].
    pub load_time: f64,
    /// See [`Utility::Precision`].
    pub precision: f64,
    /// See [`Utility::Specialty`].
    pub specialty: f64,
}

impl Weights {
    /// The weight of one utility.
    #[must_use]
    pub const fn of(&self, utility: Utility) -> f64 {
        match utility {
            Utility::Quality => self.quality,
            Utility::Speed => self.speed,
            Utility::Efficiency => self.efficiency,
            Utility::Context => self.context,
            Utility::Reliability => self.reliability,
            Utility::LoadTime => self.load_time,
            Utility::Precision => self.precision,
            Utility::Specialty => self.specialty,
        }
    }
}

/// How each figure becomes a number from 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scales {
    /// What stands in where benchmarks of the task were not published.
    pub quality: Missing,
    /// Tokens per second.
    pub speed: Scale,
    /// Tokens per second per GB.
    pub efficiency: Scale,
    /// Tokens.
    pub context: Scale,
    /// Share of requests.
    pub reliability: Scale,
    /// Seconds.
    pub load_time: Scale,
    /// Bits per weight.
    pub precision: Scale,
}

/// What stands in for benchmarks that were not published.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Missing {
    /// The utility, 0 to 1.
    pub missing: f64,
    /// How much of its weight a benchmark keeps when it was not published: thin evidence pulls a
    /// model's quality towards `missing`. 0 trusts a single benchmark fully.
    pub missing_share: f64,
}

/// Fixed anchors, straight lines between them, flat beyond. Adding a model never moves another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// Pairs of figure and utility, figures rising.
    pub anchors: Vec<[f64; 2]>,
    /// Utility of a missing figure, 0 to 1.
    pub missing: f64,
}

impl Scale {
    /// The utility of a figure.
    #[must_use]
    pub fn at(&self, figure: f64) -> f64 {
        interpolate(&self.anchors, figure)
    }
}

/// One benchmark and its anchors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Benchmark {
    /// The name in the catalog.
    pub name: String,
    /// How much it counts among the benchmarks that a model has.
    pub weight: f64,
    /// The benchmark that it took the place of: who publishes one of the two lacks nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor_of: Option<String>,
    /// Pairs of score and utility, scores rising.
    pub anchors: Vec<[f64; 2]>,
}

impl Benchmark {
    /// The name that it shares with its predecessor and its successors.
    #[must_use]
    pub fn line(&self) -> &str {
        self.successor_of.as_deref().unwrap_or(&self.name)
    }

    /// The utility of a score.
    #[must_use]
    pub fn at(&self, score: f64) -> f64 {
        interpolate(&self.anchors, score)
    }
}

/// What a candidate must reach. A figure that is not known fails no floor of a profile.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Floors {
    /// Tokens per second.
    #[serde(default)]
    pub decode_tokens_per_second: f64,
    /// Tokens.
    #[serde(default)]
    pub context: u32,
    /// Share of requests passed.
    #[serde(default)]
    pub pass_rate: f64,
    /// Bits per weight.
    #[serde(default)]
    pub bits_per_weight: f64,
    /// Only models that were trained to call tools.
    #[serde(default)]
    pub tool_use: bool,
}

impl std::fmt::Display for Floors {
    /// Those there are: `a context of 16k (16384 tokens), 8 t/s`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut parts = Vec::new();
        if self.context > 0 {
            parts.push(format!("a context of {}", exact_tokens(self.context)));
        }
        if self.decode_tokens_per_second > 0.0 {
            parts.push(format!("{} t/s", self.decode_tokens_per_second));
        }
        if self.pass_rate > 0.0 {
            parts.push(format!("{:.0} % of tests passed", self.pass_rate * 100.0));
        }
        if self.bits_per_weight > 0.0 {
            parts.push(format!("{} bits per weight", self.bits_per_weight));
        }
        if self.tool_use {
            parts.push("calling tools".to_owned());
        }
        f.write_str(&parts.join(", "))
    }
}

fn interpolate(anchors: &[[f64; 2]], figure: f64) -> f64 {
    let after = anchors.iter().position(|[x, _]| *x >= figure);
    match after {
        None => anchors.last().map_or(0.0, |[_, y]| *y),
        Some(0) => anchors[0][1],
        Some(i) => {
            let ([x0, y0], [x1, y1]) = (anchors[i - 1], anchors[i]);
            y0 + (y1 - y0) * (figure - x0) / (x1 - x0)
        }
    }
}

/// Why a task can't be had.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TaskError {
    /// A profile can't be read.
    #[error(transparent)]
    Toml(#[from] TomlError),
    /// A profile that makes no sense.
    #[error("{path}: {problem}")]
    Nonsense {
        /// The file.
        path: String,
        /// What is wrong and how to mend it.
        problem: String,
    },
    /// No task of that name.
    #[error("no task is called `{name}`{}\nhint: the tasks are {known}; a file of your own is given with its path, such as `./my-task.toml`", suggest::or_nothing(.suggestion.as_deref()))]
    Unknown {
        /// What was asked for.
        name: String,
        /// All names.
        known: String,
        /// The nearest.
        suggestion: Option<String>,
    },
}

/// The shipped tasks by id.
///
/// # Errors
/// When a shipped file is broken, which a test rules out.
pub fn embedded() -> Result<BTreeMap<String, TaskProfile>, TaskError> {
    FILES
        .files()
        .map(|file| {
            let path = format!("profiles/tasks/{}", file.path().display());
            let text = toml_text::utf8(&path, file.contents())?;
            parse(&path, text).map(|task| (task.id.clone(), task))
        })
        .collect()
}

/// The task with this id.
///
/// # Errors
/// When there is none; the error names the nearest.
pub fn find<'a>(
    tasks: &'a BTreeMap<String, TaskProfile>,
    name: &str,
) -> Result<&'a TaskProfile, TaskError> {
    tasks.get(name).ok_or_else(|| TaskError::Unknown {
        name: name.to_owned(),
        known: tasks
            .keys()
            .map(|k| format!("`{k}`"))
            .collect::<Vec<_>>()
            .join(", "),
        suggestion: suggest::nearest(name, tasks.keys().map(String::as_str)),
    })
}

/// Weights that add up to 1 but for this much were rounded, as 0.33 three times is.
const ROUNDING: f64 = 0.011;

impl Weights {
    /// Makes up for rounding: weights that nearly add up to 1 do so afterwards.
    fn settle(&mut self) {
        let sum: f64 = Utility::ALL.iter().map(|u| self.of(*u)).sum();
        let off = (sum - 1.0).abs();
        if off > 1e-9 && off < ROUNDING {
            for weight in self.all_mut() {
                *weight /= sum;
            }
        }
    }

    const fn all_mut(&mut self) -> [&mut f64; 8] {
        [
            &mut self.quality,
            &mut self.speed,
            &mut self.efficiency,
            &mut self.context,
            &mut self.reliability,
            &mut self.load_time,
            &mut self.precision,
            &mut self.specialty,
        ]
    }
}

/// Reads one profile and checks that it can score.
///
/// # Errors
/// When the text is not a profile, or its weights or anchors make no sense.
pub fn parse(path: &str, text: &str) -> Result<TaskProfile, TaskError> {
    let mut task: TaskProfile = toml_text::parse(path, text)?;
    task.weights.settle();
    match problem(&task) {
        Some(problem) => Err(TaskError::Nonsense {
            path: path.to_owned(),
            problem,
        }),
        None => Ok(task),
    }
}

fn problem(task: &TaskProfile) -> Option<String> {
    let weights: Vec<f64> = Utility::ALL.iter().map(|u| task.weights.of(*u)).collect();
    if weights.iter().any(|w| !(0.0..=1.0).contains(w)) {
        return Some("every weight must lie between 0 and 1".to_owned());
    }
    let sum: f64 = weights.iter().sum();
    if (sum - 1.0).abs() > 1e-9 {
        return Some(format!(
            "the weights add up to {sum}, not to 1\nhint: raise or lower one of them by {:.4}; what is within {ROUNDING} of 1 is taken for rounding",
            (1.0 - sum).abs()
        ));
    }
    let s = &task.scales;
    let scales = [
        ("speed", &s.speed),
        ("efficiency", &s.efficiency),
        ("context", &s.context),
        ("reliability", &s.reliability),
        ("load_time", &s.load_time),
        ("precision", &s.precision),
    ];
    if !(0.0..=1.0).contains(&s.quality.missing) || !(0.0..=1.0).contains(&s.quality.missing_share)
    {
        return Some(
            "scales.quality: missing and missing_share must lie between 0 and 1".to_owned(),
        );
    }
    for (name, scale) in scales {
        if !(0.0..=1.0).contains(&scale.missing) {
            return Some(format!("scales.{name}.missing must lie between 0 and 1"));
        }
        if let Some(p) = anchor_problem(&scale.anchors) {
            return Some(format!("scales.{name}.anchors: {p}"));
        }
    }
    for b in &task.benchmarks {
        if !b.weight.is_finite() || b.weight <= 0.0 {
            return Some(format!("benchmark `{}` needs a weight above 0", b.name));
        }
        if let Some(p) = anchor_problem(&b.anchors) {
            return Some(format!("benchmark `{}`: anchors: {p}", b.name));
        }
        if !task.benchmarks.iter().any(|other| other.name == b.line()) {
            let unknown = b.line();
            return Some(format!(
                "benchmark `{}` is the successor of `{unknown}`, which the task does not have",
                b.name
            ));
        }
    }
    None
}

fn anchor_problem(anchors: &[[f64; 2]]) -> Option<&'static str> {
    if anchors.len() < 2 {
        return Some("give at least two pairs of figure and utility");
    }
    if anchors
        .iter()
        .any(|[x, y]| !x.is_finite() || !(0.0..=1.0).contains(y))
    {
        return Some("figures must be finite and utilities between 0 and 1");
    }
    anchors
        .windows(2)
        .any(|pair| pair[0][0] >= pair[1][0])
        .then_some("figures must rise from pair to pair")
}

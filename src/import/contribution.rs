//! Measurements that their owner gives to others: what may be in such a file, and how one is read.
//!
//! An allow list: every field is a number, one of a closed set, or a name that the catalog or the
//! table of chips has. There is no field for a name of a person, a machine or a file, and no text
//! that anybody wrote.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::rows::{Imported, ModelHint, Row, Skipped, blank};
use crate::catalog::Catalog;
use crate::catalog::schema::{Measurement, Method, Model};
use crate::machine::profile::Chip;
use crate::speed::measured;
use crate::units::Bytes;

/// Version of this document's shape.
pub const SCHEMA: u32 = 1;
/// The format, as an import names it.
pub(super) const FORMAT: &str = "contribution";

/// Measurements to give to others (`schemas/contribution.json`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Contribution {
    /// Version of this shape.
    pub schema: u32,
    /// What it is.
    pub kind: Kind,
    /// How others may use it.
    pub license: License,
    /// Which version of planner wrote it.
    pub planner: String,
    /// The measurements.
    pub rows: Vec<Contributed>,
}

/// What the document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Measurements of one owner.
    PlannerContribution,
}

/// How others may use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum License {
    /// Without any condition.
    #[serde(rename = "CC0-1.0")]
    Cc0,
}

/// One measurement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Contributed {
    /// `model/variant` of the catalog.
    pub variant: String,
    /// Id of the chip.
    pub chip: String,
    /// Cores of its GPU, where known.
    pub gpu_cores: Option<u32>,
    /// Memory of the Mac in GiB, where known.
    pub memory_gib: Option<u32>,
    /// The engine that ran.
    pub engine: String,
    /// The program around it, where it is one that many use.
    pub program: Option<Program>,
    /// Its version: digits and dots, after a `b` where it is a number of a build.
    pub version: Option<String>,
    /// The day.
    pub date: Option<String>,
    /// What the speed figure is.
    pub method: ContributedMethod,
    /// Tokens already in the context.
    pub depth_tokens: Option<u32>,
    /// Requests at once.
    pub streams: u32,
    /// Context that the model was loaded with, in tokens, where known.
    pub context_tokens: Option<u32>,
    /// Slots that it was loaded with, where known.
    pub slots: Option<u32>,
    /// Tokens per second, of all streams together.
    pub decode_tokens_per_second: Option<f64>,
    /// Tokens per second.
    pub prefill_tokens_per_second: Option<f64>,
    /// How many tokens that is of, where they are not the whole context.
    pub prefill_tokens: Option<u32>,
    /// Tokens in the context before them.
    pub prefill_after_tokens: Option<u32>,
    /// Seconds.
    pub time_to_first_token_seconds: Option<f64>,
    /// Seconds.
    pub load_seconds: Option<f64>,
    /// Peak of the process, in bytes.
    pub peak_memory_bytes: Option<Bytes>,
}

/// A program that many run models in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Program {
    /// LM Studio.
    #[serde(rename = "LM Studio")]
    LmStudio,
    /// llama.cpp's own server and tools.
    #[serde(rename = "llama.cpp")]
    LlamaCpp,
    /// mlx-lm's own server and tools.
    #[serde(rename = "mlx-lm")]
    MlxLm,
}

/// What a speed figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ContributedMethod {
    /// Generated tokens over the time after the first.
    Decode,
    /// Generated tokens over the whole request.
    WallClock,
    /// Not said.
    Unstated,
}

impl Program {
    const ALL: [(Self, &'static str); 3] = [
        (Self::LmStudio, "LM Studio"),
        (Self::LlamaCpp, "llama.cpp"),
        (Self::MlxLm, "mlx-lm"),
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::LmStudio => "LM Studio",
            Self::LlamaCpp => "llama.cpp",
            Self::MlxLm => "mlx-lm",
        }
    }

    /// The program that an `app` begins with, and its version.
    fn named_in(app: &str) -> Option<(Self, Option<String>)> {
        let (program, name) = Self::ALL.iter().find(|(_, name)| app.starts_with(name))?;
        let rest = app[name.len()..].trim();
        let version = rest.split_whitespace().next().filter(|v| is_version(v));
        Some((*program, version.map(str::to_owned)))
    }
}

/// `0.4.21`, `b11026`: nothing that could be a name.
fn is_version(text: &str) -> bool {
    let digits = text.strip_prefix('b').unwrap_or(text);
    let part = |p: &str| (1..=6).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit());
    (1..=4).contains(&digits.split('.').count()) && digits.split('.').all(part)
}

impl Contribution {
    /// The owner's measurements in a catalog that are of models which `known` has as well, and why
    /// the others are not given.
    #[must_use]
    pub fn of(catalog: &Catalog, known: &Catalog, chips: &[Chip]) -> (Self, Vec<Skipped>) {
        let mut rows = Vec::new();
        let mut withheld = Vec::new();
        for model in &catalog.models {
            for (n, m) in (1..).zip(model.measurements.iter().filter(|m| m.own)) {
                match contributed(model, m, known, chips) {
                    Ok(row) => rows.push(row),
                    Err(reason) => withheld.push(Skipped {
                        what: format!("{}/{}, your measurement {n}", model.id, m.variant),
                        reason: reason.to_owned(),
                    }),
                }
            }
        }
        let contribution = Self {
            schema: SCHEMA,
            kind: Kind::PlannerContribution,
            license: License::Cc0,
            planner: env!("CARGO_PKG_VERSION").to_owned(),
            rows,
        };
        (contribution, withheld)
    }
}

/// A measurement by the allow list, or why it can't be given.
fn contributed(
    model: &Model,
    m: &Measurement,
    known: &Catalog,
    chips: &[Chip],
) -> Result<Contributed, &'static str> {
    let shared = known.model(&model.id);
    let Some(variant) = shared.and_then(|model| model.variant(&m.variant)) else {
        return Err("only your own catalog has this model or file");
    };
    if !chips.iter().any(|c| c.id == m.chip) {
        return Err("its chip is in no table");
    }
    if m.engine != variant.engine {
        return Err("another engine ran than the file is for");
    }
    if m.suspect.is_some() {
        return Err("you marked it as suspect");
    }
    let decode = measured::run_decode(m).or(m.decode_tokens_per_second);
    if decode.is_none() && m.prefill_tokens_per_second.is_none() {
        return Err("it has no speed");
    }
    let app = m.app.as_deref().and_then(Program::named_in);
    let (context_tokens, slots) = loaded_with(m);
    let process = m.peak_memory_of.as_deref() == Some("process");
    Ok(Contributed {
        variant: format!("{}/{}", model.id, m.variant),
        chip: m.chip.clone(),
        gpu_cores: m.gpu_cores,
        memory_gib: m.memory_gib,
        engine: m.engine.clone(),
        program: app.as_ref().map(|(program, _)| *program),
        version: app.and_then(|(_, version)| version),
        date: m
            .date
            .clone()
            .filter(|d| d.len() == 10 && d.parse::<Date>().is_ok()),
        method: match m.method {
            Method::Decode => ContributedMethod::Decode,
            Method::WallClock => ContributedMethod::WallClock,
            Method::Unstated => ContributedMethod::Unstated,
        },
        depth_tokens: m.depth_tokens,
        streams: m.concurrency,
        context_tokens,
        slots,
        decode_tokens_per_second: decode,
        prefill_tokens_per_second: m.prefill_tokens_per_second,
        prefill_tokens: m.prefill_tokens,
        prefill_after_tokens: m.prefill_after_tokens,
        time_to_first_token_seconds: m.time_to_first_token_seconds,
        load_seconds: m.load_seconds,
        peak_memory_bytes: m.peak_memory_bytes.filter(|_| process),
    })
}

/// Context and slots, from the note that `planner bench` writes.
fn loaded_with(m: &Measurement) -> (Option<u32>, Option<u32>) {
    let rest = |note: &String| Some(note.strip_prefix("loaded with a context of ")?.to_owned());
    let Some(rest) = m.notes.iter().find_map(rest) else {
        return (None, None);
    };
    let mut numbers = rest
        .split(|c: char| !c.is_ascii_digit())
        .filter(|n| !n.is_empty());
    let mut next = || numbers.next().and_then(|n| n.parse().ok());
    (next(), next())
}

/// Reads a contribution; none where the document is something else.
pub(super) fn read(file: &str, json: &Value) -> Option<Imported> {
    if json.get("kind")?.as_str()? != "planner-contribution" {
        return None;
    }
    let mut found = Imported {
        format: FORMAT,
        rows: Vec::new(),
        skipped: Vec::new(),
    };
    match Contribution::deserialize(json) {
        Ok(contribution) if contribution.schema == SCHEMA => {
            let rows = (1..).zip(contribution.rows);
            found.rows = rows.map(|(n, row)| row.row(file, n)).collect();
        }
        Ok(other) => found.skipped.push(Skipped {
            what: "the contribution".to_owned(),
            reason: format!(
                "it has schema version {}; this planner reads version {SCHEMA}",
                other.schema
            ),
        }),
        Err(error) => found.skipped.push(Skipped {
            what: "the contribution".to_owned(),
            reason: format!("it is of another shape than this planner's: {error}"),
        }),
    }
    Some(found)
}

impl Contributed {
    fn row(self, file: &str, n: usize) -> Row {
        let slots = self.slots.map_or(String::new(), |n| format!(", {n} slots"));
        let loaded = |context: u32| format!("loaded with a context of {context} tokens{slots}");
        let app = self.program.map(|program| {
            let version = self.version.as_deref().filter(|v| is_version(v));
            version.map_or_else(
                || program.name().to_owned(),
                |version| format!("{} {version}", program.name()),
            )
        });
        let method = match self.method {
            ContributedMethod::Decode => Method::Decode,
            ContributedMethod::WallClock => Method::WallClock,
            ContributedMethod::Unstated => Method::Unstated,
        };
        Row {
            what: format!("row {n}"),
            model: ModelHint {
                name: Some(self.variant),
                ..ModelHint::default()
            },
            chip_name: None,
            measurement: Measurement {
                chip: self.chip,
                gpu_cores: self.gpu_cores,
                memory_gib: self.memory_gib,
                app,
                date: self.date,
                depth_tokens: self.depth_tokens,
                concurrency: self.streams.max(1),
                decode_tokens_per_second: self.decode_tokens_per_second,
                prefill_tokens_per_second: self.prefill_tokens_per_second,
                prefill_tokens: self.prefill_tokens,
                prefill_after_tokens: self.prefill_after_tokens,
                time_to_first_token_seconds: self.time_to_first_token_seconds,
                load_seconds: self.load_seconds,
                peak_memory_of: self.peak_memory_bytes.map(|_| "process".to_owned()),
                peak_memory_bytes: self.peak_memory_bytes,
                notes: self.context_tokens.map(loaded).into_iter().collect(),
                ..blank(
                    &format!("contributed under CC0-1.0, {file}"),
                    &self.engine,
                    method,
                )
            },
        }
    }
}

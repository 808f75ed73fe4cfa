//! Reading what other programs measured, as measurements of the catalog.
//!
//! Pure: the text of a file in, rows out. Every row of a file comes out, as a measurement or with
//! the reason why it is none; nothing is dropped in silence. Which variant and which chip a row is
//! of is decided in [`resolve`], by whole names and exact sizes, never by a likeness.
//!
//! [`evidence`] reads figures of quality. [`contribution`] is what an owner gives to others; what
//! comes that way is held by `audit::added` against the rules of the check and the speed model without
//! it, and what fails is kept as `suspect`, which decides nothing.

pub mod contribution;
pub mod document;
pub mod evidence;
mod llama_bench;
mod lm_studio;
mod mlx_benchmark;
mod own;
mod resolve;
mod rows;
mod serving;
mod study;

pub use resolve::{Overrides, Resolved, resolve};
pub use rows::{Imported, ModelHint, Row, Skipped};

use serde_json::Value;

use crate::fault::Hinted;

/// A file that can't be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// Of no format that is known.
    #[error("{file} is of no format that planner reads")]
    Unknown {
        /// The file.
        file: String,
    },
    /// JSON that breaks off or is none.
    #[error("{file}: {error}")]
    Broken {
        /// The file.
        file: String,
        /// What is wrong, and where.
        error: String,
    },
}

/// What [`read`] reads.
const FORMATS: &str = "it reads results of `planner bench`, what `planner catalog export` wrote, the JSON of the study llm-mac-512, `llama-bench -o json` and `-o jsonl`, `llama-batched-bench --output-format jsonl`, the output of `mlx_lm.benchmark`, chat answers of LM Studio with `stats`, `vllm bench serve --save-result`, genai-perf or AIPerf exports; and of quality the results of lm-evaluation-harness, EvalPlus, LiveBench (`all_groups.csv`), BFCL (`data_overall.csv`) and `llama-perplexity --kl-divergence`";

impl Hinted for ImportError {
    fn hint(&self) -> Option<String> {
        Some(FORMATS.to_owned())
    }
}

/// Whether strangers measured it, so that it is held against what is known first.
#[must_use]
pub fn is_contributed(imported: &Imported) -> bool {
    imported.format == contribution::FORMAT
}

/// Reads a file by its contents.
///
/// # Errors
/// When it is of no known format, or broken.
pub fn read(file: &str, text: &str) -> Result<Imported, ImportError> {
    let text = text.trim_start_matches('\u{feff}');
    if mlx_benchmark::is_one(text) {
        return Ok(mlx_benchmark::read(file, text));
    }
    match serde_json::from_str::<Value>(text) {
        Ok(json) => of_json(file, json),
        Err(error) => of_lines(file, text).ok_or(ImportError::Broken {
            file: file.to_owned(),
            error: format!("no format that planner reads: as JSON, {error}"),
        }),
    }
}

fn of_json(file: &str, json: Value) -> Result<Imported, ImportError> {
    let readers: [fn(&str, &Value) -> Option<Imported>; 7] = [
        contribution::read,
        own::read,
        study::read,
        llama_bench::read,
        lm_studio::read,
        serving::read_vllm,
        serving::read_genai_perf,
    ];
    readers
        .iter()
        .find_map(|read| read(file, &json))
        .ok_or_else(|| ImportError::Unknown {
            file: file.to_owned(),
        })
}

/// One JSON object per line, as `llama-bench -o jsonl` and `llama-batched-bench` write them.
/// Other lines are told; a file without any object is none.
fn of_lines(file: &str, text: &str) -> Option<Imported> {
    let mut objects = Vec::new();
    let mut other = Vec::new();
    for (number, line) in (1_usize..).zip(text.lines()) {
        match serde_json::from_str::<Value>(line) {
            Ok(json) if json.is_object() => objects.push(json),
            _ if line.trim().is_empty() => {}
            _ => other.push(Skipped {
                what: format!("line {number}"),
                reason: format!("no JSON: {}", line.chars().take(60).collect::<String>()),
            }),
        }
    }
    let mut found = llama_bench::read(file, &Value::Array(objects))?;
    found.skipped.extend(other);
    Some(found)
}

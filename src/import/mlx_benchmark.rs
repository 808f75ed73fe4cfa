//! The output of `mlx_lm.benchmark`: trials with prefill and decode speed and peak memory, the
//! speeds of a batch summed over it. Memory is the process's own, in 10^9 bytes.

use super::rows::{Imported, ModelHint, Row, Skipped, blank, speed};
use crate::catalog::schema::{Measurement, Method};
use crate::units::Bytes;

const START: &str = "Timing with prompt_tokens=";

pub(super) fn is_one(text: &str) -> bool {
    text.lines().any(|l| l.starts_with(START))
}

/// One timing: its settings, and its trials.
#[derive(Default)]
struct Block {
    line: usize,
    prompt: Option<f64>,
    generated: Option<f64>,
    batch: Option<f64>,
    trials: Vec<Trial>,
    averages: Option<Trial>,
}

#[derive(Clone, Copy)]
struct Trial {
    prompt_tps: Option<f64>,
    generation_tps: Option<f64>,
    peak_memory: Option<f64>,
}

pub(super) fn read(file: &str, text: &str) -> Imported {
    let mut found = Imported {
        format: "mlx_lm.benchmark",
        rows: Vec::new(),
        skipped: Vec::new(),
    };
    let mut blocks: Vec<Block> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.starts_with(START) {
            blocks.push(Block {
                line: number,
                prompt: value(line, "prompt_tokens="),
                generated: value(line, "generation_tokens="),
                batch: value(line, "batch_size="),
                ..Block::default()
            });
        } else if let Some(block) = blocks.last_mut().filter(|_| line.starts_with("Trial ")) {
            block.trials.push(trial(line));
        } else if let Some(block) = blocks.last_mut().filter(|_| line.starts_with("Averages:")) {
            block.averages = Some(trial(line));
        } else if !line.is_empty() && line != "Running warmup.." {
            found.skipped.push(Skipped {
                what: format!("line {number}"),
                reason: format!("no figure: {}", line.chars().take(60).collect::<String>()),
            });
        }
    }
    for block in blocks {
        match row(file, &block) {
            Ok(row) => found.rows.push(row),
            Err(reason) => found.skipped.push(Skipped {
                what: format!("the timing of line {}", block.line),
                reason,
            }),
        }
    }
    found
}

/// The number after a name: `prompt_tps=162.310,`.
fn value(line: &str, name: &str) -> Option<f64> {
    let after = line.split(name).nth(1)?;
    let end = after
        .find(|c: char| !(c.is_ascii_digit() || c == '.'))
        .unwrap_or(after.len());
    after[..end].trim_end_matches('.').parse().ok()
}

fn trial(line: &str) -> Trial {
    Trial {
        prompt_tps: value(line, "prompt_tps="),
        generation_tps: value(line, "generation_tps="),
        peak_memory: value(line, "peak_memory="),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "counts of tokens and bytes of memory, checked to be in range"
)]
fn row(file: &str, block: &Block) -> Result<Row, String> {
    let whole = |v: Option<f64>, name: &str| {
        v.filter(|n| (0.0..1e9).contains(n))
            .map(|n| n as u32)
            .ok_or_else(|| format!("it has no `{name}`"))
    };
    let prompt = whole(block.prompt, "prompt_tokens")?;
    let generated = whole(block.generated, "generation_tokens")?;
    let batch = whole(block.batch, "batch_size")?.max(1);
    let mean = |pick: fn(&Trial) -> Option<f64>| {
        let all: Vec<f64> = block.trials.iter().filter_map(pick).collect();
        let mean = (!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64);
        block.averages.as_ref().and_then(pick).or(mean)
    };
    let decode = speed(mean(|t| t.generation_tps)).ok_or("no trial came to its end")?;
    let what = format!("p{prompt} g{generated}, batch {batch}");
    let peak = block
        .trials
        .iter()
        .chain(&block.averages)
        .filter_map(|t| t.peak_memory);
    let peak = peak.fold(0.0, f64::max);
    let measurement = Measurement {
        app: Some("mlx_lm.benchmark".to_owned()),
        method_note: Some(format!("{what}: mean of {} trials", block.trials.len())),
        depth_tokens: Some(prompt),
        concurrency: batch,
        decode_tokens_per_second: Some(decode),
        prefill_tokens_per_second: speed(mean(|t| t.prompt_tps)),
        peak_memory_bytes: (peak > 0.0 && peak < 1e6).then_some(Bytes((peak * 1e9) as u64)),
        peak_memory_of: (peak > 0.0).then(|| "process".to_owned()),
        ..blank(file, "mlx", Method::Decode)
    };
    Ok(Row {
        what: format!("line {}, {what}", block.line),
        model: ModelHint::default(),
        chip_name: None,
        measurement,
    })
}

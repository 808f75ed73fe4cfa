//! `planner catalog import`: what other programs measured, into the user's own catalog.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args as ClapArgs;

use super::context::Format;
use super::outcome::Outcome;
use super::output::Output;
use crate::app;
use crate::app::Workspace;
use crate::app::import::ImportRequest;
use crate::report;

const EXAMPLES: &str = "\
Examples:
  planner catalog import --dry-run results/*.json     say what would come of it
  planner catalog import bench.jsonl --chip m3-ultra  llama-bench -o jsonl
  planner catalog import run.json --as minimax-m2.1/gguf-q4_k_s --chip m3-ultra
  planner catalog import results_2026-11-20.json --as qwen3-8b
      a score of lm-evaluation-harness
  planner catalog import mlx.txt --as qwen3-8b/mlx-4bit --chip m4-max \\
      --out ./my-catalog

Reads results of planner bench, the JSON of the study llm-mac-512, llama-bench and
llama-batched-bench, mlx_lm.benchmark, LM Studio's stats, vllm bench serve, genai-perf, what
`catalog export` wrote; and of quality results of lm-evaluation-harness, EvalPlus, LiveBench,
BFCL and llama-perplexity --kl-divergence, as scores of a model and losses of a file.
Exit codes: 0 every row was placed or known, 1 some were refused, 2 a file can't be read.";

/// Arguments of `catalog import`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Files to read
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Which variant of the catalog every row is of, where the files do not say; of scores, the model
    #[arg(long = "as", value_name = "MODEL[/VARIANT]")]
    variant: Option<String>,
    /// Which chip every row was measured on, such as m3-ultra, where the files do not say
    #[arg(long, value_name = "CHIP")]
    chip: Option<String>,
    /// Which engine ran, where the files do not say
    #[arg(long, value_name = "ENGINE")]
    engine: Option<String>,
    /// The study that the rows belong to
    #[arg(long, value_name = "NAME")]
    campaign: Option<String>,
    /// The catalog folder to write into; your own when left out
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Say what would come of it, and write nothing
    #[arg(long)]
    dry_run: bool,
}

/// Runs the command.
pub(super) fn run(args: &Args, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    let request = ImportRequest {
        files: args.files.clone(),
        variant: args.variant.clone(),
        chip: args.chip.clone(),
        engine: args.engine.clone(),
        campaign: args.campaign.clone(),
        out: args.out.clone(),
        dry_run: args.dry_run,
    };
    let answer = app::import(workspace, &request)?;
    match output.format {
        Format::Json => output.json(&answer)?,
        Format::Text => {
            output.text(&report::import::text(&answer, args.dry_run, &output.screen))?
        }
    }
    for path in &answer.written {
        output.note(&format!("written to {path}"));
    }
    Ok(Outcome::when(answer.refused == 0))
}

//! `planner speed`: how fast a model is on a machine, at depths and with several streams.

use anyhow::Result;
use clap::Args as ClapArgs;

use super::context::{Format, MachineArgs};
use super::counts;
use super::outcome::Outcome;
use super::output::Output;
use crate::app;
use crate::app::{Apart, SpeedRequest, Workspace};
use crate::report;
use crate::units::parse_tokens;

const EXAMPLES: &str = "\
Examples:
  planner speed minimax-m2.1 --machine m3-ultra-512gb
  planner speed qwen3-coder-next/mlx-4bit --depth 0,32k,128k --streams 1,4
  planner speed gpt-oss-120b --machine pc-rtx-4090-64gb --n-cpu-moe 26";

/// Arguments of `speed`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// A model or one of its variants: `minimax-m2.1`, `minimax-m2.1/mlx-4bit`
    #[arg(value_name = "MODEL[/VARIANT]")]
    model: String,
    /// Tokens in the context: one or several
    #[arg(long, value_name = "TOKENS", value_delimiter = ',', default_value = "0,8k,32k,128k", value_parser = depth_arg)]
    depth: Vec<u32>,
    /// Streams at once: one or several
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "1", value_parser = counts::slots())]
    streams: Vec<u32>,
    /// With the experts of the first N layers left to the processor (llama.cpp's --n-cpu-moe)
    #[arg(long, value_name = "N", conflicts_with = "cpu_moe")]
    n_cpu_moe: Option<u32>,
    /// With the experts of all layers left to the processor (llama.cpp's --cpu-moe)
    #[arg(long)]
    cpu_moe: bool,
    #[command(flatten)]
    machine: MachineArgs,
}

fn depth_arg(text: &str) -> Result<u32, String> {
    if text.trim() == "0" {
        return Ok(0);
    }
    parse_tokens(text).map_err(|e| e.to_string())
}

/// Tells how fast a model is.
pub(super) fn run(args: &Args, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    let request = SpeedRequest {
        model: args.model.clone(),
        machine: args.machine.choice(),
        depths: args.depth.clone(),
        streams: args.streams.clone(),
        apart: Apart::from_flags(None, args.n_cpu_moe, args.cpu_moe),
    };
    let speeds = app::speed(workspace, &request)?;
    match output.format {
        Format::Json => output.json(&speeds)?,
        Format::Text => output.text(&report::speed::text(&speeds, &output.screen))?,
    }
    Ok(Outcome::when(
        speeds.rows.iter().any(|r| r.unknown.is_none()),
    ))
}

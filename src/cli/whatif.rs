//! `planner whatif`: what another machine, limit, setting or model would do to a saved plan.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args as ClapArgs;

use super::again;
use super::context;
use super::context::{Format, ScoreArgs, TimeLimitArg};
use super::counts;
use super::outcome::Outcome;
use super::output::Output;
use super::terminal::Terminal;
use crate::app;
use crate::app::{Effort, KvType, Macos, NewModel, WhatIfRequest, Workspace, plan_file};
use crate::report;
use crate::units::Bytes;

const EXAMPLES: &str = "\
Examples:
  planner whatif plan.json  the usual changes, each alone
  planner whatif plan.json --machine m3-ultra-512gb
      what another machine would give
  planner whatif plan.json --wired-limit 480GiB --kv-type q8_0 --context 64k
      each alone
  planner whatif plan.json --agents 3 --depth 100k --together
  planner whatif plan.json --reserve 8GiB --wired-limit 500GiB --together
  planner whatif plan.json --new glm-5.5,weights=60GB,tps=40,like=glm-4.6
  planner whatif plan.json --machines --price m3-ultra-512gb=11699 \\
      --price m4-max-128gb=4200";

/// Arguments of `whatif`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// A plan that `recommend --out` saved
    plan: PathBuf,
    /// Another machine, by name or profile file; may be repeated
    #[arg(long, value_name = "NAME|FILE")]
    machine: Vec<String>,
    /// Another amount of memory; may be repeated
    #[arg(long, value_name = "SIZE")]
    memory: Vec<Bytes>,
    /// Another version of macOS; may be repeated
    #[arg(long, value_name = "VERSION")]
    macos: Vec<Macos>,
    /// Another limit of the GPU; may be repeated
    #[arg(long, value_name = "SIZE")]
    wired_limit: Vec<Bytes>,
    /// Another amount of memory left to the system; may be repeated
    #[arg(long, value_name = "SIZE")]
    reserve: Vec<Bytes>,
    /// A context for every model; may be repeated
    #[arg(long, value_name = "TOKENS", value_parser = context::context_arg)]
    context: Vec<u32>,
    /// Another type of KV cache: one, or keys and values apart; may be repeated
    #[arg(long, value_name = "TYPE[,TYPE]", value_parser = context::kv_types_arg)]
    kv_type: Vec<(KvType, KvType)>,
    /// Another depth of every turn, in tokens; may be repeated
    #[arg(long, value_name = "TOKENS", value_parser = context::context_arg)]
    depth: Vec<u32>,
    /// Another number of conversations at once; may be repeated
    #[arg(long, value_name = "N", value_parser = counts::agents())]
    agents: Vec<u32>,
    /// Another reasoning effort: off, low, medium, high, max, or default to set nothing; may be
    /// repeated
    #[arg(long, value_name = "EFFORT", value_parser = context::effort_arg)]
    effort: Vec<Effort>,
    /// Another longest wait for the first token of a turn, such as 30s; may be repeated
    #[arg(long, value_name = "TIME", value_parser = context::time_arg)]
    max_first_token: Vec<f64>,
    /// Another longest turn, such as 60s; may be repeated
    #[arg(long, value_name = "TIME", value_parser = context::time_arg)]
    max_turn: Vec<f64>,
    /// Another number of slots; may be repeated
    #[arg(long, value_name = "N", value_parser = counts::slots())]
    slots: Vec<u32>,
    /// Another number of models at once; may be repeated
    #[arg(long, value_name = "N", value_parser = counts::models())]
    models: Vec<u8>,
    /// Another limit of what may be downloaded, such as 500GB; may be repeated
    #[arg(long, value_name = "SIZE")]
    disk: Vec<Bytes>,
    /// A model that no catalog has: hf:OWNER/REPO[:QUANT], an address, a .gguf file or a folder; or
    /// its size, its speed on this machine (predicted when left out), and the model whose
    /// architecture and published scores stand in; may be repeated
    #[arg(long, value_name = "MODEL|NAME,weights=SIZE[,tps=TPS],like=MODEL", value_parser = new_arg)]
    new: Vec<New>,
    #[command(flatten)]
    scored: ScoreArgs,
    /// Make all the changes at once; each is tried alone when left out
    #[arg(long)]
    together: bool,
    /// Compare every Mac: which keeps this answer, what is best there, and which is worth the step
    #[arg(long)]
    machines: bool,
    /// What a machine costs, for `--machines`; may be repeated
    #[arg(long, value_name = "MACHINE=PRICE", value_parser = app::prices::parse)]
    price: Vec<(String, f64)>,
    #[command(flatten)]
    time_limit: TimeLimitArg,
}

/// A new model.
#[derive(Debug, Clone)]
enum New {
    /// By its figures.
    Given(NewModel),
    /// By where its files are.
    Unlisted(String),
}

/// Reads `name,weights=60GB,tps=40,like=glm-4.6`, or where files are.
fn new_arg(text: &str) -> Result<New, String> {
    if app::unlisted::is_a_place(text) {
        return Ok(New::Unlisted(text.to_owned()));
    }
    given_arg(text).map(New::Given)
}

fn given_arg(text: &str) -> Result<NewModel, String> {
    let usage = "write `NAME,weights=60GB,tps=40,like=MODEL`";
    let mut parts = text.split(',');
    let name = parts.next().unwrap_or("").trim();
    if name.contains('/') {
        return Err(format!(
            "`{name}` names a variant, and a new model has but one: {usage}"
        ));
    }
    if name.is_empty() || name.contains('=') {
        return Err(format!("the name comes first: {usage}"));
    }
    let (mut weights, mut like, mut tokens_per_second) = (None, None, None);
    for part in parts {
        match part
            .split_once('=')
            .map(|(key, value)| (key.trim(), value.trim()))
        {
            Some(("weights", size)) => {
                weights = Some(size.parse::<Bytes>().map_err(|e| e.to_string())?);
            }
            Some(("tps", speed)) => {
                let speed: Option<f64> = speed.parse().ok();
                tokens_per_second = speed.filter(|s| s.is_finite() && *s > 0.0);
                if tokens_per_second.is_none() {
                    return Err(format!("`{part}` is not a speed: {usage}"));
                }
            }
            Some(("like", model)) => like = Some(model.to_owned()),
            _ => return Err(format!("`{part}` is not known here: {usage}")),
        }
    }
    let (Some(weights), Some(like)) = (weights, like) else {
        return Err(format!("`weights` and `like` are needed: {usage}"));
    };
    Ok(NewModel {
        name: name.to_owned(),
        weights,
        tokens_per_second,
        like,
    })
}

/// Runs the command.
pub(super) fn run(args: &Args, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    let plan = plan_file::read_known(&args.plan, workspace.models()?)?;
    let given = args.new.iter().filter_map(|new| match new {
        New::Given(given) => Some(given),
        New::Unlisted(_) => None,
    });
    let unlisted = args.new.iter().filter_map(|new| match new {
        New::Given(_) => None,
        New::Unlisted(place) => Some(place),
    });
    let request = WhatIfRequest {
        machines: args.machine.clone(),
        memory: args.memory.clone(),
        macos: args.macos.clone(),
        wired_limit: args.wired_limit.clone(),
        reserve: args.reserve.clone(),
        context: args.context.clone(),
        kv_type: args.kv_type.clone(),
        depth: args.depth.clone(),
        agents: args.agents.clone(),
        effort: args.effort.clone(),
        max_first_token: args.max_first_token.clone(),
        max_turn: args.max_turn.clone(),
        slots: args.slots.clone(),
        models: args.models.iter().map(|n| usize::from(*n)).collect(),
        disk: args.disk.clone(),
        new: given.cloned().collect(),
        unlisted: args.scored.of(unlisted.cloned().collect()),
        together: args.together,
        compare_machines: args.machines,
        prices: args.price.clone(),
        time_limit: args.time_limit.time_limit,
    };
    let answer = app::whatif(workspace, &plan, &request, &Terminal::of(output))?;
    match output.format {
        Format::Json => output.json(&answer)?,
        Format::Text => output.text(&report::whatif::text(
            &answer,
            &output.screen,
            &again::on_machine,
        ))?,
    }
    Ok(Outcome::Done)
}

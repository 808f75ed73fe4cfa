//! `planner bench`: measures loaded models through their server.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args as ClapArgs, ValueEnum};

use super::context;
use super::context::Format;
use super::interrupt;
use super::outcome::Outcome;
use super::output::Output;
use super::terminal::Terminal;
use crate::app;
use crate::app::Workspace;
use crate::app::bench::{BenchRequest, Models, RecordRequest, USUAL_ADDRESS};
use crate::app::trial::{Limits, TrialRequest, What};
use crate::measure::document::BenchSettings;
use crate::measure::prompts::Language;
use crate::report;
use crate::trial::MOST_TOKENS;
use crate::units::parse_seconds;

const EXAMPLES: &str = "\
Examples:
  planner bench                     the model that is loaded in LM Studio
  planner bench minimax-m2.1 --runs 5
  planner bench --record --as qwen3-coder-next/gguf-q4_k_m
  planner bench --plan plan.json --record
      every model of a plan, into your catalog
  planner bench --runs 0 --depth 0,4k,32k,128k  speed by depth alone
  planner bench --runs 0 --streams 1,2,4,8  several requests at once
  planner bench --runs 0 --soak 1h  steady speed, errors, memory over time
  planner bench --base-url http://localhost:8080/v1 --format json > result.json
  planner bench --quality           small tasks with checks: does it still work?
  planner bench --tasks my-tasks
      tasks of your own, each with a command that checks

Tokens are the server's own count. Exit codes: 0 every request passed, and every task, 1 one failed or
had no figures, 2 no server, no such model, bad input.";

/// Arguments of `bench`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The model, by the name that the server knows; the only one loaded when left out
    #[arg(conflicts_with_all = ["plan", "loaded"])]
    model: Option<String>,
    /// Every model of a saved plan
    #[arg(long, value_name = "FILE", conflicts_with = "loaded")]
    plan: Option<PathBuf>,
    /// Every model that is loaded
    #[arg(long)]
    loaded: bool,
    /// Where to write the result: a .json file, or a folder; your data folder when left out
    #[arg(long, value_name = "FILE|DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    server: ServerArgs,
    #[command(flatten)]
    what: WhatArgs,
    #[command(flatten)]
    record: RecordArgs,
    #[command(flatten)]
    quality: QualityArgs,
}

#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Small tasks")]
struct QualityArgs {
    /// Ask small tasks with checks instead: JSON, tools, code, a record in a long text
    #[arg(long, conflicts_with_all = SPEEDS)]
    quality: bool,
    /// Ask those of your own folder instead: a folder for each, with task.toml and prompt.md
    #[arg(long, value_name = "DIR", conflicts_with_all = SPEEDS, conflicts_with = "quality")]
    tasks: Option<PathBuf>,
    /// Where nothing holds code of answers, run it with limits alone: it can reach your files
    #[arg(long)]
    unsandboxed: bool,
    /// Most tokens of an answer, thoughts among them
    #[arg(long, value_name = "N", default_value_t = MOST_TOKENS, value_parser = clap::value_parser!(u32).range(16..=1_000_000))]
    max_tokens: u32,
}

/// What asks for speeds, which small tasks are not asked for.
const SPEEDS: [&str; 9] = [
    "lang",
    "runs",
    "warm_up",
    "depth",
    "concurrency",
    "soak",
    "temperature",
    "record",
    "chip",
];

#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Server")]
struct ServerArgs {
    /// Address of an OpenAI-compatible server
    #[arg(long, value_name = "URL", default_value = USUAL_ADDRESS)]
    base_url: String,
    /// Its token, where it wants one
    #[arg(
        long,
        value_name = "TOKEN",
        env = "PLANNER_API_TOKEN",
        hide_env_values = true
    )]
    token: Option<String>,
    /// Longest wait for the first token
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = seconds_arg)]
    first_token_limit: f64,
    /// Longest wait for each further token
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = seconds_arg)]
    stall_limit: f64,
    /// Longest request
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = seconds_arg)]
    request_limit: f64,
}

#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "What to measure")]
struct WhatArgs {
    /// Language of the prompts: zh, as the catalog's study, or en
    #[arg(long, value_enum, default_value_t = Lang::Zh)]
    lang: Lang,
    /// Runs of the five standard tests; 0 leaves them out
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(0..=1000))]
    runs: u32,
    /// Requests before them that do not count
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(0..=100))]
    warm_up: u32,
    /// Depths to measure at, such as 0,4k,32k,128k; each cold, then warm: with 1,024 tokens more
    #[arg(long, value_name = "TOKENS,...", value_delimiter = ',', value_parser = depth_arg)]
    depth: Vec<u32>,
    /// Numbers of requests at once, such as 1,2,4,8; at each depth too, where depths are given
    #[arg(long = "streams", alias = "concurrency", value_name = "N,...", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..=256))]
    concurrency: Vec<u32>,
    /// How long to keep the standard tests going, such as 1h
    #[arg(long, value_name = "TIME", value_parser = seconds_arg)]
    soak: Option<f64>,
    /// Sampling temperature; at 0 the same prompt gives the same tokens
    #[arg(long, value_name = "T", default_value_t = 0.0)]
    temperature: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Lang {
    /// The study's own prompts, in Chinese
    Zh,
    /// The same questions in English
    En,
}

fn seconds_arg(text: &str) -> Result<f64, String> {
    parse_seconds(text).map_err(|e| e.to_string())
}

fn depth_arg(text: &str) -> Result<u32, String> {
    match text.trim() {
        "0" => Ok(0),
        other => context::context_arg(other),
    }
}

#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Recording")]
struct RecordArgs {
    /// Add the measurements to your own catalog, for `planner recommend`
    #[arg(long)]
    record: bool,
    /// Which variant of the catalog it is: model/variant; by the plan or `lms ps` when left out
    #[arg(long = "as", value_name = "MODEL/VARIANT")]
    variant: Option<String>,
    /// The chip that the server runs on, such as m3-ultra; this machine's when left out
    #[arg(long, value_name = "CHIP")]
    chip: Option<String>,
    /// The engine behind another server than LM Studio and llama.cpp
    #[arg(long, value_name = "ENGINE")]
    engine: Option<String>,
}

impl Args {
    fn models(&self) -> Models {
        match (&self.model, &self.plan) {
            (Some(name), _) => Models::Named(name.clone()),
            (None, Some(plan)) => Models::OfPlan(plan.clone()),
            (None, None) if self.loaded => Models::AllLoaded,
            (None, None) => Models::OnlyLoaded,
        }
    }

    /// The small tasks, where they are asked for.
    fn trial(&self) -> Option<TrialRequest> {
        let quality = &self.quality;
        let what = match &quality.tasks {
            Some(folder) => What::Folder(folder.clone()),
            None if quality.quality => What::Shipped,
            None => return None,
        };
        let server = &self.server;
        Some(TrialRequest {
            models: self.models(),
            token: server.token.clone(),
            limits: Limits {
                first_token_seconds: server.first_token_limit,
                stall_seconds: server.stall_limit,
                request_seconds: server.request_limit,
            },
            max_tokens: quality.max_tokens,
            unsandboxed: quality.unsandboxed,
            out: self.out.clone(),
            variant: self.record.variant.clone(),
            ..TrialRequest::at(&server.base_url, what)
        })
    }

    fn request(&self) -> BenchRequest {
        BenchRequest {
            models: self.models(),
            base_url: self.server.base_url.clone(),
            token: self.server.token.clone(),
            settings: self.settings(),
            out: self.out.clone(),
            variant: self.record.variant.clone(),
            record: self.record.record.then(|| RecordRequest {
                chip: self.record.chip.clone(),
                engine: self.record.engine.clone(),
            }),
        }
    }

    fn settings(&self) -> BenchSettings {
        let (what, server) = (&self.what, &self.server);
        BenchSettings {
            language: match what.lang {
                Lang::Zh => Language::Zh,
                Lang::En => Language::En,
            },
            runs: what.runs,
            warm_up_requests: what.warm_up,
            depths_tokens: what.depth.clone(),
            concurrency: what.concurrency.clone(),
            soak_seconds: what.soak,
            temperature: what.temperature,
            first_token_limit_seconds: server.first_token_limit,
            stall_limit_seconds: server.stall_limit,
            request_limit_seconds: server.request_limit,
        }
    }
}

/// Runs the command.
pub(super) fn run(args: &Args, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    let terminal = Terminal::of(output);
    // A first Ctrl-C ends the measuring and keeps what there is.
    let stop = interrupt::switch()?;
    if let Some(request) = args.trial() {
        let tried = app::trial(workspace, &request, &terminal, &stop)?;
        match output.format {
            Format::Json => output.json(&tried.run)?,
            Format::Text => output.text(&report::trial::text(&tried.run, &output.screen))?,
        }
        output.note(&format!("written to {}", tried.path.display()));
        return Ok(Outcome::when(tried.whole()));
    }
    let done = app::bench(workspace, &args.request(), &terminal, &stop)?;
    match output.format {
        Format::Json => output.json(&done.bench)?,
        Format::Text => output.text(&report::bench::text(&done.bench, &output.screen))?,
    }
    output.note(&format!("written to {}", done.path.display()));
    done.record(&terminal)?;
    Ok(Outcome::when(done.whole()))
}

//! `planner bench`: measures loaded models through their server.

mod progress;
mod record;
mod series;
mod session;
mod subject;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result, bail};
use clap::{Args as ClapArgs, ValueEnum};

use super::context;
use super::context::Format;
use super::outcome::Outcome;
use super::output::Output;
use crate::app::Workspace;
use crate::edge::openai::{Limits, Server};
use crate::edge::{clock, files};
use crate::fault;
use crate::measure::document::{Bench, BenchSettings, Status};
use crate::measure::prompts::{Language, Prompts};
use crate::report;
use crate::units::parse_seconds;
use session::Session;

const EXAMPLES: &str = "\
Examples:
  planner bench                                        the model that is loaded in LM Studio
  planner bench minimax-m2.1 --runs 5
  planner bench --record --as qwen3-coder-next/gguf-q4_k_m
  planner bench --plan plan.json --record              every model of a plan, into your catalog
  planner bench --runs 0 --depth 0,4k,32k,128k         speed by depth alone
  planner bench --runs 0 --concurrency 1,2,4,8         several requests at once
  planner bench --runs 0 --soak 1h                     steady speed, errors, memory over time
  planner bench --base-url http://localhost:8080/v1 --format json > result.json

Tokens are the server's own count. Exit codes: 0 every request passed, 1 one failed or had no
figures, 2 no server, no such model, bad input.";

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
    record: record::RecordArgs,
}

#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Server")]
struct ServerArgs {
    /// Address of an OpenAI-compatible server
    #[arg(long, value_name = "URL", default_value = "http://localhost:1234/v1")]
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
    /// Depths to measure at, such as 0,4k,32k,128k
    #[arg(long, value_name = "TOKENS,...", value_delimiter = ',', value_parser = depth_arg)]
    depth: Vec<u32>,
    /// Numbers of requests at once, such as 1,2,4,8
    #[arg(long, value_name = "N,...", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..=256))]
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

impl WhatArgs {
    fn settings(&self, limits: Limits) -> Result<BenchSettings> {
        if !(0.0..=2.0).contains(&self.temperature) {
            bail!(
                "`--temperature {}` is not between 0 and 2",
                self.temperature
            );
        }
        let series = self.depth.len() + self.concurrency.len();
        if self.runs == 0 && series == 0 && self.soak.is_none() {
            bail!(fault!(
                "`--runs 0` leaves nothing to measure";
                "add `--depth`, `--concurrency` or `--soak`"
            ));
        }
        Ok(BenchSettings {
            language: match self.lang {
                Lang::Zh => Language::Zh,
                Lang::En => Language::En,
            },
            runs: self.runs,
            warm_up_requests: self.warm_up,
            depths_tokens: self.depth.clone(),
            concurrency: self.concurrency.clone(),
            soak_seconds: self.soak,
            temperature: self.temperature,
            first_token_limit_seconds: limits.first_token_seconds,
            stall_limit_seconds: limits.stall_seconds,
            request_limit_seconds: limits.request_seconds,
        })
    }
}

/// Runs the command.
pub(super) fn run(args: &Args, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    let limits = Limits {
        first_token_seconds: args.server.first_token_limit,
        stall_seconds: args.server.stall_limit,
        request_seconds: args.server.request_limit,
    };
    let settings = args.what.settings(limits)?;
    let prompts = Prompts::of(settings.language)?;
    let server = Server::new(&args.server.base_url, args.server.token.clone(), limits)?;
    let catalog = workspace.catalog()?;
    let found = subject::discover(&server)?;
    let chosen = subject::choose(args, &found, catalog, server.root())?;
    // What can't be recorded is refused before an hour of measuring, not after it.
    let target = args.record.prepare(&chosen, &found, catalog)?;
    let bench = subject::document(settings, &server, &found, &chosen)?;
    let out = out_path(args.out.as_deref(), &bench, &chosen)?;
    let stop = stop_on_ctrl_c()?;
    let mut session = Session::new(&server, &found, &prompts, bench, out, stop);
    for model in chosen {
        if session.is_stopped() {
            break;
        }
        session.measure(model)?;
    }
    let (bench, out) = session.finish()?;
    match output.format {
        Format::Json => output.json(&bench)?,
        Format::Text => output.text(&report::bench::text(&bench, &output.screen))?,
    }
    output.note(&format!("written to {}", out.display()));
    if let Some(target) = target {
        target.write(&bench, &out, output)?;
    }
    Ok(outcome(&bench))
}

fn outcome(bench: &Bench) -> Outcome {
    let whole = bench.status == Status::Complete
        && bench.models.iter().all(|m| {
            let s = &m.summary;
            s.measured > 0 && s.failed + s.unmeasured == 0
        });
    if whole { Outcome::Done } else { Outcome::No }
}

/// A first Ctrl-C ends the measuring and keeps what there is.
fn stop_on_ctrl_c() -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&stop);
    ctrlc::set_handler(move || set.store(true, Ordering::Relaxed))
        .context("can't listen for Ctrl-C")?;
    Ok(stop)
}

/// The file that the result goes to; it is seen early on that it can be written.
fn out_path(wanted: Option<&Path>, bench: &Bench, chosen: &[subject::Chosen]) -> Result<PathBuf> {
    let text = serde_json::to_vec_pretty(bench).context("can't write the result as JSON")?;
    if let Some(file) = wanted.filter(|p| p.extension().is_some_and(|e| e == "json")) {
        files::write_backed_up(file, &text)?;
        return Ok(file.to_owned());
    }
    let folder = match wanted {
        Some(folder) => folder.to_owned(),
        None => files::results_path().with_context(
            || fault!("the home folder is not known"; "say where to write with `--out FILE.json`"),
        )?,
    };
    let name = match chosen {
        [one] => one.name().to_owned(),
        _ => "models".to_owned(),
    };
    let day: String = bench.started.chars().filter(|c| *c != ':').collect();
    files::write_new(&folder, &format!("{name}-{day}"), "json", &text)
}

/// Seconds since the program began, for those who only need a difference.
fn now() -> f64 {
    clock::seconds()
}

//! `planner status` and `planner verify`: what is loaded, and whether it is what was planned.

use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Args as ClapArgs;

use super::context::Format;
use super::outcome::Outcome;
use super::output::Output;
use super::plan_file::Choices;
use super::studio::{Open, StudioArgs};
use crate::app::{Workspace, plan_file};
use crate::apply::document::{LoadedRow, SCHEMA, StatusReport};
use crate::apply::promises::{Given, Promises, promises};
use crate::apply::{difference, local_llms};
use crate::catalog::Catalog;
use crate::catalog::weights_of;
use crate::edge::{files, probe};
use crate::lmstudio::matching;
use crate::lmstudio::matching::{Match, Wanted};
use crate::lmstudio::{Installed, Loaded};
use crate::machine::Machine;
use crate::measure::document::Bench;
use crate::memory::limits::Limits;
use crate::memory::{Engine, Ledger, Settings};
use crate::plan::Plan;
use crate::plan::document::Memory;
use crate::report;
use crate::units::Bytes;

const EXAMPLES: &str = "\
Examples:
  planner status                       what is loaded, and what memory is left
  planner status plan.json             also what differs from the plan; exit code 1 on drift
  planner status plan.json --watch 5   again every five seconds";

const VERIFY_EXAMPLES: &str = "\
Examples:
  planner verify plan.json                             exit code 1 on drift
  planner bench --plan plan.json --out result.json
  planner verify plan.json --bench result.json         also speed, load time, memory, tests";

/// Arguments of `status`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// A plan to compare with, saved with `planner recommend --out`
    #[arg(value_name = "PLAN")]
    plan: Option<PathBuf>,
    #[command(flatten)]
    choices: Choices,
    /// Show it again every so many seconds, until Ctrl-C
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "5",
          value_parser = clap::value_parser!(u64).range(1..))]
    watch: Option<u64>,
    #[command(flatten)]
    studio: StudioArgs,
}

/// Arguments of `verify`.
#[derive(Debug, ClapArgs)]
#[command(after_help = VERIFY_EXAMPLES)]
pub(super) struct VerifyArgs {
    /// A plan, saved with `planner recommend --out`
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    #[command(flatten)]
    choices: Choices,
    /// Also check a result of `planner bench --plan PLAN --out FILE`: speed, load, memory, tests
    #[arg(long, value_name = "FILE")]
    bench: Option<PathBuf>,
    /// Slowest decode speed to accept, tokens per second; when left out, 90 % of a planned speed
    /// that was measured, and the low end of one that was predicted
    #[arg(long, value_name = "TPS", requires = "bench")]
    min_tps: Option<f64>,
    /// Longest load to accept, in seconds; when left out, 10 s and the weights read at 2 GB per
    /// second
    #[arg(long, value_name = "SECONDS", requires = "bench")]
    max_load: Option<f64>,
    #[command(flatten)]
    studio: StudioArgs,
}

/// Runs `status`.
pub(super) fn run(args: &Args, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    let plan = args
        .plan
        .as_deref()
        .map(plan_file::read_loadout)
        .transpose()?;
    let open = args.studio.open(None)?;
    loop {
        let report = report(plan.as_ref(), &args.choices, &open, workspace)?;
        if args.watch.is_some() && output.format == Format::Text {
            output.text("\u{1b}[2J\u{1b}[H")?;
        }
        let outcome = answer(&report, output)?;
        match args.watch {
            Some(seconds) => thread::sleep(Duration::from_secs(seconds)),
            None => return Ok(outcome),
        }
    }
}

/// Runs `verify`.
pub(super) fn verify(args: &VerifyArgs, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    let plan = plan_file::read_loadout(&args.plan)?;
    let open = args.studio.open(None)?;
    let mut report = report(Some(&plan), &args.choices, &open, workspace)?;
    if let Some(path) = &args.bench {
        let bench: Bench = serde_json::from_str(&files::read_text(path)?)
            .with_context(|| format!("{} is no result of `planner bench`", path.display()))?;
        let given = Given {
            decode_tokens_per_second_min: args.min_tps,
            load_seconds_max: args.max_load,
        };
        report.promises = Some(promises(&plan, &bench, given));
    }
    answer(&report, output)
}

fn answer(report: &StatusReport, output: &Output) -> Result<Outcome> {
    match output.format {
        Format::Json => output.json(report)?,
        Format::Text => output.text(&report::apply::status(report, &output.screen))?,
    }
    let drifted = report.drift.as_ref().is_some_and(|d| !d.is_empty());
    let kept = report.promises.iter().flatten().all(Promises::kept);
    Ok(if drifted || !kept {
        Outcome::No
    } else {
        Outcome::Done
    })
}

fn report(
    plan: Option<&Plan>,
    choices: &Choices,
    open: &Open,
    workspace: &Workspace,
) -> Result<StatusReport> {
    let now = open.studio.loaded().context("can't list what is loaded")?;
    let drift = match plan {
        Some(plan) => {
            let (target, _) = open.targets(plan, &choices.options())?;
            Some(difference(&now, &target, &|_| true).drift())
        }
        None => None,
    };
    let catalog = workspace.catalog()?;
    let loaded: Vec<LoadedRow> = local_llms(&now)
        .into_iter()
        .map(|l| row(l, plan, catalog))
        .collect();
    let known: Option<Vec<Bytes>> = loaded
        .iter()
        .map(|r| r.memory.map(|m| m.gpu_total_bytes))
        .collect();
    let reading = probe::read();
    let machine = Machine::from_reading(&reading, workspace.profiles()).ok();
    let available = |m: &Machine| {
        let used = reading.memory.as_ref()?.in_use_bytes;
        Some(m.memory.saturating_sub(used))
    };
    Ok(StatusReport {
        schema: SCHEMA,
        drift,
        promises: None,
        ledger_gpu_bytes: known.map(|k| k.into_iter().sum()),
        gpu_working_set_bytes: machine
            .as_ref()
            .and_then(|m| Limits::of(m).gpu_working_set_bytes),
        physical_bytes: machine.as_ref().map(|m| m.memory),
        available_bytes: machine.as_ref().and_then(available),
        loaded,
    })
}

fn row(loaded: &Loaded, plan: Option<&Plan>, catalog: &Catalog) -> LoadedRow {
    LoadedRow {
        identifier: loaded.state.identifier.clone(),
        key: loaded.model.model_key.clone(),
        quantization: loaded.model.quantization.as_ref().map(|q| q.name.clone()),
        files_bytes: loaded.model.size_bytes,
        context: loaded.state.context_length,
        slots: loaded.state.parallel,
        ttl_seconds: loaded.state.ttl_ms.map(|ms| ms / 1000),
        status: loaded.state.status.clone(),
        memory: planned(loaded, plan).or_else(|| catalogued(loaded, catalog)),
    }
}

/// The plan's own ledger, where the model is loaded as planned.
fn planned(loaded: &Loaded, plan: Option<&Plan>) -> Option<Memory> {
    let entry = plan?
        .loadout
        .iter()
        .find(|e| e.identifier == loaded.state.identifier)?;
    let as_planned = loaded.state.context_length == Some(entry.settings.context)
        && loaded
            .state
            .parallel
            .is_none_or(|p| p == entry.settings.slots);
    as_planned.then_some(entry.memory)
}

/// The ledger at the context and slots in force, where the catalog knows these files.
fn catalogued(loaded: &Loaded, catalog: &Catalog) -> Option<Memory> {
    let context = loaded.state.context_length?;
    for model in &catalog.models {
        let Some(architecture) = &model.architecture else {
            continue;
        };
        for variant in &model.variants {
            let engine = Engine::from_id(&variant.engine);
            let (Some(engine), Some(address)) = (engine, &variant.repository) else {
                continue;
            };
            let wanted = Wanted {
                repository: matching::repository_path(address).map(str::to_owned),
                files: variant.files.clone(),
                quantization: variant.quantization.clone(),
                size: variant.weights_bytes,
                key: None,
            };
            if wanted.repository.is_some() && is(&wanted, &loaded.model) {
                let stock = Settings::lm_studio(engine, context);
                let settings = Settings {
                    slots: loaded.state.parallel.unwrap_or(stock.slots),
                    ..stock
                };
                let weights = weights_of(variant);
                return Some(Memory::of(&Ledger::of(architecture, &weights, &settings)));
            }
        }
    }
    None
}

fn is(wanted: &Wanted, model: &Installed) -> bool {
    matches!(
        matching::find(wanted, std::slice::from_ref(model)),
        Match::Found { .. }
    )
}

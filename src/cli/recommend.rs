//! `planner recommend`: the best loadout for a mix of tasks.

mod fleet;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args as ClapArgs, ValueEnum};

use super::again;
use super::context;
use super::context::{Engines, Format, MachineArgs, ScoreArgs, SettingsArgs, WorkArgs};
use super::counts;
use super::outcome::Outcome;
use super::output::Output;
use super::terminal::Terminal;
use crate::app;
use crate::app::save::Saved;
use crate::app::studio::StudioChoice;
use crate::app::{Method, Silent, Workspace, plans, save};
use crate::emit::Options;
use crate::plan::document::Plan;
use crate::plan::request::Request;
use crate::report;
use crate::report::{Screen, Typed};
use crate::units::Bytes;

const EXAMPLES: &str = "\
Examples:
  planner recommend --task code
  planner recommend --task code=2 --task general=1 --models 2
  planner recommend --task agent --context 128k --slots 2 \\
      --machine m3-ultra-512gb
  planner recommend --task agent --agents 3 --depth 60k --max-turn 60s
  planner recommend --task chat --effort off
  planner recommend --for coding --current     what to change of what is loaded
  planner recommend --for coding --disk 100GB  download no more than that
  planner recommend --task code --campaign llm-mac-512 --machine m3-ultra-512gb
  planner recommend --task general --pin gpt-oss-120b --exclude glm-5 \\
      --min-tps 20
  planner recommend --task code --wired-limit 480GiB --reserve 24GiB \\
      --out plan.json";

/// Arguments of `recommend`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// A task, with its weight against the others: `code`, `code=2`; may be repeated
    #[arg(long = "task", value_name = "TASK[=WEIGHT]", help_heading = "Question")]
    tasks: Vec<String>,
    /// A mix of tasks: coding, research, office, one of your own, or a file; your own defaults, else
    /// coding, when neither is given
    #[arg(
        long = "for",
        value_name = "MIX|FILE",
        conflicts_with = "tasks",
        help_heading = "Question"
    )]
    mix: Option<String>,
    /// Models to keep loaded at once, at most; 3 unless told, and one more for each of autocomplete and
    /// embedding
    #[arg(long, value_name = "N", value_parser = counts::models(), help_heading = "Question")]
    models: Option<u8>,
    /// Print the reasons, the runners-up, the proof and all advice
    #[arg(long, help_heading = "Answer")]
    details: bool,
    /// Print every part of the scores and every reason besides
    #[arg(long, help_heading = "Answer")]
    explain: bool,
    /// Save the plan as JSON
    #[arg(long, value_name = "FILE", help_heading = "Answer")]
    out: Option<PathBuf>,
    /// Keep the plan under this name, for `planner swap`
    #[arg(long, value_name = "NAME", help_heading = "Answer")]
    save: Option<String>,
    /// Also write the plan's files into this folder, as `planner emit` does
    #[arg(long, value_name = "DIR", help_heading = "Answer")]
    emit: Option<PathBuf>,
    /// A context for every model, such as 131072 or 128k; the solver chooses when left out
    #[arg(long, value_name = "TOKENS", value_parser = context::context_arg, help_heading = "Settings")]
    context: Option<u32>,
    #[command(flatten)]
    settings: SettingsArgs,
    #[command(flatten)]
    work: WorkArgs,
    /// Only this engine: llama.cpp or mlx; any where your own default is one of them
    #[arg(long, value_name = "ENGINE", value_parser = context::engines_arg, help_heading = "Choice")]
    engine: Option<Engines>,
    /// A model or model/variant that must be loaded; may be repeated
    #[arg(long, value_name = "MODEL", help_heading = "Choice")]
    pin: Vec<String>,
    /// A model or model/variant that must not be; may be repeated
    #[arg(long, value_name = "MODEL", help_heading = "Choice")]
    exclude: Vec<String>,
    /// A model that the catalog does not have, judged with it: hf:OWNER/REPO[:QUANT], an address, a
    /// .gguf file or a folder; may be repeated
    #[arg(long = "with", value_name = "MODEL", help_heading = "Choice")]
    unlisted: Vec<String>,
    #[command(flatten)]
    scored: ScoreArgs,
    /// Only what LM Studio has on disk: nothing to download
    #[arg(long, help_heading = "Choice")]
    installed: bool,
    /// Download at most this, such as 500GB; what LM Studio has on disk is there already
    #[arg(long, value_name = "SIZE", conflicts_with_all = ["installed", "fleet"], help_heading = "Choice")]
    disk: Option<Bytes>,
    /// The answer as steps from what LM Studio has loaded now: what goes, comes and stays, what that
    /// gains and costs
    #[arg(long, conflicts_with_all = ["fleet", "machines", "details", "explain"], help_heading = "Answer")]
    current: bool,
    /// Only what this study measured
    #[arg(long, value_name = "NAME", help_heading = "Choice")]
    campaign: Option<String>,
    /// No predicted speeds
    #[arg(long, help_heading = "Choice")]
    measured_only: bool,
    /// Fill memory up to the reserve, beyond the share at which a Mac was seen to fail
    #[arg(long, help_heading = "Choice")]
    fill: bool,
    /// All tasks generate at once: count the speeds that sharing the bandwidth leaves
    #[arg(long, help_heading = "Choice")]
    concurrent: bool,
    /// Which Mac to have for this: every Mac held against this one, or the one of `--machine`
    #[arg(long, conflicts_with_all = ["out", "save", "emit"], help_heading = "Machine")]
    machines: bool,
    /// What a machine costs, for `--machines`; may be repeated
    #[arg(long, value_name = "MACHINE=PRICE", requires = "machines", value_parser = app::prices::parse, help_heading = "Machine")]
    price: Vec<(String, f64)>,
    /// How many runners-up to name, distinct in their models
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u8).range(0..=50), help_heading = "Choice")]
    alternatives: u8,
    /// Trace score against memory and speed too
    #[arg(long, help_heading = "Choice")]
    pareto: bool,
    /// Stop the search after so many seconds, and say how far from the best it may be (60 when left
    /// out)
    #[arg(long, value_name = "SECONDS", value_parser = context::seconds_arg, help_heading = "Choice")]
    time_limit: Option<f64>,
    /// How to solve: the exact search, or the integer program
    #[arg(long, value_enum, default_value_t = Solver::Auto, help_heading = "Choice")]
    solver: Solver,
    #[command(flatten)]
    machine: MachineArgs,
    #[command(flatten)]
    fleet: fleet::FleetArgs,
    /// The user's own defaults that took the place of flags, with where they stand.
    #[arg(skip)]
    pub(super) defaults: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Solver {
    /// The exact search wherever it can go through all ways to split the tasks, else the integer program
    Auto,
    /// The exact search
    Search,
    /// The integer program through good_lp
    Milp,
}

/// Runs the command.
pub(super) fn run(args: &Args, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    let unlisted = args.scored.of(args.unlisted.clone());
    let with = app::unlisted::workspace(workspace, &unlisted, &Terminal::of(output))?;
    let workspace = with.as_ref().map_or(workspace, |joined| &joined.workspace);
    let mut request = request(args, workspace)?;
    let mut here = None;
    if args.installed {
        let studio = StudioChoice::default();
        let found = app::on_disk(workspace, &studio, &Terminal::of(output))?;
        request.installed = Some(found.names());
        here = Some(found);
    }
    if let Some(most) = args.disk {
        let (studio, events) = (StudioChoice::default(), Terminal::of(output));
        request.disk = Some(app::disk_limit(workspace, most, &studio, &events)?);
    }
    if args.fleet.is_asked() {
        return fleet::run(
            &args.fleet,
            (request, args.details),
            args.out.as_deref(),
            workspace,
            output,
        );
    }
    let machine = args.machine.choice();
    if args.machines {
        return shop(args, &request, workspace, output);
    }
    if args.current {
        return from_current(args, &request, workspace, output);
    }
    let usual = args.tasks.is_empty() && args.mix.is_none();
    let mut plan = match args.installed && usual {
        true => app::recommend_installed(workspace, &machine, &request, &Terminal::of(output))?,
        false => app::recommend(workspace, &machine, &request, &Terminal::of(output))?,
    };
    if let Some(here) = &here {
        here.place(&mut plan);
    }
    if let Some(joined) = with.as_ref().filter(|_| !plan.loadout.is_empty()) {
        joined.tell(&mut plan, &machine, &request)?;
    }
    again::complete(&mut plan.advice);
    // The answer is printed whatever becomes of the files, and tells of those that are there.
    let saved = saved(args, &plan);
    tell_saved(&saved, output);
    match output.format {
        Format::Json => output.json(&plan)?,
        Format::Text => {
            let typed = typed(args, is_kept(&saved));
            output.text(&text(args, &plan, &typed, &output.screen))?;
        }
    }
    keep(args, &plan, saved, output)
}

/// Which Mac to have for this.
fn shop(args: &Args, request: &Request, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    let (machine, events) = (args.machine.choice(), Terminal::of(output));
    let answer = app::shop(workspace, &machine, request, &args.price, &events)?;
    match output.format {
        Format::Json => output.json(&answer)?,
        Format::Text => {
            let (screen, ask) = (&output.screen, &again::on_machine);
            output.text(&report::machines::text(&answer, screen, args.details, ask))?;
        }
    }
    Ok(Outcome::when(answer.current.objective.is_some()))
}

impl Args {
    /// Whether the answer says of which day its catalog is.
    pub(super) fn is_dated(&self) -> bool {
        !self.machines && !self.current && !self.fleet.is_asked()
    }
}

/// The answer as steps from what is loaded.
fn from_current(
    args: &Args,
    request: &Request,
    workspace: &Workspace,
    output: &Output,
) -> Result<Outcome> {
    let (machine, studio) = (args.machine.choice(), StudioChoice::default());
    let mut current = app::current(workspace, &machine, request, &studio, &Terminal::of(output))?;
    again::complete(&mut current.plan.advice);
    let saved = saved(args, &current.plan);
    tell_saved(&saved, output);
    match output.format {
        Format::Json => output.json(&current)?,
        Format::Text => output.text(&report::current::text(
            &current,
            &output.screen,
            &typed(args, is_kept(&saved)),
        ))?,
    }
    keep(args, &current.plan, saved, output)
}

/// Saves a plan in the places that were named; under a name only what can be gone back to.
fn saved(args: &Args, plan: &Plan) -> Result<Vec<Saved>> {
    let file = args.out.as_ref().map(|path| save::json(path, plan));
    let name = args.save.as_ref().filter(|_| !plan.loadout.is_empty());
    let named = name.map(|name| plans::keep(name, plan));
    file.into_iter().chain(named).collect()
}

/// Whether what was to be saved is there to be carried out.
fn is_kept(saved: &Result<Vec<Saved>>) -> bool {
    saved
        .as_ref()
        .is_ok_and(|all| all.iter().all(Saved::is_file))
}

/// Says where a plan was saved, before an answer that ends in what to do with it.
fn tell_saved(saved: &Result<Vec<Saved>>, output: &Output) {
    for saved in saved.iter().flatten() {
        output.saved(saved);
    }
}

/// Says what became of the plan besides, and writes its files.
fn keep(args: &Args, plan: &Plan, saved: Result<Vec<Saved>>, output: &Output) -> Result<Outcome> {
    saved?;
    if let Some(name) = args.save.as_ref().filter(|_| plan.loadout.is_empty()) {
        output.note(&format!("nothing is kept as `{name}`: there is no plan"));
    }
    for model in &args.unlisted {
        output.note(&format!(
            "`planner catalog add {model}` keeps it in your catalog, where `emit` and `apply` look for the models of a plan"
        ));
    }
    if let Some(folder) = args.emit.as_ref().filter(|_| !plan.loadout.is_empty()) {
        app::emit::emit(plan, &Options::default(), folder, &Silent)?;
        output.note(&format!("files in {}", folder.display()));
    }
    Ok(Outcome::when(!plan.loadout.is_empty()))
}

fn text(args: &Args, plan: &Plan, typed: &Typed<'_>, screen: &Screen) -> String {
    if args.details || args.explain {
        report::plan::text(plan, screen, args.explain)
    } else {
        report::first::screen(plan, screen, Some(typed))
    }
}

/// What is typed after this command, whose plan is saved where that was asked for.
fn typed(args: &Args, saved: bool) -> Typed<'static> {
    let quoted = |word: &str| shlex::try_quote(word).ok().map(String::from);
    let file = args.out.as_ref().filter(|_| saved);
    Typed {
        saved: saved && (args.out.is_some() || args.save.is_some()),
        file: file.and_then(|file| quoted(file.to_str()?)),
        name: args
            .save
            .as_deref()
            .filter(|_| args.out.is_none())
            .and_then(quoted),
        elsewhere: args.machine.is_told(),
        defaults: args.defaults.clone(),
        again: &again::changed,
    }
}

fn request(args: &Args, workspace: &Workspace) -> Result<Request> {
    let tasks = app::asked(&args.tasks, args.mix.as_deref(), workspace.config())?;
    let work = &args.work;
    let usual = Request::new(tasks);
    let request = Request {
        max_models: args.models.map_or(usual.max_models, usize::from),
        context: args.context,
        settings: args.settings.settings().checked()?.of_request(),
        slots_asked: args.settings.slots.is_some(),
        depth: work.depth,
        effort: work.effort,
        engine: args.engine.and_then(|engines| engines.0),
        pins: args.pin.clone(),
        excludes: args.exclude.clone(),
        campaign: args.campaign.clone(),
        measured_only: args.measured_only,
        fill: args.fill,
        method: match args.solver {
            Solver::Auto => Method::Auto,
            Solver::Search => Method::Search,
            Solver::Milp => Method::Milp,
        },
        concurrent: args.concurrent,
        alternatives: usize::from(args.alternatives),
        pareto: args.pareto,
        time_limit_seconds: args.time_limit,
        ..usual
    };
    Ok(request.with_agents(work.agents).demanding(work.demands()))
}

//! The command line: arguments, one file per command, and the one way out for text (`output`).
//!
//! Exit codes: 0 done or fits; 1 an honest no (no plan, a check failed, no answer within the time
//! limit); 2 bad input or a broken environment. A broken pipe is 0.

mod again;
mod apply;
mod bench;
mod catalog;
mod choices;
mod config;
mod context;
mod counts;
mod defaults;
mod doctor;
mod emit;
mod explain;
mod fit;
mod flags;
mod fleet;
mod gaps;
mod get;
mod import;
mod interrupt;
mod machine;
mod mcp;
mod names;
mod node_timeout;
mod outcome;
mod output;
mod placed;
mod progress;
mod recommend;
mod reference;
mod remark;
mod report;
mod screen;
mod speed;
mod status;
mod studio;
mod study;
mod swap;
mod tasks;
mod terminal;
mod usage;
mod whatif;

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use clap::error::ErrorKind;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::app;
use crate::app::Workspace;
use crate::app::config::Config;
use context::{Color, Common, Format};
use outcome::Outcome;
use output::Output;
use usage::Usage;

const EXAMPLES: &str = "\
Examples:
  planner recommend --task code  what to keep loaded for code, on this machine
  planner recommend --task code --task general
      two tasks: two models, if that is better
  planner recommend --task code --machine m3-ultra-512gb --out plan.json
  planner get plan.json          download what the plan needs
  planner apply plan.json        load a saved plan in LM Studio
  planner catalog show qwen3-coder-next  what is known of a model, and from whom
  planner machines               machines that can be planned for

Exit codes: 0 done, 1 an honest no (no plan, a check failed), 2 bad input.";

/// Plans which large language models to keep loaded on your own machine, exactly.
#[derive(Debug, Parser)]
#[command(name = "planner", version, about, after_help = EXAMPLES, max_term_width = 110)]
struct Cli {
    /// The screen, where there is a terminal, when left out
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The best one, two or three models to keep loaded, for a mix of tasks
    Recommend(Box<recommend::Args>),
    /// Why a saved plan says what it says, why not another model, and what would change it
    Explain(explain::Args),
    /// What another machine, limit, setting or model would do to a saved plan
    Whatif(Box<whatif::Args>),
    /// Whether a model fits on the machine, and up to which context
    Fit(Box<fit::Args>),
    /// How fast a model is on the machine: decode and prefill, at depths and with several streams
    Speed(speed::Args),
    /// Download the models of a plan, or any other, into LM Studio's folder
    Get(get::Args),
    /// A saved plan as files: scripts, LM Studio's settings, clients, other engines
    Emit(Box<emit::Args>),
    /// Bring what LM Studio has loaded to a saved plan, and back if something fails
    Apply(Box<apply::Args>),
    /// Bring what LM Studio has loaded to a plan that `recommend --save` kept
    Swap(Box<swap::Args>),
    /// What is loaded in LM Studio, its memory, and what differs from a plan
    Status(Box<status::Args>),
    /// Check that exactly a saved plan is loaded
    Verify(Box<status::VerifyArgs>),
    /// Measure loaded models through their server, and record the figures
    Bench(Box<bench::Args>),
    /// Models measured one after another, without somebody who watches
    #[command(subcommand)]
    Study(study::Command),
    /// What is known of models: list, show, check, add, import, the speed model, what to measure next
    #[command(subcommand)]
    Catalog(catalog::Command),
    /// The figures as a report: Markdown, and one HTML page, in English or Chinese
    Report(Box<report::Args>),
    /// What this machine has: memory, the GPU's limit, what is in use
    Probe,
    /// What stands between this machine and a plan that works, each with what would mend it
    Doctor(doctor::Args),
    /// The machines that can be planned for
    Machines(machine::ListArgs),
    /// Several machines as one: write the file that `recommend --fleet` plans for
    #[command(subcommand)]
    Fleet(fleet::Command),
    /// The tasks, and what each of them weighs
    Tasks(tasks::Args),
    /// Tools for agents: an MCP server, and its entry in the settings of a client
    Mcp(Box<mcp::Args>),
    /// Your defaults: machine, tasks, reserve, depth, prices; and where each comes from
    Config(config::Args),
    /// Shell completions, on standard output
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// The manual page of planner or of a command, on standard output; all of them into a folder
    Man(reference::ManArgs),
    /// JSON Schemas of the documents that planner writes
    Schema {
        /// Which document; a list of them when left out
        document: Option<reference::Document>,
    },
}

/// Parses the arguments, runs, and turns the outcome into an exit code.
#[must_use]
pub fn main() -> ExitCode {
    let config = app::config::load();
    let command = match &config {
        Ok(config) => defaults::with(command(), config),
        Err(_) => command(),
    };
    let parsed = command.try_get_matches().and_then(|matches| {
        let mut cli = Cli::from_arg_matches(&matches)?;
        if let (Some(Command::Recommend(args)), Some((_, given)), Ok(config)) =
            (&mut cli.command, matches.subcommand(), &config)
        {
            args.defaults = defaults::fallen_back_to(given, config);
        }
        Ok(cli)
    });
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => return refused(error),
    };
    let output = Output::of(&cli.common);
    let done = match (
        config,
        cli.command.as_ref().is_none_or(Command::needs_config),
    ) {
        (Err(error), true) => Err(error),
        (config, _) => run(&cli, config.unwrap_or_default(), &output),
    };
    match done {
        Ok(outcome) => outcome.code(),
        Err(error) if output::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output.error(&error);
            match app::ran_out_of_time(&error) {
                true => Outcome::No.code(),
                false => ExitCode::from(2),
            }
        }
    }
}

/// The command line. A value may begin with a minus sign, so that `--context -1` or `--memory -4GiB`
/// is refused for what it is, and not taken for an unknown flag.
fn command() -> clap::Command {
    flags::shortened(values_with_minus(Cli::command()))
}

fn values_with_minus(command: clap::Command) -> clap::Command {
    let figures = ["TOKENS", "SIZE", "TIME", "TPS", "SECONDS", "N"];
    let command = command.mut_args(|arg| {
        let of_figures = arg.get_value_names().is_some_and(|names| {
            let name = |n: &clap::builder::Str| figures.contains(&n.as_str());
            names.iter().any(name)
        });
        let one = arg.get_num_args().is_none_or(|n| n == 1.into());
        if of_figures && one {
            arg.allow_hyphen_values(true)
        } else {
            arg
        }
    });
    let names: Vec<String> = command
        .get_subcommands()
        .map(|c| c.get_name().to_owned())
        .collect();
    names.into_iter().fold(command, |command, name| {
        command.mut_subcommand(name, values_with_minus)
    })
}

/// Help and version are answers; everything else that clap says is bad input.
fn refused(error: clap::Error) -> ExitCode {
    let helps = error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    if !error.use_stderr() || helps {
        // A reader that went away is no failure of ours.
        let _ = error.print();
        return ExitCode::from(if helps { 2 } else { 0 });
    }
    let args = || std::env::args_os().map(|a| a.to_string_lossy().into_owned());
    let format = if asks_for_json(args()) {
        Format::Json
    } else {
        Format::Text
    };
    let named = usage::named_command(&command(), args().skip(1));
    Output::new(format, Color::Auto).error(&Usage::of(error, &named).into());
    ExitCode::from(2)
}

/// Whether arguments that can't be parsed ask for JSON all the same.
fn asks_for_json(args: impl Iterator<Item = String>) -> bool {
    let args: Vec<String> = args.collect();
    args.iter().any(|a| a == "--format=json") || args.windows(2).any(|w| w == ["--format", "json"])
}

impl Command {
    /// Whether its answer rests on the catalog, and does not say itself of which day that is.
    fn answers(&self) -> bool {
        match self {
            Self::Explain(_) | Self::Whatif(_) | Self::Speed(_) => true,
            Self::Recommend(args) => !args.is_dated(),
            Self::Catalog(command) => command.answers(),
            _ => false,
        }
    }

    /// Whether it goes by the user's defaults; what does not works where those are broken too.
    fn needs_config(&self) -> bool {
        match self {
            Self::Status(args) => args.needs_config(),
            Self::Config(_)
            | Self::Doctor(_)
            | Self::Completions { .. }
            | Self::Man(_)
            | Self::Schema { .. } => false,
            _ => true,
        }
    }
}

fn run(cli: &Cli, config: Config, output: &Output) -> Result<Outcome> {
    let workspace = Arc::new(Workspace::new(cli.common.layers())?.with_config(config));
    // It ends with the process, which gives all its memory back at once.
    std::mem::forget(Arc::clone(&workspace));
    let mut done = run_in(&workspace, cli, output);
    let date = workspace.catalog_date();
    let date = date.filter(|_| cli.command.as_ref().is_some_and(Command::answers));
    if let (Ok(_), Some(date), Format::Text) = (&done, date, output.format) {
        done = done.and_then(|outcome| {
            output.text(&format!("Catalog of {date}.\n"))?;
            Ok(outcome)
        });
    }
    for error in workspace.left_out() {
        output.left_out(error);
    }
    if let (Ok(_), Some(date), Some(days)) =
        (&done, workspace.catalog_date(), workspace.catalog_too_old())
    {
        output.note(&format!(
            "the catalog is of {date}, {days} days old: newer models are not in it"
        ));
        output.hint("`planner catalog update` takes a newer one, `planner catalog add` a model");
    }
    done
}

fn run_in(workspace: &Arc<Workspace>, cli: &Cli, output: &Output) -> Result<Outcome> {
    let Some(command) = &cli.command else {
        let help = self::command().render_help().to_string();
        return screen::run(&help, workspace, output);
    };
    match command {
        Command::Recommend(args) => recommend::run(args, workspace, output),
        Command::Explain(args) => explain::run(args, workspace, output),
        Command::Whatif(args) => whatif::run(args, workspace, output),
        Command::Fit(args) => fit::run(args, workspace, output),
        Command::Speed(args) => speed::run(args, workspace, output),
        Command::Bench(args) => bench::run(args, workspace, output),
        Command::Get(args) => get::run(args, workspace, output),
        Command::Emit(args) => emit::run(args, workspace, output),
        Command::Apply(args) => apply::run(args, workspace, output),
        Command::Swap(args) => swap::run(args, workspace, output),
        Command::Status(args) => status::run(args, workspace, output),
        Command::Verify(args) => status::verify(args, workspace, output),
        Command::Study(command) => study::run(command, workspace, cli.common.layers(), output),
        Command::Catalog(command) => catalog::run(command, workspace, output),
        Command::Report(args) => report::run(args, workspace, output),
        Command::Probe => machine::probe(workspace, output),
        Command::Doctor(args) => doctor::run(args, workspace, output),
        Command::Machines(args) => machine::list(args, workspace, output),
        Command::Fleet(command) => fleet::run(command, workspace, output),
        Command::Tasks(args) => tasks::run(args, output),
        Command::Mcp(args) => mcp::run(args, workspace, output),
        Command::Config(args) => config::run(args, output),
        Command::Completions { shell } => {
            let mut bytes = Vec::new();
            let mut named = names::named(Cli::command(), workspace);
            clap_complete::generate(*shell, &mut named, "planner", &mut bytes);
            output.bytes(&bytes).map(|()| Outcome::Done)
        }
        Command::Man(args) => reference::man(Cli::command(), args, output),
        Command::Schema { document } => reference::schema(*document, output),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_holds_together() {
        Cli::command().debug_assert();
    }
}

//! `planner emit`: a saved plan as files, and LM Studio's own files put in place.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args as ClapArgs, ValueEnum};

use super::choices::Choices;
use super::context;
use super::context::{Format, MachineArgs};
use super::outcome::Outcome;
use super::output::Output;
use super::placed;
use super::terminal::Terminal;
use crate::app;
use crate::app::emit::Written;
use crate::app::{CoexistRequest, Engine, Workspace};
use crate::emit::{Artifact, Client, NodeServer, Options};
use crate::fault;
use crate::plan::Plan;
use crate::report;
use crate::report::Screen;

const EXAMPLES: &str = "\
Examples:
  planner recommend --task code --task general --out plan.json
  planner emit plan.json --out loadout
      scripts, LM Studio's files, clients, other engines
  planner emit plan.json --install
      merge the models' defaults into LM Studio's home
  planner emit plan.json --client codex  a client's settings, to look at
  planner emit plan.json --client codex --install
      merged into its own file: shown, asked, kept
  planner emit --coexist qwen3.6-27b gpt-oss-120b qwen3-8b --out router
                                               models that take turns: which fit together, for routers
  planner emit fleet-plan.json --out fleet
      a fleet's: each node's part, a gateway, ssh
  planner emit --undo                    take all that was installed back";

const USAGE: &str = "\
planner emit PLAN --out DIR [OPTIONS]
       planner emit PLAN --client NAME [--install] [OPTIONS]
       planner emit PLAN --install [OPTIONS]
       planner emit --coexist MODEL... --out DIR [OPTIONS]
       planner emit --undo";

/// What takes an installation back.
const BACK: &str = "`planner emit --undo` puts it back";

/// Arguments of `emit`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES, override_usage = USAGE)]
#[command(group = clap::ArgGroup::new("where").required(true).multiple(true))]
pub(super) struct Args {
    /// A plan, saved with `planner recommend --out`
    #[arg(value_name = "PLAN", required_unless_present_any = ["undo", "coexist"])]
    plan: Option<PathBuf>,
    /// Instead of a plan models that take turns in memory (`model` or `model/variant`): all maximal
    /// sets that fit together, for llama-swap, llama-server's router and LM Studio
    #[arg(long, value_name = "MODEL", num_args = 1.., requires = "out", conflicts_with_all = ["plan", "install", "undo", "client"])]
    coexist: Vec<String>,
    /// The context of each of them, such as 65536 or 64k; less where a model's own is
    #[arg(long, value_name = "TOKENS", value_parser = context::context_arg, default_value = "32k", requires = "coexist")]
    context: u32,
    /// Take files of this engine where only the model is named: `llama.cpp`, unless none fits, or
    /// `mlx`
    #[arg(long, value_name = "ENGINE", value_parser = context::engine_arg, requires = "coexist")]
    engine: Option<Engine>,
    #[command(flatten)]
    machine: MachineArgs,
    #[command(flatten)]
    choices: Choices,
    /// The folder to write; an earlier one is kept beside it
    #[arg(long, value_name = "DIR", group = "where", conflicts_with_all = ["install", "undo", "client"])]
    out: Option<PathBuf>,
    /// The settings of one client: shown, or with `--install` merged into the user's own
    #[arg(long, value_name = "NAME", value_parser = client(), group = "where")]
    client: Option<Client>,
    /// Put the models' defaults and presets into LM Studio's home, merged into what is there; with
    /// `--client`, that client's settings into its user's files
    #[arg(long, group = "where")]
    install: bool,
    /// Take all that was installed back
    #[arg(long, group = "where", conflicts_with_all = ["install", "client"])]
    undo: bool,
    /// Do not ask
    #[arg(long, short = 'y', requires = "install")]
    yes: bool,
    /// Also write model.yaml files for LM Studio's hub
    #[arg(long)]
    model_yaml: bool,
    /// Also write a launchd agent that loads the plan at every login
    #[arg(long, requires = "out")]
    launchd: bool,
    /// What serves the models of each node of a fleet's plan
    #[arg(long, value_name = "NAME", value_enum, default_value_t = Server::LmStudio, requires = "out")]
    server: Server,
    /// LM Studio's home, where it is not the usual one (its newer sibling Bionic has its own)
    #[arg(long, value_name = "DIR")]
    lmstudio_home: Option<PathBuf>,
}

/// Runs the command.
pub(super) fn run(args: &Args, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    if !args.coexist.is_empty() {
        return coexist(args, workspace, output);
    }
    let path = match &args.plan {
        Some(path) if !args.undo => path,
        _ => return undo(output),
    };
    if app::fleet::is_plan(path) {
        return fleet(path, args, workspace, output);
    }
    if args.server == Server::LlamaCpp {
        bail!(fault!(
            "`--server` is for the plan of a fleet";
            "leave it out: the plan of one machine has files for llama.cpp's server in `engines/`"
        ));
    }
    let plan = app::plan_file::read_known_loadout(path, workspace.catalog()?)?;
    let options = Options {
        model_yaml: args.model_yaml,
        at_login: match (&args.out, args.launchd) {
            (Some(folder), true) => Some(app::emit::absolute(folder)?),
            _ => None,
        },
        clients: app::defaults::clients(workspace.config()),
        ..args.choices.options()
    };
    match (&args.out, args.client) {
        (None, Some(client)) => for_client(&plan, &options, client, args, output),
        (Some(folder), _) => write(&plan, &options, folder, output),
        (None, None) => install(&plan, &options, args, output),
    }
}

/// Writes the files of models that take turns.
fn coexist(args: &Args, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    let Some(folder) = &args.out else {
        return Ok(Outcome::Done);
    };
    let request = CoexistRequest {
        models: args.coexist.clone(),
        machine: args.machine.choice(),
        context: args.context,
        engine: args.engine,
        folder: folder.clone(),
    };
    let (said, written) = app::coexist(workspace, &request)?;
    match output.format {
        Format::Json => output.json(&said)?,
        Format::Text => output.text(&report::coexist::text(&said, &output.screen))?,
    }
    output.note(&format!("files in {}", written.folder.display()));
    Ok(Outcome::Done)
}

/// What serves the models of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Server {
    /// LM Studio, on both engines
    LmStudio,
    /// llama.cpp's own server, for GGUF files alone
    #[value(name = "llama.cpp")]
    LlamaCpp,
}

/// Writes the files of a fleet's plan.
fn fleet(path: &Path, args: &Args, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    let plan = app::fleet::read_known_plan(path, workspace.catalog()?)?;
    let Some(folder) = &args.out else {
        bail!(fault!(
            "{} is the plan of a fleet, which is written as files", path.display();
            "give the folder with `--out DIR`"
        ));
    };
    if args.model_yaml || args.launchd || args.choices.is_any() {
        bail!(fault!(
            "`--key`, `--ttl`, `--model-yaml` and `--launchd` are of the plan of one machine";
            "leave them out: each node's own scripts look its models up"
        ));
    }
    let server = match args.server {
        Server::LmStudio => NodeServer::LmStudio,
        Server::LlamaCpp => NodeServer::LlamaCpp,
    };
    let written = app::fleet::emit(&plan, server, folder)?;
    said(&written, "preflight.sh", output)
}

/// A client by its name.
fn client() -> impl TypedValueParser<Value = Client> {
    let known = PossibleValuesParser::new(Client::ALL.map(Client::id));
    known.try_map(|id| Client::from_id(&id).ok_or("client not known"))
}

/// Shows a client's settings, or merges them into the user's files.
fn for_client(
    plan: &Plan,
    options: &Options,
    client: Client,
    args: &Args,
    output: &Output,
) -> Result<Outcome> {
    if !args.install {
        let texts = app::emit::client(plan, options, client)?;
        match output.format {
            Format::Json => output.json(&texts)?,
            Format::Text => {
                for file in &texts.files {
                    output.note(&format!("for {}:", file.path.display()));
                    output.text(&file.text)?;
                }
            }
        }
        return Ok(Outcome::Done);
    }
    let terminal = Terminal::of(output).agreeing(args.yes);
    match app::emit::install_client(plan, options, client, &terminal)? {
        Some(done) => placed::say(&done, BACK, output),
        None => {
            output.note("nothing was written");
            Ok(Outcome::Done)
        }
    }
}

/// Writes the folder, and says what is in it.
fn write(plan: &Plan, options: &Options, path: &Path, output: &Output) -> Result<Outcome> {
    let written = app::emit::emit(plan, options, path, &Terminal::of(output))?;
    said(&written, "launch.sh --dry-run", output)
}

/// Says what was written, and what to run next.
fn said(written: &Written, next: &str, output: &Output) -> Result<Outcome> {
    match output.format {
        Format::Json => output.json(&written)?,
        Format::Text => {
            let folder = &written.folder;
            output.text(&listing(folder, &written.artifacts, &output.screen))?;
            let (script, flags) = next.split_once(' ').unwrap_or((next, ""));
            let run = folder.join(script);
            let run = shlex::try_quote(&run.to_string_lossy())
                .unwrap_or_default()
                .into_owned();
            output.text(&format!(
                "\nNext: {}\n",
                format!("{run} {flags}").trim_end()
            ))?;
            if let Some(backup) = &written.backup {
                output.note(&format!("what was there is now {}", backup.display()));
            }
        }
    }
    Ok(Outcome::Done)
}

fn listing(path: &Path, files: &[Artifact], screen: &Screen) -> String {
    let widest = files.iter().map(|f| f.path.len()).max().unwrap_or(0);
    let mut text = format!("{}\n", path.display());
    for file in files {
        // Beside its name where both have room, else below it.
        text.push_str(&if widest * 2 < screen.width {
            let first = format!("  {:widest$}  ", file.path);
            screen.fold(&first, &" ".repeat(first.len()), file.purpose)
        } else {
            format!(
                "  {}\n{}",
                file.path,
                screen.fold("      ", "      ", file.purpose)
            )
        });
    }
    text
}

/// Merges LM Studio's settings into its home, then those of the clients in `config.toml` into theirs.
fn install(plan: &Plan, options: &Options, args: &Args, output: &Output) -> Result<Outcome> {
    let mut outcome = of_lm_studio(plan, options, args, output)?;
    for client in &options.clients {
        outcome = outcome.and(for_client(plan, options, *client, args, output)?);
    }
    Ok(outcome)
}

fn of_lm_studio(plan: &Plan, options: &Options, args: &Args, output: &Output) -> Result<Outcome> {
    let terminal = Terminal::of(output).agreeing(args.yes);
    let done = app::emit::install(plan, options, args.lmstudio_home.as_deref(), &terminal)?;
    if let Some(sibling) = &done.sibling {
        output.note(&format!(
            "Bionic keeps files of its own: for it, add `--lmstudio-home {}`",
            sibling.display()
        ));
    }
    placed::say(&done, BACK, output)
}

fn undo(output: &Output) -> Result<Outcome> {
    placed::undone(&app::emit::undo()?, output)
}

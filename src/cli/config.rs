//! `planner config`: the user's defaults, and where each comes from.

use anyhow::Result;
use clap::{Args as ClapArgs, Subcommand};

use super::context::Format;
use super::outcome::Outcome;
use super::output::Output;
use crate::app::config;
use crate::app::config::{Origin, Setting, Shown};
use crate::report::Screen;

const EXAMPLES: &str = "\
Examples:
  planner config                           what holds, and from where
  planner config set machine m3-ultra-512gb
  planner config set for coding            what `planner recommend` answers for
  planner config set tasks code=2 chat
  planner config set clients opencode zed  whose settings `planner emit` writes
  planner config set price.m5-ultra-256gb 7499  for `--machines`
  planner config unset depth
  planner config edit

Flags go before the environment (PLANNER_MACHINE, ...), that before the file, that before what is
built in.";

/// Arguments of `config`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Every default with its value and where it comes from
    Show,
    /// Give a key a value; tasks take several
    Set {
        /// machine, for, tasks, reserve, depth, agents, engine, clients, endpoint or price.MACHINE
        key: String,
        /// Its value
        #[arg(required = true, num_args = 1.., allow_negative_numbers = true)]
        values: Vec<String>,
    },
    /// Take a key out of the file
    Unset {
        /// The key
        key: String,
    },
    /// Where the file is
    Path,
    /// Open the file in your editor, and check it
    Edit,
}

/// Runs the command.
pub(super) fn run(args: &Args, output: &Output) -> Result<Outcome> {
    let written = match &args.command {
        None | Some(Command::Show) => {
            let shown = config::show()?;
            match output.format {
                Format::Json => output.json(&shown)?,
                Format::Text => output.text(&text(&shown, &output.screen))?,
            }
            return Ok(Outcome::Done);
        }
        Some(Command::Path) => {
            output.text(&format!("{}\n", config::path()?.display()))?;
            return Ok(Outcome::Done);
        }
        Some(Command::Set { key, values }) => {
            let changed = config::set(key, values)?;
            for gone in changed.replaced {
                output.note(&format!(
                    "`{}` is no longer set: `{key}` takes its place",
                    gone.name()
                ));
            }
            changed.path
        }
        Some(Command::Unset { key }) => config::unset(key)?,
        Some(Command::Edit) => config::edit()?,
    };
    output.note(&format!("saved to {}", written.display()));
    Ok(Outcome::Done)
}

fn text(shown: &Shown, screen: &Screen) -> String {
    let mut table = screen.table(&["Default", "Value", "From"]);
    for setting in &shown.settings {
        table.add_row([
            setting.key.name().to_owned(),
            value(setting),
            setting.origin.to_string(),
        ]);
    }
    let file = shown.path.as_ref().map_or_else(
        || "the home folder is not known, so there is no file".to_owned(),
        |path| {
            format!(
                "The file is {}; `planner config set KEY VALUE` writes it.",
                path.display()
            )
        },
    );
    format!("{table}\n{}", screen.fold("", "", &file))
}

fn value(setting: &Setting) -> String {
    match setting.origin {
        Origin::BuiltIn => format!("({})", setting.key.built_in()),
        _ => setting.values.join(", "),
    }
}

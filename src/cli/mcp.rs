//! `planner mcp`: the tools for agents, and their entry in a client's settings.

use std::sync::Arc;

use anyhow::Result;
use clap::{Args as ClapArgs, Subcommand, ValueEnum};

use super::interrupt;
use super::outcome::Outcome;
use super::output::Output;
use super::placed;
use super::studio::StudioArgs;
use super::terminal::Terminal;
use crate::app::Workspace;
use crate::app::server;
use crate::app::server::{Door, Host};
use crate::mcp;

const EXAMPLES: &str = "\
Examples:
  planner mcp install claude-code
      into ~/.claude.json: shown, asked, kept to be undone
  planner mcp uninstall claude-code
  planner mcp         the server itself, which clients start
  planner mcp --http  one for several clients of this machine, until Ctrl-C

Tools: recommend, fit, explain, whatif, status, models, machines; and apply, which asks the user
through the client.";

/// Arguments of `mcp`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// Let agents change what is loaded without asking
    #[arg(long)]
    allow_apply: bool,
    /// Serve several clients of this machine over HTTP, with a token; at another port or address
    #[arg(long, value_name = "ADDR", num_args = 0..=1, default_missing_value = "127.0.0.1:8717")]
    http: Option<String>,
    #[command(flatten)]
    studio: StudioArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Add the server to the settings of a program that agents run in, and the skill beside it
    Install {
        /// The program
        client: Client,
        /// Do not ask
        #[arg(long, short = 'y')]
        yes: bool,
    },
    /// Take that back
    Uninstall {
        /// The program
        client: Client,
    },
}

/// A program that agents run in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Client {
    /// Claude Code
    ClaudeCode,
    /// Codex
    Codex,
    /// opencode
    Opencode,
    /// Zed
    Zed,
    /// LM Studio's own chat
    Lmstudio,
}

impl Client {
    const fn host(self) -> Host {
        match self {
            Self::ClaudeCode => Host::ClaudeCode,
            Self::Codex => Host::Codex,
            Self::Opencode => Host::Opencode,
            Self::Zed => Host::Zed,
            Self::Lmstudio => Host::LmStudio,
        }
    }
}

/// Runs the command.
pub(super) fn run(args: &Args, workspace: &Arc<Workspace>, output: &Output) -> Result<Outcome> {
    match &args.command {
        Some(Command::Install { client, yes }) => {
            let terminal = Terminal::of(output).agreeing(*yes);
            match server::install_server(client.host(), &terminal)? {
                Some(done) => {
                    let back = "`planner mcp uninstall` takes it back";
                    placed::say(&done, back, output)
                }
                None => {
                    output.note("nothing was written");
                    Ok(Outcome::Done)
                }
            }
        }
        Some(Command::Uninstall { client }) => {
            placed::undone(&server::uninstall_server(client.host())?, output)
        }
        None => {
            let mut options = mcp::Options {
                studio: args.studio.choice(),
                allow_apply: args.allow_apply,
                ..mcp::Options::default()
            };
            let workspace = Arc::clone(workspace);
            let Some(address) = &args.http else {
                mcp::serve_stdio(workspace, options)?;
                return Ok(Outcome::Done);
            };
            let door = server::open_door(address)?;
            [options.stop, options.end] = interrupt::switches()?;
            output.note(&welcome(&door));
            mcp::serve_http(workspace, options, door)?;
            Ok(Outcome::Done)
        }
    }
}

/// Where clients find the server, and what they have to show.
fn welcome(door: &Door) -> String {
    let token = match &door.token.file {
        Some(file) => format!("the token in {}", file.display()),
        None => format!("the token in {}", server::TOKEN),
    };
    format!(
        "tools for agents at http://{}{}, with `Authorization: Bearer` and {token}; Ctrl-C ends it",
        door.listener.address(),
        mcp::PATH
    )
}

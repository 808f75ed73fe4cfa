//! `planner fleet`: the file that says which machines there are.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args as ClapArgs, Subcommand};
use serde::Serialize;

use super::context::Format;
use super::outcome::Outcome;
use super::output::Output;
use crate::app::Workspace;
use crate::app::fleet;
use crate::app::fleet::{InitRequest, LinkKind, NewLink, NewNode};
use crate::suggest;

const EXAMPLES: &str = "\
Examples:
  planner fleet init --node studio-1=m3-ultra-512gb \\
      --node studio-2=m3-ultra-256gb --out fleet.toml
  planner fleet init --node a=mac-mini-m4-pro-64gb@192.168.1.11 \\
      --node b=mac-mini-m4-pro-64gb@192.168.1.12 --link a,b=ethernet10
  planner recommend --fleet fleet.toml --task agent --task code --task chat";

/// What can be done with a fleet's file.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write the file of a fleet from names of machines
    Init(InitArgs),
}

/// Arguments of `fleet init`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct InitArgs {
    /// A node: what it is called, the machine that it is (`planner machines`), and the private
    /// address that its servers are bound to; may be repeated
    #[arg(long = "node", value_name = "NAME=MACHINE[@ADDRESS]", value_parser = node_arg, required = true)]
    nodes: Vec<NewNode>,
    /// What joins two nodes: ethernet1, ethernet10, thunderbolt5 or rdma; may be repeated
    #[arg(long = "link", value_name = "NODE,NODE=KIND", value_parser = link_arg)]
    links: Vec<NewLink>,
    /// Save it; printed when left out
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

fn node_arg(text: &str) -> Result<NewNode, String> {
    let parts = text
        .split_once('=')
        .filter(|(name, of)| !name.is_empty() && !of.is_empty());
    let (name, of) = parts.ok_or("write `NAME=MACHINE`, such as `studio-1=m3-ultra-512gb`")?;
    let (profile, address) = match of.split_once('@') {
        Some((profile, address)) => (profile, Some(address.to_owned())),
        None => (of, None),
    };
    Ok(NewNode {
        name: name.to_owned(),
        profile: profile.to_owned(),
        address,
    })
}

fn link_arg(text: &str) -> Result<NewLink, String> {
    let parts = text.split_once('=').and_then(|(nodes, kind)| {
        let (a, b) = nodes.split_once(',')?;
        Some((a.trim(), b.trim(), kind.trim()))
    });
    let (a, b, kind) = parts.ok_or("write `NODE,NODE=KIND`, such as `a,b=thunderbolt5`")?;
    let found = LinkKind::from_id(kind).ok_or_else(|| {
        let ids = LinkKind::ALL.iter().map(|kind| kind.id());
        let near = suggest::nearest(kind, ids.clone());
        format!(
            "`{kind}` is no kind of link{}; there are {}",
            suggest::or_nothing(near.as_deref()),
            ids.collect::<Vec<_>>().join(", ")
        )
    })?;
    Ok(NewLink {
        between: [a.to_owned(), b.to_owned()],
        kind: found,
    })
}

/// What `fleet init --format json` prints.
#[derive(Debug, Serialize)]
struct Written {
    schema: u32,
    path: Option<PathBuf>,
    text: String,
}

/// Runs the command.
pub(super) fn run(command: &Command, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    let Command::Init(args) = command;
    let request = InitRequest {
        nodes: args.nodes.clone(),
        links: args.links.clone(),
    };
    let (text, saved) = fleet::init(workspace, &request, args.out.as_deref())?;
    match output.format {
        Format::Json => output.json(&Written {
            schema: 1,
            path: args.out.clone(),
            text,
        })?,
        Format::Text if saved.is_none() => output.text(&text)?,
        Format::Text => {}
    }
    if let Some(saved) = &saved {
        output.saved(saved);
        output.note(&format!(
            "`planner recommend --fleet {} --task agent` plans for it; edit it to give hosts, addresses and reserves",
            saved.path.display()
        ));
    }
    Ok(Outcome::Done)
}

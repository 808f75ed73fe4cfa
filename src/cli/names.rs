//! Completions that know the names of models, tasks, mixes and machines.

use clap::builder::PossibleValuesParser;
use clap::{Arg, Command};

use crate::app::config::Key;
use crate::app::{Workspace, plans, tasks};

/// The command line with the names that values can have, for completions to be made of.
pub(super) fn named(command: Command, workspace: &Workspace) -> Command {
    let models = workspace
        .catalog()
        .map_or_else(|_| Vec::new(), |c| c.names().collect());
    let profiles = workspace.profiles();
    let machines = profiles.machines.iter().map(|m| m.id.clone()).collect();
    let tasks_ids = tasks::all().unwrap_or_default();
    let mixes = tasks::mixes().unwrap_or_default();
    let names = Names {
        models,
        machines,
        plans: plans::names().unwrap_or_default(),
        keys: Key::ALL.map(|key| key.name().to_owned()).to_vec(),
        tasks: tasks_ids.into_iter().map(|t| t.id).collect(),
        mixes: mixes.into_keys().collect(),
    };
    names.on(command)
}

struct Names {
    models: Vec<String>,
    machines: Vec<String>,
    plans: Vec<String>,
    keys: Vec<String>,
    tasks: Vec<String>,
    mixes: Vec<String>,
}

impl Names {
    fn on(&self, command: Command) -> Command {
        let of = command.get_name().to_owned();
        let command = command.mut_args(|arg| self.completed(&of, arg));
        let commands: Vec<String> = (command.get_subcommands())
            .map(|c| c.get_name().to_owned())
            .collect();
        commands.into_iter().fold(command, |command, name| {
            command.mut_subcommand(name, |sub| self.on(sub))
        })
    }

    fn completed(&self, command: &str, arg: Arg) -> Arg {
        let asks_for_model = ["fit", "speed", "show"].contains(&command);
        let of_config = ["set", "unset"].contains(&command);
        let names = match (arg.get_long(), arg.get_id().as_str()) {
            (Some("task"), _) | (None, "task") => &self.tasks,
            (Some("for"), _) => &self.mixes,
            (Some("machine" | "fits"), _) => &self.machines,
            (
                Some(
                    "pin" | "exclude" | "why-not" | "like" | "draft" | "as" | "beside" | "coexist",
                ),
                _,
            ) => &self.models,
            (None, "model") if asks_for_model => &self.models,
            (None, "what") if command == "get" => &self.models,
            (None, "name") if command == "swap" && !self.plans.is_empty() => &self.plans,
            (None, "key") if of_config => &self.keys,
            _ => return arg,
        };
        arg.value_parser(PossibleValuesParser::new(names.clone()))
    }
}

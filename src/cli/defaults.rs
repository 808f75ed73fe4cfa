//! The user's defaults as those of the flags: what clap falls back to where a flag is not given.

use clap::{Arg, Command};

use crate::app::config::{Config, Key};

/// The flags that have a default of the user's, and the commands where they mean that.
const TAKEN: [(Key, &[&str]); 6] = [
    (
        Key::Machine,
        &[
            "recommend",
            "fit",
            "speed",
            "gaps",
            "rank",
            "report",
            "next",
        ],
    ),
    (
        Key::Reserve,
        &["recommend", "fit", "speed", "gaps", "report", "next"],
    ),
    (Key::Depth, &["recommend", "fit"]),
    (Key::Agents, &["recommend", "fit"]),
    (Key::Engine, &["recommend"]),
    (Key::Endpoint, &["fit", "add"]),
];

/// The command line with the user's defaults.
pub(super) fn with(command: Command, config: &Config) -> Command {
    let name = command.get_name().to_owned();
    let own = |arg: Arg| {
        let taken = TAKEN.iter().find(|(key, commands)| {
            arg.get_long() == Some(key.name()) && commands.contains(&name.as_str())
        });
        let value = taken.and_then(|(key, _)| config.values(*key).first());
        match value {
            Some(value) => arg.default_value(value.clone()),
            None => arg,
        }
    };
    let command = command.mut_args(own);
    let commands: Vec<String> = (command.get_subcommands())
        .map(|c| c.get_name().to_owned())
        .collect();
    commands.into_iter().fold(command, |command, name| {
        command.mut_subcommand(name, |sub| with(sub, config))
    })
}

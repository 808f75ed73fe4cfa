//! The user's defaults as those of the flags: what clap falls back to where a flag is not given.

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};

use crate::app::config::{Config, Key, Setting};

/// The flags that have a default of the user's, and the commands where they mean that.
const TAKEN: [(Key, &[&str]); 6] = [
    (
        Key::Machine,
        &[
            "recommend",
            "emit",
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
        &[
            "recommend",
            "emit",
            "fit",
            "speed",
            "gaps",
            "report",
            "next",
        ],
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

/// What `recommend` fell back to and its answer does not show by itself, each with where it stands:
/// `reserve 100GB (config.toml, line 3)`.
pub(super) fn fallen_back_to(given: &ArgMatches, config: &Config) -> Vec<String> {
    let from = |id: &str| given.value_source(id);
    let usual = ["tasks", "mix"].into_iter().all(|id| from(id).is_none());
    let tasks = usual.then(|| {
        let own = [Key::Tasks, Key::For].map(|key| config.told(key).map(told));
        let built_in = || format!("{} {} (built in)", Key::For.name(), Key::For.built_in());
        own.into_iter().flatten().next().unwrap_or_else(built_in)
    });
    let flags = [Key::Reserve, Key::Depth, Key::Agents, Key::Engine].into_iter();
    let flags = flags.filter(|key| from(key.name()) == Some(ValueSource::DefaultValue));
    let flags = flags.filter_map(|key| config.told(key).map(told));
    tasks.into_iter().chain(flags).collect()
}

fn told(setting: &Setting) -> String {
    let (key, values) = (setting.key.name(), setting.values.join(" "));
    format!("{key} {values} ({})", setting.origin)
}

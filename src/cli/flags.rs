//! Which flags `-h` shows: those that most runs need. `--help` shows all, under headings.

use clap::Command;

/// Flags in the short help of a command that has more, beside `--format`; other commands show all.
const SHORT: [(&str, &str); 13] = [
    (
        "recommend",
        "task for machine machines fleet agents installed details out",
    ),
    (
        "whatif",
        "machine wired-limit context kv-type agents max-turn models new machines",
    ),
    (
        "fit",
        "machine context installed weights like beside table kv-type slots",
    ),
    (
        "bench",
        "plan loaded out runs depth streams soak record base-url",
    ),
    (
        "apply",
        "yes dry-run resume undo keep-others node key ttl via",
    ),
    (
        "run",
        "machine dry-run again limit out base-url models-folder yes via",
    ),
    (
        "next",
        "hours task for machine out download-speed time-limit reserve memory",
    ),
    ("gaps", "task for machine models time-limit"),
    (
        "emit",
        "out client install undo coexist context server machine yes",
    ),
    ("status", "short score task for watch machine key via host"),
    (
        "swap",
        "yes dry-run keep-others any-machine key ttl via host port",
    ),
    (
        "verify",
        "bench min-tps max-load key ttl via host port token",
    ),
    (
        "report",
        "campaign out open lang task for machine macos wired-limit",
    ),
];

/// The command line with its short help.
pub(super) fn shortened(command: Command) -> Command {
    let shown = SHORT.iter().find(|(name, _)| *name == command.get_name());
    let command = match shown {
        Some((_, shown)) => command.mut_args(|arg| {
            let named = |long: &str| shown.split(' ').any(|name| name == long);
            let stays = arg.get_long().is_none_or(named);
            if stays {
                arg
            } else {
                arg.hide_short_help(true)
            }
        }),
        None => command,
    };
    let commands: Vec<String> = (command.get_subcommands())
        .map(|c| c.get_name().to_owned())
        .collect();
    commands.into_iter().fold(command, |command, name| {
        command.mut_subcommand(name, shortened)
    })
}

//! Arguments that clap refuses, told as every other error is: a message, and what to do about it.

use std::error::Error;
use std::fmt;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::fault::Hinted;

/// Arguments that can't be understood.
#[derive(Debug)]
pub(super) struct Usage {
    message: String,
    hint: String,
    /// What a parser of values said, where the hint does not say it.
    clap: Option<clap::Error>,
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Usage {
    /// What a parser of values said; it may have a hint of its own.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.clap.as_ref().and_then(Error::source)
    }
}

impl Hinted for Usage {
    fn hint(&self) -> Option<String> {
        Some(self.hint.clone())
    }
}

impl Usage {
    /// What clap says of arguments to `command`, such as `planner recommend`.
    pub(super) fn of(error: clap::Error, command: &str) -> Self {
        let message = message(&error);
        let wanted = error.source().and_then(|said| number(&said.to_string()));
        match wanted {
            Some(hint) => Self {
                message,
                hint,
                clap: None,
            },
            None => Self {
                message,
                hint: hint(&error, command),
                clap: Some(error),
            },
        }
    }
}

/// What to give where clap and Rust's own parsers say in Rust's words which number they want.
fn number(said: &str) -> Option<String> {
    let of_rust = [
        "invalid digit found in string",
        "number too large to fit in target type",
        "cannot parse integer from empty string",
    ];
    if of_rust.contains(&said) {
        return Some("give a whole number".to_owned());
    }
    let (_, range) = said.split_once(" is not in ")?;
    let (least, most) = range.split_once("..")?;
    let most = most.trim_start_matches('=');
    // A range that has no end is that of the type.
    let endless = most.is_empty() || most.parse::<u64>().is_ok_and(|n| n >= u64::from(u32::MAX));
    Some(match (least, endless) {
        (one, _) if one == most => format!("give {one}"),
        (least, true) => format!("give a whole number, {least} or more"),
        (least, false) => format!("give a whole number from {least} to {most}"),
    })
}

fn message(error: &clap::Error) -> String {
    let arg = text(error, ContextKind::InvalidArg);
    let value = text(error, ContextKind::InvalidValue);
    let prior = text(error, ContextKind::PriorArg);
    match error.kind() {
        ErrorKind::UnknownArgument => format!("unexpected argument `{arg}`"),
        ErrorKind::InvalidSubcommand => format!(
            "unknown command `{}`",
            text(error, ContextKind::InvalidSubcommand)
        ),
        ErrorKind::MissingSubcommand => format!(
            "`{}` needs a command",
            text(error, ContextKind::InvalidSubcommand)
        ),
        ErrorKind::InvalidValue if value.is_empty() => format!("`{arg}` needs a value"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            format!("invalid value `{value}` for `{arg}`")
        }
        ErrorKind::TooManyValues => format!("`{arg}` takes no further value, and `{value}` is one"),
        ErrorKind::MissingRequiredArgument => format!("missing argument `{arg}`"),
        ErrorKind::ArgumentConflict if prior == arg || prior.is_empty() => {
            format!("`{arg}` is given more than once")
        }
        ErrorKind::ArgumentConflict => format!("`{arg}` can't be given together with `{prior}`"),
        kind => kind.as_str().unwrap_or("invalid arguments").to_owned(),
    }
}

fn hint(error: &clap::Error, command: &str) -> String {
    let nearest = [
        ContextKind::SuggestedArg,
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedValue,
    ];
    let named = nearest.map(|kind| text(error, kind));
    if let Some(name) = named.iter().find(|n| !n.is_empty()) {
        return format!("did you mean `{name}`? `{command} --help` shows all");
    }
    let valid = text(error, ContextKind::ValidValue);
    if valid.is_empty() {
        format!("`{command} --help` shows what it takes")
    } else {
        format!("it is one of {valid}")
    }
}

/// What an error holds under a kind of context; several values with backticks between them.
fn text(error: &clap::Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::Strings(all)) if kind == ContextKind::ValidValue => {
            let all: Vec<String> = all.iter().map(|v| format!("`{v}`")).collect();
            all.join(", ")
        }
        Some(ContextValue::Strings(all)) => all.join("`, `"),
        Some(value) => value.to_string(),
        None => String::new(),
    }
}

/// `planner recommend`: the command that the arguments name, as far as they name one.
pub(super) fn named_command(root: &clap::Command, args: impl Iterator<Item = String>) -> String {
    let mut path = root.get_name().to_owned();
    let mut at = root;
    for arg in args {
        if let Some(command) = at.find_subcommand(&arg) {
            at = command;
            path = format!("{path} {}", command.get_name());
        }
    }
    path
}

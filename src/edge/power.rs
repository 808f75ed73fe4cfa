//! What the machine is powered by, and whether heat or a setting slows it down.

use crate::machine::parse::{PowerAnswers, PowerState};

/// Reads power and heat, as far as this system tells them without asking for rights.
#[must_use]
pub fn read() -> PowerState {
    ask().state()
}

/// Asks for all that [`read`] is made of.
#[must_use]
#[cfg(target_os = "macos")]
pub fn ask() -> PowerAnswers {
    use std::time::Duration;

    let ask = |args: &[&str]| {
        let args: Vec<&std::ffi::OsStr> = args.iter().map(|a| (*a).as_ref()).collect();
        super::command::text("/usr/bin/pmset", &args, Duration::from_secs(5))
    };
    PowerAnswers {
        source: ask(&["-g", "batt"]),
        settings: ask(&["-g"]),
        heat: ask(&["-g", "therm"]),
    }
}

/// Elsewhere nothing tells it alike on every machine.
#[must_use]
#[cfg(not(target_os = "macos"))]
pub fn ask() -> PowerAnswers {
    use crate::machine::reading::NotRead;

    let not_here = || Err(NotRead::NotHere("read on macOS only".to_owned()));
    PowerAnswers {
        source: not_here(),
        settings: not_here(),
        heat: not_here(),
    }
}

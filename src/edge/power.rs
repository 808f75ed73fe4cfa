//! What the machine is powered by, and whether heat or a setting slows it down.

use crate::machine::parse::PowerState;

/// Reads power and heat, as far as this system tells them without asking for rights.
#[must_use]
#[cfg(target_os = "macos")]
pub fn read() -> PowerState {
    use std::time::Duration;

    use super::command;
    use crate::machine::parse::{
        ParseError, parse_low_power_mode, parse_power_source, parse_speed_limit,
    };
    use crate::machine::reading::NotRead;

    fn ask<T>(
        args: &[&str],
        what: &str,
        parse: impl Fn(&str) -> Result<T, ParseError>,
        missing: &mut Vec<String>,
    ) -> Option<T> {
        let args: Vec<&std::ffi::OsStr> = args.iter().map(|a| (*a).as_ref()).collect();
        let read = command::text("pmset", &args, Duration::from_secs(5))
            .and_then(|text| parse(&text).map_err(NotRead::from));
        read.map_err(|error| missing.push(format!("{what}: {error}")))
            .ok()
    }

    let mut missing = Vec::new();
    PowerState {
        source: ask(
            &["-g", "batt"],
            "power_source",
            parse_power_source,
            &mut missing,
        )
        .map(str::to_owned),
        low_power_mode: ask(
            &["-g"],
            "low_power_mode",
            parse_low_power_mode,
            &mut missing,
        ),
        cpu_speed_limit_percent: ask(
            &["-g", "therm"],
            "cpu_speed_limit_percent",
            parse_speed_limit,
            &mut missing,
        ),
        missing,
    }
}

/// Elsewhere nothing tells it alike on every machine.
#[must_use]
#[cfg(not(target_os = "macos"))]
pub fn read() -> PowerState {
    PowerState {
        missing: vec!["power and heat: read on macOS only".to_owned()],
        ..PowerState::default()
    }
}

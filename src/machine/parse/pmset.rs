//! `pmset`: what the machine is powered by, and whether heat or a setting slows it down.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::error::ParseError;
use crate::machine::not_read::NotRead;

/// What `pmset` printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PowerAnswers {
    /// `pmset -g batt`.
    pub source: Result<String, NotRead>,
    /// `pmset -g`.
    pub settings: Result<String, NotRead>,
    /// `pmset -g therm`.
    pub heat: Result<String, NotRead>,
}

impl PowerAnswers {
    /// What the answers say.
    #[must_use]
    pub fn state(&self) -> PowerState {
        let mut missing = Vec::new();
        PowerState {
            source: read(
                &self.source,
                "power_source",
                parse_power_source,
                &mut missing,
            )
            .map(str::to_owned),
            low_power_mode: read(
                &self.settings,
                "low_power_mode",
                parse_low_power_mode,
                &mut missing,
            ),
            cpu_speed_limit_percent: read(
                &self.heat,
                "cpu_speed_limit_percent",
                parse_speed_limit,
                &mut missing,
            ),
            missing,
        }
    }
}

fn read<T>(
    answer: &Result<String, NotRead>,
    what: &str,
    parse: impl Fn(&str) -> Result<T, ParseError>,
    missing: &mut Vec<String>,
) -> Option<T> {
    let read = answer.as_ref().map_err(Clone::clone);
    let read = read.and_then(|text| parse(text).map_err(NotRead::from));
    read.map_err(|error| missing.push(format!("{what}: {error}")))
        .ok()
}

/// Power and heat, as far as they can be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PowerState {
    /// `ac` or `battery`.
    pub source: Option<String>,
    /// Whether low power mode is on.
    pub low_power_mode: Option<bool>,
    /// The speed that heat leaves the CPU, in percent.
    pub cpu_speed_limit_percent: Option<u32>,
    /// What could not be read, and why.
    pub missing: Vec<String>,
}

/// Reads the first line of `pmset -g batt`: `Now drawing from 'AC Power'`.
///
/// # Errors
/// When it names neither source.
fn parse_power_source(text: &str) -> Result<&'static str, ParseError> {
    let named = text.lines().next().and_then(|l| l.split('\'').nth(1));
    match named {
        Some("AC Power" | "UPS Power") => Ok("ac"),
        Some("Battery Power") => Ok("battery"),
        Some(other) => Err(ParseError::unexpected(
            "pmset -g batt",
            "`AC Power` or `Battery Power`",
            other,
        )),
        None => Err(ParseError::absent("pmset -g batt", "a power source")),
    }
}

/// Reads `lowpowermode` (or `powermode`, whose 1 is low) from `pmset -g`.
///
/// # Errors
/// When it is not there.
fn parse_low_power_mode(text: &str) -> Result<bool, ParseError> {
    let value = text.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        matches!(words.next(), Some("lowpowermode" | "powermode")).then(|| words.next())?
    });
    match value {
        Some("1") => Ok(true),
        Some("0" | "2") => Ok(false),
        Some(other) => Err(ParseError::unexpected("pmset -g", "0, 1 or 2", other)),
        None => Err(ParseError::absent("pmset -g", "`lowpowermode`")),
    }
}

/// Reads `CPU_Speed_Limit = 100` from `pmset -g therm`. Apple silicon prints it only after heat
/// has once slowed it down; until then a note says that nothing was recorded, which is 100.
///
/// # Errors
/// When it is neither.
fn parse_speed_limit(text: &str) -> Result<u32, ParseError> {
    for line in text.lines() {
        if let Some((key, value)) = line.split_once('=')
            && key.trim() == "CPU_Speed_Limit"
        {
            return value.trim().parse().map_err(|_| {
                ParseError::unexpected("pmset -g therm", "a number of percent", value.trim())
            });
        }
    }
    if text.contains("No thermal warning level has been recorded") {
        return Ok(100);
    }
    Err(ParseError::absent("pmset -g therm", "`CPU_Speed_Limit`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn power_and_heat_are_read_as_macos_prints_them() {
        let battery =
            "Now drawing from 'Battery Power'\n -InternalBattery-0 (id=123)\t81%; discharging\n";
        assert_eq!(parse_power_source(battery), Ok("battery"));
        assert_eq!(
            parse_power_source("Now drawing from 'AC Power'\n"),
            Ok("ac")
        );
        assert!(parse_power_source("").is_err());
        let settings = "System-wide power settings:\nCurrently in use:\n standby              1\n lowpowermode         1\n sleep                0\n";
        assert_eq!(parse_low_power_mode(settings), Ok(true));
        assert_eq!(parse_low_power_mode(" powermode            2\n"), Ok(false));
        assert!(parse_low_power_mode("nothing").is_err());
        let cool = "Note: No thermal warning level has been recorded\nNote: No performance warning level has been recorded\n";
        assert_eq!(parse_speed_limit(cool), Ok(100));
        let hot = "CPU Power notify\n\tCPU_Scheduler_Limit \t= 100\n\tCPU_Available_CPUs \t= 8\n\tCPU_Speed_Limit \t= 71\n";
        assert_eq!(parse_speed_limit(hot), Ok(71));
        assert!(parse_speed_limit("").is_err());
    }
}

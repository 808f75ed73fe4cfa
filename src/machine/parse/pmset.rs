//! `pmset`: what the machine is powered by, and whether heat or a setting slows it down.

use super::error::ParseError;

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
pub fn parse_power_source(text: &str) -> Result<&'static str, ParseError> {
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
pub fn parse_low_power_mode(text: &str) -> Result<bool, ParseError> {
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
pub fn parse_speed_limit(text: &str) -> Result<u32, ParseError> {
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

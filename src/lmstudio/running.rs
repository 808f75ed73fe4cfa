//! `lms daemon status`: which of LM Studio's programs answers, if any.

use super::version::Version;

/// The program that answers `lms`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// The application with its window.
    App,
    /// The program without one.
    Llmster,
}

impl Program {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::App => "LM Studio",
            Self::Llmster => "llmster",
        }
    }
}

/// What runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Running {
    /// Nothing.
    Nothing,
    /// One of them.
    Program {
        /// Which.
        program: Program,
        /// Its version.
        version: Option<Version>,
    },
}

/// Reads `lms daemon status`: `LM Studio v0.4.24 is running (PID: 7)`, `llmster v...`, or
/// `LM Studio is not running`. None where it says something else.
#[must_use]
pub fn running(text: &str) -> Option<Running> {
    let line = text.lines().map(str::trim).find(|l| !l.is_empty())?;
    if line == "LM Studio is not running" {
        return Some(Running::Nothing);
    }
    [Program::Llmster, Program::App]
        .into_iter()
        .find_map(|program| {
            let rest = line.strip_prefix(program.name())?.strip_prefix(" v")?;
            let (version, _) = rest.split_once(" is running")?;
            Some(Running::Program {
                program,
                version: Version::of(version),
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The three lines of `daemon/status.ts` of github.com/lmstudio-ai/lms (commit 07b7252).
    #[test]
    fn what_runs_is_told_with_its_version() {
        let of = |text| running(text).unwrap();
        assert_eq!(of("LM Studio is not running\n"), Running::Nothing);
        let program = |program, version: &str| Running::Program {
            program,
            version: Version::of(version),
        };
        assert_eq!(
            of("LM Studio v0.4.24+1 is running (PID: 7)\n"),
            program(Program::App, "0.4.24")
        );
        assert_eq!(
            of("llmster v0.0.12 is running (PID: 7)\n"),
            program(Program::Llmster, "0.0.12")
        );
        assert_eq!(running("error: unknown command 'daemon'"), None);
        assert_eq!(running(""), None);
    }
}

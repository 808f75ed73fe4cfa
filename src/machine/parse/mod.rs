//! Parsers of what the system's own commands print: text in, a value or a named error out.
//!
//! They run no command and open no file, and a text that they do not know is an error that says
//! what was expected; nothing is filled in.

mod displays;
mod pmset;
mod sysctl;
mod vm_stat;

pub use displays::parse_gpu_cores;
pub use pmset::{PowerState, parse_low_power_mode, parse_power_source, parse_speed_limit};
pub use sysctl::{Swap, Sysctl, parse_swapusage, parse_sysctl};
pub use vm_stat::{VmStat, parse_vm_stat};

/// Why a text could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Something that must be there is not.
    #[error("{from} does not have {expected}")]
    Absent {
        /// The command.
        from: &'static str,
        /// What was looked for.
        expected: String,
    },
    /// Something is there, but not what it should be.
    #[error("{from} says `{found}` where {expected} was expected")]
    Unexpected {
        /// The command.
        from: &'static str,
        /// What was looked for.
        expected: String,
        /// What stood there.
        found: String,
    },
}

impl ParseError {
    fn absent(from: &'static str, expected: impl Into<String>) -> Self {
        Self::Absent {
            from,
            expected: expected.into(),
        }
    }

    /// What was found is cut to what a line on the screen holds.
    fn unexpected(from: &'static str, expected: impl Into<String>, found: &str) -> Self {
        Self::Unexpected {
            from,
            expected: expected.into(),
            found: found.chars().take(80).collect(),
        }
    }
}

//! Parsers of what the system's own commands print: text in, a value or a named error out.
//!
//! They run no command and open no file, and a text that they do not know is an error that says
//! what was expected; nothing is filled in.

mod displays;
pub(super) mod error;
mod pmset;
pub(super) mod sysctl;
pub(super) mod vm_stat;

pub use displays::parse_gpu_cores;
pub use error::ParseError;
pub use pmset::{PowerAnswers, PowerState};
pub use sysctl::{Swap, Sysctl, parse_swapusage, parse_sysctl};
pub use vm_stat::{VmStat, parse_vm_stat};

//! Parsers of what the system's own commands print: text in, a value or a named error out.
//!
//! They run no command and open no file, and a text that they do not know is an error that says
//! what was expected; nothing is filled in.

mod amdgpu;
mod displays;
pub(super) mod error;
mod nvidia_smi;
mod pmset;
mod proc;
pub(super) mod sysctl;
pub(super) mod vm_stat;

pub use amdgpu::{AMDGPU_FILES, PAGES_LIMIT, parse_amdgpu};
pub use displays::parse_gpu_cores;
pub use error::ParseError;
pub use nvidia_smi::parse_nvidia_smi;
pub use pmset::{PowerAnswers, PowerState};
pub use proc::{parse_meminfo, parse_processor, parse_swap};
pub use sysctl::{Swap, Sysctl, parse_swapusage, parse_sysctl};
pub use vm_stat::{VmStat, parse_vm_stat};

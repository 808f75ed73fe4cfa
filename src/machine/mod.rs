//! The machine: how much memory it has, how much of it the GPU may use, how fast it is.
//!
//! Never reads the real machine: `edge::probe` does, and hands over what it read.

pub mod assemble;
pub mod engines;
mod facts;
mod from_gpus;
mod from_reading;
pub mod gpu;
pub mod gpu_limits;
pub mod kind;
mod macos;
mod not_read;
pub mod parse;
pub mod profile;
mod profiles;
pub mod reading;
mod rules;
pub mod working_sets;

pub use facts::{ChipFigures, GIVEN_WIRED_LIMIT, Machine, MacosOf};
pub use from_reading::ReadingError;
pub use kind::{GpuMemory, Kind, System};
pub use macos::{Macos, NotAVersion};
pub use profiles::{MachineError, Profiles, parse_machine};
pub use rules::default_reserve;
pub use working_sets::default_working_set;

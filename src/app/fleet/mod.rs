//! Fleets: written, read, and planned for.

mod emit;
mod init;
mod plan_file;
mod read;
mod recommend;

pub use emit::emit;
pub use init::{InitRequest, init};
pub use plan_file::{is_plan, read_plan};
pub use read::read;
pub use recommend::{FleetRequest, recommend};

pub use crate::fleet::link::LinkKind;
pub use crate::fleet::write::{NewLink, NewNode};

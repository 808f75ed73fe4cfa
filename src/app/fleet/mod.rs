//! Fleets: written, read, planned for, watched over ssh and brought to a plan.

mod apply;
mod emit;
mod explain;
mod get;
mod init;
mod nodes;
mod plan_file;
mod read;
mod recommend;
mod status;

pub use apply::{FleetApplyRequest, FleetGoal, apply, was_last};
pub use emit::emit;
pub use explain::explain;
pub use get::files;
pub use init::{InitRequest, init};
pub use plan_file::{is_meant, is_plan, read_known_plan};
pub use read::read;
pub use recommend::{FleetRequest, recommend};
pub use status::{StatusAsked, status};

pub use crate::fleet::link::LinkKind;
pub use crate::fleet::write::{NewLink, NewNode};

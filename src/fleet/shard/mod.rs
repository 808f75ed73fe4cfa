//! Models that no node holds whole, their layers spread over several that links join: llama.cpp's RPC
//! backend, by whole layers.
//!
//! A unit of nodes keeps one such model and nothing else. For the division of tasks it is one more
//! kind of node; which nodes may be a unit, which of them is the head, and how many layers lie on
//! each is decided here.

mod given;
pub mod groups;
mod lay;
mod maker;
pub mod rules;
pub mod split;
mod units;

pub(super) use given::Given;
pub(super) use lay::lay;
pub(super) use maker::Way;
pub(super) use units::Units;

//! Several machines and one answer: which models to keep loaded on which of them.
//!
//! A [`fleet`](mod@file) is read from its file; [`place`] divides the tasks among its nodes, exactly,
//! over what each node is worth for a part of them; `columns` asks that of the same code that
//! plans a single machine; [`recommend`] makes a plan with a node per entry of it. Nothing here
//! opens a file or a connection.
//!
//! Where no node holds a model whole, [`shard`] spreads its layers over linked nodes. Such a unit is
//! one more kind of node: a scenario of one machine, in which `scenario::sharding` stands in the place
//! of its memory and speed. For whatever carries the plan out, the part of a node is the plan of a
//! single machine (`node_plan`).

pub mod check;
mod columns;
pub mod document;
pub mod error;
pub mod explain;
pub mod file;
mod kind;
pub mod link;
pub mod losses;
pub mod node;
mod node_plan;
pub mod place;
pub mod reach;
mod recommend;
pub mod shard;
pub mod sound;
pub mod write;

pub use document::FleetPlan;
pub use error::FleetError;
pub use node::{Fleet, Node};
pub use node_plan::shard_words;
pub use recommend::{Asked, recommend};

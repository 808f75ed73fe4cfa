//! The tasks divided among the nodes of a fleet, with proof.
//!
//! What a node does for one task is its [`Role`]: it serves it, alone or as one of several that
//! share its conversations, or it stands by for when another node is lost. What a node is worth with
//! a role for each task is a [`Column`], which a solve of that machine alone tells. Wanted are roles
//! for all nodes, so that
//!
//! - each task is served: by one node, or by exactly as many as share it, all with one variant;
//! - each task that has to survive is served by two nodes or more, or another node stands by for it.
//!
//! Sets of columns are ranked, the best first, by the sum of what they are worth, bytes of physical
//! memory, how many models are loaded, how little tasks crowd on a node, and the order of the nodes.
//!
//! The columns are too many to solve them all, so they are solved lazily: a column is worth no more
//! than what two that share its tasks are worth together. The best set under such bounds is found
//! (`divide`), its columns are solved, and so on until the best set holds solved columns alone.
//! Where its nodes would share a task with different variants, one of these is taken apart: either
//! the task is shared with it, or with another one. Best first, so that the first set without such a
//! difference is the best of all.
//!
//! Nodes that keep a model together stand as one node of a kind of its own. There is an ask for each
//! way to make such units of a fleet; the best of all is found as the best of one.

mod ask;
mod bounds;
mod divide;
mod role;
mod search;

pub use ask::{Ask, Column, Columns, Solved};
pub use role::{Role, Sharing};
pub use search::{Division, Placed, place};

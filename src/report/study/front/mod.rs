//! The front of score, memory and speed, made ready for people: its points numbered, sorted into
//! classes of speed, and those marked that a reader looks for.

mod axis;
mod labels;
mod rows;
mod scatter;

pub(super) use rows::Front;
pub(super) use scatter::{Words, draw};

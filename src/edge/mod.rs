//! The edge: everything that touches the world lives here and nowhere else.
//!
//! Files, environment, clock and the real machine. What is read here goes to the pure rooms as
//! values; nothing here decides.
#![allow(clippy::disallowed_methods, reason = "this is the place where effects belong")]

pub mod clock;
pub mod files;

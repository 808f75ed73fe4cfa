//! The machine: how much memory it has, how much of it the GPU may use, how fast it is.
//!
//! Never reads the real machine: `edge::probe` does, and hands its raw text to the parsers here.

pub mod assemble;
pub mod engines;
pub mod parse;
pub mod profile;
pub mod reading;

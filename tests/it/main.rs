//! Tests from outside, in one binary: against recorded engines, brute force and the real program.

mod bad_input;
mod catalog;
mod golden;
mod memory;
mod purity;
mod seed;
mod solve;
mod support;

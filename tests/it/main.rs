//! Tests from outside, in one binary: against recorded engines, brute force and the real program.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    reason = "tests may fail loudly, and run the real program"
)]

mod bad_input;
mod catalog;
mod catalog_add;
mod fit;
mod fit_files;
mod golden;
mod installed;
mod memory;
mod purity;
mod readers;
mod remote;
mod seed;
mod solve;
mod support;
mod web;

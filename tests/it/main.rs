//! Tests from outside, in one binary: against recorded engines, brute force and the real program.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    reason = "tests may fail loudly, and run the real program"
)]

mod adviser;
mod bad_input;
mod bench;
mod catalog;
mod check;
mod fault_server;
mod golden;
mod import;
mod memory;
mod memory_of_headers;
mod predict;
mod purity;
mod report;
mod seed;
mod solve;
mod support;

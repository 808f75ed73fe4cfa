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
mod catalog;
mod golden;
mod memory;
mod memory_of_headers;
mod purity;
mod seed;
mod solve;
mod support;

//! Any bytes as a user's own file: merged into, imported, read as TOML, shown.
#![no_main]

#[path = "../targets.rs"]
#[allow(dead_code, reason = "one target of all")]
mod targets;

libfuzzer_sys::fuzz_target!(|data: &[u8]| targets::any_file(data));

//! Any bytes as a GGUF file: read, then ask everything that a caller asks.
#![no_main]

#[path = "../targets.rs"]
#[allow(dead_code, reason = "one target of all")]
mod targets;

libfuzzer_sys::fuzz_target!(|data: &[u8]| targets::any_gguf(data));

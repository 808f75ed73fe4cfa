//! Any bytes as a safetensors file, and as the index of a sharded model.
#![no_main]

#[path = "../targets.rs"]
#[allow(dead_code, reason = "one target of all")]
mod targets;

libfuzzer_sys::fuzz_target!(|data: &[u8]| targets::any_safetensors(data));

//! Any bytes as what LM Studio's command line and servers answer.
#![no_main]

#[path = "../targets.rs"]
#[allow(dead_code, reason = "one target of all")]
mod targets;

libfuzzer_sys::fuzz_target!(|data: &[u8]| targets::any_answer(data));

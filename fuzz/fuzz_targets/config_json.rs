//! Any bytes as a model configuration.
#![no_main]

use libfuzzer_sys::fuzz_target;
use planner::model::config_json;

fuzz_target!(|data: &[u8]| {
    let _ = config_json::read(data, None);
});

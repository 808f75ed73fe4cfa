//! Any bytes as a model configuration.
#![no_main]

use libfuzzer_sys::fuzz_target;
use planner::memory::{Engine, Settings};
use planner::model::config_json;
use planner::fit::from_folder;

fuzz_target!(|data: &[u8]| {
    let _ = config_json::read(data, None);
    if let Ok(model) = from_folder::model("any", data, &[]) {
        let settings = Settings::lm_studio(Engine::Mlx, 16 << 20);
        let _ = model.subject.ledger(&settings).total();
    }
});

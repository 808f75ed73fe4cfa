//! Any bytes as a GGUF file: read, then ask everything that a caller asks.
#![no_main]

use libfuzzer_sys::fuzz_target;
use planner::memory::{Engine, Settings};
use planner::model::gguf;
use planner::fit::from_gguf;
use planner::units::Bytes;

fuzz_target!(|data: &[u8]| {
    let Ok(header) = gguf::read(std::io::Cursor::new(data)) else {
        return;
    };
    let _ = header.expected_bytes();
    let _ = header.truncation(Bytes(data.len() as u64));
    let parts = [header];
    let Ok(tensors) = gguf::join(&parts) else {
        return;
    };
    if let Ok(reading) = gguf::architecture(&parts) {
        let architecture = reading.architecture;
        let _ = gguf::weights(&tensors, architecture.layers, architecture.tied_embeddings);
    }
    let length = Bytes(data.len() as u64);
    let _ = from_gguf::projector(&parts[0], length);
    if let Ok(model) = from_gguf::model("any", &parts, length) {
        for engine in Engine::ALL {
            let settings = Settings::lm_studio(engine, 16 << 20);
            let _ = model.subject.ledger(&settings).total();
        }
    }
});

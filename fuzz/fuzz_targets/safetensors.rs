//! Any bytes as a safetensors file, and as the index of a sharded model.
#![no_main]

use libfuzzer_sys::fuzz_target;
use planner::model::safetensors_index::Index;
use planner::model::{FolderWeights, safetensors};
use planner::units::Bytes;

fuzz_target!(|data: &[u8]| {
    if let Ok(index) = Index::read(data) {
        let _ = index.shards();
    }
    let Ok(header) = safetensors::read(std::io::Cursor::new(data)) else {
        return;
    };
    let _ = header.truncation(Bytes(data.len() as u64));
    let _ = header.tensor_bytes();
    let _ = FolderWeights::of(&header.tensors, 2);
});

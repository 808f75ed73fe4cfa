//! The recorded headers of `tests/data/llama-cpp`, and the tables of what the engine made of them.

use std::collections::HashMap;
use std::fs;
use std::io::Cursor;
use std::io::Write as _;
use std::path::PathBuf;

use planner::memory::{Engine, KvType, Settings};
use planner::model::Architecture;
use planner::model::gguf;
use planner::model::gguf::Header;

/// A line of a table by the names of its columns.
pub(crate) type Row = HashMap<String, String>;

/// A file of the folder.
pub(crate) fn data(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/llama-cpp")
        .join(name)
}

/// The bytes of a recorded header.
pub(crate) fn bytes(name: &str) -> Vec<u8> {
    fs::read(data(&format!("{name}.gguf-header"))).unwrap()
}

/// A recorded header as it is read.
pub(crate) fn header(name: &str) -> Header {
    gguf::read(Cursor::new(bytes(name))).unwrap()
}

/// The architecture that a recorded header gives.
pub(crate) fn architecture(name: &str) -> Architecture {
    gguf::architecture(&[header(name)]).unwrap().architecture
}

/// The lines of a table.
pub(crate) fn rows(name: &str) -> Vec<Row> {
    let text = fs::read_to_string(data(name)).unwrap();
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split('\t').collect();
    let row = |line: &str| {
        names
            .iter()
            .map(|n| (*n).to_owned())
            .zip(line.split('\t').map(str::to_owned))
            .collect()
    };
    lines.map(row).collect()
}

/// The settings of a line.
pub(crate) fn settings(row: &Row) -> Settings {
    Settings {
        engine: Engine::LlamaCpp,
        context: row["context"].parse().unwrap(),
        slots: row["slots"].parse().unwrap(),
        kv_unified: row["kv_unified"] == "1",
        kv_type_k: row["kv_k"].parse::<KvType>().unwrap(),
        kv_type_v: row["kv_v"].parse::<KvType>().unwrap(),
        flash_attention: row["flash_attention"] != "off",
        ubatch: row["ubatch"].parse().unwrap(),
        swa_full: row["swa_full"] == "1",
        output_rows: None,
        draft_tokens: row.get("draft_tokens").map(|n| n.parse().unwrap()),
        checkpoints: None,
        cache_ram_mib: None,
        cpu_experts: None,
    }
}

/// A sparse model file: a recorded header, and nothing of the weights behind it.
pub(crate) fn sparse(name: &str, folder: &str, file: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(folder);
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(file);
    let length = header(name).expected_bytes().unwrap();
    // Whole or not at all: tests that run beside each other read the same file.
    let mut written = tempfile::NamedTempFile::new_in(&folder).unwrap();
    written.write_all(&bytes(name)).unwrap();
    written.as_file().set_len(length.0).unwrap();
    written.persist(&path).unwrap();
    path
}

//! What each target does with any bytes: a panic is a failure. Read by the targets beside this file,
//! and by `tests/it/fuzz.rs`, which needs no more than a stable toolchain.

use planner::apply::Journal;
use planner::doctor::Bundle;
use planner::emit::{Client, Options};
use planner::fit::{from_folder, from_gguf};
use planner::machine::assemble::{CommonAnswers, MacAnswers};
use planner::machine::{assemble, reading::NotRead};
use planner::measure::{Bench, Timeline, server};
use planner::memory::{Engine, Settings};
use planner::model::safetensors_index::Index;
use planner::model::{FolderWeights, config_json, gguf, safetensors};
use planner::plan::{Plan, older};
use planner::printable::{hides, on_screen, printable};
use planner::units::Bytes;
use planner::{apply, doctor, emit, import, lmstudio, toml_text};
use serde_json::{Value, json};

/// Any bytes as a model configuration.
pub(crate) fn any_config(data: &[u8]) {
    let _ = config_json::read(data, None);
    if let Ok(model) = from_folder::model("any", data, &[]) {
        let settings = Settings::lm_studio(Engine::Mlx, 16 << 20);
        let _ = model.subject.ledger(&settings).total();
    }
}

/// Any bytes as a GGUF file: read, then ask everything that a caller asks.
pub(crate) fn any_gguf(data: &[u8]) {
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
}

/// Any bytes as a safetensors file, and as the index of a sharded model.
pub(crate) fn any_safetensors(data: &[u8]) {
    if let Ok(index) = Index::read(data) {
        let _ = index.shards();
    }
    let Ok(header) = safetensors::read(std::io::Cursor::new(data)) else {
        return;
    };
    let _ = header.truncation(Bytes(data.len() as u64));
    let _ = header.tensor_bytes();
    let _ = FolderWeights::of(&header.tensors, 2);
}

/// Any bytes as what LM Studio's command line and servers answer.
pub(crate) fn any_answer(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let _ = lmstudio::installed(&text);
    if let Ok(loaded) = lmstudio::loaded(&text) {
        let _ = apply::difference(&loaded.rows, &[], &|_| true).steps();
    }
    let _ = lmstudio::rest::models(&text);
    let _ = lmstudio::estimate(&text);
    let _ = lmstudio::unknown_option(&text);
    let _ = lmstudio::running(&text);
    let _ = lmstudio::runtimes(&text);
    let mut timeline = Timeline::sent("any", true, 0.0);
    for (at, piece) in (0..).zip(data.chunks(97)) {
        timeline.bytes(f64::from(at), piece);
    }
    let _ = timeline.last_token();
    if let Ok(json) = serde_json::from_slice(data) {
        let _ = server::openai_models(&json);
        let _ = server::lmstudio_v1(&json);
        let _ = server::lmstudio_v0(&json);
        let _ = server::llama_cpp_props(&json);
    }
    let answers = MacAnswers {
        sysctl: Ok(text.clone().into_owned()),
        vm_stat: Ok(text.clone().into_owned()),
        displays: Ok(text.into_owned()),
        metal: Ok(Bytes(data.len() as u64)),
        common: CommonAnswers {
            processes: Ok(Vec::new()),
            disk: Err(NotRead::NotHere(String::new())),
        },
    };
    let _ = assemble::from_mac(answers);
}

/// Any bytes as the documents that planner wrote, or another: plans, journals, bundles.
pub(crate) fn any_document(data: &[u8]) {
    let _ = serde_json::from_slice::<Journal>(data);
    let _ = serde_json::from_slice::<Bench>(data);
    if let Ok(bundle) = serde_json::from_slice::<Bundle>(data) {
        let _ = doctor::diagnose(&doctor::redacted(&bundle, Some("/Users/ada")));
    }
    let Ok(document) = serde_json::from_slice::<Value>(data) else {
        return;
    };
    let schema = document["schema"].as_u64().unwrap_or(0);
    let Some(document) = older::to_present(u32::try_from(schema).unwrap_or(0), document) else {
        return;
    };
    if let Ok(plan) = serde_json::from_value::<Plan>(document) {
        let options = Options::default();
        let _ = emit::artifacts(&plan, &options);
        for client in Client::ALL {
            let _ = emit::client_files(&plan, &options, client);
        }
    }
}

/// Any bytes as a user's own file: merged into, imported, read as TOML, shown.
pub(crate) fn any_file(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let ours = json!({"env": {"A": "b"}, "list": [{"id": "x", "n": 1}]}).to_string();
    for file in Client::ALL.iter().flat_map(|c| c.files()) {
        let Ok(merged) = file.merged(&text, &ours) else {
            continue;
        };
        // What was merged can be merged again, and does not grow.
        assert_eq!(file.merged(&merged, &ours).as_ref(), Ok(&merged));
    }
    let _ = lmstudio::merge(
        &text,
        &json!({"load": {"fields": []}, "operation": {"fields": []}}),
    );
    let _ = toml_text::nothing_hidden("any", &text);
    let _ = import::read("any", &text);
    assert!(!printable(&text).contains(hides));
    assert!(!on_screen(&text, false).contains(|c| hides(c) && c != '\n'));
    let coloured = on_screen(&text, true);
    assert_eq!(on_screen(&coloured, true), coloured);
}

//! Models of which some layers are left to the processor: what lies where, beside what llama.cpp
//! printed, and the answer of `fit`.

use planner::catalog::{Catalog, weights_of};
use planner::memory::shard::{Stored, Whole};
use planner::memory::{Engine, Ledger, LineKind, Place, Settings};
use planner::units::Bytes;

use crate::support::{planner, stdout};

const MIB: f64 = 1024.0 * 1024.0;

fn mib(bytes: Bytes) -> f64 {
    bytes.0 as f64 / MIB
}

/// All files of the catalog that llama.cpp runs, as they may be split.
fn all(catalog: &Catalog) -> Vec<(String, Whole<'_>)> {
    let files = catalog.models.iter().flat_map(|model| {
        let gguf = model.variants.iter().filter(|v| v.engine == "llama.cpp");
        gguf.filter_map(move |v| {
            let arch = model.architecture.as_ref()?;
            let whole = Whole {
                arch,
                weights: weights_of(v),
                beside: v.other_weights_bytes.unwrap_or(Bytes::ZERO),
                stored: Stored::of(&v.quantization, arch.experts.is_some()),
            };
            Some((format!("{}/{}", model.id, v.id), whole))
        })
    });
    files.collect()
}

/// What llama.cpp printed: layers on the GPU without the output matrix (those builds put it there last),
/// and the model's buffers in both memories, in MiB.
#[test]
fn each_memory_holds_no_less_than_llama_cpp_printed() {
    let catalog = Catalog::embedded().unwrap();
    let printed = [(
        // Qwen3-30B-A3B Q4_K_M, build 5466, -ngl 30: ggml-org/llama.cpp issue 13729.
        "qwen3-30b-a3b/gguf-q4_k_m",
        30,
        10_750.86,
        6_940.48,
    )];
    let files = all(&catalog);
    for (name, layers, gpu, cpu) in printed {
        let (_, whole) = files.iter().find(|(n, _)| n == name).unwrap();
        let settings = Settings::lm_studio(Engine::LlamaCpp, 4096);
        let ledger = whole.offloaded(&settings, layers + 1);
        let ours = |place| mib(ledger.at(LineKind::Weights, place));
        // The output matrix: 151,936 x 2,048 in 6.5625 bits.
        let output = 151_936.0 * 2048.0 * 6.5625 / 8.0 / MIB;
        assert!(
            ours(Place::Gpu) >= gpu + output,
            "{name}: {}",
            ours(Place::Gpu)
        );
        assert!(ours(Place::Gpu) < 1.2 * (gpu + output), "{name}");
        assert!(
            ours(Place::Cpu) >= cpu - output,
            "{name}: {}",
            ours(Place::Cpu)
        );
        assert!(ours(Place::Cpu) < 1.3 * cpu, "{name}: {}", ours(Place::Cpu));
    }
}

/// Whatever is split, both memories together hold all of it; more layers on the GPU never take less of
/// it, and all of them are the model as a whole.
#[test]
fn nothing_is_lost_between_two_memories() {
    let catalog = Catalog::embedded().unwrap();
    let settings = Settings::lm_studio(Engine::LlamaCpp, 16_384);
    let mut exact = 0;
    for (name, whole) in all(&catalog) {
        let together = Ledger::of(whole.arch, &whole.weights, &settings);
        assert_eq!(
            whole.offloaded(&settings, whole.all_layers()),
            together,
            "{name}"
        );
        let of = |ledger: &Ledger, kind| ledger.of_kind(kind);
        let mut before = Bytes::ZERO;
        for layers in 0..whole.all_layers() {
            let apart = whole.offloaded(&settings, layers);
            // Layers with a cache and those with a state: which lie where is not known, so that both
            // memories count those that keep most.
            let kept = |ledger: &Ledger| {
                of(ledger, LineKind::KvCache) + of(ledger, LineKind::RecurrentState)
            };
            assert!(kept(&apart) >= kept(&together), "{name} with {layers}");
            let weights = |ledger: &Ledger| of(ledger, LineKind::Weights);
            assert!(
                weights(&apart) >= weights(&together),
                "{name} with {layers}"
            );
            assert!(apart.gpu_total() >= before, "{name} with {layers}");
            before = apart.gpu_total();
            let alike = matches!(whole.stored, Stored::Alike { .. });
            let one_group = whole.arch.attention.len() == 1 && whole.arch.recurrent.is_empty();
            if alike && one_group {
                let cache = of(&apart, LineKind::KvCache);
                assert_eq!(cache, of(&together, LineKind::KvCache), "{name}");
                let weights = of(&apart, LineKind::Weights).0;
                let each = u64::from(whole.arch.layers);
                assert!(
                    weights - of(&together, LineKind::Weights).0 <= each,
                    "{name}"
                );
                exact += 1;
            }
        }
    }
    assert!(exact > 100, "{exact}");
}

#[test]
fn a_model_that_a_card_does_not_hold_is_told_how_many_layers_it_holds() {
    let card = ["--machine", "pc-rtx-4090-64gb", "--context", "32k"];
    let whole = ["fit", "qwen3.5-35b-a3b/gguf-q8_0"];
    let ask = |more: &[&str]| {
        let args = [&whole[..], &card, &["--format", "json"], more].concat();
        let out = planner(&args);
        let fit: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
        (fit, out.status.code())
    };
    let (no, code) = ask(&[]);
    assert_eq!(
        (no["verdict"].as_str(), code),
        (Some("does_not_fit"), Some(1))
    );
    let advice = no["advice"].as_array().unwrap();
    let layers = advice.iter().find(|a| a["kind"] == "layers_on_processor");
    let flags = layers.unwrap_or_else(|| panic!("{no:#}"))["flags"].clone();
    let layers: u32 = flags[1].as_str().unwrap().parse().unwrap();
    assert_eq!(flags[0], "--gpu-layers");
    // What it tells is so, and one layer more is too much.
    let (yes, code) = ask(&["--gpu-layers", &layers.to_string()]);
    assert_eq!(
        (yes["verdict"].as_str(), code),
        (Some("fits"), Some(0)),
        "{yes:#}"
    );
    assert_eq!(yes["gpu_layers"], layers);
    assert!(
        yes["speed"].is_null(),
        "nothing tells how fast the processor is"
    );
    let (more, _) = ask(&["--gpu-layers", &(layers + 1).to_string()]);
    assert_eq!(more["verdict"], "does_not_fit");
    let schema: serde_json::Value = serde_json::from_str(&stdout(&["schema", "fit"])).unwrap();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&yes));
}

#[test]
fn where_there_is_one_memory_layers_are_not_left_to_the_processor() {
    let said = |args: &[&str]| {
        let out = planner(&[&["fit", "qwen3.5-35b-a3b/gguf-q8_0"], args].concat());
        assert_eq!(out.status.code(), Some(2), "{args:?}");
        String::from_utf8(out.stderr).unwrap()
    };
    let mac = said(&["--machine", "m4-max-64gb", "--gpu-layers", "20"]);
    assert!(mac.contains("one memory"), "{mac}");
    let many = said(&["--machine", "pc-rtx-4090-64gb", "--gpu-layers", "99"]);
    assert!(many.contains("layers with the output matrix"), "{many}");
}

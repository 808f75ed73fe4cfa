//! Models of which some layers or experts are left to the processor: what lies where, beside what
//! llama.cpp printed, and the answer of `fit`.

use planner::basis::Basis;
use planner::catalog::{Catalog, weights_of};
use planner::fit::from_gguf::model;
use planner::memory::inside::Inside;
use planner::memory::offload::Apart;
use planner::memory::shard::{Stored, Whole};
use planner::memory::{Engine, Ledger, LineKind, Place, Settings, Weights};
use planner::model::{Architecture, AttentionLayers, CacheShape, gguf};
use planner::units::Bytes;

use crate::readers::recorded::header;
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
                inside: Inside {
                    parameters: Some((model.parameters_total, model.parameters_active)),
                    ..Inside::default()
                },
            };
            Some((format!("{}/{}", model.id, v.id), whole))
        })
    });
    files.collect()
}

const fn layers(gpu_layers: u32) -> Apart {
    Apart::from_flags(Some(gpu_layers), None, false)
}

const fn experts(layers: u32) -> Apart {
    Apart::from_flags(None, Some(layers), false)
}

fn at(context: u32) -> Settings {
    Settings::lm_studio(Engine::LlamaCpp, context)
}

/// The weights in one memory, and the least that they may be there by what is told of the other.
fn weights(whole: &Whole<'_>, ledger: &Ledger) -> [(f64, f64); 2] {
    let all = mib(whole.weights.gpu + whole.weights.cpu);
    let most = |place| mib(ledger.at(LineKind::Weights, place));
    let (gpu, cpu) = (most(Place::Gpu), most(Place::Cpu));
    [(all - cpu, gpu), (all - gpu, cpu)]
}

/// gpt-oss-20b in MXFP4 with the experts of twelve of its 24 layers, all alike, in ordinary memory: what
/// `llama-fit-params` and the load itself printed (github:PedroMglo/Tesy@447ed277
/// `tests/test_placement_telemetry.py`: CUDA0 6095.35 MiB, Host 5440, compute 449 and 16).
#[test]
fn experts_lie_where_llama_cpp_put_them_to_the_mebibyte() {
    let file = header("gpt-oss-20b.mxfp4");
    let reading = gguf::architecture(std::slice::from_ref(&file)).unwrap();
    let tensors: Vec<&gguf::Tensor> = file.tensors.iter().collect();
    let sums = gguf::weights(&tensors, 24, false).unwrap();
    let whole = Whole {
        arch: &reading.architecture,
        weights: of(sums.gpu, sums.cpu),
        beside: Bytes::ZERO,
        stored: Stored::of("MXFP4", true),
        inside: Inside::of_header(&sums),
    };
    let ledger = whole.offloaded(&at(4096), experts(12));
    let weights = |place| mib(ledger.at(LineKind::Weights, place));
    assert!(
        (weights(Place::Cpu) - 5440.0).abs() < 1.0,
        "{}",
        weights(Place::Cpu)
    );
    // The header was written with wider types outside the experts than the published file has, whose
    // size with its header and tokenizer the catalog knows.
    let catalog = Catalog::embedded().unwrap();
    let (_, variant) = catalog.find("gpt-oss-20b/gguf-mxfp4").unwrap();
    let published = weights_of(variant.unwrap());
    let gpu = mib(published.gpu + published.cpu) - weights(Place::Cpu);
    assert!((0.0..20.0).contains(&(gpu - 6095.35)), "{gpu}");
    let beside = Bytes(sums.gpu.0 + sums.cpu.0);
    assert_eq!(ledger.of_kind(LineKind::Weights), beside);
    let compute = |place| mib(ledger.at(LineKind::Compute, place));
    assert!(compute(Place::Gpu) >= 449.0 && compute(Place::Cpu) >= 16.0);
}

/// Qwen2.5-Coder 14B Q3_K_S with `-ngl 30` at 16,384 tokens on an RTX 5070 of 8 GB, as Ollama 0.33.1's
/// llama-server printed it on 2026-08-28 ("offloaded 30/49 layers to GPU"): 3882.02 MiB of the model on
/// the card and 2463.37 in ordinary memory, 1856 and 1216 of the cache, and 164.02 of compute. The output
/// matrix is one of the 30. The same file wholly in ordinary memory took 6345.39.
#[test]
fn layers_and_their_cache_lie_where_llama_cpp_put_them() {
    let full = CacheShape::Full {
        kv_heads: 8,
        key_length: 128,
        value_length: 128,
    };
    let arch = Architecture {
        name: "qwen2".to_owned(),
        layers: 48,
        embedding_length: 5120,
        vocabulary: 152_064,
        query_heads: 40,
        tied_embeddings: false,
        experts: None,
        attention: vec![AttentionLayers {
            layers: 48,
            cache: full,
        }],
        recurrent: Vec::new(),
    };
    // The token embedding in Q3_K: 110 bytes for 256 values.
    let table = 152_064 * 5120 / 256 * 110;
    let all = 6_653_624_483_u64; // 6345.39 MiB
    let whole = Whole {
        arch: &arch,
        weights: of(Bytes(all - table), Bytes(table)),
        beside: Bytes::ZERO,
        stored: Stored::of("Q3_K_S", false),
        inside: Inside::default(),
    };
    let settings = Settings {
        slots: 1,
        ..at(16_384)
    };
    let ledger = whole.offloaded(&settings, layers(30));
    let kept = |place| ledger.at(LineKind::KvCache, place);
    let printed = [1856, 1216].map(Bytes::from_mib);
    assert_eq!([kept(Place::Gpu), kept(Place::Cpu)], printed);
    let printed = [3882.02, 2463.37];
    for ((least, most), printed) in weights(&whole, &ledger).into_iter().zip(printed) {
        assert!(
            least <= printed && printed <= most,
            "{least} {printed} {most}"
        );
        assert!(most < 1.27 * printed, "{printed} {most}");
    }
    assert!(mib(ledger.at(LineKind::Compute, Place::Gpu)) >= 164.02);
}

/// Qwen3-30B-A3B Q4_K_M with `-ngl 30`, build 5466, which put the output matrix on the card last:
/// ggml-org/llama.cpp issue 13729. In MiB.
#[test]
fn a_mixture_of_the_catalog_lies_within_its_bounds() {
    let catalog = Catalog::embedded().unwrap();
    let files = all(&catalog);
    let named = |(n, _): &&(String, _)| n == "qwen3-30b-a3b/gguf-q4_k_m";
    let (_, whole) = files.iter().find(named).unwrap();
    let ledger = whole.offloaded(&at(4096), layers(31));
    // The output matrix: 151,936 x 2,048 in 6.5625 bits.
    let output = 151_936.0 * 2048.0 * 6.5625 / 8.0 / MIB;
    let printed = [10_750.86 + output, 6_940.48 - output];
    for ((least, most), printed) in weights(whole, &ledger).into_iter().zip(printed) {
        assert!(
            least <= printed && printed <= most,
            "{least} {printed} {most}"
        );
        assert!(most < 1.2 * printed, "{printed} {most}");
    }
}

/// Of published files whose tensor tables are here: a cut by the table is the sum of those tensors, and
/// what is told without the table holds it, however the file is cut.
#[test]
fn what_is_told_without_the_tensor_table_holds_what_is_told_with_it() {
    let files = [
        ("minimax-m2.1.q4_k_m", "Q4_K_M"),
        ("minimax-m2.1.q8_0", "Q8_0"),
        ("qwen3-coder-next.q4_k_m", "Q4_K_M"),
        ("qwen3-coder-next.q6_k", "Q6_K"),
        ("llama-3.3-70b.q4_k_m", "Q4_K_M"),
        ("gpt-oss-20b.mxfp4", "MXFP4"),
        ("gpt-oss-120b.mxfp4", "MXFP4"),
        ("deepseek-v3.q4_k_m", "Q4_K_M"),
    ];
    for (name, quantization) in files {
        let file = header(name);
        let read = model(name, std::slice::from_ref(&file), Bytes::ZERO).unwrap();
        let arch = read.subject.architecture.clone().unwrap();
        let inside = read.subject.split.inside.clone();
        let known = Whole {
            arch: &arch,
            weights: read.subject.weights.clone(),
            beside: Bytes::ZERO,
            stored: Stored::of(quantization, arch.experts.is_some()),
            inside: inside.clone(),
        };
        let unknown = Whole {
            inside: inside.of_another_file(),
            ..known.clone()
        };
        let mixture = arch.experts.is_some();
        let cuts = (0..=arch.layers).map(layers);
        let experts = (1..=arch.layers).map(experts).filter(|_| mixture);
        for apart in cuts.chain(experts) {
            let exact = known.offloaded(&at(4096), apart);
            let exact = |place| exact.at(LineKind::Weights, place);
            let left = by_name(&file, arch.layers, apart);
            assert_eq!(
                exact(Place::Cpu),
                known.weights.cpu + left,
                "{name} {apart:?}"
            );
            assert_eq!(
                exact(Place::Gpu) + exact(Place::Cpu),
                known.weights.gpu + known.weights.cpu,
                "{name} {apart:?}"
            );
            let told = unknown.offloaded(&at(4096), apart);
            for place in [Place::Gpu, Place::Cpu] {
                let told = told.at(LineKind::Weights, place);
                assert!(
                    told >= exact(place),
                    "{name} {apart:?} {place:?}: {told} < {}",
                    exact(place)
                );
            }
        }
    }
}

/// What is left to the processor beside the input, tensor by tensor of a file that has 10 layers at
/// least, none of which is both input and output.
fn by_name(file: &gguf::Header, all: u32, apart: Apart) -> Bytes {
    let on_gpu = apart.gpu_layers.unwrap_or(all + 1);
    let mut sum = Bytes::ZERO;
    for tensor in &file.tensors {
        let number = tensor.name.split('.').nth(1).and_then(|n| n.parse().ok());
        let layer: Option<u32> = number.filter(|_| tensor.name.starts_with("blk."));
        let left = match layer {
            Some(n) => n + on_gpu <= all,
            None => on_gpu == 0 && tensor.name != "token_embd.weight",
        };
        let expert = tensor.name.contains("_exps.");
        if left || expert && layer.is_some_and(|n| n < apart.cpu_experts) {
            sum += tensor.bytes.unwrap();
        }
    }
    sum
}

fn of(gpu: Bytes, cpu: Bytes) -> Weights {
    Weights {
        gpu,
        cpu,
        basis: Basis::Computed,
        source: String::new(),
    }
}

/// However a file of the catalog is cut, both memories together hold it and its context to the byte, but
/// for what is told to be the most that unlike layers may add; all of it on the card is the whole.
#[test]
fn both_memories_together_hold_the_file_and_its_context() {
    let catalog = Catalog::embedded().unwrap();
    let settings = at(16_384);
    let kinds = [
        LineKind::Weights,
        LineKind::KvCache,
        LineKind::RecurrentState,
    ];
    let mut exact = 0;
    for (name, whole) in all(&catalog) {
        let together = Ledger::of(whole.arch, &whole.weights, &settings);
        let all_of_it = whole.offloaded(&settings, layers(whole.all_layers()));
        assert_eq!(all_of_it, together, "{name}");
        let n = whole.arch.layers;
        let mixture = whole.arch.experts.is_some();
        let experts = [1, n / 2, n].map(experts).into_iter().filter(|_| mixture);
        for apart in [0, 1, n / 3, n / 2, n]
            .map(layers)
            .into_iter()
            .chain(experts)
        {
            let cut = whole.offloaded(&settings, apart);
            for kind in kinds {
                let even = cut.lines().iter().filter(|l| l.line == kind);
                let even = even.filter(|l| !l.source.starts_with("so much more"));
                let even: Bytes = even.map(|l| l.bytes).sum();
                assert_eq!(even, together.of_kind(kind), "{name} {apart:?} {kind}");
                exact += u32::from(even == cut.of_kind(kind));
            }
        }
    }
    assert!(exact > 1000, "{exact}");
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

/// gpt-oss-120b on a card of 24 GB: 59 GiB of weights are not 74 where they are cut, and the experts of
/// the fewest layers are named, beside what lies in both memories.
#[test]
fn a_mixture_that_a_card_does_not_hold_is_told_how_many_experts_to_leave() {
    let ask = |more: &[&str]| {
        let machine = ["--machine", "pc-rtx-4090-64gb", "--context", "32k"];
        let json = ["--format", "json"];
        let args = [
            &["fit", "gpt-oss-120b/gguf-mxfp4"][..],
            &machine,
            &json,
            more,
        ]
        .concat();
        let fit: serde_json::Value = serde_json::from_slice(&planner(&args).stdout).unwrap();
        fit
    };
    let no = ask(&[]);
    let advice = no["advice"].as_array().unwrap();
    let experts = advice.iter().find(|a| a["kind"] == "experts_on_processor");
    let experts = experts.unwrap_or_else(|| panic!("{no:#}"));
    let n: u32 = experts["flags"][1].as_str().unwrap().parse().unwrap();
    assert_eq!(experts["flags"][0], "--n-cpu-moe");
    let yes = ask(&["--n-cpu-moe", &n.to_string()]);
    assert_eq!(yes["verdict"], "fits", "{yes:#}");
    assert_eq!(yes["cpu_expert_layers"], n);
    let memory = &yes["memory"];
    let gpu = memory["gpu_total_bytes"].as_f64().unwrap();
    let total = memory["total_bytes"].as_f64().unwrap();
    assert_eq!(experts["figures"]["gpu_bytes"].as_f64(), Some(gpu));
    assert_eq!(experts["figures"]["cpu_bytes"].as_f64(), Some(total - gpu));
    assert_eq!(
        ask(&["--n-cpu-moe", &(n - 1).to_string()])["verdict"],
        "does_not_fit"
    );
    // All of them, and more than there are, are the same.
    let every = ask(&["--cpu-moe"]);
    assert_eq!(every["cpu_expert_layers"], 36);
    assert_eq!(every, ask(&["--n-cpu-moe", "99"]));
    // Without any expert the card holds what is left in the 8 GB that owners report
    // (github:ggml-org/llama.cpp pull request 15157 with the whole context).
    let left = every["memory"]["gpu_total_bytes"].as_f64().unwrap();
    assert!(left < 8e9, "{left}");
}

#[test]
fn more_layers_than_there_are_mean_all_of_them() {
    let ask = |more: &[&str]| {
        let machine = ["--machine", "pc-rtx-4090-64gb", "--context", "8k"];
        let args = [&["fit", "gpt-oss-20b/gguf-mxfp4"][..], &machine, more].concat();
        let out = planner(&args);
        assert_eq!(out.status.code(), Some(0));
        String::from_utf8(out.stdout).unwrap()
    };
    assert_eq!(ask(&["--gpu-layers", "99"]), ask(&[]));
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
    let dense = planner(&[
        "fit",
        "qwen3-32b/gguf-q4_k_m",
        "--machine",
        "pc-rtx-4090-64gb",
        "--cpu-moe",
    ]);
    let dense = String::from_utf8(dense.stderr).unwrap();
    assert!(dense.contains("has no experts"), "{dense}");
}

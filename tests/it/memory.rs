//! The ledger against llama.cpp's own planner: context memory exact, compute buffers never below
//! the engine's and at most 8 % + 64 MiB above.

use planner::catalog::Catalog;
use planner::memory::{Engine, KvType, Settings, llama_cpp, llama_cpp_gpu};
use planner::model::Architecture;

const RECORDED: &str = include_str!("../data/llama-cpp-memory.tsv");

/// Which model of the catalog has the architecture of a recorded file.
const MODELS: [(&str, &str); 7] = [
    ("minimax-m2.1", "minimax-m2.1"),
    ("llama-3.3-70b", "llama-3.3-70b"),
    ("gemma-3-27b", "gemma-3-27b"),
    ("gpt-oss-120b", "gpt-oss-120b"),
    ("gpt-oss-20b", "gpt-oss-20b"),
    ("deepseek-v3", "deepseek-v3.1"),
    ("qwen3-coder-next", "qwen3-coder-next"),
];

struct Case {
    line: &'static str,
    model: &'static str,
    settings: Settings,
    context_mib: f64,
    gpu_mib: f64,
    cpu_mib: f64,
}

fn cases() -> Vec<Case> {
    let mut lines = RECORDED.lines();
    let header: Vec<&str> = lines.next().unwrap().split('\t').collect();
    let at = |name: &str| header.iter().position(|h| *h == name).unwrap();
    let columns = [
        "model",
        "context",
        "slots",
        "kv_unified",
        "kv_k",
        "kv_v",
        "flash_attention",
        "ubatch",
        "swa_full",
        "n_outputs",
        "context_memory_mib",
        "gpu_compute_mib",
        "cpu_compute_mib",
    ]
    .map(at);
    lines
        .map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            let [
                model,
                context,
                slots,
                unified,
                k,
                v,
                flash,
                ubatch,
                swa,
                rows,
                ctx,
                gpu,
                cpu,
            ] = columns.map(|c| fields[c]);
            Case {
                line,
                model,
                settings: Settings {
                    engine: Engine::LlamaCpp,
                    context: context.parse().unwrap(),
                    slots: slots.parse().unwrap(),
                    kv_unified: unified == "1",
                    kv_type_k: k.parse::<KvType>().unwrap(),
                    kv_type_v: v.parse::<KvType>().unwrap(),
                    flash_attention: flash != "off",
                    ubatch: ubatch.parse().unwrap(),
                    swa_full: swa == "1",
                    output_rows: rows.parse().ok(),
                    draft_tokens: None,
                    checkpoints: None,
                    cache_ram_mib: None,
                    cpu_experts: None,
                },
                context_mib: ctx.parse().unwrap(),
                gpu_mib: gpu.parse().unwrap(),
                cpu_mib: cpu.parse().unwrap(),
            }
        })
        .collect()
}

fn architecture(catalog: &Catalog, recorded: &str) -> Architecture {
    let (_, id) = MODELS
        .iter()
        .find(|(prefix, _)| recorded.starts_with(prefix))
        .unwrap();
    catalog.model(id).unwrap().architecture.clone().unwrap()
}

fn mib(bytes: planner::units::Bytes) -> f64 {
    bytes.gib() * 1024.0
}

#[test]
fn context_memory_is_the_engines_own_in_every_case() {
    let catalog = Catalog::embedded().unwrap();
    let cases = cases();
    assert_eq!(cases.len(), 69);
    for case in cases {
        let arch = architecture(&catalog, case.model);
        let ours = llama_cpp::kv_cache(&arch, &case.settings)
            + llama_cpp::recurrent_state(&arch, &case.settings);
        // The engine prints two decimals of a MiB.
        assert!(
            (mib(ours) - case.context_mib).abs() <= 0.0051,
            "{} MiB, and the engine says: {}",
            mib(ours),
            case.line
        );
    }
}

#[test]
fn compute_buffers_are_bounded_from_above_and_not_far() {
    let catalog = Catalog::embedded().unwrap();
    let mut outside = Vec::new();
    for case in cases() {
        let arch = architecture(&catalog, case.model);
        for (what, ours, theirs) in [
            (
                "GPU",
                llama_cpp_gpu::gpu_compute(&arch, &case.settings),
                case.gpu_mib,
            ),
            (
                "CPU",
                llama_cpp::cpu_compute(&arch, &case.settings),
                case.cpu_mib,
            ),
        ] {
            let ours = mib(ours);
            if ours < theirs || ours > theirs * 1.08 + 64.0 {
                outside.push(format!(
                    "{what} {ours:.1} MiB, and the engine says {theirs}: {}",
                    case.line
                ));
            }
        }
    }
    assert!(
        outside.is_empty(),
        "{} outside their bound:\n{}",
        outside.len(),
        outside.join("\n")
    );
}

#[test]
fn the_default_reserves_as_much_as_the_engine_that_reserves_most() {
    let catalog = Catalog::embedded().unwrap();
    for case in cases()
        .into_iter()
        .filter(|c| c.settings.output_rows.is_some())
    {
        let arch = architecture(&catalog, case.model);
        let default = Settings {
            output_rows: None,
            draft_tokens: None,
            ..case.settings
        };
        assert!(
            llama_cpp_gpu::gpu_compute(&arch, &default)
                >= llama_cpp_gpu::gpu_compute(&arch, &case.settings)
        );
    }
}

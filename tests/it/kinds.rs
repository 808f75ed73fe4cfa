//! Machines that are no Macs: their limits, their words, and what runs of the engine say of them.

use planner::catalog::Catalog;
use planner::machine::{GpuMemory, Kind, Machine, Profiles, System};
use planner::memory::limits::{Binding, Demand, Limits};
use planner::memory::{Engine, KvType, LineKind, Place, Settings};
use planner::units::Bytes;

use crate::macs::machine;
use crate::support::{plan, planner, stdout};

/// One of each kind.
const ONE_OF_EACH: [&str; 3] = ["dgx-spark-128gb", "strix-halo-128gb", "pc-rtx-4090-64gb"];

fn others(profiles: &Profiles) -> Vec<Machine> {
    let all = profiles.machines.iter();
    all.map(|p| Machine::from_profile(p, &profiles.chips).unwrap())
        .filter(|m| !m.is_mac())
        .collect()
}

#[test]
fn each_profile_has_its_kind_its_limit_and_its_source() {
    let profiles = Profiles::embedded().unwrap();
    let others = others(&profiles);
    assert!(others.len() >= 8, "{}", others.len());
    for kind in [Kind::Gb10, Kind::StrixHalo, Kind::GraphicsCard] {
        assert!(others.iter().any(|m| m.kind == kind), "{kind:?}");
    }
    for m in &others {
        let set = m.gpu_working_set.as_ref().unwrap();
        assert!(!set.source.is_empty() && m.macos.is_none(), "{}", m.id);
        assert!(m.system.is_some_and(|s| s != System::Macos), "{}", m.id);
        assert!(m.gpu_memory != GpuMemory::WorkingSet, "{}", m.id);
        let limits = Limits::of(m);
        assert_eq!(
            limits.raised_working_set().is_some(),
            m.raise().is_some(),
            "{}",
            m.id
        );
    }
}

/// Two memories: what lies on the card takes nothing of the system's, and the other way round.
#[test]
fn a_cards_memory_and_the_systems_are_counted_apart() {
    let profiles = Profiles::embedded().unwrap();
    let gib = Bytes::from_gib;
    for m in others(&profiles) {
        let limits = Limits::of(&m);
        let set = limits.gpu_working_set_bytes.unwrap();
        let own = m.gpu_memory == GpuMemory::Own;
        let margin = if own { gib(2) } else { gib(1) };
        for gpu in [0, 10, 20, 22, 23, 40, 60, 61, 95, 110, 121].map(gib) {
            for cpu in [0, 4, 20, 28, 40, 60].map(gib) {
                let demand = Demand {
                    gpu,
                    total: gpu + cpu,
                };
                let beside = if own { cpu } else { gpu + cpu };
                let fits = gpu + margin <= set && beside + m.reserve <= m.memory;
                assert_eq!(limits.holds(demand), fits, "{}: {gpu} and {cpu}", m.id);
            }
        }
    }
    let card = machine(&profiles, "pc-rtx-4090-64gb");
    let full = Demand {
        gpu: gib(22),
        total: gib(23),
    };
    let limits = Limits::of(&card);
    assert_eq!(limits.binding(full), Binding::GpuWorkingSet);
    assert_eq!(limits.binding(full).name(limits.gpu_memory), "VRAM");
}

/// A higher limit never holds less, and is what the machine's own command sets.
#[test]
fn a_raised_limit_holds_more_and_leaves_the_reserve() {
    let profiles = Profiles::embedded().unwrap();
    let halo = machine(&profiles, "strix-halo-128gb");
    let limits = Limits::of(&halo);
    let raised = limits.raised_working_set().unwrap();
    assert!(raised + halo.reserve <= halo.memory && raised > limits.gpu_working_set_bytes.unwrap());
    assert_eq!(halo.raise().unwrap().settable(raised), raised);
    let more = Limits::of(&halo.clone().with_wired_limit(raised));
    assert!(more.gpu_budget() > limits.gpu_budget());
    // With half the memory Linux gives half of it.
    let half = halo.clone().with_memory(Bytes(halo.memory.0 / 2));
    let set = |m: &Machine| m.gpu_working_set.as_ref().unwrap().bytes.0;
    assert_eq!(set(&half), set(&halo) / 2);
    // A card's memory does not follow the system's.
    let card = machine(&profiles, "pc-rtx-5090-64gb");
    assert_eq!(
        set(&card.clone().with_memory(Bytes::from_gib(128))),
        set(&card)
    );
}

/// No word of Macs, macOS, Metal or MLX in what is answered of other machines, and no model that only
/// MLX runs.
#[test]
fn answers_are_in_the_words_of_the_machine() {
    let foreign = ["macOS", "iogpu", "MLX", "mlx", "working set", "wired"];
    for id in ONE_OF_EACH {
        let asked: [&[&str]; 4] = [
            &["recommend", "--task", "code", "--machine", id],
            &["fit", "gpt-oss-20b/gguf-mxfp4", "--machine", id],
            &["speed", "gpt-oss-20b/gguf-mxfp4", "--machine", id],
            &["machines", "show", id],
        ];
        for args in asked {
            let text = stdout(args);
            for word in foreign {
                assert!(!text.contains(word), "{id} {args:?} says {word}:\n{text}");
            }
        }
    }
    let plan = plan(&["--task", "code", "--machine", "dgx-spark-128gb"]);
    for entry in plan["loadout"].as_array().unwrap() {
        assert_eq!(entry["engine"], "llama.cpp");
    }
    assert_eq!(plan["machine"]["kind"], "gb10");
    assert_eq!(plan["machine"]["system"], "linux");
}

#[test]
fn what_a_machine_can_not_do_is_refused_in_its_own_words() {
    let said = |args: &[&str]| {
        let out = planner(args);
        assert_eq!(out.status.code(), Some(2), "{args:?}");
        String::from_utf8(out.stderr).unwrap()
    };
    let card = ["--machine", "pc-rtx-4090-64gb"];
    let limit = [
        &["recommend", "--task", "code", "--wired-limit", "30GiB"],
        &card[..],
    ]
    .concat();
    assert!(said(&limit).contains("VRAM of its own"), "{}", said(&limit));
    let macos = [&["recommend", "--task", "code", "--macos", "15"], &card[..]].concat();
    assert!(said(&macos).contains("does not run macOS"));
    let mlx = [&["fit", "gpt-oss-20b/mlx-mxfp4-q8"], &card[..]].concat();
    assert!(said(&mlx).contains("MLX needs Apple silicon"));
}

/// What llama.cpp printed on other machines, beside the bound that was found for Metal: it holds
/// there too, so far as logs were found.
#[test]
fn printed_compute_buffers_of_other_backends_lie_below_the_bound() {
    let catalog = Catalog::embedded().unwrap();
    // Model, context, slots of one pool, type of keys and values, flash attention, MiB, source.
    let printed = [(
        "qwen2.5-coder-32b",
        32_768,
        1,
        KvType::Q8_0,
        true,
        307.00,
        "ROCm0, RX 7900 XTX: https://github.com/ggml-org/llama.cpp/issues/11337",
    )];
    for (model, context, slots, kv, flash, mib, source) in printed {
        let arch = catalog.model(model).unwrap().architecture.as_ref().unwrap();
        let mut settings = Settings::lm_studio(Engine::LlamaCpp, context);
        (settings.slots, settings.flash_attention) = (slots, flash);
        (settings.kv_type_k, settings.kv_type_v) = (kv, kv);
        let weights = planner::memory::Weights {
            gpu: Bytes::ZERO,
            cpu: Bytes::ZERO,
            basis: planner::basis::Basis::Assumed,
            source: String::new(),
        };
        let ledger = planner::memory::Ledger::of(arch, &weights, &settings);
        let ours = ledger.at(LineKind::Compute, Place::Gpu).0 as f64 / f64::from(1 << 20);
        assert!(
            ours >= mib,
            "{model}: {ours:.0} MiB here, {mib} printed by {source}"
        );
        assert!(
            ours < 4.0 * mib,
            "{model}: {ours:.0} MiB is no bound of {mib}"
        );
    }
}

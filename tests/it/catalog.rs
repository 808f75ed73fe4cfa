//! The shipped catalog: whole, sourced, and honest about the first study.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use planner::audit;
use planner::catalog::license::named;
use planner::catalog::schema::{Model, Variant};
use planner::catalog::{Catalog, LOOKED_OVER, Layer};
use planner::machine::{Profiles, parse_machine};
use planner::model::CacheShape;
use planner::shipped;
use planner::speed::measured;
use planner::task;
use serde_json::Value;

use crate::support::stdout;

fn shipped() -> Catalog {
    Catalog::embedded().unwrap()
}

#[test]
fn a_license_is_spelt_in_one_way() {
    let catalog = shipped();
    let licenses = catalog.models.iter().filter_map(|m| m.license.as_ref());
    let mut by_letters = BTreeMap::new();
    for license in licenses {
        assert_eq!(license, named(license));
        // `Llama 3.2 Community License`, `llama3.2`: a number after a name says which.
        let letters = license.to_lowercase().replace(" license", "");
        let letters = letters.replace([' ', '-', '_'], "");
        let first = by_letters.entry(letters).or_insert(license);
        assert_eq!(*first, license);
    }
    assert!(by_letters.len() > 5);
}

#[test]
fn it_holds_what_it_promises() {
    let catalog = shipped();
    let with_architecture = catalog
        .models
        .iter()
        .filter(|m| m.architecture.is_some())
        .count();
    let measurements: usize = catalog.models.iter().map(|m| m.measurements.len()).sum();
    assert!(with_architecture >= 75, "{with_architecture}");
    // A taken catalog is held against the day of this one without reading it.
    assert!(catalog.newest().unwrap() <= LOOKED_OVER);
    assert!(measurements >= 200, "{measurements}");
    assert!(
        catalog
            .left_out
            .iter()
            .all(|row| !row.reason.trim().is_empty())
    );
    assert!(Profiles::embedded().unwrap().machines.len() >= 20);
}

/// The TOML files of a folder of the repository, with their places in it.
fn written(folder: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let toml = files.filter(|path| path.extension().is_some_and(|e| e == "toml"));
    let file = |path: PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        (format!("{folder}/{name}"), text)
    };
    toml.map(file).collect()
}

/// What is inside the binary was packed when it was built.
#[test]
fn what_is_packed_is_what_the_files_say() {
    let mut all = 0;
    for folder in [
        "catalog",
        "profiles",
        "profiles/machines",
        "profiles/mixes",
        "profiles/prompts",
        "profiles/tasks",
        "profiles/trials",
        "src/quality",
    ] {
        let packed: Vec<_> = shipped::files(folder).collect();
        assert_eq!(packed.len(), written(folder).len(), "{folder}");
        for file in packed {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file.path());
            let text = fs::read_to_string(path).unwrap();
            let said: toml::Value = toml::from_str(&text).unwrap();
            assert_eq!(file.parse::<toml::Value>(), Ok(said), "{}", file.path());
            all += 1;
        }
    }
    assert!(all > 200, "{all}");
}

#[test]
fn what_ships_is_what_the_files_say() {
    let files = written("catalog");
    let texts = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()));
    assert_eq!(Layer::embedded().unwrap(), Layer::read(texts).unwrap());
    let tasks = task::embedded().unwrap();
    let files = written("profiles/tasks");
    assert_eq!(tasks.len(), files.len());
    for (path, text) in files {
        let read = task::parse(&path, &text).unwrap();
        assert_eq!(tasks[&read.id], read);
    }
    let machines = Profiles::embedded().unwrap().machines;
    let files = written("profiles/machines");
    assert_eq!(machines.len(), files.len());
    for (path, text) in files {
        assert!(
            machines.contains(&parse_machine(&path, &text).unwrap()),
            "{path}"
        );
    }
}

/// Lengths before compression decide no memory: they are neither read nor entered.
#[test]
fn vision_weighs_in_memory_and_not_in_precision() {
    let catalog = shipped();
    let model = catalog.model("qwen3.5-9b").unwrap();
    let (whole, text) = (
        model.variant("mlx-4bit").unwrap(),
        model.variant("mlx-4bit-text").unwrap(),
    );
    assert!(whole.weights_bytes > text.weights_bytes);
    let (a, b) = (model.bits_per_weight(whole), model.bits_per_weight(text));
    assert!((a - b).abs() < 0.01, "{a} and {b}");
    // MLX keeps a scale and a bias of 16 bits for each group of 64, half a bit per weight.
    for model in &catalog.models {
        for v in model.variants.iter().filter(|v| v.engine == "mlx") {
            let plain = v.quantization.strip_suffix("bit").map(str::parse::<f64>);
            if let (Some(Ok(bits)), Some(_)) = (plain, v.other_weights_bytes) {
                let found = model.bits_per_weight(v);
                let at_least_some = model.id == "gemma-4-26b-a4b"; // has layers of 8 bits
                let most = bits + if at_least_some { 0.7 } else { 0.51 };
                assert!(
                    found > bits + 0.47 && found < most,
                    "{}/{}: {found}",
                    model.id,
                    v.id
                );
            }
        }
    }
}

#[test]
fn recommended_sampling_is_sourced_and_possible() {
    let catalog = shipped();
    let all: Vec<_> = catalog
        .models
        .iter()
        .filter_map(|m| Some((&m.id, m.sampling.as_ref()?)))
        .collect();
    assert!(all.len() > 40, "{}", all.len());
    for (id, s) in all {
        let share = |x: Option<f64>| x.is_none_or(|x| (0.0..=1.0).contains(&x));
        assert!(
            s.temperature.is_some_and(|t| (0.0..=2.0).contains(&t)),
            "{id}"
        );
        assert!(share(s.top_p) && share(s.min_p), "{id}");
        assert!(
            s.repeat_penalty.is_none_or(|r| (1.0..1.3).contains(&r)),
            "{id}"
        );
        assert!(!s.source.is_empty(), "{id}");
    }
}

#[test]
fn a_latent_cache_is_its_rank_and_rotary_length_alone() {
    let shape = |extra: &str| {
        let text = format!("kind = \"latent\"\nrank = 512\nrope_length = 64\n{extra}");
        toml::from_str::<CacheShape>(&text)
    };
    assert_eq!(shape("").unwrap().vectors(), (576, 512));
    for extra in ["key_length = 576", "value_length = 512"] {
        let refused = shape(extra).unwrap_err().to_string();
        assert!(refused.contains("unknown field"), "{refused}");
    }
}

#[test]
fn every_chip_and_every_file_name_is_known() {
    let profiles = Profiles::embedded().unwrap();
    for model in &shipped().models {
        for m in &model.measurements {
            assert!(
                profiles.chips.iter().any(|c| c.id == m.chip),
                "{}: chip `{}`",
                model.id,
                m.chip
            );
        }
    }
}

#[test]
fn every_finding_is_explained_and_every_explanation_has_its_finding() {
    let profiles = Profiles::embedded().unwrap();
    let open: Vec<_> = audit::check(&shipped(), &profiles.chips)
        .into_iter()
        .filter(|f| f.explanation.is_none())
        .collect();
    assert!(open.is_empty(), "{open:#?}");
}

#[test]
fn the_check_finds_the_studys_errors_by_itself() {
    let mut catalog = shipped();
    catalog.known_findings.clear();
    let found = audit::check(&catalog, &Profiles::embedded().unwrap().chips);
    let seen = |rule: &str, subject: &str, evidence: &str| {
        found
            .iter()
            .any(|f| f.rule == rule && f.subject.contains(subject) && f.evidence.contains(evidence))
    };
    assert!(
        seen("reported-mean", "minimax-m2.1/gguf-q4_k_s", "37.37"),
        "the two means"
    );
    assert!(
        seen("reported-mean", "minimax-m2.1/gguf-q4_k_s", "40.31"),
        "the two means"
    );
    assert!(
        seen("token-counts", "minimax-m2.1/mlx-4bit", "0.67"),
        "words counted as tokens"
    );
    assert!(
        seen("smaller-but-slower", "minimax-m2.1/mlx-4bit", "mlx-8bit"),
        "4 bits slower than 8"
    );
    assert!(
        seen(
            "cold-first-request",
            "minimax-m2.1/gguf-q4_k_s",
            "first request"
        ),
        "the cold request"
    );
    assert!(
        seen("failed-requests", "minimax-m2.1/mlx-8bit", "400"),
        "HTTP 400"
    );
    // The report's size of another file, put back, is found as well.
    let minimax = catalog
        .models
        .iter_mut()
        .find(|m| m.id == "minimax-m2.1")
        .unwrap();
    let q4_k_s = minimax
        .variants
        .iter_mut()
        .find(|v| v.id == "gguf-q8_0")
        .unwrap();
    q4_k_s.weights_bytes = planner::units::Bytes(138_330_000_000);
    let found = audit::check(&catalog, &Profiles::embedded().unwrap().chips);
    assert!(
        found
            .iter()
            .any(|f| f.rule == "bits-per-weight" && f.subject == "minimax-m2.1/gguf-q8_0")
    );
}

#[test]
fn each_run_of_the_study_gives_the_mean_that_its_own_file_states() {
    for id in ["minimax-m2.1", "qwen3-coder-next"] {
        let catalog = shipped();
        let runs = catalog.model(id).unwrap().measurements.iter();
        let runs =
            runs.filter(|m| m.campaign.as_deref() == Some("llm-mac-512") && m.suspect.is_none());
        for m in runs.filter(|m| !m.tests.is_empty()) {
            let (stated, ours) = (
                m.reported_mean_tokens_per_second.unwrap(),
                measured::wall_clock_mean(m).unwrap(),
            );
            assert!(
                (stated - ours).abs() < 0.011,
                "{}: {stated} and {ours}",
                m.source
            );
        }
    }
}

#[test]
fn layers_merge_and_measurements_add() {
    let mine = r#"
        extends = "qwen3-coder-next"
        [[variants]]
        id = "gguf-q4_k_m"
        engine = "llama.cpp"
        quantization = "Q4_K_M"
        weights_bytes = 48_500_000_000
        size = "exact"
        source = "counted by me"
        [[measurements]]
        variant = "gguf-q4_k_m"
        chip = "m3-ultra"
        engine = "llama.cpp"
        method = "decode"
        decode_tokens_per_second = 61.5
        source = "my own run"
    "#;
    let before = shipped();
    let after = shipped()
        .with_layer(&Layer::read([("mine.toml", mine)]).unwrap())
        .unwrap();
    let of = |c: &Catalog| c.model("qwen3-coder-next").unwrap().clone();
    assert_eq!(
        of(&after).measurements.len(),
        of(&before).measurements.len() + 1
    );
    assert_eq!(of(&after).variants.len(), of(&before).variants.len());
    assert_eq!(
        of(&after).variant("gguf-q4_k_m").unwrap().weights_bytes.0,
        48_500_000_000
    );
}

/// Each architecture with files for an engine of LM Studio says since when the engine loads it, and
/// what nobody reported to load there is told and loses: its reliability counts nothing.
#[test]
fn every_architecture_says_which_engine_loads_it() {
    let catalog = shipped();
    for model in &catalog.models {
        let engines = ["llama.cpp", "mlx"];
        let in_lm_studio = |v: &&Variant| engines.contains(&v.engine.as_str());
        let loaded = model.variants.iter().filter(in_lm_studio);
        for variant in loaded.filter(|v| v.fails_to_load.is_none()) {
            if model.architecture.is_some() {
                let known = catalog.loads(model, variant);
                assert!(known.is_some(), "{}/{}", model.id, variant.id);
            }
        }
    }
    let new = catalog.loads.iter().find(|l| l.nobody_loaded).unwrap();
    let named = |m: &&Model| {
        let arch = m.architecture.as_ref();
        arch.is_some_and(|a| a.name == new.architecture)
    };
    let model = catalog.models.iter().find(named).unwrap();
    let plan: Value = serde_json::from_str(&stdout(&[
        "recommend",
        "--task",
        "agent",
        "--machine",
        "m3-ultra-512gb",
        "--pin",
        &model.id,
        "--format",
        "json",
    ]))
    .unwrap();
    let advice = plan["advice"].as_array().unwrap();
    assert!(advice.iter().any(|a| {
        a["kind"] == "new_to_lm_studio"
            && a["text"]
                .as_str()
                .unwrap()
                .contains(new.lm_studio.as_ref().unwrap())
    }));
}

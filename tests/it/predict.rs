//! The speed model against published figures, and what to measure next against measuring it.

use std::fs;

use planner::catalog::Catalog;
use planner::machine::{Machine, Profiles};
use planner::speed::depth::kv_bytes_read;
use planner::speed::{Measured, Predictor, Speed};

use crate::support::{loadout, plan, stdout};

fn shipped() -> (Catalog, Predictor, Profiles) {
    let (catalog, profiles) = (Catalog::embedded().unwrap(), Profiles::embedded().unwrap());
    let predictor = Predictor::fit(&catalog, &profiles.chips);
    (catalog, predictor, profiles)
}

fn machine(profiles: &Profiles, id: &str) -> Machine {
    Machine::from_profile(profiles.machine(id).unwrap(), &profiles.chips).unwrap()
}

fn measured(tps: f64) -> Speed {
    Speed::Measured(Measured {
        decode_tokens_per_second: tps,
        low: tps,
        high: tps,
        runs: 1,
        depth_tokens: None,
        wall_clock_tokens_per_second: None,
        source: "a test".to_owned(),
    })
}

/// Bytes per token of context as llama.cpp's own planner allocates them.
#[test]
fn a_token_reads_the_cache_that_the_engine_keeps() {
    let (catalog, _, _) = shipped();
    for (id, per_token) in [
        ("minimax-m2.1", 253_952.0),
        ("qwen3-coder-next", 24_576.0),
        ("deepseek-r1", 70_272.0),
        ("llama-3.3-70b", 327_680.0),
        ("qwen3-30b-a3b", 98_304.0),
    ] {
        let arch = catalog.model(id).unwrap().architecture.as_ref().unwrap();
        let read = kv_bytes_read(arch, 10_000) / 10_000.0;
        assert!((read - per_token).abs() < 0.5, "{id}: {read}");
    }
    // Half of its layers see 128 tokens alone.
    let gpt_oss = catalog.model("gpt-oss-120b").unwrap();
    let arch = gpt_oss.architecture.as_ref().unwrap();
    let added = kv_bytes_read(arch, 40_000) - kv_bytes_read(arch, 10_000);
    assert!((added - 30_000.0 * 36_864.0).abs() < 1.0, "{added}");
}

/// Published runs of llama.cpp on an M2 Ultra: speed at 32k tokens over that of an empty context.
#[test]
fn the_fall_with_depth_is_the_published_one() {
    let (catalog, predictor, profiles) = shipped();
    let mac = machine(&profiles, "m2-ultra-192gb");
    for (id, variant, shallow, ratio) in [
        ("qwen3-30b-a3b", "gguf-q8_0", 78.97, 0.57),
        ("gpt-oss-120b", "gguf-mxfp4", 85.60, 0.77),
    ] {
        let model = catalog.model(id).unwrap();
        let variant = model.variant(variant).unwrap();
        let deep = predictor
            .at_depth(model, variant, &mac, &measured(shallow), 32_768)
            .unwrap();
        let ours = deep.decode_tokens_per_second / shallow;
        assert!((ours - ratio).abs() < 0.05, "{id}: {ours} and {ratio}");
        assert!(
            deep.low < shallow * ratio && shallow * ratio < deep.high,
            "{id}"
        );
    }
}

#[test]
fn a_measured_fall_lies_in_the_predicted_range() {
    let (catalog, predictor, profiles) = shipped();
    let mac = machine(&profiles, "m5-max-128gb");
    let model = catalog.model("qwen3-coder-next").unwrap();
    let variant = model.variant("mlx-4bit").unwrap();
    let at = |depth| {
        let p = predictor.at_depth(model, variant, &mac, &measured(105.86), depth);
        p.unwrap()
    };
    let p = at(21_000);
    assert!(p.low < 91.59 && 91.59 < p.high, "{} to {}", p.low, p.high);
    let speeds: Vec<f64> = [0, 4096, 65_536, 262_144]
        .iter()
        .map(|d| at(*d).decode_tokens_per_second)
        .collect();
    assert!(speeds.windows(2).all(|two| two[1] < two[0]), "{speeds:?}");
    assert!((speeds[0] - 105.86).abs() < 1e-9);
}

#[test]
fn the_fit_says_how_well_it_does_and_a_repeated_run_does_not_flatter_it() {
    let (catalog, predictor, profiles) = shipped();
    let classes = predictor.classes();
    assert!(classes.iter().all(|c| c.error >= 0.10 && c.rows > 0));
    let class = classes
        .iter()
        .find(|c| {
            (c.tier.as_str(), c.shape.as_str(), c.engine.as_str())
                == ("ultra", "mixture", "llama.cpp")
        })
        .unwrap();
    // 0.172 ms by another's fit over eight published rows.
    assert!((class.milliseconds_per_layer - 0.172).abs() < 0.02);
    // The study's nine runs of one file, told ten times over, change nothing.
    let mut repeated = catalog.clone();
    let minimax = repeated
        .models
        .iter_mut()
        .find(|m| m.id == "minimax-m2.1")
        .unwrap();
    let runs = minimax.measurements.clone();
    (0..10).for_each(|_| minimax.measurements.extend(runs.clone()));
    let again = Predictor::fit(&repeated, &profiles.chips);
    assert_eq!(again.classes(), classes);
}

fn gaps(args: &[&str]) -> serde_json::Value {
    let mut all = vec!["catalog", "gaps", "--format", "json"];
    all.extend_from_slice(args);
    serde_json::from_str(&stdout(&all)).unwrap()
}

#[test]
fn a_gap_that_is_filled_at_its_high_end_changes_the_answer_as_foretold() {
    let args = [
        "--machine",
        "m4-max-128gb",
        "--task",
        "code",
        "--models",
        "1",
    ];
    let answer = gaps(&args);
    let list = answer["gaps"].as_array().unwrap();
    let gain = |g: &serde_json::Value| g["gain"].as_f64().unwrap();
    assert!(list.windows(2).all(|two| gain(&two[0]) >= gain(&two[1])));
    assert!(list.iter().all(|g| gain(g) > 0.0));
    let first = list
        .iter()
        .find(|g| g["changes_loadout"] == true)
        .expect("something could change the answer");
    let name = first["variant"].as_str().unwrap();
    let (model, variant) = name.split_once('/').unwrap();
    let before = plan(&args);
    assert_ne!(loadout(&before), [name]);
    // Measure it, as a user would.
    let folder = tempfile::tempdir().unwrap();
    let engine = if variant.starts_with("mlx") {
        "mlx"
    } else {
        "llama.cpp"
    };
    let row = format!(
        "extends = \"{model}\"\n[[measurements]]\nvariant = \"{variant}\"\nchip = \"m4-max\"\ngpu_cores = 40\nengine = \"{engine}\"\nmethod = \"decode\"\ndepth_tokens = 0\ndecode_tokens_per_second = {}\nsource = \"my own run\"\n",
        first["high"].as_f64().unwrap()
    );
    fs::write(folder.path().join("mine.toml"), row).unwrap();
    let mut with = args.to_vec();
    with.extend(["--catalog", folder.path().to_str().unwrap()]);
    let after = plan(&with);
    assert_eq!(loadout(&after), [name]);
    let score = after["optimality"]["objective"].as_f64().unwrap();
    let foretold = answer["objective"].as_f64().unwrap() + gain(first);
    assert!((score - foretold).abs() < 1e-6, "{score} and {foretold}");
}

#[test]
fn the_answers_keep_to_their_schemas() {
    for (name, shipped, args) in [
        (
            "gaps",
            include_str!("../../schemas/gaps.json"),
            vec![
                "catalog",
                "gaps",
                "--machine",
                "m4-max-64gb",
                "--format",
                "json",
            ],
        ),
        (
            "speed-model",
            include_str!("../../schemas/speed-model.json"),
            vec!["catalog", "model", "--format", "json"],
        ),
    ] {
        let schema: serde_json::Value = serde_json::from_str(&stdout(&["schema", name])).unwrap();
        let shipped: serde_json::Value = serde_json::from_str(shipped).unwrap();
        assert_eq!(
            schema, shipped,
            "write it anew: planner schema {name} > schemas/{name}.json"
        );
        let answer: serde_json::Value = serde_json::from_str(&stdout(&args)).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&answer)
            .map(|e| e.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

/// Others measured this file at 68.7; what its owner measured is what holds on the owner's Mac.
#[test]
fn the_owners_own_run_wins_over_published_ones() {
    let folder = tempfile::tempdir().unwrap();
    let speed = |own: bool| {
        let text = format!(
            "extends = \"qwen3-coder-next\"\n\n[[measurements]]\nvariant = \"mlx-6bit\"\n\
             chip = \"m3-ultra\"\nengine = \"mlx\"\nmethod = \"decode\"\ndepth_tokens = 0\n\
             decode_tokens_per_second = 51.5\nown = {own}\nsource = \"a run of our own\"\n"
        );
        fs::write(folder.path().join("own.toml"), text).unwrap();
        let plan = plan(&[
            "--task",
            "code",
            "--machine",
            "m3-ultra-512gb",
            "--pin",
            "qwen3-coder-next/mlx-6bit",
            "--models",
            "1",
            "--catalog",
            folder.path().to_str().unwrap(),
        ]);
        let speed = &plan["loadout"][0]["speed"];
        speed["decode_tokens_per_second"].as_f64().unwrap()
    };
    assert!((speed(true) - 51.5).abs() < 1e-9);
    assert!((speed(false) - f64::midpoint(51.5, 68.7)).abs() < 0.1);
}

//! What drafting was measured to gain: the file against what is told, by the program itself.

use planner::catalog::{Catalog, Layer};
use serde_json::Value;

use crate::support::{planner, stdout};

const FILE: &str = include_str!("../../catalog/speculation.toml");

fn drafting(model: &str, machine: &str) -> Vec<Value> {
    let json = stdout(&["speed", model, "--machine", machine, "--format", "json"]);
    let speeds: Value = serde_json::from_str(&json).unwrap();
    speeds["drafting"].as_array().unwrap().clone()
}

/// The gains in a file of pairs, read without any code of the program.
fn gains_of(model: &str, chip: &str, engine: &str) -> Vec<f64> {
    let file: toml::Value = toml::from_str(FILE).unwrap();
    let pairs = file["measured"].as_array().unwrap().iter();
    let of = pairs.filter(|p| {
        p["model"].as_str() == Some(model)
            && p["chip"].as_str() == Some(chip)
            && p["engine"].as_str() == Some(engine)
    });
    let speed = |p: &toml::Value, key: &str| p[key].as_float().unwrap();
    of.map(|p| speed(p, "with_tokens_per_second") / speed(p, "without_tokens_per_second"))
        .collect()
}

/// The published row of that machine: 22.8 and 24.2 t/s, in LM Studio's own llama.cpp.
#[test]
fn a_mac_is_told_what_was_measured_on_it() {
    let told = drafting("qwen3.8-27b", "m3-ultra-512gb");
    let ours: Vec<&Value> = told.iter().filter(|g| g["engine"] == "llama.cpp").collect();
    assert_eq!(ours.len(), 1);
    let gain = ours[0];
    assert_eq!(gain["pairs"], 1);
    assert_eq!(gain["without_tokens_per_second"], 22.8);
    assert_eq!(gain["with_tokens_per_second"], 24.2);
    assert_eq!(gain["highest_gain"], 1.06);
    assert_eq!(gain["in_lm_studio"], true);
    let text = stdout(&["speed", "qwen3.8-27b", "--machine", "m3-ultra-512gb"]);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = "With MTP: 22.8 -> 24.2 t/s on M3 Ultra in llama.cpp, 1.06 times";
    assert!(text.contains(line), "{text}");
    assert!(text.contains("in omlx (not in LM Studio)"), "{text}");
}

#[test]
fn a_graphics_card_is_told_the_range_of_its_pairs_and_of_no_other_card() {
    let told = drafting("qwen3.8-27b", "pc-rtx-4090-64gb");
    assert_eq!(told.len(), 1, "{told:?}");
    let gains = gains_of("qwen3.8-27b", "rtx-4090", "llama.cpp");
    assert_eq!(told[0]["pairs"], gains.len());
    assert_eq!(told[0]["chips"], serde_json::json!(["rtx-4090"]));
    let [low, high] = [f64::min, f64::max].map(|f| gains.iter().copied().reduce(f).unwrap());
    let close = |key: &str, gain: f64| (told[0][key].as_f64().unwrap() - gain).abs() < 0.0051;
    assert!(
        close("lowest_gain", low) && close("highest_gain", high),
        "{told:?}"
    );
}

#[test]
fn nothing_is_told_where_nothing_near_was_measured() {
    // No pair of the architecture; no pair of the generation.
    assert!(drafting("llama-3.3-70b", "m3-ultra-512gb").is_empty());
    let text = stdout(&["speed", "llama-3.3-70b", "--machine", "m3-ultra-512gb"]);
    assert!(!text.contains("MTP"), "{text}");
    // A mixture is not told what dense models of its maker gain.
    let mixture = drafting("qwen3.6-35b-a3b", "m3-ultra-512gb");
    let dense = |g: &Value| g["models"].to_string().contains("27b");
    assert!(!mixture.iter().any(dense), "{mixture:?}");
}

/// What is not of the model asked for says so.
#[test]
fn figures_of_a_like_model_or_chip_are_named() {
    let told = drafting("qwen3.6-27b", "m3-ultra-512gb");
    let ours = told.iter().find(|g| g["engine"] == "llama.cpp").unwrap();
    assert_eq!(ours["same_model"], false);
    assert_eq!(ours["models"], serde_json::json!(["qwen3.8-27b"]));
    let text = stdout(&["speed", "qwen3.6-27b", "--machine", "m3-ultra-512gb"]);
    assert!(text.contains("With MTP, of qwen3.8-27b"), "{text}");
}

fn notes(model: &str) -> Vec<String> {
    let out = planner(&[
        "fit",
        model,
        "--machine",
        "m3-ultra-512gb",
        "--format",
        "json",
    ]);
    let fit: Value = serde_json::from_slice(&out.stdout).unwrap();
    let advice = fit["advice"].as_array().unwrap().iter();
    let drafting = advice.filter(|a| a["kind"] == "drafting");
    drafting
        .map(|a| a["text"].as_str().unwrap().to_owned())
        .collect()
}

/// LM Studio is asked for it with a GGUF file; its MLX engine is promised nothing.
#[test]
fn only_llama_cpp_of_lm_studio_is_promised_a_gain() {
    let gguf = notes("qwen3.8-27b/gguf-q6_k");
    let flag = "lms load MODEL --speculative-draft-mtp --speculative-draft-max-tokens 2";
    assert_eq!(
        gguf.iter().filter(|n| n.contains(flag)).count(),
        1,
        "{gguf:?}"
    );
    assert!(gguf.iter().any(|n| n.contains("--mtp 2")), "{gguf:?}");
    let catalog = Catalog::embedded().unwrap();
    let model = catalog.model("qwen3.8-27b").unwrap();
    let mlx = model.variants.iter().find(|v| v.engine == "mlx").unwrap();
    let mlx = notes(&format!("qwen3.8-27b/{}", mlx.id));
    assert!(!mlx.is_empty());
    for note in &mlx {
        assert!(!note.contains("lms load"), "{note}");
        let apart = note.contains("MLX engine has no") || note.contains("not in LM Studio");
        assert!(apart, "{note}");
    }
    // Not even where a row names the engine.
    let row = FILE.replacen("engine = \"llama.cpp\"", "engine = \"mlx\"", 1);
    let layer = Layer::read([("speculation.toml", row.as_str())]).unwrap();
    let catalog = Catalog::default().with_layer(&layer).unwrap();
    let pair = &catalog.speculation[0];
    assert!(pair.engine == "mlx" && !pair.in_lm_studio());
}

#[test]
fn a_pair_without_a_speed_is_refused_and_one_without_a_source_found() {
    for key in ["without_tokens_per_second", "with_tokens_per_second"] {
        for figure in ["0.0", "-1.0", "nan"] {
            let line = FILE.lines().find(|l| l.starts_with(key)).unwrap();
            let wrong = FILE.replacen(line, &format!("{key} = {figure}"), 1);
            let error = Layer::read([("speculation.toml", wrong.as_str())]).unwrap_err();
            assert!(error.to_string().contains("not above zero"), "{error}");
        }
    }
    let rules = |text: &str| {
        let layer = Layer::read([("speculation.toml", text)]).unwrap();
        let catalog = Catalog::embedded().unwrap();
        let catalog = Catalog {
            speculation: Vec::new(),
            ..catalog
        };
        let (_, profiles, _) = crate::macs::shipped();
        let found = planner::audit::check(&catalog.with_layer(&layer).unwrap(), &profiles.chips);
        let open = found.into_iter().filter(|f| f.explanation.is_none());
        open.map(|f| f.rule).collect::<Vec<_>>()
    };
    assert!(rules(FILE).is_empty());
    let source = FILE.lines().find(|l| l.starts_with("source")).unwrap();
    assert_eq!(
        rules(&FILE.replacen(source, "source = \" \"", 1)),
        ["no-source"]
    );
    let model = "model = \"qwen3.8-27b\"";
    assert_eq!(
        rules(&FILE.replacen(model, "model = \"none\"", 1)),
        ["unknown-model"]
    );
    let chip = "chip = \"rtx-3090\"";
    assert_eq!(
        rules(&FILE.replacen(chip, "chip = \"m9\"", 1)),
        ["unknown-chip"]
    );
}

/// It is told with the details of a plan, and not on the first screen.
#[test]
fn a_plan_tells_it_with_its_details_alone() {
    let asked = [
        "recommend",
        "--task",
        "code",
        "--machine",
        "m3-ultra-512gb",
        "--pin",
        "qwen3.8-27b",
    ];
    let first = stdout(&asked);
    assert!(!first.contains("With MTP"), "{first}");
    let details = stdout(&[&asked[..], &["--details"]].concat());
    assert!(details.contains("With MTP"), "{details}");
}

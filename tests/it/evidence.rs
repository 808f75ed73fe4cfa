//! Results of other programs about quality, as scores of models and losses of files.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::Home;

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/import/quality");

impl Home {
    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.at(name);
        fs::write(&path, text).unwrap();
        path
    }

    fn import(&self, file: &str, more: &[&str]) -> Value {
        let answer = self.json(&[&["catalog", "import", file], more].concat());
        answer["files"][0].clone()
    }

    /// What became of each row: its name, what it became, and the figure or the reason.
    fn told(&self, file: &str, more: &[&str]) -> Vec<(String, String, Value)> {
        let read = self.import(file, more);
        let rows = read["rows"].as_array().unwrap().iter();
        let text = |v: &Value| v.as_str().unwrap().to_owned();
        rows.map(|r| {
            let figure = match r["became"].as_str() {
                Some("new") if r["score"].is_number() => {
                    json!([r["variant"], r["benchmark"], r["score"]])
                }
                Some("new") => json!([r["variant"], r["loss_nats"]]),
                _ => r["reason"].clone(),
            };
            (text(&r["what"]), text(&r["became"]), figure)
        })
        .collect()
    }

    fn model(&self, id: &str) -> Value {
        self.json(&["catalog", "show", id])["models"][0].clone()
    }
}

fn data(name: &str) -> String {
    format!("{DATA}/{name}")
}

fn refused(told: &[(String, String, Value)], what: &str, words: &str) {
    let row = told
        .iter()
        .find(|(w, ..)| w == what)
        .unwrap_or_else(|| panic!("{what}: {told:?}"));
    let reason = row.2.as_str().unwrap_or("");
    assert!(row.1 == "refused" && reason.contains(words), "{row:?}");
}

fn new(told: &[(String, String, Value)], what: &str, figure: Value) {
    let row = told
        .iter()
        .find(|(w, ..)| w == what)
        .unwrap_or_else(|| panic!("{what}: {told:?}"));
    assert_eq!((row.1.as_str(), &row.2), ("new", &figure));
}

#[test]
fn whole_tests_of_the_harness_are_scores_and_the_rest_is_listed() {
    let user = Home::new();
    let file = data("lm-eval.json");
    let told = user.told(&file, &[]);
    new(&told, "ifeval", json!(["qwen3-8b", "IFEval", 83.18]));
    new(&told, "mmlu_pro", json!(["qwen3-8b", "MMLU-Pro", 56.72]));
    refused(&told, "mmlu_pro_biology", "a part of `mmlu_pro`");
    refused(&told, "gsm8k", "no benchmark of the catalog");
    refused(&told, "leaderboard_mmlu_pro", "no benchmark of the catalog");
    refused(&told, "aime25", "120 is no percentage");
    assert_eq!(told.len(), 6);
    let scores = user.model("qwen3-8b")["scores"].clone();
    let of_harness = |s: &&Value| s["source"] == "lm-evaluation-harness, lm-eval.json";
    let entered: Vec<&Value> = scores
        .as_array()
        .unwrap()
        .iter()
        .filter(of_harness)
        .collect();
    let row = json!({
        "benchmark": "MMLU-Pro", "score": 56.72, "harness": "lm-evaluation-harness 0.4.9, 5-shot",
        "reporter": "third-party", "reported_by": "imported",
        "source": "lm-evaluation-harness, lm-eval.json",
    });
    assert!(entered.len() == 2 && entered.contains(&&row), "{entered:?}");
    // A second time it is known.
    let again = user.told(&file, &[]);
    assert!(again[0].1 == "known" && again[1].1 == "known", "{again:?}");

    let text = fs::read_to_string(&file).unwrap();
    let part = user.write(
        "part.json",
        &text.replace("\"limit\": null", "\"limit\": 20.0"),
    );
    let told = user.told(part.to_str().unwrap(), &["--as", "qwen3-4b"]);
    refused(&told, "ifeval", "`--limit 20`");
    let few = text.replace("\"effective\": 541", "\"effective\": 100");
    let few = user.write("few.json", &few);
    let told = user.told(few.to_str().unwrap(), &["--as", "qwen3-4b/gguf-q4_k_m"]);
    refused(&told, "ifeval", "100 of 541");
    new(&told, "mmlu_pro", json!(["qwen3-4b", "MMLU-Pro", 56.72]));
    // Nor are all of a few questions the test, or questions that nobody counted.
    let twelve = r#""original": 12, "effective": 12"#;
    let twelve = text.replace(r#""original": 541, "effective": 541"#, twelve);
    let twelve = user.write("twelve.json", &twelve);
    let told = user.told(twelve.to_str().unwrap(), &["--as", "qwen3-4b/gguf-q4_k_m"]);
    refused(
        &told,
        "ifeval",
        "12 questions were asked, and the test has 541",
    );
    let uncounted = user.write("uncounted.json", &text.replace("n-samples", "n-sample"));
    let told = user.told(
        uncounted.to_str().unwrap(),
        &["--as", "qwen3-4b/gguf-q4_k_m"],
    );
    refused(&told, "ifeval", "does not say how many questions");
    let nobody = text.replace("Qwen/Qwen3-8B", "acme/unknown");
    let nobody = user.write("nobody.json", &nobody);
    refused(
        &user.told(nobody.to_str().unwrap(), &[]),
        "ifeval",
        "say which with `--as",
    );
}

#[test]
fn tables_of_livebench_and_bfcl_are_read_model_by_model() {
    let user = Home::new();
    let told = user.told(&data("livebench-all-groups.csv"), &[]);
    let benchmark = "LiveBench (older or unstated set)";
    new(&told, "qwen3-8b", json!(["qwen3-8b", benchmark, 50.2]));
    refused(&told, "nobody-7b", "no model of the catalog");
    refused(&told, "qwen3-4b", "a category of it has no figure");
    assert_eq!(told.len(), 3);
    let told = user.told(&data("bfcl-data-overall.csv"), &[]);
    new(
        &told,
        "Qwen3-8B (FC)",
        json!(["qwen3-8b", "BFCL v4", 45.31]),
    );
    refused(&told, "Qwen3-4B (Prompt)", "no figure");
    let short = user.write("short.csv", "model,average,coding\nqwen3-8b,50.0,50.0\n");
    refused(
        &user.told(short.to_str().unwrap(), &[]),
        "qwen3-8b",
        "only a part",
    );
}

#[test]
fn evalplus_counts_what_passes_all_tests_of_a_whole_set() {
    let user = Home::new();
    let set = |tasks: usize| {
        let of = |n: usize| {
            let sample =
                |base: &str, plus: &str| json!([{"base_status": base, "plus_status": plus}]);
            let samples = match n % 4 {
                0 => sample("pass", "fail"),
                1 => sample("fail", "pass"),
                _ => sample("pass", "pass"),
            };
            (format!("HumanEval/{n}"), samples)
        };
        let tasks: serde_json::Map<String, Value> = (0..tasks).map(of).collect();
        json!({"date": "2026-11-20 10:00", "hash": "0", "eval": tasks}).to_string()
    };
    let whole = user.write("whole.json", &set(164));
    let told = user.told(whole.to_str().unwrap(), &["--as", "qwen3-8b"]);
    // Half of 164: those with remainders 2 and 3.
    new(&told, "HumanEval+", json!(["qwen3-8b", "HumanEval+", 50.0]));
    let part = user.write("part.json", &set(20));
    refused(
        &user.told(part.to_str().unwrap(), &["--as", "qwen3-8b"]),
        "HumanEval+",
        "20 of 164",
    );
    refused(
        &user.told(whole.to_str().unwrap(), &[]),
        "HumanEval+",
        "does not name the model",
    );
}

#[test]
fn a_measured_divergence_goes_before_the_rule() {
    let user = Home::new();
    let file = data("llama-perplexity.txt");
    let pinned = |user: &Home| {
        let args = [
            "recommend",
            "--task",
            "general",
            "--machine",
            "m4-max-64gb",
            "--models",
            "1",
        ];
        let plan = user.json(&[&args[..], &["--pin", "qwen3-8b/gguf-q4_k_m"]].concat());
        plan["loadout"][0]["quality"].to_string()
    };
    let before = pinned(&user);
    refused(
        &user.told(&file, &["--as", "qwen3-8b"]),
        "mean KL divergence",
        "of a file",
    );
    let told = user.told(&file, &["--as", "qwen3-8b/gguf-q4_k_m"]);
    new(
        &told,
        "mean KL divergence",
        json!(["qwen3-8b/gguf-q4_k_m", 0.025_471]),
    );
    let losses = user.model("qwen3-8b")["losses"].clone();
    assert_eq!(losses[0]["nats"], 0.025_471);
    assert_ne!(before, pinned(&user));
    let text = fs::read_to_string(&file).unwrap();
    let cut = user.write("cut.txt", text.split("Same top").next().unwrap());
    let told = user.told(cut.to_str().unwrap(), &["--as", "qwen3-8b/gguf-q4_k_m"]);
    refused(&told, "mean KL divergence", "not finished");
    let twice = user.write("twice.txt", &text.repeat(2));
    let told = user.told(twice.to_str().unwrap(), &["--as", "qwen3-8b/gguf-q4_k_m"]);
    refused(&told, "the runs", "several");
}

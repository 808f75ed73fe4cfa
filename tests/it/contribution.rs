//! Measurements given to others: what is in the file, and what it does where it is read.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use crate::support::{Home, shipped_schema};

/// Where a secret may stand in what a user's catalog says.
const SECRETS: [&str; 8] = [
    "marias-mac.local",
    "maria",
    "/Users/maria",
    "C02XK0AAJG5J",
    "192.168.1.17",
    "acme-secret-model",
    "Project Nightfall",
    "result-of-maria.json",
];

impl Home {
    fn own(&self, name: &str, text: &str) {
        let folder = self.at("config/planner/catalog");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(name), text).unwrap();
    }

    /// Decode and prefill speeds, with their bands, of what is asked about.
    fn speeds(&self) -> Vec<Value> {
        let of = |model: &str, machine: &str| {
            let args = ["speed", model, "--machine", machine, "--depth", "0,8k"];
            self.json(&args)["rows"].clone()
        };
        vec![
            of("qwen3-8b/mlx-4bit", "m4-max-64gb"),
            of("qwen3-8b/mlx-4bit", "m3-ultra-512gb"),
            of("qwen3-4b", "m4-max-64gb"),
        ]
    }
}

/// A row of the user's own with a secret in every text that may hold one.
fn row(decode: f64, depth: u32, more: &str) -> String {
    format!(
        r#"
[[measurements]]
variant = "mlx-4bit"
chip = "m4-max"
gpu_cores = 40
memory_gib = 64
engine = "mlx"
app = "LM Studio 0.4.21 marias-mac.local"
date = "2026-11-20"
campaign = "Project Nightfall"
method = "decode"
method_note = "by maria on 192.168.1.17"
depth_tokens = {depth}
decode_tokens_per_second = {decode}
own = true
confidence = "high"
source = "planner bench, /Users/maria/result-of-maria.json"
notes = ["also loaded: acme-secret-model", "serial C02XK0AAJG5J", "loaded with a context of 32768 tokens, 4 slots"]
{more}
"#
    )
}

fn hostile() -> Home {
    let home = Home::new();
    let tests =
        "tests = [{ name = \"maria\", passed = false, error = \"can't read /Users/maria/x\" }]\n";
    let text = format!(
        "extends = \"qwen3-8b\"\n{}{}",
        row(100.0, 0, tests),
        row(85.0, 8192, "prefill_tokens_per_second = 600.0")
    );
    home.own("mine.toml", &text);
    // A model of the user's own, and a row on a chip that nobody knows.
    let own = format!(
        "{}{}",
        r#"
id = "acme-secret-model"
name = "Project Nightfall"
publisher = "maria"
parameters_total = 8000000000
parameters_active = 8000000000
context_length = 32768
sources = ["/Users/maria"]
[[variants]]
id = "mlx-4bit"
engine = "mlx"
quantization = "4bit"
weights_bytes = 4000000000
size = "exact"
source = "/Users/maria"
"#,
        row(90.0, 0, "")
    );
    home.own("secret.toml", &own);
    home
}

fn export(home: &Home, out: &str) -> Output {
    let out = home.at(out);
    home.run(&[
        "catalog",
        "export",
        "--mine",
        "--yes",
        "--out",
        out.to_str().unwrap(),
    ])
}

#[test]
fn what_is_given_is_on_the_list_and_nothing_else() {
    let home = hostile();
    let output = export(&home, "given.json");
    let shown = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{shown}");
    let text = fs::read_to_string(home.at("given.json")).unwrap();
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    // Shown first, whole.
    assert!(shown.contains(text.trim_end()), "{shown}");
    assert!(
        shown.contains("only your own catalog has this model"),
        "{shown}"
    );
    let given: Value = serde_json::from_str(&text).unwrap();
    let schema = shipped_schema("contribution");
    assert_eq!(schema, home.json(&["schema", "contribution"]));
    assert!(jsonschema::is_valid(&schema, &given));
    let rows = given["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    let row = json!({
        "variant": "qwen3-8b/mlx-4bit", "chip": "m4-max", "gpu_cores": 40, "memory_gib": 64,
        "engine": "mlx", "program": "LM Studio", "version": "0.4.21", "date": "2026-11-20",
        "method": "decode", "depth_tokens": 8192, "streams": 1, "context_tokens": 32768,
        "slots": 4, "decode_tokens_per_second": 85.0, "prefill_tokens_per_second": 600.0,
        "prefill_tokens": null, "prefill_after_tokens": null,
        "time_to_first_token_seconds": null, "load_seconds": null, "peak_memory_bytes": null,
    });
    assert_eq!(rows[1], row);
    // Nothing is written over, and nothing without consent.
    assert_eq!(export(&home, "given.json").status.code(), Some(2));
    let out = home.at("other.json");
    let asked = home.run(&[
        "catalog",
        "export",
        "--mine",
        "--out",
        out.to_str().unwrap(),
    ]);
    assert!(asked.status.code() == Some(2) && !out.exists());
}

#[test]
fn a_version_that_could_be_a_name_is_left_out() {
    let home = Home::new();
    for (n, version) in ["marias-mac", "b12345678", "1.2.3.4.5", "v1", "10.0.0.1a"]
        .iter()
        .enumerate()
    {
        let app = format!("LM Studio {version}");
        let text = row(100.0 + n as f64, 0, "").replace("LM Studio 0.4.21 marias-mac.local", &app);
        home.own(
            &format!("{n}.toml"),
            &format!("extends = \"qwen3-8b\"\n{text}"),
        );
    }
    assert!(export(&home, "given.json").status.success());
    let given: Value =
        serde_json::from_str(&fs::read_to_string(home.at("given.json")).unwrap()).unwrap();
    let rows = given["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 5);
    assert!(
        rows.iter()
            .all(|r| r["version"].is_null() && r["program"] == "LM Studio"),
        "{rows:?}"
    );
}

fn import(home: &Home, file: &Path) -> Value {
    home.json(&["catalog", "import", file.to_str().unwrap()])
}

#[test]
fn read_elsewhere_it_changes_predictions_as_the_same_rows_do() {
    let home = hostile();
    assert!(export(&home, "given.json").status.success());
    let given = home.at("given.json");
    let (before, elsewhere) = (Home::new(), Home::new());
    let answer = import(&elsewhere, &given);
    assert_eq!(
        (&answer["new"], &answer["refused"]),
        (&json!(2), &json!(0)),
        "{answer}"
    );
    let reasons = answer["files"][0]["rows"].as_array().unwrap().iter();
    assert!(
        reasons.map(|r| &r["reason"]).all(Value::is_null),
        "{answer}"
    );
    // The same rows, written by hand as the catalog has rows.
    let by_hand = Home::new();
    let mut rows = format!(
        "{}{}",
        row(100.0, 0, ""),
        row(85.0, 8192, "prefill_tokens_per_second = 600.0")
    );
    rows = rows
        .replace("own = true\n", "")
        .replace("confidence = \"high\"\n", "");
    let source = "contributed under CC0-1.0, given.json";
    rows = rows.replace("planner bench, /Users/maria/result-of-maria.json", source);
    rows = rows.replace(" marias-mac.local", "");
    rows = rows.replace("campaign = \"Project Nightfall\"\n", "");
    by_hand.own("rows.toml", &format!("extends = \"qwen3-8b\"\n{rows}"));
    let (there, same) = (elsewhere.speeds(), by_hand.speeds());
    assert_eq!(there, same);
    assert_ne!(there, before.speeds());
    // A second time they are known.
    let again = import(&elsewhere, &given);
    assert_eq!((&again["new"], &again["known"]), (&json!(0), &json!(2)));
    assert!(elsewhere.run(&["catalog", "check"]).status.success());
}

#[test]
fn what_cannot_be_or_is_far_off_or_twice_is_held_back() {
    let home = hostile();
    assert!(export(&home, "given.json").status.success());
    let mut given: Value =
        serde_json::from_str(&fs::read_to_string(home.at("given.json")).unwrap()).unwrap();
    let good = given["rows"][0].clone();
    let with = |edit: &[(&str, Value)]| {
        let mut row = good.clone();
        for (key, value) in edit {
            row[*key] = value.clone();
        }
        row
    };
    given["rows"] = json!([
        good,
        good,
        with(&[
            ("decode_tokens_per_second", json!(9000.0)),
            ("date", json!("2026-11-21"))
        ]),
        with(&[
            ("decode_tokens_per_second", json!(20.0)),
            ("date", json!("2026-11-22"))
        ]),
        with(&[("variant", json!("qwen3-8b/no-such"))]),
        with(&[("chip", json!("m9-hyper"))]),
    ]);
    let elsewhere = Home::new();
    let file = elsewhere.at("given.json");
    fs::write(&file, given.to_string()).unwrap();
    let answer = import(&elsewhere, &file);
    let rows = answer["files"][0]["rows"].as_array().unwrap();
    let told: Vec<(&str, &str)> = rows
        .iter()
        .map(|r| {
            (
                r["became"].as_str().unwrap(),
                r["reason"].as_str().unwrap_or(""),
            )
        })
        .collect();
    assert_eq!(told[0], ("new", ""));
    assert!(
        told[1].0 == "refused" && told[1].1.contains("same run"),
        "{told:?}"
    );
    assert!(
        told[2].0 == "new" && told[2].1.contains("it can't be: 9000.0 t/s would read"),
        "{told:?}"
    );
    assert!(
        told[3].0 == "new" && told[3].1.contains("are expected"),
        "{told:?}"
    );
    assert!(told[4].0 == "refused" && told[5].0 == "refused", "{told:?}");
    // Held back, they change nothing: the good one alone does the same.
    let alone = Home::new();
    given["rows"] = json!([good]);
    let file = alone.at("given.json");
    fs::write(&file, given.to_string()).unwrap();
    import(&alone, &file);
    assert_eq!(elsewhere.speeds(), alone.speeds());
    let check = elsewhere.json(&["catalog", "check", "--all"]);
    let held: Vec<&Value> = (check["findings"].as_array().unwrap().iter())
        .filter(|f| f["rule"] == "held-back")
        .collect();
    assert!(
        held.len() == 2 && held.iter().all(|f| f["explanation"].is_string()),
        "{held:?}"
    );
    assert_eq!(check["unexplained"], 0);
}

#[test]
fn the_check_finds_such_rows_in_a_users_own_files() {
    let home = Home::new();
    let stranger = |decode: f64, source: &str| {
        row(decode, 0, "")
            .replace("own = true\n", "")
            .replace("planner bench, /Users/maria/", source)
    };
    let text = format!(
        "extends = \"qwen3-8b\"\n{}{}{}",
        stranger(100.0, "a "),
        stranger(100.0, "b "),
        stranger(20.0, "c ")
    );
    home.own("rows.toml", &text);
    let check = home.json(&["catalog", "check"]);
    let rules: Vec<&str> = (check["findings"].as_array().unwrap().iter())
        .filter(|f| f["explanation"].is_null())
        .map(|f| f["rule"].as_str().unwrap())
        .collect();
    assert!(
        rules.contains(&"duplicate") && rules.contains(&"outlier"),
        "{rules:?}"
    );
}

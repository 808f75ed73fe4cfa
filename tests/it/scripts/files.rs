//! What the scripts download, name and quote, and what shell checkers say of them.

use std::fs;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{fake, mlx_plan, run, shells, skipped, which, words};
use crate::studio::{CODER, Studio, gguf, loaded, one_model, two_models};
use crate::support::cases;

/// Makes what is installed other than the plan needs it.
type Spoil = fn(&Studio);

#[test]
fn a_model_that_is_not_exactly_there_stops_before_anything_changes() {
    let cases: [(&str, Spoil); 4] = [
        ("is not installed", |s| {
            s.state().set_models(&s.state().models()[..1])
        }),
        ("is its download complete?", |s| {
            let mut models = s.state().models();
            models[3]["sizeBytes"] = json!(9_000_000_000_u64);
            s.state().set_models(&models);
        }),
        ("matches 2 installed models", |s| {
            let mut models = s.state().models();
            models.push(gguf(
                "twin",
                "Qwen/Qwen3-Coder-Next-GGUF/copy-Q4_K_M.gguf",
                "Q4_K_M",
                CODER,
            ));
            s.state().set_models(&models);
        }),
        ("is not installed", |s| {
            let mut models = s.state().models();
            models[3]["deviceIdentifier"] = json!("other-mac");
            s.state().set_models(&models);
        }),
    ];
    for (message, spoil) in cases {
        let studio = Studio::new();
        studio.load(&[loaded("stranger", "stranger", 8192, 4)]);
        spoil(&studio);
        let folder = studio.emit(&two_models(), &[]);
        let ended = run(&studio, "sh", &folder.join("launch.sh"), &[]);
        assert_eq!(ended.status.code(), Some(2), "{}", words(&ended));
        assert!(
            words(&ended).contains(message),
            "{message}: {}",
            words(&ended)
        );
        assert!(studio.changes().is_empty());
        // The user's word settles it.
        let named = studio.emit(
            &two_models(),
            &[
                "--key",
                "qwen3-coder-next=stranger",
                "--key",
                "minimax-m2.1/gguf-q4_k_s=stranger",
            ],
        );
        let dry = run(&studio, "sh", &named.join("launch.sh"), &["--dry-run"]);
        assert!(
            dry.status.success() || message == "is not installed",
            "{}",
            words(&dry)
        );
    }
}

#[test]
fn download_fetches_what_is_missing_and_only_that() {
    let studio = Studio::new();
    let df = |kib: u64| {
        fake(
            &studio,
            "df",
            &format!("echo Filesystem 1024-blocks Used Available; echo /dev/disk1 1 1 {kib} 1% /"),
        );
    };
    let mut models = studio.state().models();
    let mut coder = models.remove(3);
    studio.state().set_models(&models);
    let folder = studio.emit(&two_models(), &[]);
    let download = || run(&studio, "sh", &folder.join("download.sh"), &[]);
    df(47_000_000);
    let full = download();
    assert_eq!(full.status.code(), Some(2), "{}", words(&full));
    assert!(words(&full).contains("not enough room on the disk"));
    df(60_000_000);
    let unknown = download();
    assert_eq!(unknown.status.code(), Some(1), "{}", words(&unknown));
    coder["from"] = json!("https://huggingface.co/Qwen/Qwen3-Coder-Next-GGUF@Q4_K_M");
    fs::write(studio.path("state/later.json"), json!([coder]).to_string()).unwrap();
    let fetched = download();
    let said = words(&fetched);
    assert!(fetched.status.success(), "{said}");
    assert!(
        said.contains("missing  qwen3-coder-next") && said.contains("there    minimax-m2.1"),
        "{said}"
    );
    df(0);
    assert!(download().status.success(), "nothing is missing any more");
    // Where planner is installed, it downloads; where it can't, `lms get` does.
    let forget = || studio.state().set_models(&models);
    df(60_000_000);
    let brings = "lms get https://huggingface.co/Qwen/Qwen3-Coder-Next-GGUF@Q4_K_M";
    let asked = studio.path("state/asked");
    let log = format!(
        "[ \"$2\" != --help ] || exit 0\necho \"$@\" >{}",
        asked.display()
    );
    for does in [brings, "exit 2"] {
        forget();
        fake(&studio, "planner", &format!("{log}\n{does}"));
        let fetched = download();
        assert!(fetched.status.success(), "{}", words(&fetched));
        let asked = fs::read_to_string(&asked).unwrap();
        assert_eq!(asked, "get hf:Qwen/Qwen3-Coder-Next-GGUF:Q4_K_M\n");
    }
}

/// Names that quoting must survive. LM Studio's own are tamer; scripts must not depend on it. Plans
/// with control characters in them are refused before, which `hostile.rs` tests.
fn name() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just(" ".to_owned()),
        Just("'".to_owned()),
        Just("\"".to_owned()),
        Just("$HOME".to_owned()),
        Just("`id`".to_owned()),
        Just("\\".to_owned()),
        Just("*".to_owned()),
        Just("-".to_owned()),
        Just("ü模".to_owned()),
        Just("{{x}}".to_owned()),
        Just("$(touch hit)".to_owned()),
        Just(";".to_owned()),
        Just("a".to_owned()),
    ];
    proptest::collection::vec(piece, 1..7).prop_map(|p| p.concat())
}

proptest! {
    #![proptest_config(cases(4, 60))]

    #[test]
    fn any_name_goes_through_the_shell_unharmed(identifier in name(), key in name(), title in name()) {
        let studio = Studio::new();
        let mut models = studio.state().models();
        models.push(gguf(&key, "y/Z-GGUF/z.gguf", "Q4_K_M", CODER));
        studio.state().set_models(&models);
        let mut plan = one_model();
        plan["loadout"][0]["identifier"] = json!(identifier);
        plan["loadout"][0]["name"] = json!(title);
        plan["machine"]["name"] = json!(title);
        let option = format!("{}/{}={key}", plan["loadout"][0]["model"].as_str().unwrap(), plan["loadout"][0]["variant"].as_str().unwrap());
        plan["loadout"][0]["repository"] = Value::Null;
        for shell in shells() {
            let folder = studio.emit(&plan, &[&format!("--key={option}")]);
            let ended = run(&studio, shell, &folder.join("launch.sh"), &[]);
            prop_assert!(ended.status.success(), "{shell}: {}", words(&ended));
            prop_assert_eq!(studio.loaded(), vec![loaded(&identifier, &key, 262_144, 4)]);
            let verify = run(&studio, shell, &folder.join("verify.sh"), &[]);
            prop_assert!(verify.status.success(), "{shell}: {}", words(&verify));
            let unload = run(&studio, shell, &folder.join("unload.sh"), &[]);
            prop_assert!(unload.status.success(), "{shell}: {}", words(&unload));
            prop_assert_eq!(studio.loaded(), vec![]);
        }
    }
}

#[test]
fn shellcheck_and_shfmt_find_nothing() {
    let studio = Studio::new();
    let mut plan = mlx_plan(&studio, 1);
    plan["machine"]["wired_limit_bytes"] = json!(491_520_u64 << 20);
    let folder = studio.emit(&plan, &["--ttl", "600", "--model-yaml"]);
    let scripts: Vec<_> = [
        "launch.sh",
        "verify.sh",
        "unload.sh",
        "download.sh",
        "common.sh",
        "engines/mlx-server.sh",
    ]
    .iter()
    .map(|s| folder.join(s))
    .collect();
    for (tool, args) in [
        ("shellcheck", vec!["-x"]),
        ("shfmt", vec!["-i", "4", "-ci", "-d"]),
    ] {
        if !which(tool) {
            skipped(&format!("{tool} is not here; .ci/run installs it"));
            continue;
        }
        let checked = studio
            .command(tool)
            .args(&args)
            .args(&scripts)
            .output()
            .unwrap();
        assert!(checked.status.success(), "{tool}: {}", words(&checked));
    }
}

/// Sampling settings come from whoever has a reason for them: the user's profile, else the model's
/// publisher; where neither says anything, LM Studio's stay in place.
#[test]
fn sampling_settings_are_the_profiles_or_the_publishers_or_none() {
    let folder = crate::fit::folder("emit-sampling");
    let own = folder.join("mine.toml");
    let shipped = include_str!("../../../profiles/tasks/code.toml");
    let sampling = "\n[sampling]\ntemperature = 0.3\nrepeat_penalty = 1.0\n";
    fs::write(&own, format!("{shipped}{sampling}")).unwrap();
    let fields = |name: &str, task: &str, model: &str| {
        let plan = folder.join("plan.json");
        let plan = plan.to_str().unwrap();
        let mut args = vec!["recommend", "--task", task, "--out", plan, "--models", "1"];
        args.extend(["--pin", model, "--machine", "m3-ultra-512gb"]);
        assert!(crate::support::planner(&args).status.success());
        let out = folder.join(name);
        let emitted = crate::support::planner(&["emit", plan, "--out", out.to_str().unwrap()]);
        assert!(emitted.status.success());
        let file = out.join(format!("lmstudio/defaults/{model}.json"));
        let text = fs::read_to_string(file).unwrap();
        let all: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            all["operation"]["fields"] == serde_json::json!([]),
            !out.join("lmstudio/presets").exists()
        );
        all["operation"]["fields"].clone()
    };
    let checked = |value: f64| serde_json::json!({"checked": true, "value": value});
    // Qwen's card: temperature 1.0, top_p 0.95, top_k 40.
    assert_eq!(
        fields("publisher", "code", "qwen3-coder-next"),
        serde_json::json!([
            {"key": "llm.prediction.temperature", "value": 1.0},
            {"key": "llm.prediction.topKSampling", "value": 40},
            {"key": "llm.prediction.topPSampling", "value": checked(0.95)},
        ])
    );
    assert_eq!(
        fields("profile", own.to_str().unwrap(), "qwen3-coder-next"),
        serde_json::json!([
            {"key": "llm.prediction.temperature", "value": 0.3},
            {"key": "llm.prediction.repeatPenalty", "value": checked(1.0)},
        ])
    );
    assert_eq!(
        fields("nobody", "code", "qwen3.8-flash-next"),
        serde_json::json!([])
    );
}

//! `planner doctor`: on the stand-in as it should be, with each thing wrong, and from bundles.

use std::fs;
use std::path::Path;

use planner::doctor::{Bundle, diagnose};
use serde_json::Value;

use crate::studio::{KEYS, Studio, loaded};
use crate::support::stdout;

fn diagnosis(studio: &Studio, args: &[&str]) -> (Value, Option<i32>) {
    let mut all = vec!["doctor", "--format", "json"];
    all.extend(args);
    let done = studio.planner(&all);
    let errors = String::from_utf8_lossy(&done.stderr);
    let json = serde_json::from_slice(&done.stdout).unwrap_or_else(|e| panic!("{e}: {errors}"));
    (json, done.status.code())
}

fn ids(diagnosis: &Value) -> Vec<&str> {
    let findings = diagnosis["findings"].as_array().unwrap();
    findings.iter().map(|f| f["id"].as_str().unwrap()).collect()
}

/// Findings of the machine that runs the tests, and of the calendar.
const OF_THE_TESTER: [&str; 4] = ["memory_full", "swapping", "disk_full", "catalog_old"];

fn of_studio(diagnosis: &Value) -> Vec<&str> {
    let mut ids = ids(diagnosis);
    ids.retain(|id| !OF_THE_TESTER.contains(id));
    ids
}

#[test]
fn a_studio_that_works_is_told_with_its_versions_and_nothing_stands_in_the_way() {
    let studio = Studio::new();
    let (found, code) = diagnosis(&studio, &[]);
    assert_eq!((of_studio(&found), code), (Vec::new(), Some(0)));
    let facts = found["facts"].to_string();
    for seen in ["LM Studio 0.4.25", "07b7252", "1.8.5", "5 language models"] {
        assert!(facts.contains(seen), "{seen}: {facts}");
    }
    let schema: Value = serde_json::from_str(&stdout(&["schema", "doctor"])).unwrap();
    let shipped: Value = serde_json::from_str(include_str!("../../schemas/doctor.json")).unwrap();
    assert_eq!(
        schema, shipped,
        "planner schema doctor > schemas/doctor.json"
    );
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&found));
}

/// What should be found, faults of the stand-in, and files.
type Case<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

#[test]
fn each_thing_that_is_wrong_is_found_with_what_mends_it() {
    let home = "home/.lmstudio";
    let cases: [Case<'_>; 10] = [
        ("not_running", "not_running", &[]),
        ("server_off", "server_down", &[]),
        ("lms_too_old", "unknown@--parallel", &[]),
        ("listing_unreadable", "ps_garbage", &[]),
        ("odd_row", "odd_rows", &[]),
        ("known_fault", "version=0.4.19", &[]),
        (
            "known_fault",
            "",
            &[(
                "state/runtimes",
                "mlx-llm-mac-arm64-apple-metal-advsimd@1.11.0   ✓   MLX\n",
            )],
        ),
        (
            "other_device_preferred",
            "",
            &[(
                "state/link",
                r#"{"peers":[{"deviceName":"Ada's Mac"}],"deviceIdentifier":"a","preferredDeviceIdentifier":"b"}"#,
            )],
        ),
        (
            "guardrails",
            "",
            &[(
                "home/.lmstudio/settings.json",
                r#"{"modelLoadingGuardrails":{"mode":"high"}}"#,
            )],
        ),
        (
            "apply_interrupted",
            "",
            &[(
                "xdg/state/planner/apply.json",
                r#"{"schema":1,"phase":"applying","plan":"p.json","before":[],"target":[],"keep_others":false}"#,
            )],
        ),
    ];
    for (id, faults, files) in cases {
        let studio = Studio::new();
        assert!(studio.path(home).is_dir());
        studio.faults(faults);
        for (name, text) in files {
            fs::create_dir_all(studio.path(name).parent().unwrap()).unwrap();
            fs::write(studio.path(name), text).unwrap();
        }
        let (found, code) = diagnosis(&studio, &[]);
        assert!(of_studio(&found).contains(&id), "{id}: {found:#}");
        let finding = found["findings"]
            .as_array()
            .unwrap()
            .iter()
            .find(|f| f["id"] == id);
        let finding = finding.unwrap();
        let fix = &finding["fix"];
        assert!(
            fix["command"].is_string() || fix["words"] != "",
            "{finding}"
        );
        let problem = finding["severity"] == "problem";
        assert_eq!(code, Some(i32::from(problem)), "{id}: {found:#}");
    }
}

#[test]
fn a_model_that_is_loaded_twice_is_told_with_the_command_that_unloads_it() {
    let studio = Studio::new();
    studio.load(&[
        loaded(KEYS[1], KEYS[1], 4096, 1),
        loaded(&format!("{}:2", KEYS[1]), KEYS[1], 4096, 1),
    ]);
    let (found, _) = diagnosis(&studio, &[]);
    let finding = &found["findings"][0];
    assert_eq!(finding["id"], "loaded_twice");
    assert_eq!(
        finding["fix"]["command"],
        format!("lms unload {}:2", KEYS[1])
    );
}

#[test]
fn nothing_is_started_that_does_not_run() {
    let studio = Studio::new();
    for faults in ["not_running", "unknown@daemon\nserver_down"] {
        studio.faults(faults);
        fs::write(studio.path("state/calls"), "").unwrap();
        diagnosis(&studio, &[]);
        let calls = fs::read_to_string(studio.path("state/calls")).unwrap();
        // Each of these connects, and so starts LM Studio.
        for starts in ["\"ls\"", "\"ps\"", "\"link\"", "\"runtime\""] {
            assert!(!calls.contains(starts), "{faults}: {calls}");
        }
    }
}

#[test]
fn a_bundle_is_shown_redacted_never_over_a_file_and_judged_as_its_machine_was() {
    let studio = Studio::new();
    studio.faults("odd_rows");
    let link = r#"{"peers":[{"deviceName":"Ada's Mac","deviceIdentifier":"secret-id"}],"deviceIdentifier":"a","preferredDeviceIdentifier":"b"}"#;
    fs::write(studio.path("state/link"), link).unwrap();
    let settings = r#"{"modelLoadingGuardrails":{"mode":"high"},"accountEmail":"ada@example.org","developer":{"apiKey":"sk-1"}}"#;
    fs::write(studio.path("home/.lmstudio/settings.json"), settings).unwrap();
    let path = studio.path("bundle.json");
    let name = path.to_str().unwrap();

    let (_, code) = diagnosis(&studio, &["--bundle", name]);
    assert!(code == Some(2) && !path.exists(), "nobody was asked");
    let (live, code) = diagnosis(&studio, &["--bundle", name, "--yes"]);
    assert_eq!(code, Some(0));
    let text = fs::read_to_string(&path).unwrap();
    let home = studio.path("home");
    for secret in [
        "Ada",
        "secret-id",
        "example.org",
        "sk-1",
        home.to_str().unwrap(),
        "planner\"",
    ] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    let schema: Value = serde_json::from_str(&stdout(&["schema", "bundle"])).unwrap();
    let shipped: Value = serde_json::from_str(include_str!("../../schemas/bundle.json")).unwrap();
    assert_eq!(
        schema, shipped,
        "planner schema bundle > schemas/bundle.json"
    );
    let written: Value = serde_json::from_str(&text).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(
        validator.is_valid(&written),
        "{:?}",
        validator.iter_errors(&written).next()
    );

    let again = studio.planner(&["doctor", "--bundle", name, "--yes"]);
    assert_eq!(again.status.code(), Some(2));
    assert_eq!(fs::read_to_string(&path).unwrap(), text);

    let (read, _) = diagnosis(&studio, &["--from", name]);
    assert_eq!(ids(&read), ids(&live));
}

/// Whoever's machine differs from ours sends a bundle; it is judged here for good.
#[test]
fn every_bundle_is_judged_and_read_as_before() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/bundles");
    let mut held = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "json") {
            continue;
        }
        let bundle: Bundle = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let name = path.file_stem().unwrap().to_str().unwrap();
        insta::assert_json_snapshot!(
            format!("bundle_{name}"),
            (diagnose(&bundle), bundle.machine.reading())
        );
        held += 1;
    }
    assert!(held > 0);
}

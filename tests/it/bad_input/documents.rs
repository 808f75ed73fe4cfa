//! Plans that are none, and errors as documents.

use super::refused;
use crate::support::planner;

/// Every command that starts from a saved plan says the same of one that it can't read.
#[test]
fn a_plan_that_is_none_or_of_another_version_is_refused_alike() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let other = write("other.json", r#"{"schema": 9}"#);
    let broken = write("broken.json", "{");
    for command in [
        &["emit", "--out", "x"][..],
        &["explain"],
        &["whatif"],
        &["verify"],
    ] {
        for (file, words) in [(&other, "has schema version 9"), (&broken, "is not a plan")] {
            let output = planner(&[command, &[file.as_str()]].concat());
            let errors = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{command:?}: {errors}");
            assert!(
                errors.contains(words) && errors.contains("hint:"),
                "{command:?}: {errors}"
            );
        }
    }
}

/// A value that begins with a minus sign is refused for what it is.
#[test]
fn negative_figures_are_refused_as_figures() {
    for (args, says) in [
        (
            &["fit", "minimax-m2.1/gguf-q4_k_s", "--context", "-1"][..],
            "`-1` is not a number of tokens",
        ),
        (
            &["recommend", "--memory", "-4GiB"],
            "a size must be above zero",
        ),
        (&["recommend", "--slots", "-2"], "invalid value `-2`"),
        (
            &["recommend", "--min-tps", "-5"],
            "`--min-tps <TPS>`: give tokens per second above zero",
        ),
        (
            &["whatif", "plan.json", "--wired-limit", "-1GiB"],
            "a size must be above zero",
        ),
    ] {
        refused(args, &[says]);
    }
}

/// Programs get a document for an error too, whether the command or its arguments are at fault.
#[test]
fn errors_are_documents_where_documents_are_asked_for() {
    let schema: serde_json::Value =
        serde_json::from_str(include_str!("../../../schemas/error.json")).unwrap();
    let printed = crate::support::stdout(&["schema", "error"]);
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&printed).unwrap(),
        schema
    );
    for (args, error, hint) in [
        (
            &["recommend", "--task", "coed", "--format", "json"][..],
            "task not found: `coed`",
            Some("the tasks are"),
        ),
        (
            &["recommend", "--moddels", "2", "--format=json"],
            "unexpected argument `--moddels`",
            Some("--models"),
        ),
    ] {
        let output = planner(args);
        assert_eq!(output.status.code(), Some(2));
        assert!(output.stdout.is_empty());
        let said: serde_json::Value = serde_json::from_slice(&output.stderr).unwrap();
        assert!(jsonschema::is_valid(&schema, &said), "{said}");
        assert!(said["error"].as_str().unwrap().contains(error), "{said}");
        let way_out = said["hint"].as_str();
        assert!(
            hint.is_none_or(|h| way_out.is_some_and(|w| w.contains(h))),
            "{said}"
        );
    }
}

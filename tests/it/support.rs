//! The program under test, and what all tests need of it.

use std::path::PathBuf;
use std::process::{Command, Output};

use proptest::prelude::ProptestConfig;

/// So many random cases: few where somebody waits for them, many where `PLANNER_LONG_TESTS` is set.
pub(crate) fn cases(few: u32, many: u32) -> ProptestConfig {
    ProptestConfig::with_cases(rounds(few, many))
}

/// So many rounds of a test with random moments, and many more where time is no matter.
pub(crate) fn rounds(few: u32, many: u32) -> u32 {
    let long = std::env::var_os("PLANNER_LONG_TESTS").is_some();
    if long { many } else { few }
}

/// 2026-11-29, as the seconds since 1970.
pub(crate) const TODAY: &str = "1795910400";

/// Runs planner with these arguments, as a user would, away from any user's own catalog.
pub(crate) fn planner(args: &[&str]) -> Output {
    command(args).output().expect("planner runs")
}

/// The same before it runs, for tests that add to its environment.
pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_planner"));
    command
        .args(args)
        .env("XDG_CONFIG_HOME", "/nonexistent")
        .env("HOME", "/nonexistent")
        // Whenever the tests run, the catalog is no older.
        .env("SOURCE_DATE_EPOCH", TODAY)
        .env_remove("COLUMNS")
        .env_remove("NO_COLOR");
    command
}

/// A user with a home of their own.
pub(crate) struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    /// One in which nothing lies.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder }
    }

    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = command(args);
        command
            .env("XDG_CONFIG_HOME", self.at("config"))
            .env("XDG_DATA_HOME", self.at("data"))
            .env("NO_PROXY", "*");
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("planner runs")
    }

    /// The document that a run ends with, whether or not it is content.
    pub(crate) fn json(&self, args: &[&str]) -> serde_json::Value {
        let output = self.run(&[args, &["--format", "json"]].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{args:?}: {said}"))
    }
}

/// Standard output of a successful run; nothing may be on standard error.
pub(crate) fn stdout(args: &[&str]) -> String {
    let output = planner(args);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "planner {args:?} failed: {errors}");
    assert_eq!(errors, "", "planner {args:?} wrote to standard error");
    String::from_utf8(output.stdout).expect("planner writes UTF-8")
}

/// A schema as the repository has it; `planner schema NAME > schemas/NAME.json` writes it anew.
pub(crate) fn shipped_schema(name: &str) -> serde_json::Value {
    let path = format!("{}/schemas/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("a schema is there");
    serde_json::from_str(&text).expect("a schema is JSON")
}

/// A plan as JSON.
pub(crate) fn plan(args: &[&str]) -> serde_json::Value {
    let mut all = vec!["recommend", "--format", "json"];
    all.extend_from_slice(args);
    serde_json::from_str(&stdout(&all)).expect("a plan is JSON")
}

/// The same; none where there is no plan.
pub(crate) fn plan_or_none(args: &[&str]) -> Option<serde_json::Value> {
    let mut all = vec!["recommend", "--format", "json"];
    all.extend_from_slice(args);
    let output = planner(&all);
    let plan = serde_json::from_slice(&output.stdout).expect("a plan is JSON");
    output.status.success().then_some(plan)
}

/// `model/variant` of each model of a plan.
pub(crate) fn loadout(plan: &serde_json::Value) -> Vec<String> {
    let entries = plan["loadout"].as_array().expect("a loadout is a list");
    entries
        .iter()
        .map(|e| {
            format!(
                "{}/{}",
                e["model"].as_str().unwrap(),
                e["variant"].as_str().unwrap()
            )
        })
        .collect()
}

//! The GPU's limit by version of macOS: the flag, the answer, profile files of users.

use std::fs;
use std::path::PathBuf;

use planner::machine::{Machine, Profiles, default_working_set, working_sets};
use serde_json::json;

use crate::support::{plan, planner};

const GIB: u64 = 1 << 30;

fn profile(name: &str, extra: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("macos");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("{name}.toml"));
    let text = format!(
        "id = \"mine\"\nname = \"Mine\"\nchip = \"m4-max\"\ngpu_cores = 40\nmemory_bytes = 137438953472\nsources = [\"mine\"]\n{extra}"
    );
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn limit(args: &[&str]) -> serde_json::Value {
    let mut all = vec!["--task", "code"];
    all.extend_from_slice(args);
    plan(&all)["limits"]["gpu_working_set_bytes"].clone()
}

#[test]
fn the_newest_macos_is_assumed_and_an_older_one_gives_less() {
    let newest = plan(&["--task", "code", "--machine", "m3-ultra-512gb"]);
    assert_eq!(newest["machine"]["macos"], "27");
    assert_eq!(newest["machine"]["macos_assumed"], true);
    assert_eq!(newest["limits"]["gpu_working_set_bytes"], json!(464 * GIB));
    let older = plan(&[
        "--task",
        "code",
        "--machine",
        "m3-ultra-512gb",
        "--macos",
        "15.2",
    ]);
    assert_eq!(older["machine"]["macos"], "15.2");
    assert!(older["machine"].get("macos_assumed").is_none());
    assert_eq!(older["limits"]["gpu_working_set_bytes"], json!(384 * GIB));
    let kinds = |plan: &serde_json::Value| {
        let advice = plan["advice"].as_array().unwrap();
        advice
            .iter()
            .filter(|a| a["kind"] == "known_to_fail")
            .count()
    };
    assert_eq!((kinds(&newest), kinds(&older)), (0, 0));
    let failing = plan(&[
        "--task",
        "code",
        "--machine",
        "m3-ultra-512gb",
        "--macos",
        "27.0",
    ]);
    assert_eq!(kinds(&failing), 1);
}

#[test]
fn a_limit_that_was_set_holds_on_every_macos() {
    let args = [
        "--machine",
        "m3-ultra-512gb",
        "--macos",
        "15",
        "--wired-limit",
        "480GiB",
    ];
    assert_eq!(limit(&args), json!(480 * GIB));
}

#[test]
fn a_version_without_figures_is_refused() {
    for version in ["12", "25", "99", "x"] {
        let out = planner(&[
            "recommend",
            "--task",
            "code",
            "--machine",
            "m4-max-64gb",
            "--macos",
            version,
        ]);
        assert!(!out.status.success(), "{version}");
    }
}

#[test]
fn profile_files_of_users_are_read_with_and_without_a_figure_of_their_own() {
    let own = profile(
        "own",
        "[gpu_working_set]\nbytes = 107374182400\nbasis = \"measured\"\nsource = \"read on it\"\n",
    );
    // What its owner read is of a current macOS; an older one is another machine.
    assert_eq!(limit(&["--machine", &own]), json!(100 * GIB));
    assert_eq!(
        limit(&["--machine", &own, "--macos", "26"]),
        json!(100 * GIB)
    );
    assert_eq!(
        limit(&["--machine", &own, "--macos", "15"]),
        json!(96 * GIB)
    );
    let without = profile("without", "");
    assert_eq!(limit(&["--machine", &without]), json!(115_448_725_504_u64));
}

/// The table and the profiles don't contradict each other.
#[test]
fn every_profile_has_what_the_table_gives_on_the_newest_macos() {
    let profiles = Profiles::embedded().unwrap();
    for profile in &profiles.machines {
        let machine = Machine::from_profile(profile, &profiles.chips).unwrap();
        let Some(set) = profile
            .gpu_working_set
            .as_ref()
            .filter(|_| machine.is_mac())
        else {
            continue;
        };
        let table = default_working_set(profile.memory_bytes, working_sets::newest());
        assert_eq!(set.bytes, table.bytes, "{}", profile.id);
        let older = machine.clone().with_macos("15".parse().unwrap());
        let back = older.clone().with_macos("27".parse().unwrap());
        let bytes = |m: &Machine| m.gpu_working_set.as_ref().unwrap().bytes;
        assert!(bytes(&older) < bytes(&machine), "{}", profile.id);
        assert_eq!(bytes(&back), bytes(&machine), "{}", profile.id);
    }
}

//! Models that take turns: the maximal sets against every subset, and the files that are written.

use std::collections::{BTreeMap, BTreeSet};

use planner::emit::coexist::{largest_that_always_fits, maximal};
use planner::machine::{Machine, Profiles};
use planner::memory::limits::{Demand, Limits};
use planner::units::Bytes;

use crate::support::command;

/// Numbers without a pattern that matters here, the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

fn limits() -> Limits {
    let profiles = Profiles::embedded().unwrap();
    let profile = profiles.machine("m4-max-64gb").unwrap();
    Limits::of(&Machine::from_profile(profile, &profiles.chips).unwrap()).with_guard()
}

fn sum(models: &[Demand], set: u32) -> Demand {
    let of = (0..models.len()).filter(|n| set >> n & 1 == 1);
    of.fold(Demand::default(), |sum, n| sum + models[n])
}

/// Every subset of every instance: those that fit and to which nothing can be added are what is
/// found, and no other.
#[test]
fn maximal_sets_are_those_of_brute_force() {
    let limits = limits();
    let mut random = Random(11);
    for case in 0..300 {
        let models: Vec<Demand> = (0..random.below(9))
            .map(|_| {
                let gpu = 1 + random.below(70);
                let beside = random.below(12);
                Demand {
                    gpu: Bytes::from_gib(gpu),
                    total: Bytes::from_gib(gpu + beside),
                }
            })
            .collect();
        let all = 1u32 << models.len();
        let fits: Vec<u32> = (1..all)
            .filter(|s| limits.holds(sum(&models, *s)))
            .collect();
        let greater = |s: u32| fits.iter().any(|other| *other != s && other & s == s);
        let expected: BTreeSet<u32> = fits.iter().copied().filter(|s| !greater(*s)).collect();
        let found = maximal(&models, &limits);
        let bits = |set: &Vec<usize>| set.iter().map(|n| 1u32 << n).sum::<u32>();
        let found_bits: BTreeSet<u32> = found.iter().map(bits).collect();
        assert_eq!(found_bits, expected, "case {case}: {models:?}");
        assert_eq!(found.len(), expected.len(), "case {case}: a set twice");
        let of_size = |k: u32| (1..all).filter(move |s| s.count_ones() == k);
        let always = (1..=u32::try_from(models.len()).unwrap())
            .take_while(|k| of_size(*k).all(|s| limits.holds(sum(&models, s))));
        assert_eq!(largest_that_always_fits(&models, &limits), always.count());
    }
}

/// What llama-swap's schema asks of a `matrix` (commit 0bdb372): short alphanumeric names, costs that
/// are whole and positive, sets in the names of `vars`; and no `groups` beside it.
#[test]
fn the_files_are_what_their_readers_take() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("router");
    let status = command(&[
        "emit",
        "--coexist",
        "qwen3.6-27b/gguf-q8_0",
        "gpt-oss-20b/gguf-mxfp4",
        "qwen3-8b/gguf-q8_0",
        "qwen3-embedding-0.6b",
        "mistral-small-3.2-24b/gguf-q8_0",
        "--machine",
        "m4-max-64gb",
        "--out",
    ])
    .arg(&out)
    .output()
    .unwrap();
    assert!(
        status.status.success(),
        "{}",
        String::from_utf8_lossy(&status.stderr)
    );
    let read = |name: &str| std::fs::read_to_string(out.join(name)).unwrap();
    let yaml = read("llama-swap.yaml");
    assert!(!yaml.contains("\ngroups:"));
    let said: serde_json::Value = serde_json::from_str(&read("coexistence.json")).unwrap();
    let (_, matrix) = yaml.split_once("\nmatrix:\n").unwrap();
    let mut vars = BTreeMap::new();
    let (mut costs, mut sets, mut part) = (0, Vec::new(), "");
    for line in matrix.lines() {
        let line = line.split(" #").next().unwrap();
        match line.trim_start() {
            "vars:" | "evict_costs:" | "sets:" => part = line.trim().trim_end_matches(':'),
            entry => {
                let (key, value) = entry.split_once(": ").unwrap();
                assert!((1..=8).contains(&key.len()) && key.chars().all(char::is_alphanumeric));
                match part {
                    "vars" => {
                        vars.insert(key.to_owned(), value.trim_matches('"').to_owned());
                    }
                    "evict_costs" => {
                        assert!(vars.contains_key(key));
                        costs += u64::from(value.parse::<u64>().unwrap() >= 1);
                    }
                    _ => {
                        let names = value.trim_matches('"').split(" & ");
                        sets.push(names.map(|n| vars[n].clone()).collect::<Vec<_>>());
                    }
                }
            }
        }
    }
    assert_eq!((vars.len(), costs), (5, 5));
    let told: Vec<Vec<String>> = serde_json::from_value(said["sets"].clone()).unwrap();
    assert_eq!(sets, told);
    assert!(told.len() > 1, "all of them fit together: {told:?}");
    let ini = read("llama-server.ini");
    assert_eq!(
        ini.matches("load-on-startup = false").count(),
        ini.matches("hf-repo").count()
    );
    assert!(ini.contains("embeddings = true"));
    assert!(ini.contains(&format!("--models-max {} ", said["any"])));
}

/// Where only models are named every router gets all of them, so far as they have GGUF files; one that
/// can't be counted is told, and ends nothing.
#[test]
fn files_are_those_that_every_router_loads() {
    let folder = tempfile::tempdir().unwrap();
    let emitted = |name: &str, more: &[&str]| {
        let out = folder.path().join(name);
        let models = ["qwen3.6-27b", "gpt-oss-120b", "qwen3-8b", "hy3"];
        let done = command(&["emit", "--machine", "m4-max-128gb", "--format", "json"])
            .arg("--out")
            .arg(&out)
            .args(more)
            .arg("--coexist")
            .args(models)
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
        let said: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
        let ini = std::fs::read_to_string(out.join("llama-server.ini")).unwrap_or_default();
        let readme = std::fs::read_to_string(out.join("README.md")).unwrap();
        (said, ini.matches("hf-repo").count(), readme)
    };
    let (said, presets, _) = emitted("any", &[]);
    assert_eq!(said["left_out"].as_array().unwrap().len(), 0);
    assert_eq!(said["gguf"], presets);
    assert_eq!(presets, 4 - said["too_large"].as_array().unwrap().len());

    let (said, presets, readme) = emitted("mlx", &["--engine", "mlx"]);
    assert_eq!(presets, 0);
    assert_eq!(said["left_out"][0]["model"], "hy3");
    assert!(readme.contains("`hy3` is left out"), "{readme}");
}

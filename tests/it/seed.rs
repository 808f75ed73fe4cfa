//! The first study's recommendations come out of its data and the profiles.

use crate::support::{loadout, plan};

const STUDY: [&str; 4] = ["--campaign", "llm-mac-512", "--machine", "m3-ultra-512gb"];
const CODER: &str = "qwen3-coder-next/gguf-q4_k_m";
const MINIMAX: &str = "minimax-m2.1/gguf-q4_k_s";
const MINIMAX_8BIT: &str = "minimax-m2.1/mlx-8bit";

fn tasks(tasks: &[&str]) -> serde_json::Value {
    let mut args = STUDY.to_vec();
    for task in tasks {
        args.extend(["--task", task]);
    }
    plan(&args)
}

#[test]
fn each_task_alone_gets_the_studys_model() {
    for (task, model) in [
        ("code", CODER),
        ("agent", CODER),
        ("general", MINIMAX),
        ("long-form", MINIMAX),
        ("constrained", CODER),
    ] {
        assert_eq!(loadout(&tasks(&[task])), [model], "{task}");
    }
}

#[test]
fn two_and_three_tasks_get_the_studys_sets() {
    assert_eq!(loadout(&tasks(&["code", "general"])), [CODER, MINIMAX]);
    let three = tasks(&["code", "general", "quality"]);
    assert_eq!(loadout(&three), [CODER, MINIMAX, MINIMAX_8BIT]);
    // At their full contexts the three would not fit: they get what really fits.
    let limit = three["limits"]["gpu_working_set_bytes"].as_u64().unwrap();
    let taken = three["totals"]["gpu_total_bytes"].as_u64().unwrap();
    assert!(taken < limit && three["headroom_bytes"].as_i64().unwrap() >= 0);
}

#[test]
fn the_studys_triple_is_told_what_it_really_needs() {
    let plan = tasks(&["code"]);
    let advice = plan["advice"].as_array().unwrap();
    let told = advice
        .iter()
        .find(|a| a["kind"] == "published_loadout")
        .expect("the triple is told");
    let text = told["text"].as_str().unwrap();
    // 121.1 + 45.2 + 226.3 GiB of files, 65.3 GiB of context, buffers and the MLX reserve: about
    // 461 GiB on the GPU by the sums in the ledger's own sources.
    let needed: f64 = text
        .split("it needs ")
        .nth(1)
        .unwrap()
        .split(' ')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!((460.0..464.0).contains(&needed), "{text}");
    assert!(text.contains("429.5 GB"), "{text}");
}

#[test]
fn the_studys_speeds_are_the_ones_in_its_files() {
    let plan = tasks(&["code", "general"]);
    let speed = |n: usize| &plan["loadout"][n]["speed"];
    // The report's 33.92 is the run's mean over whole requests; steady decoding is faster.
    assert!((speed(0)["wall_clock_tokens_per_second"].as_f64().unwrap() - 33.92).abs() < 0.01);
    assert!((speed(0)["decode_tokens_per_second"].as_f64().unwrap() - 37.2).abs() < 0.1);
    let minimax = speed(1)["decode_tokens_per_second"].as_f64().unwrap();
    assert!((47.0..50.0).contains(&minimax), "{minimax}");
}

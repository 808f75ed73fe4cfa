//! Experts in ordinary memory as candidates of a machine with a card: counted in both memories, told on
//! the first screen, and written as engines read them.

use std::path::Path;

use planner::catalog::Catalog;
use planner::machine::Profiles;
use planner::memory::limits::Demand;
use planner::plan::request::Request;
use planner::scenario::pool::Extent;
use planner::scenario::{Pool, Scenario};
use planner::speed::SpeedModel;
use serde_json::Value;

use crate::macs::machine;
use crate::support::{plan, planner, stdout};

const CARD: [&str; 2] = ["--machine", "pc-rtx-4090-64gb"];

fn with_pool(id: &str, see: impl Fn(&Scenario<'_>, &Pool<'_>)) {
    let catalog = Catalog::embedded().unwrap();
    let profiles = Profiles::embedded().unwrap();
    let speed = SpeedModel::of(&catalog, &profiles.chips).unwrap();
    let task = planner::task::embedded().unwrap()["code"].clone();
    let request = Request::new(vec![(task, 1.0)]);
    let scenario = Scenario::new(&catalog, &machine(&profiles, id), &speed, &request);
    see(&scenario, &Pool::of(&scenario, Extent::Machine));
}

/// What the solver is told of a candidate is the sum of its ledger, in both memories; and of a number of
/// layers one fewer would not do at its longest context that fits.
#[test]
fn candidates_take_what_their_ledgers_say_and_leave_no_layer_too_many() {
    with_pool("pc-rtx-4090-64gb", |scenario, pool| {
        let limits = scenario.limits();
        let mut apart = 0;
        for ladder in &pool.ladders {
            let Some(experts) = ladder.base().settings.cpu_experts else {
                continue;
            };
            apart += 1;
            let arch = ladder.base().model.architecture.as_ref().unwrap();
            assert_eq!(experts.of, arch.layers);
            for rung in [0, ladder.len() / 2, ladder.len() - 1] {
                let c = ladder.candidate(rung);
                let ledger = Demand::from(&c.ledger_at(&c.settings));
                assert_eq!(c.demand, ledger, "{} at {:?}", c.name(), c.settings);
            }
            let fitting = ladder.fitting(|demand| limits.holds(demand));
            let gpu = ladder.fitting(|demand| demand.gpu <= limits.gpu_budget());
            if fitting == 0 || gpu < fitting {
                continue;
            }
            let c = ladder.candidate(gpu - 1);
            let mut settings = c.settings;
            settings.cpu_experts.as_mut().unwrap().layers -= 1;
            let fewer = Demand::from(&c.ledger_at(&settings));
            assert!(fewer.gpu > limits.gpu_budget(), "{}: {experts}", c.name());
        }
        assert!(apart > 100, "{apart}");
    });
}

#[test]
fn where_there_is_one_memory_no_expert_is_apart() {
    for id in ["m4-max-64gb", "dgx-spark-128gb", "strix-halo-64gb"] {
        with_pool(id, |_, pool| {
            let mut all = pool.ladders.iter().map(|l| l.base().settings.cpu_experts);
            assert!(all.all(|experts| experts.is_none()), "{id}");
        });
    }
}

/// gpt-oss-120b beside a card of 24 GB: owners run it with the experts of 25 to 28 layers in RAM
/// (tests/data/experts-in-ram.tsv). The plan says so everywhere, and `fit` finds both memories as full.
#[test]
fn a_mixture_larger_than_the_card_is_planned_with_experts_in_ram() {
    let asked = ["--task", "code", "--pin", "gpt-oss-120b", "--models", "1"];
    let args = [&asked[..], &CARD].concat();
    let plan = plan(&args);
    let entry = &plan["loadout"][0];
    let layers = entry["settings"]["cpu_experts"]["layers"].as_u64().unwrap();
    assert_eq!(entry["settings"]["cpu_experts"]["of"], 36);
    assert!((22..=32).contains(&layers), "{layers}");
    let schema: Value = serde_json::from_str(&stdout(&["schema", "plan"])).unwrap();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&plan));
    assert_eq!(entry["speed"]["basis"], "predicted");
    // Published beside an RTX 3090: 30 to 33 tokens per second.
    let speed = &entry["speed"];
    assert!(speed["low"].as_f64().unwrap() < 30.0 && speed["high"].as_f64().unwrap() > 33.0);

    let name = format!("gpt-oss-120b/{}", entry["variant"].as_str().unwrap());
    let context = entry["settings"]["context"].to_string();
    let n = layers.to_string();
    let fit = ["fit", &name, "--context", &context, "--n-cpu-moe", &n];
    let fit = [&fit[..], &CARD, &["--format", "json"]].concat();
    let fit: Value = serde_json::from_slice(&planner(&fit).stdout).unwrap();
    assert_eq!(fit["verdict"], "fits", "{fit:#}");
    for bytes in ["gpu_total_bytes", "total_bytes"] {
        assert_eq!(fit["memory"][bytes], entry["memory"][bytes], "{bytes}");
    }
    let decode = &fit["speed"]["decode_tokens_per_second"];
    assert_eq!(*decode, entry["speed"]["decode_tokens_per_second"]);

    let screen = stdout(&[&["recommend"][..], &args].concat());
    let told =
        format!("the experts of {layers} of 36 layers of gpt-oss 120B (`--n-cpu-moe {layers}`)");
    assert!(screen.contains(&told), "{screen}");
}

/// llama-server's own flag in both of its files, and LM Studio's key as its application writes it.
#[test]
fn engines_are_told_in_their_own_words() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let asked = [
        "recommend",
        "--task",
        "code",
        "--pin",
        "gpt-oss-120b",
        "--models",
        "1",
    ];
    let (saved, out) = (path("plan.json"), path("out"));
    let args = [&asked[..], &CARD, &["--out", &saved]].concat();
    assert!(planner(&args).status.success());
    assert!(planner(&["emit", &saved, "--out", &out]).status.success());
    let read = |file: &str| std::fs::read_to_string(Path::new(&out).join(file)).unwrap();
    let plan: Value = serde_json::from_str(&read("plan.json")).unwrap();
    let layers = plan["loadout"][0]["settings"]["cpu_experts"]["layers"]
        .as_f64()
        .unwrap();
    let ini = read("engines/llama-server.ini");
    assert!(
        ini.contains(&format!("gpu-layers = 999\nn-cpu-moe = {layers}\n")),
        "{ini}"
    );
    let swap = read("engines/llama-swap.yaml");
    assert!(
        swap.contains(&format!("--gpu-layers 999 --n-cpu-moe {layers} ")),
        "{swap}"
    );
    let defaults: Value =
        serde_json::from_str(&read("lmstudio/defaults/gpt-oss-120b.json")).unwrap();
    let fields = defaults["load"]["fields"].as_array().unwrap();
    let key = "llm.load.numCpuExpertLayersRatio";
    let ratio = fields.iter().find(|f| f["key"] == key).unwrap();
    assert_eq!(ratio["value"].as_f64(), Some(layers / 36.0));
    assert!(read("README.md").contains("`lms load` has no flag for some settings"));
}

#[test]
fn speed_tells_what_experts_in_ram_cost() {
    let ask = |more: &[&str]| {
        let all = [
            "speed",
            "gpt-oss-120b/gguf-mxfp4",
            "--depth",
            "8k",
            "--format",
            "json",
        ];
        let out = planner(&[&all[..], &CARD, more].concat());
        let answer: Value = serde_json::from_slice(&out.stdout).unwrap();
        answer["rows"][0].clone()
    };
    let speed = |row: &Value| row["decode_tokens_per_second"].as_f64().unwrap();
    let (whole, some, every) = (ask(&[]), ask(&["--n-cpu-moe", "26"]), ask(&["--cpu-moe"]));
    assert!(speed(&whole) > speed(&some) && speed(&some) > speed(&every));
    assert!(whole.get("cpu_experts").is_none());
    assert_eq!(every["cpu_experts"]["layers"], 36);
    let dense = planner(&[&["speed", "qwen3-32b/gguf-q4_k_m", "--cpu-moe"][..], &CARD].concat());
    let said = String::from_utf8(dense.stderr).unwrap();
    assert!(said.contains("no experts"), "{said}");
    let mac = [
        "speed",
        "gpt-oss-120b/gguf-mxfp4",
        "--cpu-moe",
        "--machine",
        "m4-max-128gb",
    ];
    let said = String::from_utf8(planner(&mac).stderr).unwrap();
    assert!(said.contains("one memory"), "{said}");
}

/// By quality alone a mixture beside the card may be the best, which `rank` counts with its slower turns.
#[test]
fn a_ranking_counts_experts_in_ram() {
    let rank = |machine: &str| {
        let args = [
            "catalog",
            "rank",
            "--task",
            "code",
            "--machine",
            machine,
            "--format",
            "json",
        ];
        let all: Value = serde_json::from_slice(&planner(&args).stdout).unwrap();
        let models = all["models"].as_array().unwrap();
        let of = |name: &str| models.iter().find(|m| m["model"] == name).unwrap().clone();
        (of("gpt-oss-120b"), of("gpt-oss-20b"))
    };
    let (large, small) = rank("pc-rtx-4090-64gb");
    assert_eq!(large["fits"], true);
    assert!(
        large["cpu_experts"]["layers"].as_u64().unwrap() > 20,
        "{large}"
    );
    assert!(small.get("cpu_experts").is_none());
    let seconds = |row: &Value| row["seconds_per_turn"].as_f64().unwrap();
    assert!(seconds(&large) > 2.0 * seconds(&small));
    let (large, _) = rank("strix-halo-128gb");
    assert!(large.get("cpu_experts").is_none());
}

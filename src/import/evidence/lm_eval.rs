//! `results_*.json` of lm-evaluation-harness.

use serde_json::Value;

use super::figure::Evidence;

/// Tasks whose figure is that of a benchmark of the catalog: task, metric with its filter, benchmark,
/// and how many questions that has (by the cards of `TIGER-Lab/MMLU-Pro`, `google/IFEval` and
/// `Idavidrein/gpqa`; an AIME is two papers of fifteen).
/// The same questions asked in another way (by the likelihood of each choice, as the `leaderboard_`
/// tasks do) give other figures, and are none of these.
const TASKS: [(&str, &str, &str, u64); 6] = [
    ("mmlu_pro", "exact_match,custom-extract", "MMLU-Pro", 12_032),
    ("ifeval", "prompt_level_strict_acc,none", "IFEval", 541),
    (
        "gpqa_diamond_cot_zeroshot",
        "exact_match,flexible-extract",
        "GPQA-Diamond",
        198,
    ),
    (
        "gpqa_diamond_generative_n_shot",
        "exact_match,flexible-extract",
        "GPQA-Diamond",
        198,
    ),
    ("aime25", "exact_match,none", "AIME 2025", 30),
    ("aime26", "exact_match,none", "AIME 2026", 30),
];

pub(super) fn read(json: &Value) -> Option<Evidence> {
    let results = json.get("results")?.as_object()?;
    // Other programs have `results` too; only this one has metrics with a filter after a comma.
    let is_metric = |key: &String| key.contains(',');
    let mut tasks = results.values().filter_map(Value::as_object);
    if !tasks.any(|task| task.keys().any(is_metric)) {
        return None;
    }
    let mut found = Evidence::of("lm-evaluation-harness");
    let version = json.get("lm_eval_version").and_then(Value::as_str);
    let harness = version.map_or_else(
        || "lm-evaluation-harness".to_owned(),
        |v| format!("lm-evaluation-harness {v}"),
    );
    let model = model(json);
    for (task, metrics) in results {
        let known = TASKS.iter().find(|(name, ..)| name == task);
        let part = part(json, task);
        if let Some(reason) = part.or_else(|| not_whole(json, task, known?.3)) {
            found.skip(task, reason);
            continue;
        }
        let figure = known.and_then(|(_, metric, benchmark, _)| {
            Some((metrics.get(*metric)?.as_f64()?, *benchmark))
        });
        match figure {
            Some((figure, benchmark)) => {
                let shots = json.get("n-shot").and_then(|n| n.get(task)?.as_u64());
                let shots = shots.map_or(String::new(), |n| format!(", {n}-shot"));
                let harness = format!("{harness}{shots}");
                found.score(task, model.as_deref(), benchmark, 100.0 * figure, harness);
            }
            None => found.skip(
                task,
                "no benchmark of the catalog is this task by this metric",
            ),
        }
    }
    Some(found)
}

/// Why a task is not the whole of a test, where it is not.
fn part(json: &Value, task: &str) -> Option<String> {
    let groups = json.get("group_subtasks").and_then(Value::as_object);
    let is_in = |of: &Value| {
        of.as_array()
            .is_some_and(|all| all.iter().any(|t| t == task))
    };
    let group = groups.and_then(|all| all.iter().find(|(name, of)| *name != task && is_in(of)));
    if let Some((group, _)) = group {
        return Some(format!("it is a part of `{group}`"));
    }
    let limit = json.get("config").and_then(|c| c.get("limit")?.as_f64());
    if let Some(limit) = limit {
        return Some(format!(
            "only a part of the test was run: `--limit {limit}`"
        ));
    }
    let (asked, all) = (
        asked(json, task, "effective")?,
        asked(json, task, "original")?,
    );
    (asked < all).then(|| format!("{asked} of {all} questions were asked"))
}

/// Why the questions of a task are not all that its benchmark has, where they are not.
fn not_whole(json: &Value, task: &str, all: u64) -> Option<String> {
    match asked(json, task, "effective") {
        None => Some("it does not say how many questions were asked (`n-samples`)".to_owned()),
        Some(asked) if asked != all => Some(format!(
            "{asked} questions were asked, and the test has {all}"
        )),
        Some(_) => None,
    }
}

/// How many questions of a task there are by this count; those of a group are those of its parts
/// where they are not counted together.
fn asked(json: &Value, task: &str, count: &str) -> Option<u64> {
    let samples = json.get("n-samples")?;
    let of = |task: &str| samples.get(task)?.get(count)?.as_u64();
    of(task).or_else(|| {
        let parts = json.get("group_subtasks")?.get(task)?.as_array()?;
        let parts = parts.iter().map(|part| of(part.as_str()?));
        parts.sum::<Option<u64>>().filter(|sum| *sum > 0)
    })
}

/// What the run calls its model: a repository, or a path.
fn model(json: &Value) -> Option<String> {
    let config = json.get("config");
    let args = config.and_then(|c| c.get("model_args"));
    let of_args = match args {
        Some(Value::String(text)) => text.split(',').find_map(|part| {
            let (key, value) = part.split_once('=')?;
            ["pretrained", "model"]
                .contains(&key.trim())
                .then(|| value.trim().to_owned())
        }),
        Some(Value::Object(map)) => ["pretrained", "model"]
            .iter()
            .find_map(|key| map.get(*key)?.as_str())
            .map(str::to_owned),
        _ => None,
    };
    of_args.or_else(|| json.get("model_name")?.as_str().map(str::to_owned))
}

//! `*_eval_results.json` of EvalPlus: each task with whether its samples pass.

use serde_json::Value;

use super::figure::Evidence;

/// How its tasks are called, how many there are, and what the catalog calls the whole. MBPP+ was cut
/// from 399 tasks to 378 in version 0.2.0.
const SETS: [(&str, usize, &str); 2] = [("HumanEval/", 164, "HumanEval+"), ("Mbpp/", 378, "MBPP+")];

pub(super) fn read(json: &Value) -> Option<Evidence> {
    let tasks = json.get("eval")?.as_object()?;
    let (first, samples) = tasks.iter().next()?;
    let (_, all, benchmark) = SETS.iter().find(|(prefix, ..)| first.starts_with(prefix))?;
    samples.get(0)?.get("plus_status")?;
    let mut found = Evidence::of("EvalPlus");
    if tasks.len() < *all {
        let reason = format!("{} of {all} tasks were run", tasks.len());
        found.skip(*benchmark, reason);
        return Some(found);
    }
    let shares: Option<Vec<f64>> = tasks.values().map(passing).collect();
    match shares {
        Some(shares) => {
            #[expect(clippy::cast_precision_loss, reason = "a few hundred tasks")]
            let score = 100.0 * shares.iter().sum::<f64>() / shares.len() as f64;
            found.score(
                benchmark,
                None,
                benchmark,
                score,
                "EvalPlus, pass@1".to_owned(),
            );
        }
        None => found.skip(*benchmark, "a task of it has no samples"),
    }
    Some(found)
}

/// The share of a task's samples that pass its own tests and those that were added.
fn passing(samples: &Value) -> Option<f64> {
    let samples = samples.as_array().filter(|all| !all.is_empty())?;
    let passes = |sample: &&Value| {
        let status = |key: &str| sample.get(key).and_then(Value::as_str) == Some("pass");
        status("base_status") && status("plus_status")
    };
    #[expect(clippy::cast_precision_loss, reason = "a few samples")]
    let share = samples.iter().filter(passes).count() as f64 / samples.len() as f64;
    Some(share)
}

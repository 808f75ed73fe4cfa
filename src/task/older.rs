//! Profiles that were written for earlier versions: what is gone is taken out, and said.

use serde_json::{Map, Value, json};

/// A weight that is gone, and what its share goes to.
const WEIGHTS: [(&str, &str, &str); 4] = [
    (
        "precision",
        "quality",
        "what quantization loses is taken off the quality",
    ),
    (
        "specialty",
        "quality",
        "what a publisher says of its model counts for nothing",
    ),
    (
        "efficiency",
        "memory",
        "the memory that a model takes counts instead",
    ),
    ("load_time", "quality", "loading is no part of a turn"),
];

/// Brings a profile to the present form; says what was left out.
pub fn mend(profile: &mut Map<String, Value>) -> Vec<String> {
    let mut notes = Vec::new();
    for (gone, heir, why) in WEIGHTS {
        notes.extend(weight(profile, gone, heir, why));
        if let Some(scales) = table(profile, "scales") {
            scales.remove(gone);
        }
    }
    if profile.remove("specialists_in").is_some() {
        notes.push("`specialists_in` is no longer read: no task has specialists".to_owned());
    }
    if let Some(scales) = table(profile, "scales")
        && let Some(quality) = scales.get("quality").and_then(Value::as_object)
        && (quality.contains_key("missing") || quality.contains_key("missing_share"))
    {
        scales.remove("quality");
        notes.push(
            "`scales.quality` has no `missing` any more: what was not published is expected"
                .to_owned(),
        );
    }
    if table(profile, "scales").is_some_and(|scales| scales.remove("speed").is_some()) {
        notes.push(
            "`scales.speed` is gone: seconds of a turn count instead of tokens per second (`scales.turn`)"
                .to_owned(),
        );
    }
    notes.extend(benchmarks(profile));
    notes
}

fn table<'p>(
    profile: &'p mut Map<String, Value>,
    name: &str,
) -> Option<&'p mut Map<String, Value>> {
    profile.get_mut(name)?.as_object_mut()
}

/// Moves a weight to its heir; silent about one of zero.
fn weight(profile: &mut Map<String, Value>, gone: &str, heir: &str, why: &str) -> Option<String> {
    let weights = table(profile, "weights")?;
    let weight = weights.remove(gone)?.as_f64()?;
    if weight <= 0.0 {
        return None;
    }
    let sum = weight + weights.get(heir).and_then(Value::as_f64).unwrap_or(0.0);
    // Sums of a few decimals, not of their binary tails.
    weights.insert(heir.to_owned(), json!((sum * 1e9).round() / 1e9));
    Some(format!(
        "the weight `{gone}` is gone ({why}): its {weight} counts as `{heir}`"
    ))
}

fn benchmarks(profile: &mut Map<String, Value>) -> Option<String> {
    let benchmarks = profile.get_mut("benchmarks")?.as_array_mut()?;
    let mut found = false;
    for benchmark in benchmarks.iter_mut().filter_map(Value::as_object_mut) {
        for gone in ["anchors", "successor_of"] {
            found |= benchmark.remove(gone).is_some();
        }
    }
    found.then(|| {
        "benchmarks have no `anchors` and no `successor_of` any more: quality is counted in points, and what was not published is expected"
            .to_owned()
    })
}

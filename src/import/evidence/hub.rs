//! `.eval_results/*.yaml` in a repository of a hub: scores by the benchmark's own data set.
//!
//! Only what these files are made of is read: a list of maps, each with `dataset` (`id`, `task_id`),
//! `value` and `notes` (<https://huggingface.co/docs/hub/eval-results>). Everything else is passed over.

/// Data sets whose figure is that of a benchmark of the catalog: id, task, benchmark. No task stands
/// for any.
const DATA_SETS: [(&str, Option<&str>, &str); 6] = [
    ("TIGER-Lab/MMLU-Pro", None, "MMLU-Pro"),
    ("Idavidrein/gpqa", Some("diamond"), "GPQA-Diamond"),
    ("Idavidrein/gpqa", Some("gpqa_diamond"), "GPQA-Diamond"),
    ("cais/hle", None, "HLE"),
    ("SWE-bench/SWE-bench_Verified", None, "SWE-bench Verified"),
    ("ScaleAI/SWE-bench_Pro", None, "SWE-bench Pro"),
];

/// A score that a repository states.
#[derive(Debug, Clone, PartialEq)]
pub struct Stated {
    /// The benchmark, by its name in the catalog.
    pub benchmark: &'static str,
    /// In percent.
    pub score: f64,
}

/// The scores in such a file that are of benchmarks of the catalog. A run with tools is a benchmark
/// of its own.
#[must_use]
pub fn eval_results(text: &str) -> Vec<Stated> {
    let mut found = Vec::new();
    for item in items(text) {
        let field = |key: &str| item.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str());
        let (Some(id), Some(value)) = (field("dataset.id"), field("value")) else {
            continue;
        };
        let task = field("dataset.task_id");
        let known = DATA_SETS
            .iter()
            .find(|(set, of, _)| *set == id && (of.is_none() || *of == task));
        let tools = field("notes").is_some_and(|n| n.to_lowercase().contains("with tools"));
        let benchmark = match known {
            Some((.., "HLE")) if tools => "HLE (tools)",
            Some((.., benchmark)) if !tools => *benchmark,
            _ => continue,
        };
        let Ok(value) = value.parse::<f64>() else {
            continue;
        };
        // Shares and percentages both are in use.
        let score = if value <= 1.0 { 100.0 * value } else { value };
        if (0.0..=100.0).contains(&score) {
            let score = (score * 100.0).round() / 100.0;
            found.push(Stated { benchmark, score });
        }
    }
    found
}

type Item = Vec<(String, String)>;

/// The items of the list, each with its keys, those of an inner map after its own and a dot.
fn items(text: &str) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let mut outer = String::new();
    for line in text.lines() {
        let body = line.trim_start();
        if body.is_empty() || body.starts_with('#') {
            continue;
        }
        let indent = line.len() - body.len();
        let (body, begins) = match body.strip_prefix("- ") {
            Some(rest) if indent == 0 => (rest.trim_start(), true),
            _ => (body, false),
        };
        if begins {
            items.push(Vec::new());
        }
        let (Some(item), Some((key, value))) = (items.last_mut(), body.split_once(':')) else {
            continue;
        };
        let (key, value) = (key.trim(), plain(value));
        // The keys of an item stand two columns in, those of an inner map further.
        let top = begins || indent <= 2;
        if top && value.is_empty() {
            key.clone_into(&mut outer);
        } else if top {
            item.push((key.to_owned(), value));
        } else {
            item.push((format!("{outer}.{key}"), value));
        }
    }
    items
}

/// A value without its quotes and what is remarked behind it.
fn plain(value: &str) -> String {
    let value = value.trim();
    for quote in ['"', '\''] {
        if let Some(rest) = value.strip_prefix(quote) {
            return rest.split(quote).next().unwrap_or_default().to_owned();
        }
    }
    value
        .split(" #")
        .next()
        .unwrap_or_default()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_data_sets_are_scores_and_the_rest_is_passed_over() {
        let text = r#"
# Written by hand
- dataset:
    id: cais/hle          # the board
    task_id: hle
  value: 20.90
  date: "2026-01-15"
  source:
    url: https://example.org/a: b
    name: A card
- dataset:
    id: cais/hle
  value: 31.5
  notes: "With tools"
- dataset:
    id: Idavidrein/gpqa
    task_id: gpqa_main
  value: 0.5
- dataset:
    id: 'Idavidrein/gpqa'
    task_id: diamond
  value: 0.7123
- dataset:
    id: TIGER-Lab/MMLU-Pro
  value: many
- dataset:
    id: acme/unknown
  value: 3
"#;
        let found: Vec<(&str, f64)> = eval_results(text)
            .into_iter()
            .map(|s| (s.benchmark, s.score))
            .collect();
        assert_eq!(
            found,
            [
                ("HLE", 20.9),
                ("HLE (tools)", 31.5),
                ("GPQA-Diamond", 71.23)
            ]
        );
        assert!(eval_results("]: not yaml\n- -\n:").is_empty());
    }
}

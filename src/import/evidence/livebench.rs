//! `all_groups.csv` of LiveBench's `show_livebench_result.py`: a row for each model.

use super::csv::Table;
use super::figure::Evidence;

/// The catalog's name for runs that do not say which release of the questions they used.
const BENCHMARK: &str = "LiveBench (older or unstated set)";
/// The categories that every release has; an average of fewer is another figure.
const CATEGORIES: [&str; 6] = [
    "coding",
    "data_analysis",
    "instruction_following",
    "language",
    "math",
    "reasoning",
];

pub(super) fn read(text: &str) -> Option<Evidence> {
    let table = Table::read(text)?;
    let is_one = table.names().first()? == "model" && table.has("average");
    if !is_one || !CATEGORIES.iter().any(|c| table.has(c)) {
        return None;
    }
    let mut found = Evidence::of("LiveBench");
    let lacking = CATEGORIES.iter().find(|c| !table.has(c));
    for row in table.rows() {
        let Some(model) = row.cell("model").filter(|name| *name != "average") else {
            continue;
        };
        let whole = CATEGORIES.iter().all(|c| row.figure(c).is_some());
        match (row.figure("average"), lacking) {
            (_, Some(category)) => {
                found.skip(
                    model,
                    format!("only a part of the test was run: no `{category}`"),
                );
            }
            (Some(average), None) if whole => {
                let harness = "LiveBench's own, average of its categories".to_owned();
                found.score(model, Some(model), BENCHMARK, average, harness);
            }
            _ => found.skip(model, "a category of it has no figure"),
        }
    }
    Some(found)
}

//! `data_overall.csv` of the Berkeley Function-Calling Leaderboard.

use super::csv::Table;
use super::figure::Evidence;

pub(super) fn read(text: &str) -> Option<Evidence> {
    let table = Table::read(text)?;
    if !table.has("Overall Acc") || !table.has("Model") {
        return None;
    }
    let mut found = Evidence::of("BFCL");
    // Each version added what it averages over, which its columns tell.
    let benchmark = match (table.has("Web Search Acc"), table.has("Multi Turn Acc")) {
        (true, _) => "BFCL v4",
        (false, true) => "BFCL v3",
        (false, false) => {
            found.skip(
                "the table",
                "its columns do not tell which version of the leaderboard it is of",
            );
            return Some(found);
        }
    };
    for row in table.rows() {
        let name = row.cell("Model").unwrap_or_default();
        let (model, mode) = match name.rsplit_once(" (") {
            Some((model, mode)) => (model, mode.trim_end_matches(')')),
            None => (name, "mode not stated"),
        };
        match row.figure("Overall Acc") {
            Some(score) => {
                let harness = format!("BFCL's own, {mode}");
                found.score(name, Some(model), benchmark, score, harness);
            }
            None => found.skip(name, "its overall accuracy is no figure"),
        }
    }
    Some(found)
}

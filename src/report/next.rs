//! What comes after a plan: where the files are, and how the plan is carried out.

use super::screen::Screen;
use crate::plan::document::Plan;

/// Where the files of a variant are: a repository of the hub by its short name, which
/// `planner fit` takes too.
pub(super) fn place(repository: Option<&str>, files: Option<&str>) -> Option<String> {
    let repository = repository?;
    let short = repository
        .strip_prefix("https://huggingface.co/")
        .map_or_else(|| repository.to_owned(), |name| format!("hf:{name}"));
    Some(match files {
        Some(files) => format!("{short} {files}"),
        None => short,
    })
}

/// Where each model of the plan is to be had, and the commands that carry it out.
pub(super) fn steps(plan: &Plan, screen: &Screen) -> String {
    let mut out = String::new();
    for e in &plan.loadout {
        let place = place(e.repository.as_deref(), e.files.as_deref())
            .unwrap_or_else(|| "the catalog names no repository".to_owned());
        let text = format!("{}/{}: {place}", e.model, e.variant);
        out.push_str(&screen.fold("  ", "    ", &text));
    }
    let commands = "`--out plan.json` saves this plan; then `planner apply plan.json` loads it in LM \
                    Studio, `planner emit plan.json --out loadout` writes scripts and settings, \
                    `planner explain plan.json` says why not another, and `planner whatif plan.json` \
                    what another machine or setting would change";
    out.push_str(&screen.fold("  ", "  ", commands));
    out
}

//! A plan as steps from what is loaded now, as text.

use super::apply::changes;
use super::no_plan;
use super::screen::{Paint, Screen};
use super::standing;
use super::turn;
use super::typed::Typed;
use super::words::join;
use crate::apply::current::{Current, Loading};
use crate::apply::document::{Action, ChangeRow};
use crate::apply::standing::Verdict;

/// Lines that the answer takes at most at 80 columns.
const LINES: usize = 24;

/// The answer in at most so many lines; where there is no plan, why not.
#[must_use]
pub fn text(current: &Current, screen: &Screen, typed: &Typed<'_>) -> String {
    if current.standing.verdict == Verdict::NoPlan {
        return no_plan::text(&current.plan, screen, Some(typed));
    }
    let all = current.steps.len();
    let told = [(true, true), (true, false), (false, false)];
    let full = told
        .into_iter()
        .map(|(reasons, gains)| (all, reasons, gains));
    let fewer = (0..all).rev().map(|steps| (steps, false, false));
    let mut shorter = full.chain(fewer).map(|told| whole(current, told, screen));
    let short = |text: &String| text.lines().count() <= LINES;
    let shortest = || whole(current, (0, false, false), screen);
    shorter.find(short).unwrap_or_else(shortest)
}

/// So many of the steps, with the reasons of what is not served, and the gains in words.
fn whole(current: &Current, told: (usize, bool, bool), screen: &Screen) -> String {
    let (steps, reasons, gains) = told;
    let strong = screen.paint(Paint::Strong, &sentence(current));
    let mut out = screen.fold("", "", &strong);
    out.push_str(&changes(&current.steps[..steps], screen));
    let left = current.steps.len() - steps;
    if left > 0 {
        out.push_str(&format!("  and {left} more: `--format json` has all\n"));
    }
    out.push_str(&format!(
        "\n{}\n",
        standing::tasks(&current.standing, screen)
    ));
    for (label, words) in lines(current, gains) {
        out.push_str(&screen.labelled(label, &words));
    }
    out.push_str(&standing::remarks(&current.standing, reasons, screen));
    out.push_str(&screen.labelled("Next", &next(current)));
    out
}

fn sentence(current: &Current) -> String {
    match current.standing.verdict {
        Verdict::Best => "Nothing to change: what is loaded is the answer already.".to_owned(),
        Verdict::Tied => {
            "Nothing to change: what is loaded is as good as the best plan within what is known."
                .to_owned()
        }
        Verdict::Worse | Verdict::NoPlan => {
            let named = |action: Action| -> Vec<String> {
                let of_it = current.steps.iter().filter(|s| s.action == action);
                of_it.map(|s: &ChangeRow| s.identifier.clone()).collect()
            };
            let kinds = [Action::Load, Action::Reload, Action::Unload, Action::Keep];
            let told = kinds.map(|action| (action.word(), named(action)));
            let told = told.iter().filter(|(_, names)| !names.is_empty());
            let told: Vec<String> = told
                .map(|(word, names)| format!("{word} {}", join(names)))
                .collect();
            let mut words = told.join("; ");
            if let Some(first) = words.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            format!("{words}.")
        }
    }
}

fn lines(current: &Current, gains: bool) -> Vec<(&'static str, String)> {
    let mut all = vec![("Scores", standing::scores(&current.standing))];
    if !current.standing.stays() {
        let words = standing::gains(&current.standing);
        let told = gains && !words.is_empty();
        all.extend(told.then(|| ("Changes", words.join("; "))));
        all.extend(costs(current).map(|words| ("Costs", words)));
    }
    if !current.expiring.is_empty() {
        let words = format!(
            "{} will be unloaded after a time without a request; `planner apply` keeps it loaded",
            join(&current.expiring)
        );
        all.push(("Mind", words));
    }
    all
}

/// What has to be downloaded, and how long loading takes where that was measured.
fn costs(current: &Current) -> Option<String> {
    let download = (!current.downloads.is_empty()).then(|| {
        let names: Vec<String> = current
            .downloads
            .iter()
            .map(|d| d.variant.clone())
            .collect();
        let named = match names.len() {
            1 | 2 => join(&names),
            n => format!("{n} models"),
        };
        format!("{} to download ({named})", current.download_bytes.both())
    });
    let known: Vec<&Loading> = current
        .loads
        .iter()
        .filter(|l| l.seconds.is_some())
        .collect();
    let seconds = turn::seconds(current.loading_seconds);
    let loading = match (known.len(), current.loads.len()) {
        (_, 0) => None,
        (0, _) => Some("how long loading takes was not measured".to_owned()),
        (n, all) if n == all => Some(format!("about {seconds} of loading")),
        (n, all) => Some(format!(
            "about {seconds} of loading for {n} of {all}, the others not measured"
        )),
    };
    let parts: Vec<String> = [download, loading].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn next(current: &Current) -> String {
    if current.standing.stays() {
        return "`planner bench --record` measures it; `planner status` watches it".to_owned();
    }
    let get = match current.downloads.is_empty() {
        true => "",
        false => "`planner get plan.json` downloads, ",
    };
    format!(
        "`--out plan.json` keeps the plan, then {get}`planner apply plan.json` does these steps"
    )
}

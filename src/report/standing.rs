//! What is loaded beside the best plan, task by task, as text.

use super::screen::{Paint, Screen};
use super::table::{Column, Grid};
use super::turn;
use super::words::{SAME, join, points};
use super::wrap::TOGETHER;
use crate::apply::standing::{Served, Standing, TaskBeside, Verdict};
use crate::units::tokens;

const COLUMNS: [Column<'static>; 5] = [
    Column::words("Task", 0),
    Column::words("Served best by", 1),
    Column::figures("Quality", 0),
    Column::figures("A turn", 0),
    Column::figures("Context", 0),
];

/// Each task as it is and as the plan has it: `61.8 → 81.2`, or one figure where both have the same.
pub(super) fn tasks(standing: &Standing, screen: &Screen) -> Grid {
    let rows: Vec<[String; 5]> = standing.tasks.iter().map(row).collect();
    screen.narrowed(&COLUMNS, &rows)
}

fn row(task: &TaskBeside) -> [String; 5] {
    let (now, best) = (task.now.as_ref(), task.best.as_ref());
    let named = best.or(now).map_or_else(
        || "nothing".to_owned(),
        |s| format!("{} {}", s.name, s.quantization),
    );
    let both = |of: fn(&Served) -> Option<String>| {
        let told = |served: Option<&Served>| {
            let known = served.map(|s| of(s).unwrap_or_else(|| "?".to_owned()));
            known.unwrap_or_else(|| "-".to_owned())
        };
        let (now, then) = (told(now), told(best.or(now)));
        let words = if now == then {
            now
        } else {
            format!("{now} → {then}")
        };
        words.replace(' ', &TOGETHER.to_string())
    };
    [
        task.task.clone(),
        named,
        both(|s| Some(format!("{:.1}", s.quality.as_ref()?.deciding()))),
        both(|s| Some(turn::seconds(s.turn.as_ref()?.seconds_per_turn.value))),
        both(|s| Some(tokens(s.context))),
    ]
}

/// What a change of what serves the tasks gains, task by task: `code: +3.1 points of quality, turns
/// 40 % shorter`.
pub(super) fn gains(standing: &Standing) -> Vec<String> {
    standing.tasks.iter().filter_map(gain).collect()
}

fn gain(task: &TaskBeside) -> Option<String> {
    let best = task.best.as_ref()?;
    let Some(now) = &task.now else {
        return Some(format!("{} is served", task.task));
    };
    let mut parts = Vec::new();
    if let Some((now, best)) = now.quality.as_ref().zip(best.quality.as_ref()) {
        let more = best.deciding() - now.deciding();
        parts.extend((more.abs() >= SAME).then(|| points(more)));
    }
    let seconds = |s: &Served| Some(s.turn.as_ref()?.seconds_per_turn.value);
    if let Some((now, best)) = seconds(now).zip(seconds(best)) {
        let percent = turn::percent_longer(best, now);
        parts.extend((percent.abs() >= 1.0).then(|| turn::longer(best, now)));
    }
    if now.context != best.context {
        parts.push(format!(
            "a context of {} instead of {}",
            tokens(best.context),
            tokens(now.context)
        ));
    }
    (!parts.is_empty()).then(|| format!("{}: {}", task.task, parts.join(", ")))
}

/// All of it, with what to type next.
pub(super) fn beside(standing: &Standing, screen: &Screen) -> String {
    let mut out = format!("{}\n", tasks(standing, screen));
    out.push_str(&screen.labelled("Scores", &scores(standing)));
    out.push_str(&remarks(standing, true, screen));
    let asked = asked(standing);
    let next = match standing.verdict {
        Verdict::Worse => {
            format!(
                "`planner recommend{asked} --current` says what to change, and what that gains and costs"
            )
        }
        Verdict::Best | Verdict::Tied => "`planner bench --record` measures it".to_owned(),
        Verdict::NoPlan => format!("`planner recommend{asked}` says why there is no plan"),
    };
    out.push_str(&screen.labelled("Next", &next));
    out
}

/// Both scores, and what that means.
pub(super) fn scores(standing: &Standing) -> String {
    // A sum of nothing may be -0.
    let of_100 = |score: f64| 100.0 * score + 0.0;
    let own = of_100(standing.objective);
    let best = of_100(standing.best_objective);
    let error = standing
        .error
        .map_or_else(String::new, |e| format!(", error {:.1}", of_100(e)));
    if standing.objective <= 0.0 && !standing.unknown.is_empty() {
        return format!(
            "what is loaded has none, as the catalog does not know it; the best plan scores {best:.1} of 100"
        );
    }
    let words = match standing.verdict {
        Verdict::Worse if !standing.within_limits => {
            return format!(
                "what is loaded scores {own:.1} of 100 and takes more memory than a plan may; the best that does not, {best:.1}{error}"
            );
        }
        Verdict::NoPlan => return format!("what is loaded scores {own:.1} of 100"),
        Verdict::Best => "nothing is better",
        Verdict::Tied => "no difference that is known to be one",
        Verdict::Worse => "the best plan is better",
    };
    format!("what is loaded scores {own:.1} of 100, the best plan {best:.1}{error}: {words}")
}

/// What stands beside the tasks: why what is not served is not, what idles, and what has no score.
pub(super) fn remarks(standing: &Standing, reasons: bool, screen: &Screen) -> String {
    let mut out = String::new();
    // What a model serves that the catalog does not know, nobody knows.
    let known = |reasons: &[String]| standing.unknown.is_empty() || !reasons.is_empty();
    let unserved = standing.unserved.iter();
    for unserved in unserved.filter(|u| reasons && known(&u.reasons)) {
        let why = match unserved.reasons.as_slice() {
            [] => String::new(),
            [first, ..] => format!(" ({first})"),
        };
        out.push_str(&screen.labelled("Not served now", &format!("{}{why}", unserved.task)));
    }
    let names = |all: &[String]| {
        let quoted: Vec<String> = all.iter().map(|name| format!("`{name}`")).collect();
        join(&quoted)
    };
    if !standing.unknown.is_empty() {
        let words = format!("{}: not in the catalog", names(&standing.unknown));
        out.push_str(&screen.labelled("No score", &words));
    }
    if !standing.idle.is_empty() {
        let words = format!("{} for these tasks", names(&standing.idle));
        out.push_str(&screen.labelled("Not needed", &words));
    }
    if !standing.within_limits {
        let words = "what is loaded takes more memory than a plan may";
        let painted = screen.paint(Paint::Care, words);
        out.push_str(&screen.labelled("Mind", &painted));
    }
    out
}

/// The tasks as flags, each with its part of a hundred where they differ, and the machine that was named.
fn asked(standing: &Standing) -> String {
    let first = standing.tasks.first().map(|t| t.share);
    let alike = standing
        .tasks
        .iter()
        .all(|t| first.is_some_and(|share| (t.share - share).abs() < 1e-6));
    let flag = |t: &TaskBeside| match (alike, 100.0 * t.share) {
        (true, _) => format!(" --task {}", t.task),
        // No weight is 0.
        (false, percent) if percent < 0.5 => format!(" --task {}={percent:.4}", t.task),
        (false, percent) => format!(" --task {}={percent:.0}", t.task),
    };
    let tasks = standing.tasks.iter().map(flag);
    let machine = standing.machine.as_ref().map(|name| {
        // A name with a zero byte can't be typed, and was not.
        let quoted = shlex::try_quote(name).unwrap_or_default();
        format!(" --machine {quoted}")
    });
    tasks.chain(machine).collect()
}

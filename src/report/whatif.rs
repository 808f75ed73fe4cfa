//! The answer to `whatif` as text: each change as a difference, and the table of machines.

use super::answers;
use super::answers::members;
use super::screen::{Paint, Screen};
use super::{machines, turn, unfinished, why_not};
use crate::advise::unfinished::Unfinished;
use crate::advise::whatif::{Loadout, NewStanding, Outcome, WhatIf};
use crate::plan::document::Member;
use crate::units::{Bytes, apart, tokens};

/// The whole answer; `ask` is the command that asks one machine.
#[must_use]
pub fn text(answer: &WhatIf, screen: &Screen, ask: &dyn Fn(&str) -> String) -> String {
    let mut out = screen.fold("", "  ", &format!("Now: {}", loadout(&answer.current)));
    if answer.scenarios.len() > 1 {
        let note = "Each change below is tried alone; `--together` makes them all at once.";
        out.push_str(&screen.fold("", "  ", note));
    }
    for scenario in &answer.scenarios {
        out.push_str(&screen.heading(&format!("With {}", scenario.change)));
        out.push_str(&difference(&answer.current, scenario, screen));
        if let Some(infeasible) = &scenario.infeasible {
            out.push_str(&answers::infeasible(infeasible, screen));
        }
        if let Some(new) = &scenario.new_model {
            out.push_str(&standing(new, &answer.unfinished, screen));
        }
    }
    if !answer.machines.is_empty() {
        if answer.scenarios.is_empty() {
            out.clear();
        } else {
            out.push_str(&screen.heading("Machines"));
        }
        out.push_str(&machines::text(answer, screen, false, ask));
    }
    // How many machines were not tried stands in what the others come to.
    if !answer.scenarios.is_empty() || answer.machines.is_empty() {
        out.push_str(&unfinished::text(&answer.unfinished, screen));
    }
    if answer.machines.is_empty() && !answer.scenarios.is_empty() {
        out.push_str(&screen.heading("In short"));
        out.push_str(&screen.fold("  ", "  ", &in_short(answer)));
    }
    out
}

/// What a change comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// Nothing meets the request.
    None,
    /// Other models.
    Other,
    /// The same models, otherwise loaded.
    Same,
    /// Nothing changes.
    Nothing,
}

impl Effect {
    fn of(now: &Loadout, s: &Outcome) -> Self {
        let same = s.added.is_empty() && s.removed.is_empty();
        match (s.answer.objective, same) {
            (None, _) => Self::None,
            (Some(_), false) => Self::Other,
            (Some(_), true) if figures(now, s).is_empty() => Self::Nothing,
            (Some(_), true) => Self::Same,
        }
    }
}

/// What all of it comes to: of one change what becomes of the answer, of several how many change it and
/// which gains most.
fn in_short(answer: &WhatIf) -> String {
    let scenarios = answer.scenarios.iter();
    let effects: Vec<Effect> = scenarios.map(|s| Effect::of(&answer.current, s)).collect();
    let points = |s: &Outcome| s.difference.map_or(0.0, |d| 100.0 * d);
    if let ([only], [effect]) = (answer.scenarios.as_slice(), effects.as_slice()) {
        let scored = match points(only) {
            d if d.abs() < 0.05 => String::new(),
            d if d < 0.0 => format!(", its score {:.1} of 100 lower", -d),
            d => format!(", its score {d:.1} of 100 higher"),
        };
        return match effect {
            Effect::None => "Nothing meets the request then.".to_owned(),
            Effect::Nothing => "The answer stays as it is.".to_owned(),
            Effect::Same => format!("The models stay, otherwise loaded{scored}."),
            Effect::Other => format!(
                "The answer becomes {}{scored}.",
                members(&only.answer.members)
            ),
        };
    }
    let count = |which: Effect| effects.iter().filter(|e| **e == which).count();
    let (other, none) = (count(Effect::Other), count(Effect::None));
    let all = answer.scenarios.len();
    let mut words = match other {
        0 => format!("None of {all} changes gives other models"),
        1 => format!("1 of {all} changes gives other models"),
        n => format!("{n} of {all} changes give other models"),
    };
    if none > 0 {
        words.push_str(&format!(", with {none} nothing meets the request"));
    }
    let scenarios = answer.scenarios.iter();
    let best = scenarios.max_by(|a, b| points(a).total_cmp(&points(b)));
    match best.filter(|best| points(best) >= 0.05) {
        Some(best) => format!(
            "{words}; most is gained with {}: the score {:.1} of 100 higher.",
            best.change,
            points(best)
        ),
        None => format!("{words}; none gains anything."),
    }
}

fn loadout(l: &Loadout) -> String {
    l.objective.map_or_else(
        || "nothing meets the request".to_owned(),
        |score| {
            format!(
                "{} (score {score:.4}, {})",
                members(&l.members),
                l.gpu_total_bytes.both()
            )
        },
    )
}

fn difference(now: &Loadout, s: &Outcome, screen: &Screen) -> String {
    let same = s.added.is_empty() && s.removed.is_empty();
    let change = s.difference.map_or(String::new(), |d| format!(", {d:+.4}"));
    let figures = if same { figures(now, s) } else { Vec::new() };
    let mut out = match (same && s.answer.objective.is_some(), figures.is_empty()) {
        (true, true) => return screen.fold("  ", "    ", "no difference to the answer"),
        (true, false) => screen.fold("  ", "    ", "the same models, and:"),
        (false, _) => screen.fold("  ", "    ", &format!("{}{change}", loadout(&s.answer))),
    };
    for figure in figures {
        let line = format!("~ {figure}");
        let line = screen.fold("    ", "      ", &line);
        out.push_str(&format!(
            "{}\n",
            screen.paint(Paint::Care, line.trim_end_matches('\n'))
        ));
    }
    let other_context = if same { &[][..] } else { &s.other_context };
    let lines = [
        (Paint::Good, "+ ", &s.added[..], ""),
        (Paint::Bad, "- ", &s.removed[..], ""),
        (Paint::Care, "~ ", other_context, " at another context"),
    ];
    for (paint, sign, names, note) in lines {
        for name in names {
            let line = format!("{sign}{name}{note}");
            out.push_str(&format!("    {}\n", screen.paint(paint, &line)));
        }
    }
    out
}

/// What changes while the models stay: contexts, speeds, memory, what is left, the score.
fn figures(now: &Loadout, s: &Outcome) -> Vec<String> {
    let then = &s.answer;
    let mut all = Vec::new();
    for m in &then.members {
        let Some(before) = now.members.iter().find(|b| b.variant == m.variant) else {
            continue;
        };
        if before.context != m.context {
            let (was, is) = (tokens(before.context), tokens(m.context));
            all.push(format!("{}: a context of {is} instead of {was}", m.variant));
        }
        let of = |m: &Member| (m.decode_tokens_per_second, m.basis, m.turns.clone());
        if of(before) != of(m) {
            let (was, is) = (speed(before), speed(m));
            all.push(format!("{}: {is} instead of {was}", m.variant));
        }
    }
    if then.gpu_total_bytes != now.gpu_total_bytes {
        let (is, was) = apart(then.gpu_total_bytes, now.gpu_total_bytes);
        all.push(format!("GPU memory: {is} instead of {was}"));
    }
    if then.headroom_bytes != now.headroom_bytes {
        let left = |bytes: i64| Bytes(bytes.unsigned_abs());
        let (is, was) = apart(left(then.headroom_bytes), left(now.headroom_bytes));
        all.push(format!(
            "left under the tighter limit: {is} instead of {was}"
        ));
    }
    if let (Some(is), Some(was), Some(difference)) = (then.objective, now.objective, s.difference)
        && difference.abs() >= 0.000_05
    {
        all.push(format!(
            "score {is:.4} instead of {was:.4} ({difference:+.4})"
        ));
    }
    all
}

fn speed(m: &Member) -> String {
    let turns = turn::times(&m.turns);
    let known = m.decode_tokens_per_second.filter(|_| turns.is_empty());
    match (known, turns.strip_prefix(", ")) {
        (_, Some(turns)) => turns.to_owned(),
        (Some(speed), None) => format!("{speed:.1} t/s at an empty context"),
        (None, None) => "an unknown speed".to_owned(),
    }
}

/// Where a new model stands.
fn standing(new: &NewStanding, unfinished: &[Unfinished], screen: &Screen) -> String {
    let mut lines: Vec<String> = new
        .tasks
        .iter()
        .map(|p| {
            let (score, place, of) = (p.score, p.place, p.of);
            format!("{}: score {score:.4}, place {place} of {of} models", p.task)
        })
        .collect();
    for line in &mut lines {
        *line = screen.fold("  ", "    ", line);
    }
    lines.push(why_not::text(&new.why_not, unfinished, screen));
    let needed = new.needed.iter();
    let needed = needed.map(|n| format!("In the answer: {}", n.words()));
    lines.extend(needed.map(|words| screen.fold("  ", "    ", &words)));
    lines.concat()
}

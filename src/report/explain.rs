//! The answer to `explain` as text.

use super::screen::{Paint, Screen};
use super::{effort, unfinished, why_not};
use crate::advise::explain::{Explanation, MemoryAnswer, SpeedAnswer, WeightRange};
use crate::advise::unfinished::Unfinished;
use crate::plan::document::Member;
use crate::units::{Bytes, tokens};

/// Predicted speeds of models outside the loadout that are named.
const NAMED_SPEEDS: usize = 5;

/// Why a model is not in the plan, where that was asked.
#[must_use]
pub fn why_not(e: &Explanation, screen: &Screen) -> Option<String> {
    let asked = e.why_not.as_ref()?;
    let heading = screen.heading(&format!("Why not {}", asked.model));
    Some(heading + &why_not::text(asked, &e.unfinished, screen))
}

/// The whole explanation.
#[must_use]
pub fn text(e: &Explanation, screen: &Screen) -> String {
    let head = format!("{}: score {:.4}", e.loadout.join(" + "), e.objective);
    let mut out = painted(screen, Paint::Strong, &head);
    if !e.unchanged {
        let text = "the catalog has changed since the plan was made: solving again gives this loadout, and everything below is about it";
        out.push_str(&painted(screen, Paint::Care, text));
    }
    out.push_str(&why_not(e, screen).unwrap_or_default());
    if let Some(memory) = &e.memory {
        out.push_str(&screen.heading("What binds"));
        out.push_str(&screen.fold("  ", "    ", &binds(memory)));
    }
    if !e.efforts.is_empty() {
        out.push_str(&screen.heading("How long it thinks"));
        for each in &e.efforts {
            out.push_str(&screen.fold("  ", "    ", &effort::all(each)));
        }
    }
    if !e.weights.is_empty() {
        out.push_str(&screen.heading("How far the weights may go"));
        out.push_str(&weights(e, screen));
    }
    let speeds = speeds(e, screen);
    if !speeds.is_empty() {
        out.push_str(&screen.heading("What predicted speeds could change"));
        out.push_str(&speeds);
    }
    out.push_str(&unfinished::text(&e.unfinished, screen));
    out.push_str(&screen.heading("In short"));
    out.push_str(&screen.fold("  ", "  ", &in_short(e)));
    out
}

/// What all of it comes to: what could change the answer.
fn in_short(e: &Explanation) -> String {
    let loadout = e.loadout.join(" + ");
    let deciding = |s: &&SpeedAnswer| {
        let at = s.changes_at_tokens_per_second;
        at.is_some_and(|at| (s.low..=s.high).contains(&at))
    };
    let mut speeds = e.speeds.iter().filter(deciding);
    let changing = speeds.clone().count();
    let first = speeds.next().map(|s| s.variant.as_str());
    let what = match (changing, first) {
        (0, _) | (_, None) if e.unfinished.contains(&Unfinished::Speeds) => {
            return format!(
                "{loadout} is the answer; what predicted speeds could change was left undone."
            );
        }
        (0, _) | (_, None) => {
            return format!(
                "{loadout} is the answer, whatever the predicted speeds turn out to be."
            );
        }
        (1, Some(first)) => format!("the predicted speed of {first}"),
        (n, Some(first)) => format!("{n} predicted speeds, that of {first} among them"),
    };
    format!(
        "{loadout} is the answer; {what}, could change it. `planner catalog gaps` ranks what to measure."
    )
}

/// A paragraph in one colour, folded before it is painted.
fn painted(screen: &Screen, paint: Paint, text: &str) -> String {
    format!(
        "{}\n",
        screen.paint(paint, screen.fold("", "  ", text).trim_end())
    )
}

fn binds(m: &MemoryAnswer) -> String {
    let left = Bytes(m.headroom_bytes.unsigned_abs());
    let head = format!(
        "the {} is the tighter limit, with {} left",
        m.binding.name(m.gpu_memory),
        left.both()
    );
    if m.decides {
        format!(
            "{head}. Memory decides: without limits the answer would be {} (score {:.4})",
            m.unlimited_loadout.join(" + "),
            m.unlimited_objective
        )
    } else if m.contexts.is_empty() {
        format!("{head}. Memory does not decide: without limits the answer would be the same")
    } else {
        let all: Vec<String> = m
            .contexts
            .iter()
            .map(|c| {
                let (with, without) = (tokens(c.context), tokens(c.unlimited_context));
                format!("{} would have {without} instead of {with}", c.variant)
            })
            .collect();
        format!(
            "{head}. Memory decides the context, not the models: without limits {}",
            all.join(", and ")
        )
    }
}

fn weights(e: &Explanation, screen: &Screen) -> String {
    let header = ["Weight", "Is", "Keeps the answer", "Below", "Above"];
    let mut grid = screen.table(&header).right(&[1]);
    for r in &e.weights {
        let what = moved(r);
        let other = |answer: &Option<Vec<Member>>| {
            answer
                .as_ref()
                .map_or_else(|| "-".to_owned(), |members| other(&e.loadout, members))
        };
        grid.add_row([
            what,
            format!("{:.2}", r.weight),
            format!("{:.3} to {:.3}", r.low, r.high),
            other(&r.below),
            other(&r.above),
        ]);
    }
    let note = "Each weight is moved alone, the task's others keeping their proportions. Everywhere in the range the models, their contexts and their tasks stay.";
    // Where there is no room for columns, a list ends in an empty line of its own.
    let grid = grid.to_string();
    let note = screen.fold("  ", "    ", note);
    format!("{}\n\n{note}", grid.trim_end())
}

fn moved(r: &WeightRange) -> String {
    r.utility.map_or_else(
        || format!("share of {}", r.task),
        |u| format!("{}: {}", r.task, u.id()),
    )
}

/// Another answer by its models; by contexts, tasks and efforts too where the models are the same.
fn other(loadout: &[String], members: &[Member]) -> String {
    let mut names: Vec<&str> = members.iter().map(|m| m.variant.as_str()).collect();
    names.sort_unstable();
    if names != loadout {
        return names.join(" + ");
    }
    let of = |m: &Member| {
        let asked = |task: &String| {
            let turn = m.turns.iter().find(|t| t.task == *task);
            let effort = turn.and_then(|t| t.effort.words());
            effort.map_or_else(|| task.clone(), |words| format!("{task} with {words}"))
        };
        let tasks = match m.tasks.as_slice() {
            [] => "no task".to_owned(),
            tasks => tasks.iter().map(asked).collect::<Vec<_>>().join(", "),
        };
        format!("{} at {} for {tasks}", m.variant, tokens(m.context))
    };
    members.iter().map(of).collect::<Vec<_>>().join(" + ")
}

fn speeds(e: &Explanation, screen: &Screen) -> String {
    let (own, others): (Vec<_>, Vec<_>) = e.speeds.iter().partition(|s| s.in_loadout);
    let mut out = String::new();
    for s in own.iter().chain(others.iter().take(NAMED_SPEEDS)) {
        out.push_str(&screen.fold("  - ", "    ", &speed(s)));
    }
    if others.len() > NAMED_SPEEDS {
        let more = format!(
            "and {} more, which `--format json` lists",
            others.len() - NAMED_SPEEDS
        );
        out.push_str(&screen.fold("  - ", "    ", &more));
    }
    if e.speeds.is_empty() && !e.unfinished.contains(&Unfinished::Speeds) {
        out.push_str("  nothing: no prediction within its error changes the answer\n");
    }
    if let Some(hopeful) = e.hopeful_loadout.as_ref().filter(|h| **h != e.loadout) {
        let text = format!(
            "with every prediction at the high end of its range the answer would be {}",
            hopeful.join(" + ")
        );
        out.push_str(&screen.fold("  - ", "    ", &text));
    }
    out
}

fn speed(s: &SpeedAnswer) -> String {
    let range = format!(
        "{} (predicted {:.1} to {:.1} t/s at an empty context)",
        s.variant, s.low, s.high
    );
    match s.changes_at_tokens_per_second {
        None => format!("{range} stays at any speed"),
        Some(at) if s.in_loadout && at >= s.expected => {
            let there = s.loadout.join(" + ");
            format!("{range}, once measured at the {at:.1} t/s expected: {there}")
        }
        Some(at) if s.in_loadout => {
            format!(
                "{range} stays down to {at:.1} t/s, then {}",
                s.loadout.join(" + ")
            )
        }
        Some(at) => format!("{range} from {at:.1} t/s on: {}", s.loadout.join(" + ")),
    }
}

//! What a time limit left undone, as text.

use super::screen::Screen;
use crate::advise::unfinished::Unfinished;

/// A line for each part; nothing where all is done.
pub(super) fn text(parts: &[Unfinished], screen: &Screen) -> String {
    if parts.is_empty() {
        return String::new();
    }
    let mut out = screen.heading("Left undone at the time limit");
    let machine = |part: &&Unfinished| matches!(part, Unfinished::Machine { .. });
    let (machines, others): (Vec<_>, Vec<_>) = parts.iter().partition(machine);
    for part in others {
        out.push_str(&screen.fold("  - ", "    ", &words(part)));
    }
    match machines[..] {
        [] => {}
        [one] => out.push_str(&screen.fold("  - ", "    ", &words(one))),
        _ => {
            let text = format!("the answers on {} machines", machines.len());
            out.push_str(&screen.fold("  - ", "    ", &text));
        }
    }
    out
}

fn words(part: &Unfinished) -> String {
    match part {
        Unfinished::Memory => "whether memory decides".to_owned(),
        Unfinished::Weights { done, of } => {
            format!("how far {} of {of} weights may go", of - done)
        }
        Unfinished::Speeds => "what predicted speeds could change".to_owned(),
        Unfinished::Hopeful => "the answer if every prediction came true".to_owned(),
        Unfinished::WhyNot => "why not the model that was asked about".to_owned(),
        Unfinished::Flips => "which single changes would bring it in".to_owned(),
        Unfinished::Change { change } => format!("the answer with {change}"),
        Unfinished::Machine { id } => format!("the answer on {id}"),
    }
}

//! What is asked for next, and what a pane needs.

use crate::screen::event::Effect;
use crate::screen::state::{Pane, State};
use crate::screen::wanted::Wanted;

/// Reads what is loaded, now.
pub(super) fn look(state: &mut State) -> Vec<Effect> {
    state.reading = true;
    vec![Effect::ReadStatus(state.watched.clone())]
}

/// Asks for something else: solves it, and keeps what was asked for before.
pub(super) fn ask(state: &mut State, next: Wanted) -> Vec<Effect> {
    if next == state.wanted {
        return Vec::new();
    }
    if next.machine != state.wanted.machine {
        state.memory = state
            .choices
            .machines
            .get(next.machine)
            .and_then(|m| m.memory);
    }
    let before = std::mem::replace(&mut state.wanted, next);
    state.before.push(before);
    solve(state)
}

pub(super) fn solve(state: &mut State) -> Vec<Effect> {
    state.note = None;
    vec![Effect::Solve(Box::new(state.wanted.clone()))]
}

/// Shows a pane, with what it needs.
pub(super) fn show(state: &mut State, pane: Pane) -> Vec<Effect> {
    if state.pane != pane {
        state.pane = pane;
        state.scroll = 0;
    }
    match pane {
        Pane::Now if !state.reading && state.job.is_none() => look(state),
        Pane::Models => rank(state),
        _ => Vec::new(),
    }
}

/// Ranks the models, where that was not done for this task and machine.
fn rank(state: &mut State) -> Vec<Effect> {
    let task = state.wanted.first_task(&state.choices).map(str::to_owned);
    let of = Some((task, state.wanted.machine));
    if state.table.of == of {
        return Vec::new();
    }
    state.table.of = of;
    vec![Effect::Rank(Box::new(state.wanted.clone()))]
}

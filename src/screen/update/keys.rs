//! Keys, where nothing lies over the pane.

use crossterm::event::KeyCode;

use super::asking::{ask, show, solve};
use crate::screen::event::Effect;
use crate::screen::state::{Job, Note, Over, Pane, State};

/// Lines that a page is scrolled by.
const PAGE: i32 = 10;

/// A key.
pub(super) fn key(state: &mut State, key: KeyCode) -> Vec<Effect> {
    if state.table.typing {
        return filter(state, key);
    }
    match key {
        KeyCode::Char('q') => leave(state),
        KeyCode::Esc if state.job == Some(Job::Apply) => vec![Effect::Stop],
        KeyCode::Char('?') => over(state, Over::Help),
        KeyCode::Tab => show(state, state.pane.right(1)),
        KeyCode::BackTab => show(state, state.pane.right(Pane::ALL.len() - 1)),
        KeyCode::Char('n') => show(state, Pane::Now),
        KeyCode::Char('p') => show(state, Pane::Plan),
        KeyCode::Char('m') => show(state, Pane::Models),
        KeyCode::Char('b') => show(state, Pane::Bench),
        KeyCode::Char('/') => {
            let effects = show(state, Pane::Models);
            state.table.typing = true;
            effects
        }
        KeyCode::Char('a') => apply(state),
        KeyCode::Char('u') => begin(state, Effect::TakeBack),
        KeyCode::Char('s') => match state.settled() {
            Some(_) => over(state, Over::Name(String::new())),
            None => no_plan(state),
        },
        KeyCode::Char(digit @ '1'..='9') => swap(state, digit),
        KeyCode::Char('z') => match state.before.pop() {
            Some(before) => {
                state.wanted = before;
                solve(state)
            }
            None => Vec::new(),
        },
        KeyCode::Char('e') => match state.settled() {
            Some(plan) => {
                let plan = Box::new(plan.clone());
                state.note = Some(Note::Done(
                    "explaining: every statement is tried by solving again".to_owned(),
                ));
                vec![Effect::Explain(plan)]
            }
            None => no_plan(state),
        },
        KeyCode::PageDown => scroll(state, PAGE),
        KeyCode::PageUp => scroll(state, -PAGE),
        other => match state.pane {
            Pane::Plan => plan(state, other),
            Pane::Models => models(state, other),
            Pane::Bench => bench(state, other),
            Pane::Now => lines(state, other),
        },
    }
}

/// Leaves, but not in the middle of a load.
pub(super) fn leave(state: &mut State) -> Vec<Effect> {
    if state.job == Some(Job::Apply) && state.over.is_none() {
        let words = "something is being loaded: Esc stops it and puts back what was there";
        state.note = Some(Note::Done(words.to_owned()));
        return Vec::new();
    }
    vec![Effect::Quit]
}

fn over(state: &mut State, over: Over) -> Vec<Effect> {
    state.over = Some(over);
    state.scroll = 0;
    Vec::new()
}

pub(super) fn scroll(state: &mut State, by: i32) -> Vec<Effect> {
    let to = i32::from(state.scroll) + by;
    state.scroll = u16::try_from(to.max(0)).unwrap_or(u16::MAX).min(2000);
    Vec::new()
}

fn lines(state: &mut State, key: KeyCode) -> Vec<Effect> {
    match key {
        KeyCode::Down => scroll(state, 1),
        KeyCode::Up => scroll(state, -1),
        _ => Vec::new(),
    }
}

/// Says why what needs a plan is not done.
fn no_plan(state: &mut State) -> Vec<Effect> {
    let words = match state.solving() {
        true => "the plan is still being solved: wait a moment",
        false => "there is no plan: p shows why",
    };
    state.note = Some(Note::Done(words.to_owned()));
    Vec::new()
}

/// Begins work on LM Studio, where none is under way.
fn begin(state: &mut State, effect: Effect) -> Vec<Effect> {
    if state.job.is_some() {
        let words = "something is under way: Esc stops it";
        state.note = Some(Note::Done(words.to_owned()));
        return Vec::new();
    }
    state.job = Some(Job::Apply);
    state.lines.clear();
    state.note = None;
    vec![effect]
}

fn apply(state: &mut State) -> Vec<Effect> {
    match state.settled().cloned() {
        Some(plan) => begin(state, Effect::Apply(Box::new(plan))),
        None => no_plan(state),
    }
}

fn swap(state: &mut State, digit: char) -> Vec<Effect> {
    let at = digit.to_digit(10).map_or(0, |n| n as usize);
    match state.saved.get(at.wrapping_sub(1)).cloned() {
        Some(name) => begin(state, Effect::Swap(name)),
        None => {
            let words = format!("no plan is saved as number {digit}");
            state.note = Some(Note::Done(words));
            Vec::new()
        }
    }
}

fn plan(state: &mut State, key: KeyCode) -> Vec<Effect> {
    let last = state.sliders.len().saturating_sub(1);
    match key {
        KeyCode::Up | KeyCode::Char('k') => state.held = state.held.saturating_sub(1),
        KeyCode::Down | KeyCode::Char('j') => state.held = (state.held + 1).min(last),
        KeyCode::Home => state.held = 0,
        KeyCode::End => state.held = last,
        KeyCode::Left | KeyCode::Char('h') => return slide(state, false),
        KeyCode::Right | KeyCode::Char('l') => return slide(state, true),
        _ => {}
    }
    Vec::new()
}

/// Moves the slider that is held.
pub(super) fn slide(state: &mut State, up: bool) -> Vec<Effect> {
    let Some(slider) = state.sliders.get(state.held) else {
        return Vec::new();
    };
    let next = slider.moved(&state.wanted, up, &state.choices, state.memory);
    ask(state, next)
}

fn models(state: &mut State, key: KeyCode) -> Vec<Effect> {
    let rows = state.rows();
    let last = rows.len().saturating_sub(1);
    let chosen = rows.get(state.table.at).map(|row| row.model.clone());
    let table = &mut state.table;
    match key {
        KeyCode::Up | KeyCode::Char('k') => table.at = table.at.saturating_sub(1),
        KeyCode::Down | KeyCode::Char('j') => table.at = (table.at + 1).min(last),
        KeyCode::Home => table.at = 0,
        KeyCode::End => table.at = last,
        KeyCode::Char('o') => (table.by, table.at) = (table.by.next(), 0),
        KeyCode::Char('r') => (table.reversed, table.at) = (!table.reversed, 0),
        KeyCode::Esc => table.filter.clear(),
        KeyCode::Enter => {
            if let Some(model) = chosen {
                state.note = Some(Note::Done(format!("looking at {model}")));
                let plan = state.settled().cloned().map(Box::new);
                return vec![Effect::Describe(model, plan)];
            }
        }
        KeyCode::Char(mark @ (' ' | 'x')) => {
            let Some(model) = chosen else {
                return Vec::new();
            };
            let mut next = state.wanted.clone();
            let (set, other) = match mark {
                ' ' => (&mut next.pins, &mut next.excludes),
                _ => (&mut next.excludes, &mut next.pins),
            };
            if !set.remove(&model) {
                other.remove(&model);
                set.insert(model);
            }
            return ask(state, next);
        }
        _ => {}
    }
    Vec::new()
}

/// A key while the filter is being typed.
fn filter(state: &mut State, key: KeyCode) -> Vec<Effect> {
    let table = &mut state.table;
    match key {
        KeyCode::Enter => table.typing = false,
        KeyCode::Esc => {
            table.typing = false;
            table.filter.clear();
        }
        KeyCode::Backspace => {
            table.filter.pop();
        }
        KeyCode::Char(c) => table.filter.push(c),
        _ => {}
    }
    table.at = 0;
    Vec::new()
}

fn bench(state: &mut State, key: KeyCode) -> Vec<Effect> {
    match (key, state.job) {
        (KeyCode::Enter, None) => {
            state.job = Some(Job::Bench);
            state.lines.clear();
            state.bench = None;
            vec![Effect::Bench]
        }
        (KeyCode::Esc, Some(_)) => vec![Effect::Stop],
        _ => lines(state, key),
    }
}

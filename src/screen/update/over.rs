//! Keys, where something lies over the pane.

use crossterm::event::KeyCode;

use super::keys::scroll;
use crate::screen::event::Effect;
use crate::screen::state::{Over, State};

/// Letters that the name of a plan has at most.
const NAME: usize = 40;

/// A key.
pub(super) fn key(state: &mut State, key: KeyCode) -> Vec<Effect> {
    match state.over.take() {
        Some(Over::Question(text)) => match key {
            KeyCode::Char('y') => vec![Effect::Answer(true)],
            KeyCode::Char('n') | KeyCode::Esc => vec![Effect::Answer(false)],
            other => {
                state.over = Some(Over::Question(text));
                read(state, other)
            }
        },
        Some(Over::Name(name)) => typed(state, name, key),
        Some(Over::Help) => match key {
            KeyCode::Down | KeyCode::Up | KeyCode::PageDown | KeyCode::PageUp | KeyCode::Home => {
                state.over = Some(Over::Help);
                read(state, key)
            }
            _ => {
                state.scroll = 0;
                Vec::new()
            }
        },
        Some(text @ Over::Text(..)) => match key {
            KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q') => {
                state.scroll = 0;
                Vec::new()
            }
            other => {
                state.over = Some(text);
                read(state, other)
            }
        },
        None => Vec::new(),
    }
}

fn read(state: &mut State, key: KeyCode) -> Vec<Effect> {
    match key {
        KeyCode::Down | KeyCode::Char('j') => scroll(state, 1),
        KeyCode::Up | KeyCode::Char('k') => scroll(state, -1),
        KeyCode::PageDown | KeyCode::Char(' ') => scroll(state, 10),
        KeyCode::PageUp => scroll(state, -10),
        KeyCode::Home => scroll(state, i32::MIN / 2),
        _ => Vec::new(),
    }
}

fn typed(state: &mut State, mut name: String, key: KeyCode) -> Vec<Effect> {
    match key {
        KeyCode::Esc => return Vec::new(),
        KeyCode::Enter => {
            let plan = state.settled().cloned().map(Box::new);
            return match plan.filter(|_| !name.is_empty()) {
                Some(plan) => vec![Effect::Keep(name, plan)],
                None => Vec::new(),
            };
        }
        KeyCode::Backspace => {
            name.pop();
        }
        KeyCode::Char(c) if name.len() < NAME => name.push(c),
        _ => {}
    }
    state.over = Some(Over::Name(name));
    Vec::new()
}

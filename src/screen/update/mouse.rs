//! The mouse: by where things are drawn.

use super::asking::show;
use super::keys::{scroll, slide};
use crate::screen::draw::places::Places;
use crate::screen::event::Effect;
use crate::screen::state::{Pane, State};

/// A click.
pub(super) fn click(state: &mut State, column: u16, row: u16) -> Vec<Effect> {
    let places = Places::of(state);
    if state.over.is_some() {
        return Vec::new();
    }
    if row == 0 {
        let at = places.tabs.iter().position(|tab| tab.contains(&column));
        return at.map_or_else(Vec::new, |at| show(state, Pane::ALL[at]));
    }
    let inside = |place: ratatui::layout::Rect| place.contains((column, row).into());
    match state.pane {
        Pane::Plan if inside(places.sliders) => {
            let at = usize::from(row - places.sliders.y) + places.first_slider;
            if at >= state.sliders.len() {
                return Vec::new();
            }
            if at != state.held {
                state.held = at;
                return Vec::new();
            }
            // On the one that is held, the left half moves it down and the right half up.
            slide(state, column >= places.sliders.x + places.sliders.width / 2)
        }
        Pane::Models if row > places.body.y => {
            let at = usize::from(row - places.body.y - 1);
            state.table.at = at.min(state.rows().len().saturating_sub(1));
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// The wheel.
pub(super) fn wheel(state: &mut State, up: bool) -> Vec<Effect> {
    if state.pane == Pane::Models && state.over.is_none() {
        let last = state.rows().len().saturating_sub(1);
        let at = state.table.at;
        state.table.at = if up {
            at.saturating_sub(3)
        } else {
            (at + 3).min(last)
        };
        return Vec::new();
    }
    scroll(state, if up { -3 } else { 3 })
}

//! The screen as a function of the state. Colours are those of the terminal's palette.

mod bench;
mod folded;
mod models;
mod now;
mod over;
mod pieces;
pub(super) mod places;
mod plan;
mod styled;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Stylize as _};
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;

use super::state::{Job, Note, Pane, State};
use folded::folded;
use pieces::painted;
use places::Places;

/// Draws the whole screen.
pub(super) fn draw(frame: &mut Frame<'_>, state: &State) {
    let places = Places::of(state);
    frame.render_widget(tabs(state), row(state, 0));
    match state.pane {
        Pane::Now => now::draw(frame, state, places.body),
        Pane::Plan => plan::draw(frame, state, &places),
        Pane::Models => models::draw(frame, state, places.body),
        Pane::Bench => bench::draw(frame, state, places.body),
    }
    over::draw(frame, state, places.body);
    bottom(frame, state);
}

fn row(state: &State, y: u16) -> Rect {
    Rect::new(0, y, state.size.0, 1).intersection(Rect::new(0, 0, state.size.0, state.size.1))
}

fn tabs(state: &State) -> Line<'static> {
    let mut spans = vec![Span::raw(" ")];
    for pane in Pane::ALL {
        let name = Span::raw(format!(" {} ", pane.name()));
        spans.push(if pane == state.pane {
            name.reversed().bold()
        } else {
            name
        });
        spans.push(Span::raw(" "));
    }
    let doing = match state.job {
        Some(Job::Apply) => Some("loading …"),
        Some(Job::Bench) => Some("measuring …"),
        None if state.solving() => Some("solving …"),
        None => None,
    };
    spans.extend(doing.map(|words| Span::styled(words, painted(state, Color::Yellow))));
    Line::from(spans)
}

/// The last word as far as it goes, over what is above it, or the keys in the last row.
fn bottom(frame: &mut Frame<'_>, state: &State) {
    let line = match &state.note {
        Some(Note::Wrong(problem)) => {
            let hint = problem
                .hint
                .as_ref()
                .map_or(String::new(), |h| format!(" ({h})"));
            let words = format!(" {}{hint}", problem.error.replace('\n', " "));
            Line::from(Span::styled(words, painted(state, Color::Red)))
        }
        Some(Note::Done(words)) => Line::from(Span::styled(
            format!(" {words}"),
            painted(state, Color::Green),
        )),
        None => Line::from(Span::raw(format!(" {}", keys(state))).dim()),
    };
    let lines = folded(vec![line], state.size.0);
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let top = state.size.1.saturating_sub(height).max(1);
    for (line, y) in lines.into_iter().zip(top..state.size.1) {
        frame.render_widget(Clear, row(state, y));
        frame.render_widget(line, row(state, y));
    }
}

/// The keys of a pane, as many as there is room for; how to see all of them, and the way out, stay.
fn keys(state: &State) -> String {
    let keys = match state.pane {
        _ if state.table.typing => "type to filter · Enter keep · Esc clear",
        Pane::Now => "a apply · u take back · 1-9 swap · Tab panes · ? keys · q leave",
        Pane::Plan => "↑↓ choose · ←→ move · z undo · a apply · s save · e why · ? keys · q leave",
        Pane::Models => {
            "↑↓ · Enter details · Space pin · x exclude · o sort · / filter · ? keys · q leave"
        }
        Pane::Bench => "Enter measure what is loaded · Esc stop · ? keys · q leave",
    };
    let mut keys: Vec<&str> = keys.split(" · ").collect();
    let room = usize::from(state.size.0).saturating_sub(1);
    while keys.len() > 2 && Line::from(keys.join(" · ")).width() > room {
        keys.remove(keys.len() - 3);
    }
    keys.join(" · ")
}

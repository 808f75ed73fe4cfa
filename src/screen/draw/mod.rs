//! The screen as a function of the state. Colours are those of the terminal's palette.

mod bench;
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

use super::state::{Job, Note, Pane, State};
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
    let last = state.size.1.saturating_sub(1);
    frame.render_widget(bottom(state), row(state, last));
    over::draw(frame, state, places.body);
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

/// The last word, or the keys.
fn bottom(state: &State) -> Line<'static> {
    match &state.note {
        Some(Note::Wrong(problem)) => {
            let hint = problem
                .hint
                .as_ref()
                .map_or(String::new(), |h| format!(" ({h})"));
            let words = format!(" {}{hint}", problem.error.replace('\n', " "));
            return Line::from(Span::styled(words, painted(state, Color::Red)));
        }
        Some(Note::Done(words)) => {
            return Line::from(Span::styled(
                format!(" {words}"),
                painted(state, Color::Green),
            ));
        }
        None => {}
    }
    let keys = match state.pane {
        _ if state.table.typing => "type to filter · Enter keep · Esc clear",
        Pane::Now => "a apply · u take back · 1-9 swap · Tab panes · ? keys · q leave",
        Pane::Plan => "↑↓ choose · ←→ move · z undo · a apply · s save · e why · ? keys · q leave",
        Pane::Models => "↑↓ · Enter details · Space pin · x exclude · o sort · / filter · ? keys",
        Pane::Bench => "Enter measure what is loaded · Esc stop · ? keys · q leave",
    };
    Line::from(Span::raw(format!(" {keys}")).dim())
}

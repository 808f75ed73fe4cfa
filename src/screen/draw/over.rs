//! What lies over the pane: help, texts, questions, a name.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Stylize as _};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear};

use super::folded::folded;
use super::pieces::{painted, text};
use super::styled;
use crate::screen::state::{Over, State};

/// Columns of a box beside its text.
const AROUND: u16 = 4;
/// Columns of a key.
const KEY: usize = 13;
/// Keys and what they do.
const KEYS: [(&str, &str); 17] = [
    ("n p m b, Tab", "Now, Plan, Models, Bench"),
    ("↑ ↓ ← →", "choose, and move what is chosen"),
    ("z", "undo the last change of a slider or pin"),
    ("a", "load the plan in LM Studio: shown and asked first"),
    (
        "u",
        "load again what was loaded before: shown and asked first",
    ),
    ("s", "save the plan under a name"),
    ("1-9", "swap to a saved plan: shown and asked first"),
    ("e", "why this plan, and how far it holds"),
    ("Enter", "Models: details and why not; Bench: measure"),
    ("Space", "Models: pin, unpin"),
    ("x", "Models: leave out, take in again"),
    (
        "o r",
        "Models: sort by the next column; the other way round",
    ),
    (
        "/",
        "filter: words of name, licence, month; fits, too-large",
    ),
    ("PgUp PgDn", "scroll"),
    ("Esc", "close; clear the filter; stop measuring"),
    ("mouse", "tabs, sliders, rows, wheel"),
    ("q", "leave"),
];

/// Draws it, if there is any.
pub(super) fn draw(frame: &mut Frame<'_>, state: &State, body: Rect) {
    match &state.over {
        None => {}
        Some(Over::Help) => {
            let room = usize::from(body.width.saturating_sub(AROUND));
            let lines = KEYS.iter().flat_map(|(key, what)| keyed(key, what, room));
            boxed(frame, state, "Keys", lines.collect(), body);
        }
        Some(Over::Text(title, words)) => {
            boxed(frame, state, title, styled::lines(words), body);
        }
        Some(Over::Question(words)) => {
            let mut lines = styled::lines(words);
            lines.push(Line::default());
            lines.push(Line::from(" y yes    n no").bold());
            boxed(frame, state, "LM Studio", lines, body);
        }
        Some(Over::Name(name)) => {
            let lines = vec![
                Line::from(format!("{name}▏")),
                Line::from("Enter saves, Esc leaves it").dim(),
            ];
            boxed(frame, state, "Save this plan as", lines, body);
        }
    }
}

/// A key and what it does, which folds beside it.
fn keyed(key: &str, what: &str, room: usize) -> Vec<Line<'static>> {
    let what = textwrap::wrap(what, room.saturating_sub(KEY).max(10));
    let keys = std::iter::once(key).chain(std::iter::repeat(""));
    let lines = keys.zip(&what).map(|(key, what)| {
        let key = Span::raw(format!("{key:KEY$}")).bold();
        Line::from(vec![key, Span::raw(what.to_string())])
    });
    lines.collect()
}

fn boxed(frame: &mut Frame<'_>, state: &State, title: &str, lines: Vec<Line<'static>>, body: Rect) {
    let lines = folded(lines, body.width.saturating_sub(AROUND));
    let height = u16::try_from(lines.len())
        .unwrap_or(u16::MAX)
        .saturating_add(2);
    let widest = lines
        .iter()
        .map(Line::width)
        .max()
        .unwrap_or(0)
        .max(title.len() + 2);
    let width = u16::try_from(widest)
        .unwrap_or(u16::MAX)
        .saturating_add(AROUND)
        .min(body.width);
    let height = height.min(body.height);
    let area = Rect::new(
        body.x + (body.width - width) / 2,
        body.y + (body.height - height) / 2,
        width,
        height,
    );
    let block = Block::bordered()
        .title(format!(" {title} "))
        .border_style(painted(state, Color::Cyan));
    let inner = block.inner(area);
    frame.render_widget(Clear, area);
    frame.render_widget(block, area);
    let inner = Rect::new(
        inner.x + 1,
        inner.y,
        inner.width.saturating_sub(2),
        inner.height,
    );
    text(frame, lines, state.scroll, inner);
}

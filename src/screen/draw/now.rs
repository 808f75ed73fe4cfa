//! Now: what is loaded, against both limits and against the plan, and what can be swapped to.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Stylize as _;
use ratatui::text::{Line, Span};

use super::pieces::{problem_lines, text};
use super::styled;
use crate::report;
use crate::report::Screen;
use crate::screen::state::{Job, State};

/// Draws the pane.
pub(super) fn draw(frame: &mut Frame<'_>, state: &State, area: Rect) {
    let mut lines = match &state.status {
        None => vec![Line::from("Asking LM Studio …").dim()],
        Some(Ok(status)) => {
            let screen = Screen::new(usize::from(area.width), state.color);
            styled::lines(&report::apply::status(status, &screen))
        }
        Some(Err(problem)) => {
            let mut lines = vec![Line::from("No LM Studio here").bold()];
            lines.extend(problem_lines(state, problem, area.width));
            lines.push(Line::default());
            lines.extend(styled::lines(&state.here));
            lines
        }
    };
    lines.push(Line::default());
    lines.extend(saved(state));
    if state.job == Some(Job::Apply) || !state.lines.is_empty() {
        lines.push(Line::default());
        lines.extend(state.lines.iter().map(|line| Line::from(line.clone())));
    }
    text(frame, lines, state.scroll, area);
}

fn saved(state: &State) -> Vec<Line<'static>> {
    if state.saved.is_empty() {
        return vec![
            Line::from("No plan is saved; s in Plan saves one, and a number swaps to it").dim(),
        ];
    }
    let mut lines = vec![Line::from("Saved plans").bold()];
    let keyed = state.saved.iter().take(9).zip(1..);
    lines.extend(keyed.map(|(name, key): (&String, u8)| {
        Line::from(vec![
            Span::raw(format!("  {key} ")).bold(),
            Span::raw(name.clone()),
        ])
    }));
    lines
}

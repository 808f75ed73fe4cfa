//! Bench: what is being measured, and what came of it.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Stylize as _;
use ratatui::text::Line;

use super::pieces::{problem_lines, text};
use super::styled;
use crate::screen::state::{Job, State};

/// Draws the pane.
pub(super) fn draw(frame: &mut Frame<'_>, state: &State, area: Rect) {
    let mut lines = Vec::new();
    if state.job == Some(Job::Bench) {
        lines.push(
            Line::from("Measuring what is loaded; Esc stops, and keeps what was measured").bold(),
        );
        let most = usize::from(area.height.saturating_sub(2));
        let from = state.lines.len().saturating_sub(most);
        lines.extend(
            state.lines[from..]
                .iter()
                .map(|line| Line::from(line.clone())),
        );
        return text(frame, lines, 0, area);
    }
    match &state.bench {
        None => lines.push(Line::from("Enter measures every model that is loaded, through its server: first token, decode, prefill").dim()),
        Some(Ok(result)) => lines.extend(styled::lines(result)),
        Some(Err(problem)) => {
            lines.extend(problem_lines(state, problem, area.width));
        }
    }
    text(frame, lines, state.scroll, area);
}

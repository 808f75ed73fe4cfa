//! What the panes share.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget as _};

use super::folded::folded;
use crate::screen::event::Problem;
use crate::screen::state::State;

/// A style where there is colour.
pub(super) fn painted(state: &State, color: Color) -> Style {
    if state.color {
        Style::new().fg(color)
    } else {
        Style::new()
    }
}

/// Text that folds, scrolled by so many lines but never out of sight.
pub(super) fn text(frame: &mut Frame<'_>, lines: Vec<Line<'static>>, scroll: u16, area: Rect) {
    let lines = folded(lines, area.width);
    let most = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let most = most.saturating_sub(area.height);
    Paragraph::new(lines)
        .scroll((scroll.min(most), 0))
        .render(area, frame.buffer_mut());
}

/// What went wrong, in lines of this width.
pub(super) fn problem_lines(state: &State, problem: &Problem, width: u16) -> Vec<Line<'static>> {
    let width = usize::from(width).max(20);
    let mut lines: Vec<Line<'static>> = textwrap::wrap(&problem.error, width)
        .iter()
        .map(|l| Line::from(Span::styled(l.to_string(), painted(state, Color::Red))))
        .collect();
    let hint = problem.hint.as_ref().map(|hint| format!("hint: {hint}"));
    let hint = hint.iter().flat_map(|hint| textwrap::wrap(hint, width));
    lines.extend(hint.map(|l| Line::from(l.to_string())));
    lines
}

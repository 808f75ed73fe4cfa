//! Plan: the sliders, and the answer to them.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Stylize as _};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::pieces::{painted, problem_lines, text};
use super::places::Places;
use super::styled;
use crate::report;
use crate::report::Screen;
use crate::screen::compare::differences;
use crate::screen::state::State;

/// Columns of a slider's name.
const NAME: usize = 12;

/// Draws the pane.
pub(super) fn draw(frame: &mut Frame<'_>, state: &State, places: &Places) {
    let beside = places.answer.x > 0;
    if beside {
        let above = Rect::new(0, places.body.y, places.sliders.width, 1);
        frame.render_widget(Line::from(" What it is for").bold(), above);
    }
    let rows = (state.sliders.iter().enumerate()).skip(places.first_slider);
    let rows = rows.take(usize::from(places.sliders.height));
    let lines: Vec<Line<'_>> = rows
        .map(|(at, slider)| {
            let name = format!(" {:NAME$}", slider.name(&state.choices));
            let value = slider.value(&state.wanted, &state.choices);
            let line = Line::from(vec![Span::raw(name), Span::raw(value)]);
            if at == state.held {
                line.reversed()
            } else {
                line
            }
        })
        .collect();
    frame.render_widget(Paragraph::new(lines), places.sliders);
    if beside {
        marks(frame, state, places);
    }
    answer(frame, state, places.answer);
}

/// What is pinned and what is left out, below the sliders.
fn marks(frame: &mut Frame<'_>, state: &State, places: &Places) {
    let mut lines = Vec::new();
    let wanted = &state.wanted;
    for (mark, models) in [("pinned", &wanted.pins), ("without", &wanted.excludes)] {
        lines.extend(
            models
                .iter()
                .map(|model| Line::from(format!(" {mark} {model}")).dim()),
        );
    }
    let top = places.sliders.y + places.sliders.height + 1;
    let bottom = places.body.y + places.body.height;
    let area = Rect::new(0, top, places.sliders.width, bottom.saturating_sub(top));
    frame.render_widget(Paragraph::new(lines), area.intersection(places.body));
}

fn answer(frame: &mut Frame<'_>, state: &State, area: Rect) {
    if state.wanted.weights.iter().all(|w| *w <= 0.0) {
        let words = "Give a task some weight: choose it with ↑ ↓, and move it with →.";
        return text(frame, vec![Line::from(words)], 0, area);
    }
    let (changed, below) = changed(state, area);
    frame.render_widget(
        changed,
        Rect {
            height: area.height - below.height,
            ..area
        },
    );
    let lines = match &state.plan {
        None => vec![Line::from("Solving …").dim()],
        Some((_, Ok(plan))) => {
            let screen = Screen::new(usize::from(below.width), state.color);
            styled::lines(&report::first::screen(plan, &screen, None))
        }
        Some((_, Err(problem))) => problem_lines(state, problem, below.width),
    };
    text(frame, lines, state.scroll, below);
}

/// What the last change of a slider did, above the answer.
fn changed(state: &State, area: Rect) -> (Paragraph<'static>, Rect) {
    let words = match (&state.last, state.shown()) {
        (Some(before), Some(after)) if !state.before.is_empty() => differences(before, after),
        _ => Vec::new(),
    };
    if words.is_empty() || area.height < 8 {
        return (Paragraph::default(), area);
    }
    let width = usize::from(area.width).max(20);
    let words = words.join(" · ");
    let folded = textwrap::wrap(&words, width.saturating_sub(2));
    let lines: Vec<Line<'static>> = (folded.iter().take(3))
        .map(|line| {
            Line::from(Span::styled(
                line.to_string(),
                painted(state, Color::Yellow),
            ))
        })
        .collect();
    let height = u16::try_from(lines.len()).unwrap_or(0) + 1;
    let below = Rect::new(area.x, area.y + height, area.width, area.height - height);
    (Paragraph::new(lines), below)
}

//! Models: the table.

use ratatui::Frame;
use ratatui::layout::{Constraint, Rect};
use ratatui::style::{Color, Modifier, Style, Stylize as _};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Cell, Row as Drawn, Table, TableState};

use super::pieces::{painted, problem_lines, text};
use crate::screen::models::{Column, Row};
use crate::screen::state::State;

/// Columns of each.
const WIDTHS: [u16; 7] = [26, 13, 8, 11, 5, 14, 10];
/// The order in which columns go where there is no room.
const FIRST_TO_GO: [Column; 4] = [
    Column::License,
    Column::Released,
    Column::Memory,
    Column::Fits,
];

/// Draws the pane.
pub(super) fn draw(frame: &mut Frame<'_>, state: &State, area: Rect) {
    match &state.table.rows {
        None => return text(frame, vec![Line::from("Ranking …").dim()], 0, area),
        Some(Err(problem)) => {
            let lines = problem_lines(state, problem, area.width);
            return text(frame, lines, 0, area);
        }
        Some(Ok(_)) => {}
    }
    let columns = columns(area.width);
    let rows = state.rows();
    let head = columns.iter().map(|c| {
        let sorted = *c == state.table.by;
        let sign = if !sorted {
            ""
        } else if state.table.reversed {
            " ▲"
        } else {
            " ▼"
        };
        Cell::from(format!("{}{sign}", c.title()))
    });
    let drawn = rows.iter().map(|row| {
        let drawn = Drawn::new(columns.iter().map(|c| Cell::from(cell(state, row, *c))));
        if row.fits == Some(false) {
            drawn.add_modifier(Modifier::DIM)
        } else {
            drawn
        }
    });
    let widths = columns.iter().map(|c| match c {
        Column::Model => Constraint::Min(width(*c)),
        _ => Constraint::Length(width(*c)),
    });
    let table = Table::new(drawn, widths)
        .header(Drawn::new(head).style(Style::new().add_modifier(Modifier::BOLD)))
        .row_highlight_style(Style::new().add_modifier(Modifier::REVERSED));
    let filtering = state.table.typing || !state.table.filter.is_empty();
    let line = u16::from(filtering).min(area.height);
    let above = Rect {
        height: area.height - line,
        ..area
    };
    let mut chosen = TableState::default().with_selected(Some(state.table.at));
    frame.render_stateful_widget(table, above, &mut chosen);
    if filtering {
        let cursor = if state.table.typing { "▏" } else { "" };
        let words = format!(" / {}{cursor}  {} models", state.table.filter, rows.len());
        let place = Rect::new(area.x, area.y + above.height, area.width, line);
        frame.render_widget(
            Line::from(Span::styled(words, painted(state, Color::Yellow))),
            place,
        );
    }
}

fn width(column: Column) -> u16 {
    let at = Column::ALL.iter().position(|c| *c == column).unwrap_or(0);
    WIDTHS[at]
}

/// Those that there is room for.
fn columns(room: u16) -> Vec<Column> {
    let mut kept = Column::ALL.to_vec();
    let needed = |kept: &[Column]| -> u16 { kept.iter().map(|c| width(*c) + 1).sum() };
    for column in FIRST_TO_GO {
        if needed(&kept) <= room + 1 {
            break;
        }
        kept.retain(|c| *c != column);
    }
    kept
}

fn cell(state: &State, row: &Row, column: Column) -> String {
    let wanted = &state.wanted;
    match column {
        Column::Model => {
            let mark = match (
                wanted.pins.contains(&row.model),
                wanted.excludes.contains(&row.model),
            ) {
                (true, _) => "● ",
                (_, true) => "✕ ",
                _ => "  ",
            };
            format!("{mark}{}", row.model)
        }
        Column::Quality => format!("{:.0} ({:.0}-{:.0})", row.quality, row.low, row.high),
        Column::Turn => row.seconds.map_or("-".to_owned(), |s| format!("{s:.0} s")),
        Column::Memory => row
            .memory
            .map_or("-".to_owned(), |b| format!("{:.1} GiB", b.gib())),
        Column::Fits => row
            .fits
            .map_or("-", |f| if f { "yes" } else { "no" })
            .to_owned(),
        Column::License => row.license.clone(),
        Column::Released => row.released.clone(),
    }
}

//! Text as reports lay it out, with its colours, as lines of the screen.

use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};

use crate::printable::on_screen;

/// Lines of a report, whose only escapes are those of its own paints.
pub(super) fn lines(text: &str) -> Vec<Line<'static>> {
    on_screen(text, true).lines().map(line).collect()
}

fn line(text: &str) -> Line<'static> {
    let mut spans = Vec::new();
    let mut style = Style::new();
    let mut pieces = text.split('\u{1b}');
    spans.extend(pieces.next().map(|plain| Span::raw(plain.to_owned())));
    for piece in pieces {
        let (codes, plain) = match piece.strip_prefix('[').and_then(|p| p.split_once('m')) {
            Some(split) => split,
            None => ("", piece),
        };
        style = codes.split(';').fold(style, with);
        if !plain.is_empty() {
            spans.push(Span::styled(plain.to_owned(), style));
        }
    }
    Line::from(spans)
}

fn with(style: Style, code: &str) -> Style {
    match code {
        "0" | "" => Style::new(),
        "1" => style.add_modifier(Modifier::BOLD),
        "2" => style.add_modifier(Modifier::DIM),
        "4" => style.add_modifier(Modifier::UNDERLINED),
        "31" => style.fg(Color::Red),
        "32" => style.fg(Color::Green),
        "33" => style.fg(Color::Yellow),
        _ => style,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Paint, Screen};

    #[test]
    fn every_paint_of_a_report_is_kept() {
        let screen = Screen::new(80, true);
        for paint in [
            Paint::Heading,
            Paint::Strong,
            Paint::Good,
            Paint::Care,
            Paint::Bad,
            Paint::Faint,
        ] {
            let text = format!("before {} after", screen.paint(paint, "painted"));
            let [line] = &lines(&text)[..] else {
                panic!("one line");
            };
            let plain: String = line.spans.iter().map(|s| s.content.as_ref()).collect();
            assert_eq!(plain, "before painted after");
            let painted = line.spans.iter().find(|s| s.content == "painted").unwrap();
            assert_ne!(painted.style, Style::new(), "{paint:?}");
            let after = line.spans.last().unwrap();
            assert_eq!(
                (after.content.as_ref(), after.style),
                (" after", Style::new())
            );
        }
    }
}

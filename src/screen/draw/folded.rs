//! Lines folded to a width, each piece in the style that it had.

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use textwrap::core::display_width;

/// These lines with none wider than that. Words stay whole where they can, and what follows in a new
/// line stands as far in as the first.
pub(super) fn folded(lines: Vec<Line<'static>>, width: u16) -> Vec<Line<'static>> {
    let width = usize::from(width).max(1);
    lines
        .into_iter()
        .flat_map(|line| match line.width() <= width {
            true => vec![line],
            false => fold(&line, width),
        })
        .collect()
}

type Styled = (char, Style);

fn fold(line: &Line<'_>, width: usize) -> Vec<Line<'static>> {
    let spans = line.spans.iter();
    let mut rest: Vec<Styled> = spans
        .flat_map(|span| {
            let style = line.style.patch(span.style);
            span.content.chars().map(move |c| (c, style))
        })
        .collect();
    let indent = rest.iter().take_while(|(c, _)| *c == ' ').count();
    let indent = if indent < width / 2 { indent } else { 0 };
    let mut folded = Vec::new();
    while !rest.is_empty() {
        let fits = fitting(&rest, width);
        let at = if fits == rest.len() {
            fits
        } else {
            break_at(&rest, fits, indent)
        };
        let mut next = rest.split_off(at);
        let blank = next.iter().take_while(|(c, _)| *c == ' ').count();
        next.drain(..blank);
        if !next.is_empty() {
            next.splice(..0, vec![(' ', Style::new()); indent]);
        }
        folded.push(joined(&rest));
        rest = next;
    }
    folded
}

/// How many characters there is room for, one at least.
fn fitting(rest: &[Styled], width: usize) -> usize {
    let mut used = 0;
    let fits = rest.iter().take_while(|(c, _)| {
        used += display_width(c.encode_utf8(&mut [0; 4]));
        used <= width
    });
    fits.count().max(1)
}

/// Where a line of at most so many characters ends: before the last blank, if a word is before it.
fn break_at(rest: &[Styled], fits: usize, indent: usize) -> usize {
    let blank = rest[..=fits.min(rest.len() - 1)]
        .iter()
        .rposition(|(c, _)| *c == ' ');
    blank
        .filter(|at| *at > indent)
        .unwrap_or(fits.max(indent + 1))
}

fn joined(characters: &[Styled]) -> Line<'static> {
    let mut spans: Vec<Span<'static>> = Vec::new();
    for (c, style) in characters {
        match spans.last_mut() {
            Some(last) if last.style == *style => last.content.to_mut().push(*c),
            _ => spans.push(Span::styled(c.to_string(), *style)),
        }
    }
    Line::from(spans)
}

#[cfg(test)]
mod tests {
    use ratatui::style::Stylize as _;

    use super::*;

    #[test]
    fn no_word_and_no_style_is_lost_at_any_width() {
        let line = Line::from(vec![
            Span::raw("  one two "),
            Span::raw("three four").bold(),
            Span::raw(" five sixteen-letters-x"),
        ]);
        let all = line.to_string();
        let words: Vec<&str> = all.split_whitespace().collect();
        for width in 1..50 {
            let folded = folded(vec![line.clone()], width);
            let text: Vec<String> = folded.iter().map(ToString::to_string).collect();
            assert!(
                folded.iter().all(|l| l.width() <= usize::from(width)),
                "{text:?}"
            );
            let bold = folded.iter().flat_map(|l| &l.spans);
            let bold: String = bold
                .filter(|s| s.style == Style::new().bold())
                .flat_map(|s| s.content.chars())
                .filter(|c| *c != ' ')
                .collect();
            assert_eq!(bold, "threefour", "{width}");
            if width >= 20 {
                let kept = text.join(" ");
                assert_eq!(
                    kept.split_whitespace().collect::<Vec<_>>(),
                    words,
                    "{width}"
                );
                assert!(
                    text.iter()
                        .all(|l| l.starts_with("  ") && !l.starts_with("   "))
                );
            }
        }
    }
}

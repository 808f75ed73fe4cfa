//! The screen that text is made for: how wide, and whether in colour.

use anstyle::{AnsiColor, Style};

use super::table::Grid;

/// Widest text worth reading on one line.
const WIDEST: usize = 140;
/// Narrower than this nothing is laid out any further.
const NARROWEST: usize = 48;

/// What text is laid out for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    /// Columns.
    pub width: usize,
    /// In colour.
    pub color: bool,
}

/// What a piece of text means, and so how it looks in colour. Without colour it reads the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// A heading.
    Heading,
    /// The answer itself.
    Strong,
    /// Fits, measured, proven.
    Good,
    /// Predicted, assumed, close to a limit.
    Care,
    /// Does not fit, failed.
    Bad,
    /// Beside the point.
    Faint,
}

impl Paint {
    fn style(self) -> Style {
        let plain = Style::new();
        let of = |color: AnsiColor| plain.fg_color(Some(anstyle::Color::Ansi(color)));
        match self {
            Self::Heading => plain.bold().underline(),
            Self::Strong => plain.bold(),
            Self::Good => of(AnsiColor::Green),
            Self::Care => of(AnsiColor::Yellow),
            Self::Bad => of(AnsiColor::Red),
            Self::Faint => plain.dimmed(),
        }
    }
}

impl Screen {
    /// A screen of this many columns, kept within what is readable.
    #[must_use]
    pub fn new(width: usize, color: bool) -> Self {
        Self {
            width: width.clamp(NARROWEST, WIDEST),
            color,
        }
    }

    /// Text in the look of its meaning.
    #[must_use]
    pub fn paint(&self, paint: Paint, text: &str) -> String {
        if self.color {
            let style = paint.style();
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    /// A heading on a line of its own.
    #[must_use]
    pub fn heading(&self, text: &str) -> String {
        format!("\n{}\n", self.paint(Paint::Heading, text))
    }

    /// A paragraph folded to the width, its lines after the first indented.
    #[must_use]
    pub fn fold(&self, first: &str, rest: &str, text: &str) -> String {
        let mut out = String::from(first);
        let mut column = seen(first);
        let mut fresh = true;
        for word in keep_together(text)
            .split([' ', '\n', '\t'])
            .filter(|w| !w.is_empty())
        {
            let length = seen(word);
            if !fresh && column + 1 + length > self.width {
                out.push('\n');
                out.push_str(rest);
                column = seen(rest);
                fresh = true;
            }
            if !fresh {
                out.push(' ');
                column += 1;
            }
            out.push_str(&word.replace(TOGETHER, " "));
            column += length;
            fresh = false;
        }
        out.push('\n');
        out
    }

    /// A table that keeps to the width.
    #[must_use]
    pub fn table(&self, header: &[&str]) -> Grid {
        Grid::new(self, header)
    }
}

/// Stands for a space that no line is broken at, until the text is laid out.
pub(super) const TOGETHER: char = '\u{a0}';

/// Units that stay on the line of their figure.
const UNITS: [&str; 14] = [
    "GiB", "MiB", "KiB", "TiB", "GB", "MB", "kB", "TB", "GB/s", "t/s", "tokens", "tokens/s", "%",
    "B",
];

/// The text with figures and their units kept together, and both units of a size: `86.6 GiB (93.0
/// GB)` is one figure.
pub(super) fn keep_together(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = "";
    for (i, word) in text.split(' ').enumerate() {
        if i > 0 {
            let joined = is_figure(before) && is_unit(word);
            out.push(if joined { TOGETHER } else { ' ' });
        }
        out.push_str(word);
        before = word;
    }
    out
}

fn is_figure(word: &str) -> bool {
    let plain = plain(word);
    plain.ends_with(|c: char| c.is_ascii_digit())
        && plain.starts_with(|c: char| c.is_ascii_digit() || "(+-±".contains(c))
}

fn is_unit(word: &str) -> bool {
    let plain = plain(word);
    let unit = plain.trim_end_matches([')', ',', ';', ':', '.']);
    UNITS.contains(&unit)
}

/// A word without its colours.
fn plain(word: &str) -> String {
    anstream::adapter::strip_str(word).to_string()
}

/// Columns that a text takes, colours aside.
fn seen(text: &str) -> usize {
    anstream::adapter::strip_str(text)
        .map(|part| part.chars().count())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paragraph_keeps_to_the_width() {
        let screen = Screen::new(48, false);
        let text = "one two three four five six seven eight nine ten eleven twelve thirteen";
        let folded = screen.fold("- ", "  ", text);
        assert!(folded.lines().count() > 1);
        assert!(folded.lines().all(|l| l.chars().count() <= 48), "{folded}");
        assert!(folded.lines().skip(1).all(|l| l.starts_with("  ")));
    }

    #[test]
    fn no_line_ends_between_a_figure_and_its_unit() {
        let text = "it takes 86.6 GiB (93.0 GB) of memory, with 1,024 tokens at 33.9 t/s and 5 %.";
        for width in 48..=80 {
            let folded = Screen::new(width, false).fold("", "", text);
            assert!(
                folded.lines().all(|l| l.chars().count() <= width),
                "{folded}"
            );
            for line in folded.lines() {
                let last = line.rsplit(' ').next().unwrap();
                assert!(!is_figure(last), "{folded}");
            }
            let words = |s: &str| s.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(words(&folded), words(text));
        }
    }

    #[test]
    fn colour_changes_no_word() {
        let plain = Screen::new(80, false).paint(Paint::Bad, "does not fit");
        let painted = Screen::new(80, true).paint(Paint::Bad, "does not fit");
        assert_eq!(plain, "does not fit");
        assert_eq!(anstream::adapter::strip_str(&painted).to_string(), plain);
    }
}

//! The screen that text is made for: how wide, and whether in colour.

use anstyle::{AnsiColor, Style};

use super::wrap;

/// Widest text worth reading on one line.
const WIDEST: usize = 140;
/// Narrower than this nothing is laid out any further.
const NARROWEST: usize = 48;

/// Where the label before a line's text ends.
const LABEL: usize = 12;

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

    /// A heading on lines of its own.
    #[must_use]
    pub fn heading(&self, text: &str) -> String {
        let folded = self.fold("", "", text);
        let lines = folded.lines().map(|line| self.paint(Paint::Heading, line));
        format!("\n{}\n", lines.collect::<Vec<_>>().join("\n"))
    }

    /// A paragraph folded to the width, its lines after the first indented.
    #[must_use]
    pub fn fold(&self, first: &str, rest: &str, text: &str) -> String {
        wrap::fold(self.width, first, rest, text)
    }

    /// A line with its label before it, folded beside that.
    #[must_use]
    pub fn labelled(&self, label: &str, words: &str) -> String {
        let rest = " ".repeat(LABEL + 1);
        self.fold(&format!("{label:<LABEL$} "), &rest, words)
    }

    /// What to type next, in lines that can be pasted.
    #[must_use]
    pub fn commands(&self, all: &[String]) -> String {
        let mut out = String::new();
        for line in wrap::commands(all, self.width.saturating_sub(LABEL + 1)) {
            let label = if out.is_empty() { "Next" } else { "" };
            out.push_str(&format!("{label:<LABEL$} {line}\n"));
        }
        out
    }
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
    fn colour_changes_no_word() {
        let plain = Screen::new(80, false).paint(Paint::Bad, "does not fit");
        let painted = Screen::new(80, true).paint(Paint::Bad, "does not fit");
        assert_eq!(plain, "does not fit");
        assert_eq!(anstream::adapter::strip_str(&painted).to_string(), plain);
    }
}

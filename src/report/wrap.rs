//! Text folded to a width, figures kept with their units.

use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

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
pub(super) fn columns(text: &str) -> usize {
    textwrap::core::display_width(text)
}

/// A paragraph folded to a width, its first line and the others behind what they begin with. A word
/// is never broken, even where it is longer than a line.
pub(super) fn fold(width: usize, first: &str, rest: &str, text: &str) -> String {
    let text = text.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return format!("{first}\n");
    }
    fill(width, (first, rest), &keep_together(&text))
}

/// A text whose lines stay as they are where they fit a width, and are folded with their own
/// indent where they don't.
#[must_use]
pub fn lines_within(width: usize, text: &str) -> String {
    let folded = text.lines().map(|line| {
        if columns(line) <= width {
            return line.to_owned();
        }
        let indent = &line[..line.len() - line.trim_start().len()];
        let rest = format!("{indent}  ");
        let folded = fold(width, indent, &rest, line);
        folded.trim_end_matches('\n').to_owned()
    });
    folded.collect::<Vec<_>>().join("\n")
}

/// Entries on as few lines as the width allows, two spaces between them; none is broken.
pub(super) fn entries(width: usize, indent: &str, entries: &[String]) -> String {
    let whole: Vec<String> = entries.iter().map(|e| e.replace(' ', "\u{a0}")).collect();
    fill(width, (indent, indent), &whole.join("  "))
}

fn fill(width: usize, (first, rest): (&str, &str), text: &str) -> String {
    let options = Options::new(width)
        .initial_indent(first)
        .subsequent_indent(rest)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    let folded = textwrap::fill(text, options);
    format!("{}\n", folded.replace(TOGETHER, " "))
}

/// Commands to be typed one after the other, each only where the one before did well, in lines that
/// a shell takes when they are pasted. They are broken before flags and between commands alone.
pub(super) fn commands(all: &[String], room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (n, command) in all.iter().enumerate() {
        for (m, part) in command.split(" --").enumerate() {
            let (part, between, broken) = match m {
                0 => (part.to_owned(), " && ", " &&"),
                _ => (format!("--{part}"), " ", " \\"),
            };
            // The first command stands alone: the others are what follows from it.
            let fresh = m == 0 && n <= 1;
            let fits = |line: &str| columns(line) + columns(between) + columns(&part) + 3 <= room;
            match lines.last_mut() {
                Some(line) if !fresh && fits(line) => line.push_str(&format!("{between}{part}")),
                last => {
                    last.into_iter().for_each(|line| line.push_str(broken));
                    lines.push(part);
                }
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_ends_between_a_figure_and_its_unit() {
        let text = "it takes 86.6 GiB (93.0 GB) of memory, with 1,024 tokens at 33.9 t/s and 5 %.";
        for width in 48..=80 {
            let folded = fold(width, "", "", text);
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
    fn wide_letters_take_two_columns_and_colours_none() {
        let text = "提示词处理速度 解码速度 上下文长度 并发请求数 每秒词元数 内存占用";
        for line in fold(20, "", "  ", text).lines() {
            assert!(columns(line) <= 20 && line.chars().count() < 18, "{line}");
        }
        let plain = fold(30, "- ", "  ", "one two three four five six seven eight");
        let green = fold(
            30,
            "- ",
            "  ",
            "one \u{1b}[32mtwo\u{1b}[0m three four five six seven eight",
        );
        assert_eq!(anstream::adapter::strip_str(&green).to_string(), plain);
    }

    #[test]
    fn a_word_longer_than_a_line_stays_whole() {
        let folded = fold(10, "", "  ", "a https://example.com/long b");
        assert_eq!(folded, "a\n  https://example.com/long\n  b\n");
    }

    #[test]
    fn commands_are_broken_where_a_shell_goes_on() {
        let all = [
            "planner recommend --task code --machine m4 --out plan.json",
            "planner get plan.json",
            "planner apply plan.json",
        ];
        let all = all.map(str::to_owned);
        let wide = commands(&all, 80);
        assert_eq!(
            wide,
            [
                "planner recommend --task code --machine m4 --out plan.json &&",
                "planner get plan.json && planner apply plan.json",
            ]
        );
        let narrow = commands(&all, 46);
        assert_eq!(
            narrow,
            [
                "planner recommend --task code --machine m4 \\",
                "--out plan.json &&",
                "planner get plan.json &&",
                "planner apply plan.json",
            ]
        );
    }
}

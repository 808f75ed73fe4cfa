//! Text from outside, made fit to be shown.
//!
//! A name in a file, a listing or an answer may hold what moves a terminal's cursor, reverses what
//! is read, or begins a line of its own. Values stay as they are; what is shown goes through here.

use std::borrow::Cow;

use serde_json::Value;

/// Longer names than this are cut where they are shown.
const LONGEST: usize = 400;

/// Bytes in hexadecimal digits.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a character does something else than being seen: control characters, and those that
/// Unicode has for directions, joins, tags and lines.
#[must_use]
pub fn hides(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Where in a document a name or a text hides something: `.loadout[0].model`.
#[must_use]
pub fn hidden_in(document: &Value) -> Option<String> {
    match document {
        Value::String(text) => text.contains(hides).then(String::new),
        Value::Array(items) => (0..)
            .zip(items)
            .find_map(|(at, item)| Some(format!("[{at}]{}", hidden_in(item)?))),
        Value::Object(fields) => fields.iter().find_map(|(name, field)| {
            let below = if name.contains(hides) {
                Some(String::new())
            } else {
                hidden_in(field)
            };
            Some(format!(".{name}{}", below?))
        }),
        _ => None,
    }
}

/// A text on one line with nothing hidden in it: `\u{1b}` stands for what can't be seen, and what is
/// too long is cut.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    let long = text.len() > LONGEST && text.chars().nth(LONGEST).is_some();
    if !long && !text.contains(hides) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::new();
    for c in text.chars().take(LONGEST) {
        push(&mut shown, c);
    }
    if long {
        shown.push('…');
    }
    Cow::Owned(shown)
}

/// The same of a text of several lines, as one.
#[must_use]
pub fn on_one_line(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    printable(&lines.collect::<Vec<_>>().join(" ")).into_owned()
}

/// What is about to be written to a screen: its lines stay, and where it is `in_color` its colours;
/// everything else that is hidden is shown.
#[must_use]
pub fn on_screen(text: &str, in_color: bool) -> Cow<'_, str> {
    if !text.contains(|c| hides(c) && c != '\n') {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let color = if in_color { color(rest) } else { 0 };
        if color > 0 {
            shown.push_str(&rest[..color]);
            rest = &rest[color..];
            continue;
        }
        match c {
            '\n' => shown.push(c),
            _ => push(&mut shown, c),
        }
        rest = &rest[c.len_utf8()..];
    }
    Cow::Owned(shown)
}

fn push(shown: &mut String, c: char) {
    if hides(c) {
        shown.extend(c.escape_unicode());
    } else {
        shown.push(c);
    }
}

/// Bytes of the change of colour that a text begins with.
fn color(text: &str) -> usize {
    let Some(codes) = text.strip_prefix("\u{1b}[") else {
        return 0;
    };
    let figures = codes.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
    if figures.starts_with('m') {
        text.len() - figures.len() + 1
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_stays_and_what_hides_is_shown() {
        for plain in ["Qwen3 Coder Next", "模型 – 8 bit", "naïve/`x`|<b>", ""] {
            assert_eq!(printable(plain), plain);
        }
        assert_eq!(printable("a\u{1b}[2Jb\nc"), "a\\u{1b}[2Jb\\u{a}c");
        assert_eq!(
            printable("a\u{202e}b\u{200d}\u{9b}"),
            "a\\u{202e}b\\u{200d}\\u{9b}"
        );
        let long = "ä".repeat(1 << 20);
        assert_eq!(printable(&long).chars().count(), LONGEST + 1);
    }

    #[test]
    fn a_screen_keeps_lines_and_its_own_colours_alone() {
        let text = "\u{1b}[1;31mred\u{1b}[0m\n\u{1b}]0;title\u{7}\u{1b}[2J\u{1b}[31";
        let shown = "\u{1b}[1;31mred\u{1b}[0m\n\\u{1b}]0;title\\u{7}\\u{1b}[2J\\u{1b}[31";
        assert_eq!(on_screen(text, true), shown);
        assert!(!on_screen(text, false).contains('\u{1b}'));
        assert_eq!(on_screen("two\nlines", false), "two\nlines");
    }
}

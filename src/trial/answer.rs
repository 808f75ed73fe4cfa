//! The parts of an answer that count.

/// The text without thoughts that stand in it: some servers leave them there.
pub(super) fn without_thoughts(text: &str) -> &str {
    text.rsplit_once("</think>")
        .map_or(text, |(_, rest)| rest)
        .trim()
}

/// The blocks of code in a text, without the lines around them.
pub(super) fn blocks(text: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<Vec<&str>> = None;
    for line in text.lines() {
        let fence = line.trim_start().starts_with("```");
        open = match (open, fence) {
            (None, true) => Some(Vec::new()),
            (Some(lines), true) => {
                blocks.push(lines.join("\n"));
                None
            }
            (Some(mut lines), false) => {
                lines.push(line);
                Some(lines)
            }
            (None, false) => None,
        };
    }
    // An answer may end without closing its last block.
    blocks.extend(open.map(|lines| lines.join("\n")));
    blocks
}

/// The code of an answer: its last block that has `what` in it, or all of it where it has no block.
pub(super) fn code(text: &str, what: &str) -> Option<String> {
    let text = without_thoughts(text);
    let blocks = blocks(text);
    if blocks.is_empty() {
        return text.contains(what).then(|| text.to_owned());
    }
    blocks.into_iter().rev().find(|block| block.contains(what))
}

/// What an answer says where it is to be one value: a single block around it is taken off.
pub(super) fn bare(text: &str) -> String {
    let text = without_thoughts(text);
    match blocks(text).as_slice() {
        [one] if text.starts_with("```") && text.ends_with("```") => one.trim().to_owned(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_the_last_block_that_defines_what_was_asked_for() {
        let text = "<think>```python\ndef f(): wrong\n```</think>Here:\n```python\ndef f():\n    return 1\n```\nTry it:\n```\nprint(f())\n```";
        assert_eq!(code(text, "def f").unwrap(), "def f():\n    return 1");
        assert_eq!(
            code("def f(): return 2", "def f").unwrap(),
            "def f(): return 2"
        );
        assert_eq!(code("I can't.", "def f"), None);
        assert_eq!(
            code("```python\ndef f(): pass", "def f").unwrap(),
            "def f(): pass"
        );
    }

    #[test]
    fn one_block_around_a_value_is_taken_off_and_words_are_not() {
        assert_eq!(bare("```json\n{\"a\": 1}\n```"), "{\"a\": 1}");
        assert_eq!(bare("Sure!\n```json\n{}\n```"), "Sure!\n```json\n{}\n```");
        assert_eq!(bare("<think>hm</think>\n[1]"), "[1]");
    }
}

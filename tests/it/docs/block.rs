//! Blocks of code in Markdown, and the commands in them.

use std::ops::Range;

/// A fenced block.
#[derive(Debug)]
pub(super) struct Block {
    /// The word after the fence.
    pub(super) language: String,
    /// The line of the file on which its text begins, from 1.
    pub(super) line: usize,
    /// Where in the file its text stands.
    pub(super) place: Range<usize>,
}

/// Every fenced block of a text.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    let mut at = 0;
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        let fence = line.trim().strip_prefix("```");
        match (fence, open.take()) {
            (Some(language), None) => {
                open = Some(Block {
                    language: language.to_owned(),
                    line: number + 1,
                    place: at + line.len()..at + line.len(),
                });
            }
            (Some(_), Some(block)) => found.push(Block {
                place: block.place.start..at,
                ..block
            }),
            (None, still) => open = still,
        }
        at += line.len();
    }
    assert!(open.is_none(), "a block is not closed: {open:?}");
    found
}

/// A command of a `console` block with what it prints.
#[derive(Debug, PartialEq)]
pub(super) struct Example {
    /// As a shell takes it.
    pub(super) command: String,
    /// What the block shows; the last line `...` stands for the rest.
    pub(super) shown: String,
}

/// The commands of a `console` block: each begins with `$ `, and goes on where a line ends with `\`
/// or, with `<<'END'`, to a line `END`.
pub(super) fn examples(text: &str) -> Vec<Example> {
    let mut all: Vec<Example> = Vec::new();
    for line in text.split_inclusive('\n') {
        match (line.strip_prefix("$ "), all.last_mut()) {
            (Some(command), _) => all.push(Example {
                command: command.to_owned(),
                shown: String::new(),
            }),
            (None, Some(last)) if last.shown.is_empty() && goes_on(&last.command) => {
                last.command.push_str(line);
            }
            (None, Some(last)) => last.shown.push_str(line),
            (None, None) => panic!("output before any command: {line}"),
        }
    }
    all
}

fn goes_on(command: &str) -> bool {
    let document = command.contains("<<'END'\n") && !command.ends_with("\nEND\n");
    command.ends_with("\\\n") || document
}

/// Such a block again.
pub(super) fn written(examples: &[Example]) -> String {
    let one = |e: &Example| format!("$ {}{}", e.command, e.shown);
    examples.iter().map(one).collect()
}

/// What a block shows of an output, where it shows it as it did before: as many lines, and `...`.
pub(super) fn cut(output: &str, shown: &str) -> String {
    let Some(lines) = shown
        .strip_suffix("...\n")
        .map(|before| before.lines().count())
    else {
        return output.to_owned();
    };
    let kept: String = output.split_inclusive('\n').take(lines).collect();
    if kept.len() == output.len() {
        kept
    } else {
        kept + "...\n"
    }
}

/// The `planner` commands of an `sh` block, word by word, without comments.
pub(super) fn commands(text: &str) -> Vec<Vec<String>> {
    let joined = text.replace("\\\n", " ");
    let words = joined.lines().filter_map(|line| {
        let line = line.trim();
        let words = shlex::split(line.split(" # ").next()?)?;
        let program = words.iter().position(|w| w.ends_with("planner"))?;
        // Settings of the environment may stand before it.
        words[..program]
            .iter()
            .all(|w| w.contains('='))
            .then(|| words[program + 1..].to_vec())
    });
    words.collect()
}

#[test]
fn a_block_is_read_and_written_as_it_stands() {
    let text = "a\n```console\n$ one \\\n    two\nout\n$ three <<'END'\n3\nEND\n```\nb\n```sh\nX=1 planner a --b=c # d\n```\n";
    let all = blocks(text);
    assert_eq!(
        all.iter()
            .map(|b| (b.language.as_str(), b.line))
            .collect::<Vec<_>>(),
        [("console", 3), ("sh", 12)]
    );
    let console = &text[all[0].place.clone()];
    let read = examples(console);
    assert_eq!(read[0].command, "one \\\n    two\n");
    assert_eq!(
        (read[0].shown.as_str(), read[1].shown.as_str()),
        ("out\n", "")
    );
    assert_eq!(written(&read), console);
    assert_eq!(commands(&text[all[1].place.clone()]), [["a", "--b=c"]]);
    assert_eq!(cut("1\n2\n3\n", "x\n...\n"), "1\n...\n");
    assert_eq!(cut("1\n2\n3\n", "1\n2\n"), "1\n2\n3\n");
    assert_eq!(cut("1\n", "1\n...\n"), "1\n");
}

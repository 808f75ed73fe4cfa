//! What is about to change in files of the user's.

use crate::emit::Placed;

/// For each file the lines that go and those that come.
#[must_use]
pub fn changes(files: &[Placed]) -> String {
    if files.is_empty() {
        return "nothing would change".to_owned();
    }
    let texts: Vec<String> = files.iter().map(change).collect();
    texts.join("\n\n")
}

/// The lines between those that both texts begin and end with.
fn change(file: &Placed) -> String {
    let before: Vec<&str> = file.before.as_deref().unwrap_or_default().lines().collect();
    let after: Vec<&str> = file.after.lines().collect();
    let same = |a: &&str, b: &&str| a == b;
    let head = before
        .iter()
        .zip(&after)
        .take_while(|(a, b)| same(a, b))
        .count();
    let left = before.len().min(after.len()) - head;
    let tail = before.iter().rev().zip(after.iter().rev());
    let tail = tail.take(left).take_while(|(a, b)| same(a, b)).count();
    let mut text = file.path.display().to_string();
    text.push_str(if file.before.is_none() { " (new)" } else { "" });
    for line in &before[head..before.len() - tail] {
        text.push_str(&format!("\n- {line}"));
    }
    for line in &after[head..after.len() - tail] {
        text.push_str(&format!("\n+ {line}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_and_what_comes_is_shown_and_nothing_else() {
        let file = |before: Option<&str>, after: &str| Placed {
            path: "f".into(),
            before: before.map(str::to_owned),
            after: after.to_owned(),
        };
        let shown = change(&file(Some("a\nb\nc\n"), "a\nx\ny\nc\n"));
        assert_eq!(shown, "f\n- b\n+ x\n+ y");
        assert_eq!(change(&file(None, "a\n")), "f (new)\n+ a");
        assert_eq!(change(&file(Some("a\na\n"), "a\na\na\n")), "f\n+ a");
    }
}

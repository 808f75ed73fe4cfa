//! Our YAML in the user's, whose comments and layout stay: by lines, since ours are few and plain.
//!
//! What is `key: value` takes the place of the line with that key. The items of ours under
//! `models:` stand together in the user's list, between two comments by which they are found again.

use super::cant_merge::CantMerge;

const BEGIN: &str = "# planner: from here";
const END: &str = "# planner: to here";

pub(super) fn merged(existing: &str, ours: &str) -> Result<String, CantMerge> {
    let mut lines: Vec<String> = without_ours(existing)?;
    let mut own = ours.lines().peekable();
    while let Some(line) = own.next() {
        let Some(key) = top_key(line) else { continue };
        let mut below = Vec::new();
        while let Some(more) = own.next_if(|l| top_key(l).is_none()) {
            below.push(more);
        }
        if below.is_empty() {
            set(&mut lines, key, line, ours)?;
        } else {
            add_items(&mut lines, key, &below)?;
        }
    }
    let ending = if existing.contains("\r\n") {
        "\r\n"
    } else {
        "\n"
    };
    Ok(lines.iter().map(|l| format!("{l}{ending}")).collect())
}

/// The key of a line that begins one at the top.
fn top_key(line: &str) -> Option<&str> {
    let (key, _) = line.split_once(':')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (!key.is_empty() && key.chars().all(plain)).then_some(key)
}

fn without_ours(text: &str) -> Result<Vec<String>, CantMerge> {
    let mut kept = Vec::new();
    let mut inside = false;
    for line in text.lines().map(|l| l.trim_end_matches('\r')) {
        match line.trim() {
            BEGIN => inside = true,
            END if inside => inside = false,
            _ if inside => {}
            _ => kept.push(line.to_owned()),
        }
    }
    if inside {
        return Err(CantMerge(format!("it has `{BEGIN}` without `{END}`")));
    }
    Ok(kept)
}

/// A file's own name and version are the user's, where it has them.
fn set(lines: &mut Vec<String>, key: &str, line: &str, ours: &str) -> Result<(), CantMerge> {
    let names_a_file = ours.lines().any(|l| top_key(l) == Some("schema"));
    match lines.iter_mut().find(|l| top_key(l) == Some(key)) {
        Some(_) if names_a_file => {}
        Some(there) if is_nested(there) => {
            return Err(CantMerge(format!("its `{key}` is more than a word")));
        }
        Some(there) => line.clone_into(there),
        None => lines.push(line.to_owned()),
    }
    Ok(())
}

/// Whether the value stands on the lines below, or is a list or a block.
fn is_nested(line: &str) -> bool {
    let value = line.split_once(':').map_or("", |(_, v)| v.trim());
    value.is_empty() || value.starts_with(['[', '{', '|', '>', '&', '*'])
}

fn add_items(lines: &mut Vec<String>, key: &str, items: &[&str]) -> Result<(), CantMerge> {
    let head = format!("{key}:");
    let at = match lines.iter().position(|l| top_key(l) == Some(key)) {
        None => {
            lines.push(head);
            lines.len()
        }
        Some(at) => {
            let value = lines[at][head.len()..].trim();
            if !value.is_empty() && !value.starts_with('#') && value != "[]" {
                return Err(CantMerge(format!("its `{key}` stands on one line")));
            }
            if value == "[]" {
                lines[at] = head;
            }
            at + 1
        }
    };
    let first = lines[at..].iter().find(|l| {
        let text = l.trim_start();
        !text.is_empty() && !text.starts_with('#')
    });
    let theirs = first.filter(|l| l.trim_start().starts_with("- "));
    let indent = theirs.map_or(2, |l| l.len() - l.trim_start().len());
    let shifted = items.iter().filter(|l| !l.trim().is_empty()).map(|l| {
        let own = l.strip_prefix("  ").unwrap_or(l);
        format!("{}{own}", " ".repeat(indent))
    });
    let block: Vec<String> = std::iter::once(format!("{}{BEGIN}", " ".repeat(indent)))
        .chain(shifted)
        .chain([format!("{}{END}", " ".repeat(indent))])
        .collect();
    lines.splice(at..at, block);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "# add\nname: Ours\nversion: 0.0.1\nschema: v1\nmodels:\n  - name: \"M\"\n    model: \"m\"\n";

    #[test]
    fn items_are_added_and_found_again() {
        let existing = "# mine\nname: Mine\nversion: 1.0.0\nschema: v1\nmodels:\n# the best\n- name: theirs\n  model: x\nrules:\n  - be brief\n";
        let text = merged(existing, OURS).unwrap();
        assert_eq!(
            text,
            "# mine\nname: Mine\nversion: 1.0.0\nschema: v1\nmodels:\n# planner: from here\n- name: \"M\"\n  model: \"m\"\n# planner: to here\n# the best\n- name: theirs\n  model: x\nrules:\n  - be brief\n"
        );
        assert_eq!(merged(&text, OURS).unwrap(), text);
        let empty = merged("name: Mine\nschema: v1\nmodels: []\n", OURS).unwrap();
        assert!(
            empty.contains("models:\n  # planner: from here\n  - name: \"M\"\n"),
            "{empty}"
        );
        assert!(merged("models: [{name: x}]\n", OURS).is_err());
        assert!(merged("models:\n# planner: from here\n", OURS).is_err());
    }

    #[test]
    fn single_settings_take_the_place_of_their_line() {
        let ours = "# add\nmodel: \"new\"\nopenai-api-base: http://x\n";
        let text = merged("# mine\nmodel: old\ndark-mode: true\n", ours).unwrap();
        assert_eq!(
            text,
            "# mine\nmodel: \"new\"\ndark-mode: true\nopenai-api-base: http://x\n"
        );
        assert!(merged("model:\n  - a\n", ours).is_err());
        let windows = merged("a: 1\r\nb: 2\r\n", ours).unwrap();
        assert_eq!(
            windows.matches('\n').count(),
            windows.matches("\r\n").count()
        );
    }
}

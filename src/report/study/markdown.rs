//! Values in Markdown: a name can begin no tag, no cell, no link and no code.

use minijinja::{AutoEscape, Error, Output, State, Value, escape_formatter};

/// Writes a value of a template as its kind of text wants it.
pub(super) fn or_html(
    out: &mut Output<'_>,
    state: &mut State<'_, '_>,
    value: &Value,
) -> Result<(), Error> {
    if !matches!(state.auto_escape(), AutoEscape::Custom(_)) {
        return escape_formatter(out, state, value);
    }
    match value.as_str() {
        Some(text) if !value.is_safe() => out.write_str(&escaped(text))?,
        _ => write!(out, "{value}")?,
    }
    Ok(())
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '|' | '[' | '`' => safe.extend(['\\', c]),
            _ => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_name_becomes_a_tag_a_cell_or_a_link() {
        assert_eq!(
            super::escaped("Qwen3-Coder Next_80B (Q4)"),
            "Qwen3-Coder Next_80B (Q4)"
        );
        let hostile = "<script>|[x](y)`";
        assert_eq!(super::escaped(hostile), "&lt;script&gt;\\|\\[x](y)\\`");
    }
}

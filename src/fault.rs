//! An error that people read: what is wrong, and beside it, as data, what would set it right.
//!
//! Errors of the core say their hint by a method; commands and effects raise a [`Fault`]. Texts of
//! errors hold no hint, and nothing looks for one in a text.

/// An error that knows what would set it right.
pub trait Hinted: std::error::Error {
    /// What to do about it, as one line; `None` where the message says it all, or nobody can know.
    fn hint(&self) -> Option<String>;
}

/// A message with its hint, for what has no error type of its own; [`fault!`](crate::fault!) makes
/// one. It may stand over another error as its context.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    message: String,
    hint: String,
}

impl Fault {
    /// A message (a lower-case fragment, names in backticks) and what to do about it.
    #[must_use]
    pub const fn new(message: String, hint: String) -> Self {
        Self { message, hint }
    }
}

impl Hinted for Fault {
    fn hint(&self) -> Option<String> {
        Some(self.hint.clone())
    }
}

/// `fault!("no model is loaded"; "load one with `lms load`")`: a [`Fault`] of two formats.
#[macro_export]
macro_rules! fault {
    ($message:expr $(, $of_message:expr)* ; $hint:expr $(, $of_hint:expr)* $(,)?) => {
        $crate::fault::Fault::new(
            ::std::format!($message $(, $of_message)*),
            ::std::format!($hint $(, $of_hint)*),
        )
    };
}

/// What serde says of a value that is another than was wanted, in the words of who wrote the file:
/// `invalid type: string "many", expected u64` names a type of Rust.
#[must_use]
pub fn plainly(said: &str) -> String {
    let kinds = ["invalid type: ", "invalid value: "];
    let Some(rest) = kinds.iter().find_map(|kind| said.strip_prefix(kind)) else {
        return said.to_owned();
    };
    match rest.rsplit_once(", expected ") {
        Some((found, wanted)) => format!(
            "expected {}, not {}",
            wanted_plainly(wanted),
            found_plainly(found)
        ),
        None => said.to_owned(),
    }
}

fn found_plainly(found: &str) -> String {
    let bare = |kind: &str| found.strip_prefix(kind).map(str::to_owned);
    let number = ["integer ", "floating point ", "boolean "];
    match found {
        "sequence" => "a list".to_owned(),
        "map" => "a table".to_owned(),
        "unit value" | "null" => "nothing".to_owned(),
        _ => (number.iter().find_map(|kind| bare(kind)))
            .or_else(|| Some(format!("the text {}", bare("string ")?)))
            .unwrap_or_else(|| found.to_owned()),
    }
}

fn wanted_plainly(wanted: &str) -> &str {
    match wanted {
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" | "u64" | "usize" => "a whole number, 0 or more",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "a boolean" => "true or false",
        "a string" | "string" | "a borrowed string" => "a text in quotes",
        "a sequence" => "a list in brackets",
        "a map" => "a table",
        other if other.starts_with("struct ") => "a table",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_type_of_rust_is_named() {
        let said = [
            (
                "invalid type: string \"many\", expected u64",
                "expected a whole number, 0 or more, not the text \"many\"",
            ),
            (
                "invalid value: integer `-1`, expected u16",
                "expected a whole number from 0 to 65535, not `-1`",
            ),
            (
                "invalid type: map, expected a sequence",
                "expected a list in brackets, not a table",
            ),
            ("missing field `id`", "missing field `id`"),
        ];
        for (serde, plain) in said {
            assert_eq!(plainly(serde), plain);
        }
    }

    #[test]
    fn a_fault_keeps_its_hint_out_of_its_text() {
        let name = "x";
        let fault =
            fault!("model not found: `{name}`"; "{} lists them, {}", "`planner catalog list`", 1);
        assert_eq!(fault.to_string(), "model not found: `x`");
        assert_eq!(
            fault.hint().as_deref(),
            Some("`planner catalog list` lists them, 1")
        );
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

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

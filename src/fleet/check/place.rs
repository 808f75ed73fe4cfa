//! Where in a file something is wrong.

use toml::Spanned;

use crate::fault::Fault;
use crate::fleet::error::FleetError;
use crate::toml_text::line_of;

/// The file that is read.
pub(super) struct InFile<'a> {
    pub(super) path: &'a str,
    pub(super) text: &'a str,
}

impl InFile<'_> {
    /// A problem with a value.
    pub(super) fn error_at<T>(&self, value: &Spanned<T>, problem: Fault) -> FleetError {
        self.line(value.span().start, problem)
    }

    /// A problem that stands so many bytes into the file.
    pub(super) fn line(&self, at: usize, problem: Fault) -> FleetError {
        FleetError::At {
            path: self.path.to_owned(),
            line: line_of(self.text.get(..at).unwrap_or("")),
            problem,
        }
    }
}

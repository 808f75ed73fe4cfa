//! A file that a plan becomes.

/// A file to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Path below the folder.
    pub path: String,
    /// Its content.
    pub text: String,
    /// A script to run.
    pub executable: bool,
    /// What it is for, in a line.
    pub purpose: &'static str,
}

/// Where a template's result goes, the template, whether it is a script, and what it is for.
pub(super) type Template = (&'static str, &'static str, bool, &'static str);

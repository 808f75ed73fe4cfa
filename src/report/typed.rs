//! What there is to type next, where a command line is at hand.

/// The command that was given, with some flags and without others; none where it can't be written.
pub type Again = dyn Fn(&[String], &[String]) -> Option<String>;

/// How it is typed.
pub struct Typed<'a> {
    /// The plan was kept.
    pub saved: bool,
    /// The file that it was kept in, as a shell is given it.
    pub file: Option<String>,
    /// The name that it was kept under.
    pub name: Option<String>,
    /// The plan is of another machine than the one where this is typed.
    pub elsewhere: bool,
    /// The command that asks again.
    pub again: &'a Again,
}

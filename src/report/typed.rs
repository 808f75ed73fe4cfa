//! What there is to type next, where a command line is at hand.

/// The command that was given, with some flags and without others; none where it can't be written.
pub type Again = dyn Fn(&[String], &[String]) -> Option<String>;

/// How it is typed.
pub struct Typed<'a> {
    /// The command that carries out the plan, where it was kept.
    pub carried_out: Option<String>,
    /// The command that downloads what is missing of it, where it was kept in a file.
    pub downloaded: Option<String>,
    /// The command that asks again.
    pub again: &'a Again,
}

//! What there is to type next, where a command line is at hand.

/// How it is typed.
pub struct Typed<'a> {
    /// The command that carries out the plan, where it was kept.
    pub carried_out: Option<String>,
    /// The command that asks again, with some flags and without others; none where it can't be written.
    pub again: &'a dyn Fn(&[String], &[String]) -> Option<String>,
}

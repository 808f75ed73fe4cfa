//! What there is to type next, where a command line is at hand.

use super::plan::machine;
use crate::plan::document::Plan;

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
    /// The user's own defaults that the answer rests on, such as `reserve 100GB`, by where they stand.
    pub defaults: Vec<String>,
    /// The command that asks again.
    pub again: &'a Again,
}

/// What was asked for beside the tasks: the machine, the day of the catalog, and the user's own defaults.
pub(super) fn asked_for(plan: &Plan, typed: Option<&Typed<'_>>) -> String {
    let defaults = typed.map_or(&[][..], |typed| &typed.defaults);
    let all = std::iter::once(machine(plan)).chain(defaults.iter().cloned());
    all.collect::<Vec<String>>().join("; ")
}

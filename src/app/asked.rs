//! What is asked for: by flags, by the user's defaults, or the usual.

use anyhow::Result;

use super::config::{Config, Key};
use super::tasks::{mix as named, weighted};
use crate::task::TaskProfile;

/// The mix that is planned for where nobody says for what.
const USUAL: &str = "coding";

/// What is asked for: the tasks or the mix that are given, else what the user's defaults say, else
/// the usual mix.
///
/// # Errors
/// When a name is not there, or a weight makes no sense.
pub fn asked(
    tasks: &[String],
    mix: Option<&str>,
    config: &Config,
) -> Result<Vec<(TaskProfile, f64)>> {
    let own = config.values(Key::Tasks);
    match (tasks, mix) {
        ([], Some(mix)) => of_mix(mix),
        ([], None) if !own.is_empty() => weighted(own),
        ([], None) => of_mix(
            config
                .values(Key::For)
                .first()
                .map_or(USUAL, String::as_str),
        ),
        (tasks, _) => weighted(tasks),
    }
}

fn of_mix(name: &str) -> Result<Vec<(TaskProfile, f64)>> {
    let shares = named(name)?.tasks;
    let given = shares.iter().map(|s| format!("{}={}", s.task, s.weight));
    weighted(&given.collect::<Vec<_>>())
}

//! Files that were put into a user's folders, and taken out again.

use std::path::PathBuf;

use anyhow::Result;

use super::outcome::Outcome;
use super::output::Output;
use crate::app::emit::{PutInPlace, Undone};

/// Says what was put in place, and what takes it back.
pub(super) fn say(done: &PutInPlace, back: &str, output: &Output) -> Result<Outcome> {
    let mut text = String::new();
    for file in &done.files {
        let how = match &file.before {
            Some(before) if *before == file.after => "as it was",
            Some(_) => "merged",
            None => "new",
        };
        text.push_str(&format!("{how:9}  {}\n", file.path.display()));
    }
    output.text(&text)?;
    output.note(&format!(
        "what was there is kept in {}; {back}",
        done.record.display()
    ));
    Ok(Outcome::Done)
}

/// Says what became of each file.
pub(super) fn undone(undone: &[(PathBuf, Undone)], output: &Output) -> Result<Outcome> {
    let mut text = String::new();
    for (path, what) in undone {
        text.push_str(&format!("{:9}  {}\n", what.words(), path.display()));
    }
    output.text(&text)?;
    let all = undone.iter().all(|(_, what)| *what != Undone::Changed);
    Ok(Outcome::when(all))
}

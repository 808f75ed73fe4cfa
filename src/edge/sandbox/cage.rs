//! What runs programs, by whatever means.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use anyhow::Result;

use super::super::clock;
use super::confined;
use super::folder::Folder;
use super::means::Means;
use crate::trial::document::Sandbox;
use crate::trial::{Program, Ran};

/// What runs programs.
#[derive(Debug, Clone)]
pub struct Cage {
    means: Means,
    pub(super) python: String,
}

impl Cage {
    /// One that holds by these means.
    pub(super) fn built_of(means: Means, python: &str) -> Self {
        Self {
            means,
            python: python.to_owned(),
        }
    }

    /// What holds a program in it.
    #[must_use]
    pub const fn kind(&self) -> Sandbox {
        self.means.kind()
    }

    /// Runs a program to its end, a limit, or until `stop` is set; how long it took, too.
    ///
    /// # Errors
    /// When its folder can't be made, or it can't be started.
    pub fn run(&self, program: &Program, stop: &AtomicBool) -> Result<(Ran, f64)> {
        let folder = Folder::holding(program)?;
        let own = ["-s", "check.py"].map(str::to_owned);
        let command = match &program.command {
            Some(command) => command.clone(),
            None => [vec![self.python.clone()], own.to_vec()].concat(),
        };
        self.run_in(folder.path(), &command, program, stop)
    }

    /// Runs a command in a folder that is there.
    pub(super) fn run_in(
        &self,
        folder: &Path,
        command: &[String],
        program: &Program,
        stop: &AtomicBool,
    ) -> Result<(Ran, f64)> {
        let began = clock::seconds();
        let started = self.means.command(folder, command, program);
        let ran = confined::run(started, program, stop)?;
        Ok((ran, clock::seconds() - began))
    }
}

//! Machines that a stand-in for `ssh` reaches: each has the world of its own stand-in for LM Studio.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::studio::Studio;

/// The machine in front, and what its `ssh` reaches.
pub(super) struct Hosts {
    folder: tempfile::TempDir,
}

impl Hosts {
    pub(super) fn new() -> Self {
        let hosts = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        for folder in ["bin", "nodes"] {
            fs::create_dir(hosts.path(folder)).unwrap();
        }
        // A machine's own world, entered by its name as ssh would enter the machine: what its shell's
        // files say comes first.
        hosts.program("ssh", &format!(
            "while [ \"$1\" != -- ]; do shift; done\n[ -f {nodes}/\"$2\" ] || {{ echo \"ssh: Could not resolve hostname $2\" >&2; exit 255; }}\n. {nodes}/\"$2\"\ncd || exit 255\nexec sh -c \"$3\"",
            nodes = hosts.path("nodes").display(),
        ));
        hosts
    }

    pub(super) fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    pub(super) fn program(&self, name: &str, body: &str) {
        let path = self.path("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Makes a machine's world that of this LM Studio.
    pub(super) fn host(&self, name: &str, studio: &Studio) {
        self.host_says(name, &format!(
            "export HOME={home} STAND_IN_LMS={state} XDG_STATE_HOME={home}/state PATH={bin}:$PATH",
            home = studio.path("home").display(),
            state = studio.path("state").display(),
            bin = studio.path("bin").display(),
        ));
    }

    /// What a machine's shell begins with.
    pub(super) fn host_says(&self, name: &str, script: &str) {
        fs::write(self.path("nodes").join(name), format!("{script}\n")).unwrap();
    }

    /// Takes a machine away.
    pub(super) fn lose(&self, name: &str) {
        fs::remove_file(self.path("nodes").join(name)).unwrap();
    }

    /// A command of the machine in front.
    pub(super) fn command(&self, program: impl AsRef<Path>) -> Command {
        let path = format!(
            "{}:{}",
            self.path("bin").display(),
            std::env::var("PATH").unwrap()
        );
        let mut command = Command::new(program.as_ref());
        command.env("PATH", path).env("HOME", self.folder.path());
        command
    }
}

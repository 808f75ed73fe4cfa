//! What holds a program, and how it is told to.

use std::path::Path;
use std::process::Command;

use super::super::environment;
use crate::trial::Program;
use crate::trial::document::Sandbox;

/// The largest file that a program may write, in blocks of 512 bytes: 32 MiB.
const FILE_BLOCKS: u32 = 65_536;
/// Where a program's folder is, in namespaces of its own.
const INSIDE: &str = "/run/w";

/// Sets the limits, and becomes the program. Not every system has every limit.
const LIMITS: &str = r#"
ulimit -c 0
ulimit -t "$1"
ulimit -f "$2"
ulimit -v "$3" 2>/dev/null
[ "$4" = 0 ] || ulimit -u "$4" 2>/dev/null || ulimit -p "$4" 2>/dev/null
shift 4
exec "$@"
"#;

/// Namespaces without network, where everything but the program's folder is read-only and sockets of
/// the system are out of sight; then once more a user without rights, who can take none of it back.
const NAMESPACES: &str = r#"
mount -t tmpfs -o size=16m none /run && mkdir /run/w && mount --bind "$1" /run/w &&
    mount -t tmpfs -o size=64m none /tmp || exit 125
while read -r _ _ _ _ point _; do
    case $point in /run | /run/* | /tmp | /tmp/*) continue ;; esac
    mount -o remount,bind,ro "$(printf '%b' "$point")" || exit 125
done </proc/self/mountinfo
cd /run/w || exit 125
shift
exec unshare --user -- "$@"
"#;

/// What a program may do under macOS: all but the network, and writing elsewhere.
const PROFILE: &str = r#"(version 1)
(allow default)
(deny network*)
(deny file-write*)
(allow file-write* (subpath (param "FOLDER")) (literal "/dev/null") (literal "/dev/zero") (literal "/dev/tty"))
"#;

/// Processes that a program may have, in namespaces of its own.
const PROCESSES: u32 = 128;

/// What could hold a program here, in words.
pub(super) const WANTED: &str = if cfg!(target_os = "macos") {
    "`sandbox-exec` does not"
} else {
    "neither `bwrap` nor `unshare` does (install bubblewrap, or allow namespaces of users)"
};

/// What holds a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Means {
    SandboxExec,
    Bwrap,
    Unshare,
    Limits,
}

/// What may be there, the best first.
pub(super) const fn of_this_system() -> &'static [Means] {
    if cfg!(target_os = "macos") {
        &[Means::SandboxExec]
    } else if cfg!(target_os = "linux") {
        &[Means::Bwrap, Means::Unshare]
    } else {
        &[]
    }
}

impl Means {
    pub(super) const fn kind(self) -> Sandbox {
        match self {
            Self::SandboxExec => Sandbox::SandboxExec,
            Self::Bwrap => Sandbox::Bwrap,
            Self::Unshare => Sandbox::Unshare,
            Self::Limits => Sandbox::Unsandboxed,
        }
    }

    /// The command that runs a program in a folder. Nothing of the user's environment goes with it
    /// but the path: tokens stand there.
    pub(super) fn command(self, folder: &Path, program: &[String], limits: &Program) -> Command {
        let shown = folder.display().to_string();
        let mut words = self.before(&shown);
        words.extend(self.limits(limits));
        words.extend(program.iter().cloned());
        let mut command = Command::new(words.remove(0));
        let (home, temporary) = match self {
            Self::Bwrap | Self::Unshare => (INSIDE.to_owned(), "/tmp".to_owned()),
            Self::SandboxExec | Self::Limits => (shown.clone(), shown),
        };
        command
            .args(words)
            .current_dir(folder)
            .env_clear()
            .env("PATH", environment::variable("PATH").unwrap_or_default())
            .env("HOME", home)
            .env("TMPDIR", temporary)
            .env("LC_ALL", "C.UTF-8")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            // The same answer gives the same result.
            .env("PYTHONHASHSEED", "0");
        command
    }

    /// The words before the limits.
    fn before(self, folder: &str) -> Vec<String> {
        let define = format!("FOLDER={folder}");
        let words: Vec<&str> = match self {
            Self::Limits => Vec::new(),
            Self::SandboxExec => vec!["sandbox-exec", "-D", &define, "-p", PROFILE],
            Self::Bwrap => [
                "bwrap --unshare-all --die-with-parent --new-session --cap-drop ALL --ro-bind / /",
                "--dev /dev --proc /proc --tmpfs /tmp --tmpfs /run --dir /run/w --bind",
            ]
            .iter()
            .flat_map(|part| part.split(' '))
            .chain([folder, INSIDE, "--chdir", INSIDE, "--"])
            .collect(),
            Self::Unshare => {
                "unshare --user --map-root-user --mount --net --pid --ipc --fork --kill-child -- sh -c"
                    .split(' ')
                    .chain([NAMESPACES, "sh", folder])
                    .collect()
            }
        };
        words.into_iter().map(str::to_owned).collect()
    }

    fn limits(self, program: &Program) -> Vec<String> {
        let kibibytes = u64::from(program.memory_mib) * 1024;
        // A limit on processes counts all of the user's, but in namespaces of users.
        let processes = match self {
            Self::Bwrap | Self::Unshare => PROCESSES,
            Self::SandboxExec | Self::Limits => 0,
        };
        let mut words: Vec<String> = ["sh", "-c", LIMITS, "sh"].map(str::to_owned).into();
        words.push((program.seconds + 1).to_string());
        words.push(FILE_BLOCKS.to_string());
        words.push(kibibytes.to_string());
        words.push(processes.to_string());
        words
    }
}

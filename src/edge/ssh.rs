//! Commands on another machine, through the system's own `ssh`: its configuration, keys and known
//! hosts are the user's business, and nothing is ever asked.
//!
//! What is run there has this program as its leash: it reads a pipe that nobody writes to, and is told
//! to end when that closes, however this program or the connection ended.

use std::ffi::OsStr;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Result, bail};

use super::command;
use super::command::{Ended, Watching};
use crate::fleet::reach::Unreached;
use crate::machine::assemble::remote::{SCRIPT, remote_reading};
use crate::machine::reading::{NotRead, Reading};

/// The longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// What ssh ends with where it failed itself; our scripts never do.
const FAILED: i32 = 255;
/// Stands before what a command prints: what a shell's own files print comes earlier.
const MARK: &str = "planner: begin\n";

/// Runs the command that the arguments are, on its leash. One line and no single quotes: any shell
/// hands it on to `sh`.
const ON_LEASH: &str = "echo planner: begin; \
    exec 3<&0; \"$@\" 3<&- </dev/null & pid=$!; \
    ( while read -r line <&3; do :; done; kill -INT $pid; sleep 2; kill -TERM $pid ) >/dev/null 2>&1 & leash=$!; \
    exec 3<&-; wait $pid; code=$?; kill $leash 2>/dev/null; \
    [ $code -ne 255 ] || code=254; exit $code";

/// A machine that ssh reaches.
#[derive(Debug, Clone)]
pub struct Ssh {
    target: String,
    limit: Duration,
    answered: Arc<AtomicBool>,
}

impl Ssh {
    /// The machine of this name to ssh, whose answers are waited for so long.
    #[must_use]
    pub fn to(target: &str, limit: Duration) -> Self {
        Self {
            target: target.to_owned(),
            limit,
            answered: Arc::default(),
        }
    }

    /// How long an answer is waited for that takes no load.
    pub(super) const fn limit(&self) -> Duration {
        self.limit
    }

    /// Whether it answered before: then a failure may pass.
    pub(super) fn answered(&self) -> bool {
        self.answered.load(Ordering::Relaxed)
    }

    /// What its system says of its memory.
    ///
    /// # Errors
    /// When it is not reached, or says nothing of use.
    pub fn reading(&self) -> Result<Reading> {
        let ended = self.run(SCRIPT, &[], self.limit)?;
        Ok(remote_reading(&ended.stdout)?)
    }

    /// Runs a script of `sh` there, with these arguments.
    pub(super) fn run(&self, script: &str, args: &[&str], limit: Duration) -> Result<Ended> {
        let never = AtomicBool::new(false);
        self.watch(script, args, limit, &never, &mut |_| {})
    }

    /// The same, shown as it comes, and ended when told to.
    pub(super) fn watch(
        &self,
        script: &str,
        args: &[&str],
        limit: Duration,
        stop: &AtomicBool,
        show: &mut dyn FnMut(&[u8]),
    ) -> Result<Ended> {
        let inner = ["sh", "-c", script, "planner"];
        let outer = ["exec", "sh", "-c", ON_LEASH, "planner"];
        let words = outer.into_iter().chain(inner).chain(args.iter().copied());
        let line = shlex::try_join(words)?;
        // Well before the limit, so that ssh itself says what it waited for.
        let connect = CONNECT.min(self.limit / 2).as_secs().max(1);
        let connect = format!("ConnectTimeout={connect}");
        let mut ssh: Vec<&str> = vec!["-T", "-a", "-x"];
        for option in [
            "BatchMode=yes",
            connect.as_str(),
            "ServerAliveInterval=10",
            "ServerAliveCountMax=3",
            // A master of its own would keep our pipes open.
            "ControlMaster=no",
            "ClearAllForwardings=yes",
        ] {
            ssh.extend(["-o", option]);
        }
        ssh.extend(["--", &self.target, &line]);
        let ssh: Vec<&OsStr> = ssh.into_iter().map(OsStr::new).collect();
        // The writing end is the leash.
        let (stdin, leash) = std::io::pipe()?;
        let stdin = Stdio::from(stdin);
        let watching = Watching {
            stdin,
            stop,
            show,
            outlives_us: false,
        };
        let ended = command::watch("ssh", &ssh, limit, watching);
        drop(leash);
        self.judged(ended, limit)
    }

    /// Whether it came through, and then what the command itself printed.
    fn judged(&self, ended: Result<Ended, NotRead>, limit: Duration) -> Result<Ended> {
        let unreached = |said: &str| Unreached::new(&self.target, said);
        let mut ended = match ended {
            Ok(ended) => ended,
            Err(NotRead::TimedOut { .. }) => {
                let said = format!("no answer within {} s", limit.as_secs());
                bail!(unreached(&said));
            }
            Err(other) => bail!(other),
        };
        if ended.status.code().is_none_or(|code| code == FAILED) {
            bail!(unreached(&ended.stderr));
        }
        let Some((_, own)) = ended.stdout.split_once(MARK) else {
            // A login that may run nothing says so in either place.
            let said = [&ended.stderr, &ended.stdout];
            let said = said.into_iter().find(|text| !text.trim().is_empty());
            bail!(unreached(said.map_or("", |text| text)));
        };
        ended.stdout = own.to_owned();
        self.answered.store(true, Ordering::Relaxed);
        Ok(ended)
    }
}

//! LM Studio's command line `lms`, of this machine or of another over ssh, and its files: run and read
//! here, understood in `lmstudio`.

use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Result, bail};

use super::command::Watching;
use super::patience::{Failure, patiently};
use super::ssh::Ssh;
use super::{command, files};
use crate::fault;
use crate::fleet::reach::Unreached;
use crate::lmstudio;
use crate::lmstudio::{HOME_POINTER, Installed, Listing, ListingError, Loaded, Running};

/// `lms` starts the app when none runs, and waits up to a minute for it.
pub const LIMIT: Duration = Duration::from_secs(90);

/// Runs `lms` of another machine, from the path or where LM Studio puts it, as itself. A load leaves
/// its process's number, for whoever goes on after this program was killed.
const THERE: &str = "home=$HOME/.lmstudio; pointer=$HOME/.lmstudio-home-pointer; \
    [ -f \"$pointer\" ] && home=$(cat \"$pointer\"); \
    PATH=$PATH:$home/bin:$HOME/.cache/lm-studio/bin; export PATH; \
    command -v lms >/dev/null || exit 127; \
    state=${XDG_STATE_HOME:-$HOME/.local/state}/planner; \
    [ \"$1\" != load ] || { mkdir -p \"$state\" && echo $$ >\"$state/load.pid\"; }; \
    exec lms \"$@\"";

/// Says whether a load that such a call began is still under way.
const LOADING: &str = "state=${XDG_STATE_HOME:-$HOME/.local/state}/planner; \
    pid=$(cat \"$state/load.pid\" 2>/dev/null) || exit 0; \
    case $(ps -o args= -p \"$pid\" 2>/dev/null) in *\" load \"*) echo loading ;; esac";

/// Where an `lms` is.
#[derive(Debug, Clone)]
enum Place {
    /// This program of this machine.
    Here(PathBuf),
    /// Another machine's.
    There(Ssh),
}

/// The command line of LM Studio.
#[derive(Debug, Clone)]
pub struct Lms {
    place: Place,
    held: Option<Arc<File>>,
    /// Whether `lms load` knows `--local` (since 2026-02-11): without it, a linked device that is
    /// preferred gets the load. Found out when it is first needed.
    local: OnceLock<bool>,
}

/// What a call of `lms` came to. Its exit status is told and not trusted: some failures end with 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called {
    /// Whether it ended with 0.
    pub success: bool,
    /// JSON and tables; since 2026-05 also the animation of a load.
    pub stdout: String,
    /// Everything said to people.
    pub stderr: String,
}

impl Lms {
    /// `lms` on the path, else where LM Studio puts it.
    ///
    /// # Errors
    /// When it is nowhere.
    pub fn find() -> Result<Self> {
        let on_path: Vec<PathBuf> = std::env::var_os("PATH")
            .map(|path| {
                std::env::split_paths(&path)
                    .map(|p| p.join("lms"))
                    .collect()
            })
            .unwrap_or_default();
        let own = home().map(|home| home.join("bin/lms"));
        match on_path.into_iter().chain(own).find(|p| p.is_file()) {
            Some(program) => Ok(Self {
                place: Place::Here(program),
                held: None,
                local: OnceLock::new(),
            }),
            None => bail!(fault!(
                "`lms`, LM Studio's command line, is not on the path and not in its home";
                "get LM Studio from https://lmstudio.ai and start it once"
            )),
        }
    }

    /// That of another machine.
    #[must_use]
    pub fn over(ssh: Ssh) -> Self {
        Self {
            place: Place::There(ssh),
            held: None,
            local: OnceLock::new(),
        }
    }

    /// The same, with an empty, locked file for each call to read: its lock outlives this program
    /// as long as a call that it started.
    #[must_use]
    pub fn holding(self, file: Arc<File>) -> Self {
        Self {
            held: Some(file),
            ..self
        }
    }

    /// Where it is on this machine.
    #[must_use]
    pub fn program(&self) -> &Path {
        match &self.place {
            Place::Here(program) => program,
            Place::There(_) => Path::new("lms"),
        }
    }

    /// The longest wait for an answer that needs no load.
    pub(super) const fn limit(&self) -> Duration {
        match &self.place {
            Place::Here(_) => LIMIT,
            Place::There(ssh) => ssh.limit(),
        }
    }

    /// Whether a load of another machine, begun over ssh, is still under way.
    ///
    /// # Errors
    /// When that machine is not reached.
    pub fn is_loading(&self) -> Result<bool> {
        match &self.place {
            Place::Here(_) => Ok(false),
            Place::There(ssh) => {
                let ended = ssh.run(LOADING, &[], ssh.limit())?;
                Ok(ended.stdout.trim() == "loading")
            }
        }
    }

    /// Runs it with these arguments, without a terminal, for at most `limit`.
    ///
    /// # Errors
    /// When it can't be started or does not end in time.
    pub fn call(&self, args: &[&str], limit: Duration) -> Result<Called> {
        let never = AtomicBool::new(false);
        let watching = Watching {
            stdin: Stdio::null(),
            stop: &never,
            show: &mut |_| {},
            outlives_us: false,
        };
        self.run(args, limit, watching)
    }

    /// The same, shown as it comes, and ended when told to; it keeps the lock that `holding` gave.
    ///
    /// Only for calls after another one: the first may start LM Studio itself, which must not keep
    /// the lock for as long as it runs.
    ///
    /// # Errors
    /// When it can't be started, does not end in time or was told to stop.
    pub fn watch(
        &self,
        args: &[&str],
        limit: Duration,
        stop: &AtomicBool,
        show: &mut dyn FnMut(&[u8]),
    ) -> Result<Called> {
        let stdin = match &self.held {
            Some(file) => Stdio::from(file.try_clone()?),
            None => Stdio::null(),
        };
        let watching = Watching {
            stdin,
            stop,
            show,
            outlives_us: true,
        };
        self.run(args, limit, watching)
    }

    fn run(&self, args: &[&str], limit: Duration, watching: Watching<'_>) -> Result<Called> {
        let ended = match &self.place {
            Place::Here(program) => {
                let args: Vec<&OsStr> = args.iter().map(OsStr::new).collect();
                let program = program.to_string_lossy();
                command::watch(&program, &args, limit, watching)?
            }
            // The lock can't go there; the leash ends what was begun.
            Place::There(ssh) => {
                let Watching { stop, show, .. } = watching;
                ssh.watch(THERE, args, limit, stop, show)?
            }
        };
        if matches!(self.place, Place::There(_)) && ended.status.code() == Some(127) {
            bail!(fault!(
                "`lms`, LM Studio's command line, is neither on the path there nor in LM Studio's home";
                "start LM Studio there once, or run `~/.lmstudio/bin/lms bootstrap` on it"
            ));
        }
        Ok(Called {
            success: ended.status.success(),
            stdout: ended.stdout,
            stderr: ended.stderr,
        })
    }

    /// Which of LM Studio's programs answers; none where `lms` is too old to say. It starts nothing.
    #[must_use]
    pub fn running(&self) -> Option<Running> {
        self.what_runs().ok()?
    }

    /// The same, where whether it can be asked at all is the question.
    ///
    /// # Errors
    /// When `lms` is not there, or its machine is not reached.
    pub fn what_runs(&self) -> Result<Option<Running>> {
        let called = self.call(&["daemon", "status"], self.limit())?;
        Ok(lmstudio::running(&called.stdout).filter(|_| called.success))
    }

    /// Starts one of them.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn start(&self) -> Result<()> {
        // It waits for a program to come up, here as there.
        let called = self.call(&["daemon", "up"], LIMIT)?;
        match called.success {
            true => Ok(()),
            false => bail!(fault!(
                "LM Studio did not start: {}", called.stderr.trim();
                "start it by hand"
            )),
        }
    }

    /// What is installed, on this device and on linked ones.
    ///
    /// # Errors
    /// When `lms` fails or prints no list.
    pub fn installed(&self) -> Result<Listing<Installed>> {
        self.listing("ls", lmstudio::installed)
    }

    /// What is loaded.
    ///
    /// # Errors
    /// When `lms` fails or prints no list.
    pub fn loaded(&self) -> Result<Listing<Loaded>> {
        self.listing("ps", lmstudio::loaded)
    }

    fn listing<T>(
        &self,
        what: &str,
        read: fn(&str) -> Result<Listing<T>, ListingError>,
    ) -> Result<Listing<T>> {
        patiently(|| {
            // What can't be started, or used up its time, won't do better the next time.
            let called = self.call(&[what, "--json"], self.limit());
            let called = called.map_err(|error| self.failure(error))?;
            if !called.success {
                return Err(Failure::Passing(
                    fault!(
                        "`lms {what} --json` failed: {}", called.stderr.trim();
                        "is LM Studio running? `lms status` tells"
                    )
                    .into(),
                ));
            }
            read(&called.stdout).map_err(|error| Failure::Passing(error.into()))
        })
    }

    /// A way that was there before may be there again.
    fn failure(&self, error: anyhow::Error) -> Failure {
        match &self.place {
            Place::There(ssh) if ssh.answered() && error.is::<Unreached>() => {
                Failure::Passing(error)
            }
            _ => Failure::Lasting(error),
        }
    }

    /// The arguments of a load, with `--local` where `lms` knows it.
    ///
    /// # Errors
    /// When `lms` can't be run, or does not know another of the arguments.
    pub(super) fn here(&self, load: &[String]) -> Result<Vec<String>> {
        if self.local.get().is_none() {
            self.local_estimate(load)?;
        }
        Ok(match self.local.get() {
            Some(true) => with(load, &[LOCAL]),
            _ => load.to_vec(),
        })
    }

    /// What `lms` says that a load would take; it loads nothing.
    ///
    /// # Errors
    /// When `lms` can't be run, or does not know one of the arguments.
    pub(super) fn estimate(&self, load: &[String]) -> Result<Called> {
        if let Some(called) = self.local_estimate(load)? {
            return Ok(called);
        }
        let called = self.call_all(&with(load, &[ESTIMATE]))?;
        match lmstudio::unknown_option(&called.stderr) {
            Some(unknown) => Err(too_old(unknown)),
            None => Ok(called),
        }
    }

    /// The estimate of a load on this device; none where `lms` does not know `--local`, which is
    /// then known.
    fn local_estimate(&self, load: &[String]) -> Result<Option<Called>> {
        if self.local.get() == Some(&false) {
            return Ok(None);
        }
        let called = self.call_all(&with(load, &[LOCAL, ESTIMATE]))?;
        let known = match lmstudio::unknown_option(&called.stderr) {
            Some(unknown) if unknown == LOCAL => false,
            Some(unknown) => return Err(too_old(unknown)),
            None => true,
        };
        Ok(self.local.get_or_init(|| known).then_some(called))
    }

    fn call_all(&self, args: &[String]) -> Result<Called> {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        self.call(&args, self.limit())
    }
}

/// Loads on this device only, also where a linked one is preferred.
const LOCAL: &str = "--local";
/// Says what a load would take, and loads nothing.
const ESTIMATE: &str = "--estimate-only";

/// The arguments of a load with these flags.
fn with(load: &[String], flags: &[&str]) -> Vec<String> {
    let mut args = load.to_vec();
    args.splice(1..1, flags.iter().map(|f| (*f).to_owned()));
    args
}

/// The error of a command line that lacks what a plan needs.
fn too_old(flag: &str) -> anyhow::Error {
    fault!(
        "this `lms` lacks `{flag}`, which the plan needs";
        "update LM Studio, and `lms` with it"
    )
    .into()
}

/// LM Studio's home, where the user's home folder is known.
#[must_use]
pub fn home() -> Option<PathBuf> {
    let user = etcetera::home_dir().ok()?;
    let pointer = files::read_text(&user.join(HOME_POINTER)).ok();
    Some(lmstudio::home_of(&user, pointer.as_deref(), &|p| {
        p.is_dir()
    }))
}

/// The folder that LM Studio downloads models to.
#[must_use]
pub fn downloads_folder() -> Option<PathBuf> {
    let home = home()?;
    let settings = files::read_text(&home.join("settings.json")).ok();
    Some(lmstudio::downloads_folder(&home, settings.as_deref()))
}

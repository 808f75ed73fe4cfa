//! Runs a command of the system with a limit on its time, and gives what it printed.
//!
//! Never goes through a shell, never asks anything on stdin, and never waits past the limit: not
//! for the command, and not for a grandchild that keeps its output open.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use crate::machine::reading::NotRead;

/// More than any of these commands prints.
const OUTPUT_BYTES_MAX: usize = 4 << 20;

/// How long a command may take to end by itself once it was told to.
const GRACE: Duration = Duration::from_secs(1);

/// How often a running command is looked at.
pub(super) const PAUSE: Duration = Duration::from_millis(5);

/// What a command printed, and how it ended.
pub(super) struct Ended {
    /// How it ended.
    pub(super) status: ExitStatus,
    /// What it printed.
    pub(super) stdout: String,
    /// What it said beside that.
    pub(super) stderr: String,
}

/// What a command prints, if it succeeds within the limit.
pub(super) fn text(command: &str, args: &[&OsStr], limit: Duration) -> Result<String, NotRead> {
    let ended = run(command, args, limit)?;
    if ended.status.success() {
        Ok(ended.stdout)
    } else {
        Err(failed(command, &ended))
    }
}

/// What a command prints, if it prints anything: `sysctl` reports failure when one of many keys is
/// unknown, and still prints the others.
#[cfg(any(target_os = "macos", test))]
pub(super) fn text_of_any_status(
    command: &str,
    args: &[&OsStr],
    limit: Duration,
) -> Result<String, NotRead> {
    let ended = run(command, args, limit)?;
    if ended.stdout.trim().is_empty() {
        Err(failed(command, &ended))
    } else {
        Ok(ended.stdout)
    }
}

fn failed(command: &str, ended: &Ended) -> NotRead {
    NotRead::Failed {
        command: command.to_owned(),
        status: ended.status.to_string(),
        // `nvidia-smi` says why on its standard output.
        stderr: [&ended.stderr, &ended.stdout]
            .into_iter()
            .find_map(|said| said.lines().next())
            .unwrap_or("no message")
            .to_owned(),
    }
}

/// Runs a command to its end, or gives it up at the limit.
pub(super) fn run(command: &str, args: &[&OsStr], limit: Duration) -> Result<Ended, NotRead> {
    let watching = Watching {
        stdin: Stdio::null(),
        stop: &AtomicBool::new(false),
        show: &mut |_| {},
        outlives_us: false,
    };
    watch(command, args, limit, watching)
}

/// How a command is watched.
pub(super) struct Watching<'a> {
    /// What it reads.
    pub(super) stdin: Stdio,
    /// Tells it to end.
    pub(super) stop: &'a AtomicBool,
    /// Gets what it prints as it comes.
    pub(super) show: &'a mut dyn FnMut(&[u8]),
    /// Whether it goes on when this program is killed, and is asked to end as by Ctrl-C.
    pub(super) outlives_us: bool,
}

/// Runs a command to its end, shows what it prints as it comes, and gives it up at the limit or
/// when told to.
pub(super) fn watch(
    command: &str,
    args: &[&OsStr],
    limit: Duration,
    watching: Watching<'_>,
) -> Result<Ended, NotRead> {
    let Watching {
        stdin,
        stop,
        show,
        outlives_us,
    } = watching;
    let not_run = |error: &std::io::Error| NotRead::NotRun {
        command: command.to_owned(),
        error: error.to_string(),
    };
    let timed_out = || NotRead::TimedOut {
        who: command.to_owned(),
        seconds: limit.as_secs(),
    };
    let deadline = Instant::now() + limit;
    let started = start(command, args, stdin, outlives_us).map_err(|error| match error.kind() {
        ErrorKind::NotFound => NotRead::NoCommand(command.to_owned()),
        _ => not_run(&error),
    })?;
    let (sender, chunks) = mpsc::channel();
    let stdout = drain(Some(started.stdout), Some(sender));
    let stderr = drain(Some(started.stderr), None);
    let (mut child, written) = (started.child, started.written);
    let mut stopped_at = None;
    let status = loop {
        chunks.try_iter().for_each(|chunk: Vec<u8>| show(&chunk));
        if stop.load(Ordering::Relaxed) {
            // The command has been told as well, and may want to end by itself.
            let since = stopped_at.get_or_insert_with(|| {
                if outlives_us {
                    interrupt(&child);
                }
                Instant::now()
            });
            if since.elapsed() > GRACE {
                end(child);
                return Err(NotRead::Interrupted(command.to_owned()));
            }
        }
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < deadline => thread::sleep(PAUSE),
            Ok(None) => {
                end(child);
                return Err(timed_out());
            }
            Err(error) => {
                end(child);
                return Err(not_run(&error));
            }
        }
    };
    drop(written);
    let rest = |output: Receiver<Vec<u8>>| -> Result<String, NotRead> {
        let left = deadline
            .saturating_duration_since(Instant::now())
            .max(PAUSE);
        let bytes = output.recv_timeout(left).map_err(|_| timed_out())?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    Ok(Ended {
        status,
        stdout: rest(stdout)?,
        stderr: rest(stderr)?,
    })
}

/// A command that runs, and what it prints.
struct Started {
    child: Child,
    stdout: Box<dyn Read + Send>,
    stderr: Box<dyn Read + Send>,
    /// Until it is dropped, more may come.
    written: Written,
}

/// Starts a command: what it prints comes through pipes, or where it outlives us through files.
fn start(command: &str, args: &[&OsStr], stdin: Stdio, outlives_us: bool) -> io::Result<Started> {
    let mut to_run = Command::new(command);
    // Figures with a decimal point, messages in English.
    to_run.args(args).env("LC_ALL", "C").stdin(stdin);
    let written = Written::default();
    if outlives_us {
        // What the terminal says to us is passed on, and not heard twice.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut to_run, 0);
        let ((out, stdout), (err, stderr)) = (unnamed_file()?, unnamed_file()?);
        return Ok(Started {
            child: to_run.stdout(out).stderr(err).spawn()?,
            stdout: Box::new(written.follow(stdout)),
            stderr: Box::new(written.follow(stderr)),
            written,
        });
    }
    let mut child = to_run
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let nothing = || Box::new(io::empty()) as Box<dyn Read + Send>;
    Ok(Started {
        stdout: child
            .stdout
            .take()
            .map_or_else(nothing, |pipe| Box::new(pipe)),
        stderr: child
            .stderr
            .take()
            .map_or_else(nothing, |pipe| Box::new(pipe)),
        child,
        written,
    })
}

/// What a command writes, in a file without a name. Where we are killed, it goes on writing there,
/// while a pipe that nobody reads any more ends it: `lms` does not survive that, and the load that it
/// watches does.
fn unnamed_file() -> io::Result<(Stdio, File)> {
    let named = tempfile::NamedTempFile::new()?;
    let read = named.reopen()?;
    Ok((Stdio::from(named.into_file()), read))
}

/// Until it is dropped, the files that are followed may grow.
#[derive(Default)]
struct Written(Arc<AtomicBool>);

impl Written {
    fn follow(&self, file: File) -> Followed {
        Followed {
            file,
            whole: Arc::clone(&self.0),
        }
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// A file read to its end as it is written: at the end of what is there, it waits for more.
struct Followed {
    file: File,
    whole: Arc<AtomicBool>,
}

impl Read for Followed {
    fn read(&mut self, piece: &mut [u8]) -> io::Result<usize> {
        loop {
            let whole = self.whole.load(Ordering::Acquire);
            match self.file.read(piece)? {
                0 if !whole => thread::sleep(PAUSE),
                length => return Ok(length),
            }
        }
    }
}

/// Asks a command to end as Ctrl-C does: `lms` then has LM Studio give the load up. By any other end
/// of it the load may go on, and come in after all.
fn interrupt(child: &Child) {
    let pid = child.id().to_string();
    let mut kill = Command::new("kill");
    kill.args(["-INT", &pid]);
    let _ = kill.stdout(Stdio::null()).stderr(Stdio::null()).status();
}

/// Reads a pipe to its end on a thread of its own, so that a full pipe cannot block the command
/// and an open one cannot block us. Whoever wants to see each piece as it comes gets a copy.
pub(super) fn drain(
    pipe: Option<impl Read + Send + 'static>,
    copy: Option<Sender<Vec<u8>>>,
) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut all = Vec::new();
        if let Some(mut pipe) = pipe {
            let mut piece = [0; 8192];
            // A pipe that breaks leaves what came before; the parser judges whether it is enough.
            while let Ok(length @ 1..) = pipe.read(&mut piece) {
                let read = &piece[..length];
                let room = OUTPUT_BYTES_MAX.saturating_sub(all.len());
                all.extend_from_slice(&read[..length.min(room)]);
                if let Some(copy) = &copy {
                    let _ = copy.send(read.to_vec());
                }
            }
        }
        let _ = sender.send(all);
    });
    receiver
}

/// Ends a command that is too slow. It may hang in the kernel (a dead network volume) and not die
/// at once, so the wait that clears it away is left to a thread.
fn end(mut child: Child) {
    let _ = child.kill();
    thread::spawn(move || child.wait());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, limit: Duration) -> Result<Ended, NotRead> {
        run("sh", &["-c".as_ref(), script.as_ref()], limit)
    }

    #[test]
    fn output_and_failure_are_told_apart() {
        const LIMIT: Duration = Duration::from_secs(5);
        let args = |script| ["-c".as_ref(), OsStr::new(script)];
        assert_eq!(
            text("sh", &args("echo hi; echo no >&2"), LIMIT),
            Ok("hi\n".to_owned())
        );
        let error = text("sh", &args("echo hi; echo no >&2; exit 3"), LIMIT).unwrap_err();
        assert_eq!(error.to_string(), "`sh` failed (exit status: 3): no");
        let some = text_of_any_status("sh", &args("echo hi; exit 3"), LIMIT);
        assert_eq!(some, Ok("hi\n".to_owned()));
        assert!(text_of_any_status("sh", &args("exit 3"), LIMIT).is_err());
        let error = text("no-such-command-here", &[], LIMIT).unwrap_err();
        assert_eq!(error, NotRead::NoCommand("no-such-command-here".to_owned()));
    }

    #[test]
    fn a_command_that_hangs_is_given_up() {
        let limit = Duration::from_millis(200);
        // Waiting for it would take a day.
        let ended = shell("exec sleep 86400", limit);
        assert!(matches!(ended, Err(NotRead::TimedOut { .. })));
        // This one leaves a grandchild behind that holds the pipe open.
        let pid = tempfile::NamedTempFile::new().unwrap();
        let path = pid.path().to_str().unwrap();
        let ended = shell(&format!("sleep 86400 & echo $! >'{path}'"), limit);
        assert!(matches!(ended, Err(NotRead::TimedOut { .. })));
        let kill = format!("kill $(cat '{path}')");
        assert!(shell(&kill, Duration::from_secs(60)).is_ok());
    }

    #[test]
    fn more_output_than_a_pipe_holds_does_not_block() {
        let ended = shell("head -c 1000000 /dev/zero", Duration::from_secs(5));
        assert_eq!(ended.map(|ended| ended.stdout.len()), Ok(1_000_000));
    }
}

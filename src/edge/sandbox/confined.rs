//! A program on its way to its end or a limit.

use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use super::super::command::{PAUSE, drain};
use crate::trial::{Program, Ran};

/// More than any check prints.
const OUTPUT_BYTES_MAX: usize = 64 << 10;
/// How long the end of a program's output is waited for once everything of it was ended.
const AFTERWORD: Duration = Duration::from_secs(2);

/// Runs it, and ends it with all that it started.
pub(super) fn run(mut command: Command, program: &Program, stop: &AtomicBool) -> Result<Ran> {
    group_of_its_own(&mut command);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("can't start a program that checks an answer")?;
    let deadline = Instant::now() + Duration::from_secs(u64::from(program.seconds));
    if let Some(mut stdin) = child.stdin.take() {
        // It may end without reading it, which is its own affair.
        let _ = stdin.write_all(program.stdin.as_bytes());
    }
    let (sender, pieces) = mpsc::channel();
    let stdout = drain(child.stdout.take(), Some(sender.clone()));
    let stderr = drain(child.stderr.take(), Some(sender));
    let mut printed = 0;
    let (succeeded, mut ended_by) = loop {
        printed += pieces
            .try_iter()
            .map(|piece: Vec<u8>| piece.len())
            .sum::<usize>();
        let over = if stop.load(Ordering::Relaxed) {
            Some("stopped by the user".to_owned())
        } else if printed > OUTPUT_BYTES_MAX {
            Some(format!(
                "it printed more than {} KiB",
                OUTPUT_BYTES_MAX >> 10
            ))
        } else if Instant::now() >= deadline {
            Some(format!(
                "it had not come to its end within {} s",
                program.seconds
            ))
        } else {
            None
        };
        if over.is_some() {
            break (false, over);
        }
        match child.try_wait().context("can't wait for a program")? {
            Some(status) if status.code().is_none() => break (false, Some(status.to_string())),
            Some(status) => break (status.success(), None),
            None => thread::sleep(PAUSE),
        }
    };
    end(&mut child);
    let (stdout, stderr) = (rest(&stdout), rest(&stderr));
    if stdout.is_none() || stderr.is_none() {
        ended_by.get_or_insert_with(|| "it left a process behind".to_owned());
    }
    Ok(Ran {
        succeeded: succeeded && ended_by.is_none(),
        ended_by,
        stdout: stdout.unwrap_or_default(),
        stderr: stderr.unwrap_or_default(),
    })
}

#[cfg(unix)]
fn group_of_its_own(command: &mut Command) {
    std::os::unix::process::CommandExt::process_group(command, 0);
}

#[cfg(not(unix))]
fn group_of_its_own(_: &mut Command) {}

/// Ends a program and its group, also where the program itself has come to its end.
fn end(child: &mut Child) {
    let group = format!("kill -9 -{} 2>/dev/null", child.id());
    let _ = Command::new("sh").args(["-c", &group]).status();
    let _ = child.kill();
    let _ = child.wait();
}

/// As much of its output as counts; none where somebody holds it open.
fn rest(output: &Receiver<Vec<u8>>) -> Option<String> {
    let mut bytes = output.recv_timeout(AFTERWORD).ok()?;
    bytes.truncate(OUTPUT_BYTES_MAX);
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

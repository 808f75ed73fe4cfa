//! Runs programs that nobody has read, such as code of a model's answer: in a folder of their own, with
//! limits on time, output, memory and files, without network and without a way to write elsewhere.
//!
//! What holds them is the system's: `sandbox-exec` of macOS, `bwrap`, or the namespaces of `unshare`. Each
//! is tried before it is trusted: a program that writes outside and opens a connection must fail at both.

mod cage;
mod confined;
mod folder;
mod means;
mod tried;

pub use cage::Cage;

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::command;
use means::Means;

/// An interpreter that does not say where it is by then is none.
const ASKING: Duration = Duration::from_secs(20);

/// What runs programs here: what holds them where anything does, limits alone where that was asked
/// for, and else why nothing.
///
/// # Errors
/// With what is missing, in words.
pub fn find(unsandboxed: bool, stop: &AtomicBool) -> Result<Cage, String> {
    let python = python()?;
    for means in means::of_this_system() {
        let cage = Cage::built_of(*means, &python);
        if tried::holds(&cage, stop) {
            return Ok(cage);
        }
    }
    match unsandboxed {
        true => Ok(Cage::built_of(Means::Limits, &python)),
        false => Err(format!(
            "nothing here holds a program that nobody has read: {}; `--unsandboxed` runs it with limits alone",
            means::WANTED
        )),
    }
}

/// Where `python3` is. A name on the path may be a script that looks for it, which needs more than a
/// program in a sandbox has.
fn python() -> Result<String, String> {
    let missing = || "no `python3` is here to run or try anything; install one".to_owned();
    if cfg!(target_os = "macos") && is_a_stub() {
        return Err(missing());
    }
    let asked = ["-c".as_ref(), "import sys; print(sys.executable)".as_ref()];
    let said = command::text("python3", &asked, ASKING).map_err(|_| missing())?;
    match said.trim() {
        "" => Err(missing()),
        path => Ok(path.to_owned()),
    }
}

/// Whether `python3` is macOS's own before its developer tools are there: it would ask to install them.
fn is_a_stub() -> bool {
    let found = command::text(
        "sh",
        &["-c".as_ref(), "command -v python3".as_ref()],
        ASKING,
    );
    let system = found.is_ok_and(|path| path.trim() == "/usr/bin/python3");
    system && command::text("xcode-select", &["-p".as_ref()], ASKING).is_err()
}

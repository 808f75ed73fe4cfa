//! Whether a sandbox holds: a program in it tries what it must not be able to do.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use anyhow::{Context as _, Result};

use super::super::{clock, files, places};
use super::cage::Cage;
use super::folder::Folder;
use crate::trial::Program;

const TRIES: &str = r#"
import socket, sys
for path in sys.argv[2:]:
    try:
        open(path, "w").close()
    except OSError:
        pass
try:
    socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1).close()
except OSError:
    pass
open("inside", "w").close()
print("tried")
"#;

/// Whether a program in it can write its own folder, and neither write elsewhere nor connect.
pub(super) fn holds(cage: &Cage, stop: &AtomicBool) -> bool {
    attempt(cage, stop).unwrap_or(false)
}

fn attempt(cage: &Cage, stop: &AtomicBool) -> Result<bool> {
    let (folder, beside) = (Folder::new()?, Folder::new()?);
    let listener = TcpListener::bind("127.0.0.1:0").context("no port is free")?;
    listener.set_nonblocking(true)?;
    let port = listener.local_addr()?.port().to_string();
    let elsewhere = elsewhere(beside.path());
    let paths = elsewhere.iter().map(|path| path.display().to_string());
    let words = ["-s", "-c", TRIES, &port].map(str::to_owned);
    let command: Vec<String> = [cage.python.clone()]
        .into_iter()
        .chain(words)
        .chain(paths)
        .collect();
    let program = Program {
        files: Vec::new(),
        beside: None,
        command: None,
        stdin: String::new(),
        seconds: 20,
        memory_mib: 1024,
    };
    let (ran, _) = cage.run_in(folder.path(), &command, &program, stop)?;
    let got_out: Vec<&PathBuf> = elsewhere
        .iter()
        .filter(|path| files::is_there(path))
        .collect();
    for path in &got_out {
        files::remove(path)?;
    }
    let tried = ran.succeeded && ran.stdout.trim() == "tried";
    let wrote = files::is_file(&folder.path().join("inside"));
    Ok(tried && wrote && got_out.is_empty() && listener.accept().is_err())
}

/// Places that it must not write: beside its folder, and in the user's home.
fn elsewhere(beside: &Path) -> Vec<PathBuf> {
    let name = format!(".planner-tried-{}", clock::nanoseconds());
    let home = places::home().map(|home| Path::new(&home).join(&name));
    home.into_iter().chain([beside.join(&name)]).collect()
}

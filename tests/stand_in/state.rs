//! The stand-in's memory: small JSON files in one folder, shared with the stand-in for the server.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The folder.
pub(crate) struct State {
    folder: PathBuf,
}

impl State {
    /// The folder that the environment names.
    pub(crate) fn open() -> Self {
        Self::at(Path::new(
            &std::env::var_os("STAND_IN_LMS").expect("STAND_IN_LMS names a folder"),
        ))
    }

    pub(crate) fn at(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// What is on disk (`models.json`).
    pub(crate) fn models(&self) -> Vec<Value> {
        self.read("models.json")
    }

    pub(crate) fn set_models(&self, models: &[Value]) {
        self.write("models.json", models);
    }

    /// What is in memory (`loaded.json`).
    pub(crate) fn loaded(&self) -> Vec<Value> {
        self.read("loaded.json")
    }

    pub(crate) fn set_loaded(&self, loaded: &[Value]) {
        self.write("loaded.json", loaded);
    }

    /// What a download of this address brings (`later.json`: entries with `from`).
    pub(crate) fn later(&self, address: &str) -> Vec<Value> {
        let mut found: Vec<Value> = self.read("later.json");
        found.retain(|m| m["from"] == *address);
        found
    }

    /// The port of the server, where a test runs one (`port`).
    pub(crate) fn port(&self) -> Option<u16> {
        fs::read_to_string(self.folder.join("port"))
            .ok()?
            .trim()
            .parse()
            .ok()
    }

    /// Bytes that may be loaded together (`capacity`); more is refused as LM Studio does.
    pub(crate) fn capacity(&self) -> u64 {
        let text = fs::read_to_string(self.folder.join("capacity")).ok();
        text.and_then(|t| t.trim().parse().ok()).unwrap_or(u64::MAX)
    }

    /// The value of a fault that is switched on for everything: a line `name` or `name=value`.
    pub(crate) fn fault(&self, name: &str) -> Option<String> {
        self.fault_at(name, "")
    }

    /// The value of a fault for one identifier: also a line `name@identifier`.
    pub(crate) fn fault_at(&self, name: &str, identifier: &str) -> Option<String> {
        let text = fs::read_to_string(self.folder.join("faults")).unwrap_or_default();
        text.lines().find_map(|line| {
            let (switch, value) = line.split_once('=').unwrap_or((line, ""));
            let (fault, at) = switch.split_once('@').unwrap_or((switch, identifier));
            (fault == name && at == identifier).then(|| value.to_owned())
        })
    }

    /// Whether a fault `name=PERCENT` strikes this call. Which ones it strikes follows from how many
    /// calls there were, and from the number in the file `seed`.
    pub(crate) fn fails_now(&self, name: &str) -> bool {
        let Some(percent) = self.fault(name).and_then(|p| p.parse::<u64>().ok()) else {
            return false;
        };
        let read = |file: &str| fs::read_to_string(self.folder.join(file)).unwrap_or_default();
        let seed: u64 = read("seed").trim().parse().unwrap_or(0);
        let call = read("calls").lines().count() as u64 + (seed << 20);
        // SplitMix64 (Steele, Lea and Flood 2014).
        let mut z = call.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % 100 < percent
    }

    pub(crate) fn clear_fault(&self, name: &str) {
        let text = fs::read_to_string(self.folder.join("faults")).unwrap_or_default();
        let kept: Vec<&str> = text.lines().filter(|l| *l != name).collect();
        fs::write(self.folder.join("faults"), kept.join("\n")).unwrap();
    }

    /// A text that a test put in place of the usual one.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.folder.join(name)).ok()
    }

    /// Has the program that the file `engine` names do what LM Studio's engines do; without it nothing
    /// is behind a load.
    pub(crate) fn engine(&self, what: &str, about: &[String]) -> Result<(), String> {
        let Some(program) = self.text("engine") else {
            return Ok(());
        };
        let done = Command::new(program.trim()).arg(what).args(about).output();
        let done = done.map_err(|e| e.to_string())?;
        if done.status.success() {
            return Ok(());
        }
        Err(String::from_utf8_lossy(&done.stderr).trim().to_owned())
    }

    /// Keeps the arguments of a call as a line of `calls`.
    pub(crate) fn log(&self, args: &[String]) {
        use std::io::Write as _;
        let mut file = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.folder.join("calls"))
            .unwrap();
        writeln!(file, "{}", serde_json::to_string(args).unwrap()).unwrap();
    }

    fn read(&self, name: &str) -> Vec<Value> {
        fs::read_to_string(self.folder.join(name))
            .map(|text| serde_json::from_str(&text).expect("the state is JSON"))
            .unwrap_or_default()
    }

    /// Whole or not at all: a test may end this process at any moment.
    fn write(&self, name: &str, list: &[Value]) {
        let new = self.folder.join(format!("{name}.{}", std::process::id()));
        fs::write(&new, serde_json::to_string(list).unwrap()).unwrap();
        fs::rename(new, self.folder.join(name)).unwrap();
    }
}

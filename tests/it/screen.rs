//! The screen at a real terminal: keys in, and what a terminal shows of what comes out.
//! `tests/conformance/screen.sh` does the same in tmux, with other sizes.
#![cfg(target_os = "linux")]

use std::io::{Read as _, Write as _};
use std::num::NonZeroU16;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::studio::{Studio, gguf};
use crate::support;

fn nonzero(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).unwrap()
}

/// A terminal with planner in it. `script` makes the terminal.
struct Terminal {
    script: Child,
    keys: ChildStdin,
    screen: Arc<Mutex<vt100::Parser>>,
}

impl Terminal {
    fn of(mut script: Command, (columns, rows): (u16, u16)) -> Self {
        let planner = env!("CARGO_BIN_EXE_planner");
        let inside = format!("stty cols {columns} rows {rows}; exec {planner}");
        script
            .args(["-qfec", &inside, "/dev/null"])
            .env("TERM", "xterm-256color")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut script = script.spawn().unwrap();
        let (keys, mut out) = (script.stdin.take().unwrap(), script.stdout.take().unwrap());
        let screen = Arc::new(Mutex::new(vt100::Parser::new(
            nonzero(rows),
            nonzero(columns),
            0,
        )));
        let shown = Arc::clone(&screen);
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(n @ 1..) = out.read(&mut bytes) {
                shown.lock().unwrap().process(&bytes[..n]);
            }
        });
        Self {
            script,
            keys,
            screen,
        }
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    fn contents(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    /// Waits until the screen is as it should be.
    fn until(&self, what: &str, is: impl Fn(&str) -> bool) -> String {
        for _ in 0..2400 {
            let contents = self.contents();
            if is(&contents) {
                return contents;
            }
            thread::sleep(Duration::from_millis(25));
        }
        panic!("never {what}:\n{}", self.contents());
    }

    fn shows(&self, text: &str) -> String {
        self.until(text, |contents| contents.contains(text))
    }

    /// Whether it ends by itself, and leaves the terminal as it was.
    fn ends(mut self) -> bool {
        let done = self.script.wait().unwrap();
        let screen = self.screen.lock().unwrap();
        done.success() && !screen.screen().alternate_screen()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.script.kill();
        let _ = self.script.wait();
    }
}

/// `script` away from LM Studio and from any user's own files.
fn alone(machine: &str) -> Command {
    let mut script = Command::new("script");
    script
        .env("HOME", "/nonexistent")
        .env("XDG_CONFIG_HOME", "/nonexistent")
        .env("PLANNER_MACHINE", machine)
        .env("PLANNER_TASKS", "code")
        .env_remove("NO_COLOR");
    script
}

#[test]
fn without_a_terminal_planner_prints_its_help() {
    let help = support::stdout(&[]);
    assert!(
        help.contains("recommend") && help.contains("Exit codes"),
        "{help}"
    );
}

#[test]
fn a_model_is_found_pinned_weighed_against_the_plan_and_let_go() {
    let plan = support::plan(&["--task", "code", "--machine", "m4-max-64gb"]);
    let best = &plan["loadout"][0];
    let keep = format!("Keep {}", best["name"].as_str().unwrap());
    let best = best["model"].as_str().unwrap();
    // The first runner-up of another model.
    let others = plan["alternatives"].as_array().unwrap().iter();
    let mut others = others.map(|a| a["members"][0]["variant"].as_str().unwrap());
    let other = others
        .find(|v| !v.starts_with(&format!("{best}/")))
        .unwrap();
    let other = other.split('/').next().unwrap();
    let mut terminal = Terminal::of(alone("m4-max-64gb"), (100, 30));
    terminal.shows(&keep);
    terminal.press("m");
    terminal.shows("Quality ▼");
    terminal.press(&format!("/{other}\r"));
    let row = terminal.until("filtered", |c| c.contains(other) && !c.contains(best));
    assert!(row.contains("GiB") && row.contains("yes"), "{row}");
    terminal.press("\r");
    let why_not = format!("Why not {other}");
    terminal.shows(&why_not);
    terminal.press("\u{1b}");
    terminal.until("closed", |c| !c.contains(&why_not));
    terminal.press(" p");
    terminal.shows(&format!("pinned {other}"));
    let cost = terminal.shows(&format!("+ {other}/"));
    assert!(cost.contains(&format!("- {best}/")), "{cost}");
    terminal.press("z");
    terminal.until("let go", |c| {
        !c.contains("pinned") && c.contains(&keep) && !c.contains("solving")
    });
    terminal.press("n");
    terminal.shows("No LM Studio here");
    terminal.press("?");
    terminal.shows("load again what was loaded before");
    terminal.press("\u{1b}q");
    assert!(terminal.ends());
}

#[test]
fn a_small_terminal_has_room_for_all_panes() {
    let mut terminal = Terminal::of(alone("macbook-air-m4-16gb"), (60, 20));
    terminal.shows("Keep ");
    for (key, shows) in [
        ("m", "Quality"),
        // The end of what would be cut, were it not folded; and how to leave.
        ("b", "prefill"),
        ("n", "No LM Studio here"),
        ("?", "and asked first"),
        ("\u{1b}[6~", "leave  "),
        ("x", "? keys · q leave"),
        ("p", "Keep "),
    ] {
        terminal.press(key);
        let contents = terminal.shows(shows);
        assert!(
            contents.lines().all(|l| l.chars().count() <= 60),
            "{contents}"
        );
    }
    terminal.press("q");
    assert!(terminal.ends());
}

#[test]
fn a_plan_is_saved_loaded_and_taken_back() {
    let studio = Studio::new();
    let asked = ["--task", "code", "--machine", "macbook-air-m4-16gb"];
    let plan = support::plan(&asked);
    let entry = &plan["loadout"][0];
    let repository = entry["repository"]
        .as_str()
        .unwrap()
        .replace("https://huggingface.co/", "");
    let quantization = entry["quantization"].as_str().unwrap();
    let bytes = entry["memory"]["weights_bytes"].as_u64().unwrap();
    let name = entry["files"]
        .as_str()
        .unwrap_or("model.gguf")
        .replace('*', "");
    let file = format!("{repository}/{name}");
    let installed = gguf("small-coder", &file, quantization, bytes);
    let mut models = studio.state().models();
    models.push(installed);
    studio.state().set_models(&models);
    let before = [crate::studio::loaded("stranger", "stranger", 8192, 4)];
    studio.load(&before);

    let mut script = studio.command("script");
    script
        .env("XDG_DATA_HOME", studio.path("data"))
        .env("PLANNER_MACHINE", "macbook-air-m4-16gb")
        .env("PLANNER_TASKS", "code");
    let mut terminal = Terminal::of(script, (80, 24));
    terminal.shows("Keep ");
    terminal.press("sday\r");
    terminal.shows("saved as day");
    terminal.press("n");
    terminal.shows("1 day");
    terminal.press("1");
    let asked = terminal.shows("Change what is loaded?");
    assert!(
        asked.contains("unload  stranger") && asked.contains("load "),
        "{asked}"
    );
    terminal.press("n");
    terminal.shows("nothing was changed");
    assert_eq!(studio.loaded(), before);
    terminal.press("1");
    terminal.shows("Change what is loaded?");
    terminal.press("y");
    terminal.shows("the plan is loaded");
    assert_eq!(studio.loaded()[0].1, "small-coder");
    terminal.shows("exactly the plan is loaded");
    // Somebody else loads something: the screen sees it by itself.
    studio.load(&before);
    terminal.shows("Not as planned");
    terminal.press("u");
    terminal.shows("Load this again?");
    terminal.press("y");
    terminal.shows("what was loaded before is loaded again");
    assert_eq!(studio.loaded(), before);
    terminal.press("q");
    assert!(terminal.ends());
}

//! README and the book: their commands are run, and what is printed is what stands there.
//!
//! `PLANNER_WRITE_DOCS=1 cargo test --test it docs::` writes what is printed now into the blocks and
//! into the picture.

mod block;
mod picture;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use block::{Block, Example};

use crate::support;

/// Those whose commands are run with every `cargo test`; the others where time is no matter.
const ALWAYS: [&str; 2] = ["README.md", "start.md"];
/// Columns of a terminal that the book is written for.
const COLUMNS: &str = "100";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// README, its translation, CONTRIBUTING and every page of the book.
fn pages() -> Vec<PathBuf> {
    let top = ["README.md", "README.zh.md", "CONTRIBUTING.md"].map(|name| root().join(name));
    let book = fs::read_dir(root().join("docs/src")).unwrap();
    let mut book: Vec<PathBuf> = book.map(|entry| entry.unwrap().path()).collect();
    book.retain(|path| path.extension().is_some_and(|e| e == "md"));
    book.sort();
    top.into_iter().chain(book).collect()
}

fn is_written_anew() -> bool {
    env::var_os("PLANNER_WRITE_DOCS").is_some()
}

/// Somebody's folder and home, in which the commands of a page run one after the other.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("home")).unwrap();
        Self { folder }
    }

    /// What a command prints, to both outputs, and its exit code where that is not 0.
    fn prints(&self, command: &str) -> String {
        let program = Path::new(env!("CARGO_BIN_EXE_planner")).parent().unwrap();
        let path = env::var("PATH").unwrap();
        let home = self.folder.path().join("home");
        let ended = Command::new("sh")
            .args(["-c", &format!("{{ {command}\n}} 2>&1")])
            .current_dir(self.folder.path())
            .env("PATH", format!("{}:{path}", program.display()))
            .env("HOME", &home)
            .env("XDG_CONFIG_HOME", home.join(".config"))
            .env("COLUMNS", COLUMNS)
            .env("SOURCE_DATE_EPOCH", support::TODAY)
            .env_remove("NO_COLOR")
            .output()
            .unwrap();
        let printed = String::from_utf8(ended.stdout).unwrap();
        match ended.status.code() {
            Some(0) => printed,
            code => format!("{printed}[exit code {}]\n", code.unwrap_or(-1)),
        }
    }
}

/// The blocks of a page, and what would stand in them if it were written now.
fn renewed(text: &str) -> Vec<(Block, String)> {
    let desk = Desk::new();
    let console = block::blocks(text)
        .into_iter()
        .filter(|b| b.language == "console");
    console
        .map(|block| {
            let now: Vec<Example> = block::examples(&text[block.place.clone()])
                .into_iter()
                .map(|example| Example {
                    shown: block::cut(&desk.prints(&example.command), &example.shown),
                    ..example
                })
                .collect();
            (block, block::written(&now))
        })
        .collect()
}

#[test]
fn console_blocks_show_what_is_printed() {
    let all = is_written_anew() || support::rounds(0, 1) == 1;
    let mut wrong = Vec::new();
    for page in pages() {
        if !all && !ALWAYS.iter().any(|name| page.ends_with(name)) {
            continue;
        }
        let mut text = fs::read_to_string(&page).unwrap();
        for (block, now) in renewed(&text).into_iter().rev() {
            if text[block.place.clone()] != now {
                wrong.push(format!("{}:{}:\n{now}", page.display(), block.line));
                text.replace_range(block.place, &now);
            }
        }
        if is_written_anew() {
            fs::write(&page, text).unwrap();
        }
    }
    assert!(
        is_written_anew() || wrong.is_empty(),
        "other things are printed now; PLANNER_WRITE_DOCS=1 writes them into the pages:\n{}",
        wrong.join("\n")
    );
}

/// The picture is of the command that stands above it in the book.
#[test]
fn the_picture_is_of_what_is_printed() {
    let command = "planner recommend --task code --machine m4-max-128gb";
    let start = fs::read_to_string(root().join("docs/src/start.md")).unwrap();
    assert!(start.contains(&format!("$ {command}\n")));
    let now = picture::of(
        command,
        &Desk::new().prints(&format!("{command} --color always")),
    );
    let file = root().join("docs/src/answer.svg");
    if is_written_anew() {
        fs::write(&file, &now).unwrap();
    }
    assert!(
        fs::read_to_string(&file).unwrap() == now,
        "PLANNER_WRITE_DOCS=1 draws it anew"
    );
}

/// Whatever is written to be typed exists, with each of its flags: the manual pages say so.
#[test]
fn commands_that_are_not_run_exist_with_their_flags() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    assert!(support::planner(&["man", "--out", out]).status.success());
    let manual: BTreeMap<String, String> = fs::read_dir(out)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let page = fs::read_to_string(path).unwrap();
            (name, page.replace("\\f", " ").replace('\\', ""))
        })
        .collect();
    let mut seen = 0;
    let mut wrong = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        let shell = block::blocks(&text)
            .into_iter()
            .filter(|b| b.language == "sh");
        for words in shell.flat_map(|b| block::commands(&text[b.place])) {
            seen += 1;
            for missing in missing(&manual, &words) {
                wrong.push(format!("{}: {missing} in {words:?}", page.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(seen > 50, "{seen} commands were found");
}

/// What of a command is in no manual page.
fn missing(manual: &BTreeMap<String, String>, words: &[String]) -> Vec<String> {
    let mut name = "planner".to_owned();
    for word in words {
        let longer = format!("{name}-{word}");
        if !manual.contains_key(&longer) {
            break;
        }
        name = longer;
    }
    if name == "planner" && !words.iter().all(|w| w.starts_with('-')) {
        return vec!["no such command".to_owned()];
    }
    let page = &manual[&name];
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-');
    let flags = words.iter().filter(|w| w.starts_with("--"));
    flags
        .map(|w| w.split('=').next().unwrap())
        .filter(|flag| !page.split(flag).skip(1).any(ends))
        .map(str::to_owned)
        .collect()
}

/// The translation has the same commands as the README.
#[test]
fn the_translation_has_the_readmes_commands() {
    let commands = |name: &str| -> Vec<Vec<String>> {
        let text = fs::read_to_string(root().join(name)).unwrap();
        let blocks = block::blocks(&text);
        let lines = blocks.iter().flat_map(|b| text[b.place.clone()].lines());
        lines
            .map(|l| l.split(" # ").next().unwrap())
            .map(|l| shlex::split(l).unwrap())
            .collect()
    };
    assert_eq!(commands("README.md"), commands("README.zh.md"));
}

/// Every page is in the book's list, and every link between the pages leads somewhere.
#[test]
fn pages_are_listed_and_links_lead_somewhere() {
    let summary = fs::read_to_string(root().join("docs/src/SUMMARY.md")).unwrap();
    let mut wrong = Vec::new();
    for page in pages() {
        let name = page.file_name().unwrap().to_str().unwrap();
        let in_book = page.parent().unwrap().ends_with("src") && name != "SUMMARY.md";
        if in_book && !summary.contains(&format!("]({name})")) {
            wrong.push(format!("{name} is not in SUMMARY.md"));
        }
        let text = fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1).filter_map(|t| t.split(')').next()) {
            let file = link.split('#').next().unwrap();
            if !file.contains("://") && !page.parent().unwrap().join(file).exists() {
                wrong.push(format!("{name}: {link}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

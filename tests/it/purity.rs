//! The core touches nothing: no module outside the edge and the command line names an effect, and
//! modules import in one direction only.

use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files
}

/// The module that a source file belongs to: the first folder, or the file itself.
fn module_of(path: &Path) -> String {
    let inside = path
        .strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
        .unwrap();
    inside
        .components()
        .next()
        .unwrap()
        .as_os_str()
        .to_string_lossy()
        .trim_end_matches(".rs")
        .to_owned()
}

/// The modules from the bottom up: each may import those before it, and none after it.
const FLOORS: [&str; 38] = [
    "printable",
    "fault",
    "units",
    "basis",
    "suggest",
    "toml_text",
    "shipped",
    "model",
    "machine",
    "memory",
    "catalog",
    "speed",
    "audit",
    "task",
    "quality",
    "solve",
    "plan",
    "scenario",
    "advise",
    "fleet",
    "fit",
    "lmstudio",
    "measure",
    "trial",
    "download",
    "apply",
    "campaign",
    "emit",
    "doctor",
    "import",
    "study",
    "report",
    "edge",
    "app",
    "mcp",
    "screen",
    "cli",
    "lib",
];

/// The modules that `crate::` is followed by: one, or all of a group in braces.
fn named(part: &str) -> Vec<String> {
    let name = |text: &str| -> String {
        let text = text.trim_start().chars();
        text.take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
            .collect()
    };
    let Some(group) = part.strip_prefix('{') else {
        return vec![name(part)];
    };
    let mut depth = 0;
    let mut starts = vec![0];
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => starts.push(at + 1),
            _ => {}
        }
    }
    starts.into_iter().map(|at| name(&group[at..])).collect()
}

#[test]
fn a_group_of_imports_is_looked_into() {
    assert_eq!(named("edge::files;"), ["edge"]);
    assert_eq!(
        named("{fault, report::{a, b}, edge as e};"),
        ["fault", "report", "edge"]
    );
}

#[test]
fn modules_import_downwards_only() {
    let floor = |module: &str| FLOORS.iter().position(|m| *m == module);
    let mut wrong = Vec::new();
    for path in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let own = module_of(&path);
        if own == "main" {
            continue;
        }
        let Some(own_floor) = floor(&own) else {
            wrong.push(format!("{} is on no floor", path.display()));
            continue;
        };
        let text = fs::read_to_string(&path).unwrap();
        for part in text.split("crate::").skip(1) {
            for named in named(part) {
                if floor(&named).is_some_and(|f| f > own_floor) {
                    wrong.push(format!("{} imports {named}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_effect_outside_the_edge_and_the_command_line() {
    let effects = [
        "std::fs",
        "std::env::",
        "std::process",
        "std::net",
        "SystemTime",
        "Instant::now",
        "println!",
        "eprintln!",
    ];
    let mut found = Vec::new();
    for path in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        if ["edge", "cli", "main"].contains(&module_of(&path).as_str()) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        // Tests inside a module may read their recorded data.
        let code = text.split("#[cfg(test)]").next().unwrap();
        found.extend(
            effects
                .iter()
                .filter(|e| code.contains(**e))
                .map(|e| format!("{}: {e}", path.display())),
        );
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// An error type with hints that `app/hints.rs` does not name would lose them in silence; and a
/// hint inside a text is one that nobody can find.
#[test]
fn every_error_with_hints_is_known_where_errors_are_told() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let known = fs::read_to_string(source.join("app/hints.rs")).unwrap();
    let mut wrong = Vec::new();
    for path in sources(&source) {
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for part in code.split("impl Hinted for ").skip(1) {
            // What clap refuses is the command line's own.
            if part.starts_with("Usage") {
                continue;
            }
            let name = part.split([' ', '<', '\n']).next().unwrap();
            if !known.contains(&format!(" {name},\n")) {
                wrong.push(format!("{}: {name}", path.display()));
            }
        }
        if code.contains("\\nhint: ") {
            wrong.push(format!("{}: a hint inside a text", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What code under a folder of `src` says, comments and tests inside modules left out.
fn said_in(folder: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src")
        .join(folder);
    let code = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        let lines = text.lines().filter(|l| !l.trim_start().starts_with("//"));
        (path, lines.collect::<Vec<_>>().join("\n"))
    };
    sources(&root).into_iter().map(code).collect()
}

fn nowhere(folder: &str, forbidden: &[&str]) {
    let mut found = Vec::new();
    for (path, code) in said_in(folder) {
        let here = forbidden.iter().filter(|word| code.contains(**word));
        found.extend(here.map(|word| format!("{}: {word}", path.display())));
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// The command line keeps arguments and words: everything else is a use case.
#[test]
fn the_command_line_computes_nothing() {
    let forbidden = ["memory", "solve", "speed", "quality", "edge", "scenario"];
    nowhere(
        "cli",
        &forbidden
            .map(|m| format!("crate::{m}"))
            .each_ref()
            .map(String::as_str),
    );
}

/// A use case knows no terminal, no arguments, and not how an answer is worded.
#[test]
fn use_cases_know_no_front() {
    let forbidden = [
        "clap",
        "indicatif",
        "ctrlc",
        "anstream",
        "anstyle",
        "comfy_table",
        "terminal_size",
        "std::io::std",
        "is_terminal",
        "print!",
        "println!",
        "crate::report",
    ];
    nowhere("app", &forbidden);
}

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

/// The room that a source file belongs to: the first folder, or the file itself.
fn room(path: &Path) -> String {
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
const FLOORS: [&str; 29] = [
    "fault",
    "units",
    "basis",
    "suggest",
    "toml_text",
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
    "fit",
    "lmstudio",
    "measure",
    "apply",
    "emit",
    "import",
    "study",
    "report",
    "edge",
    "app",
    "cli",
    "lib",
];

#[test]
fn modules_import_downwards_only() {
    let floor = |module: &str| FLOORS.iter().position(|m| *m == module);
    let mut wrong = Vec::new();
    for path in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let own = room(&path);
        if own == "main" {
            continue;
        }
        let Some(own_floor) = floor(&own) else {
            wrong.push(format!("{} is on no floor", path.display()));
            continue;
        };
        let text = fs::read_to_string(&path).unwrap();
        for part in text.split("crate::").skip(1) {
            let named: String = part
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect();
            if floor(&named).is_some_and(|f| f > own_floor) {
                wrong.push(format!("{} imports {named}", path.display()));
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
        if ["edge", "cli", "main"].contains(&room(&path).as_str()) {
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

/// The paths that code names, braces taken apart: `crate::a::{b, c::d}` is two.
fn paths_in(code: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for start in ["crate::", "super::"] {
        for (at, _) in code.match_indices(start) {
            if code[..at].ends_with("(in ") {
                // A word of who may see it, not an import.
                continue;
            }
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':' || c == '$') {
                continue;
            }
            expand("", &code[at..], &mut paths);
        }
    }
    paths
}

/// Reads one path at the start of `text`, with its braces; gives what is left of the text.
fn expand<'a>(prefix: &str, text: &'a str, paths: &mut Vec<String>) -> &'a str {
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == ':' || c == '*';
    let end = text.find(|c: char| !word(c)).unwrap_or(text.len());
    let path = format!("{prefix}{}", &text[..end]);
    let mut rest = &text[end..];
    if !path.ends_with("::") || !rest.starts_with('{') {
        paths.push(path);
        return rest;
    }
    rest = &rest[1..];
    loop {
        rest = expand(&path, rest.trim_start(), paths);
        // A renaming ends at the next comma or brace.
        let Some(next) = rest.find([',', '}']) else {
            return "";
        };
        let closed = rest[next..].starts_with('}');
        rest = &rest[next + 1..];
        if closed || rest.trim_start().starts_with('}') {
            return rest;
        }
    }
}

/// A file by the path of its module: `src/app/fit/mod.rs` is `app::fit`.
fn module_of(path: &Path) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let inside = path.strip_prefix(root).unwrap().with_extension("");
    let mut parts: Vec<String> = inside
        .iter()
        .map(|p| p.to_string_lossy().into_owned())
        .collect();
    if parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    parts
}

/// Within a module files import in one direction too. A `mod.rs` that gives out what its files
/// define stands above them, so none of them names it.
#[test]
fn files_of_a_module_import_without_circles() {
    for module in ["app", "cli"] {
        let files = said_in(module);
        let modules: Vec<Vec<String>> = files.iter().map(|(path, _)| module_of(path)).collect();
        let imports: Vec<Vec<usize>> = files
            .iter()
            .zip(&modules)
            .map(|((_, code), own)| {
                let mut named: Vec<usize> = paths_in(code)
                    .iter()
                    .chain(&declared_in(code, own))
                    .filter_map(|p| resolve(p, own, &modules))
                    .filter(|i| modules[*i] != *own)
                    .collect();
                named.sort_unstable();
                named.dedup();
                named
            })
            .collect();
        assert!(
            imports.iter().flatten().count() > 50,
            "{module}: hardly anything was read"
        );
        let circles = (0..files.len()).filter(|start| reaches(*start, &imports));
        let circles: Vec<String> = circles
            .map(|i| format!("{} imports itself by way of others", files[i].0.display()))
            .collect();
        assert!(circles.is_empty(), "{circles:#?}");
    }
}

/// The files that a file declares, which stand below it.
fn declared_in(code: &str, own: &[String]) -> Vec<String> {
    let lines = code.lines().map(str::trim);
    let names = lines.filter_map(|l| l.strip_suffix(';')?.rsplit_once("mod ").map(|(_, n)| n));
    names
        .map(|name| format!("crate::{}::{name}", own.join("::")))
        .collect()
}

/// The file that a path leads to: the longest beginning of it that is one.
fn resolve(named: &str, own: &[String], modules: &[Vec<String>]) -> Option<usize> {
    let mut at = own.to_vec();
    let mut parts: Vec<String> = Vec::new();
    for part in named.split("::").filter(|p| !p.is_empty()) {
        match part {
            "crate" => at = Vec::new(),
            "super" => {
                at.pop();
            }
            other => parts.push(other.to_owned()),
        }
    }
    at.extend(parts);
    (1..=at.len())
        .rev()
        .find_map(|n| modules.iter().position(|m| m.as_slice() == &at[..n]))
}

fn reaches(start: usize, imports: &[Vec<usize>]) -> bool {
    let mut seen = vec![false; imports.len()];
    let mut next = imports[start].clone();
    while let Some(file) = next.pop() {
        if file == start {
            return true;
        }
        if !std::mem::replace(&mut seen[file], true) {
            next.extend(&imports[file]);
        }
    }
    false
}

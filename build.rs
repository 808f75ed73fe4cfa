//! Packs the data that ships inside the binary: TOML in the repository for people, values that are
//! read an order of magnitude faster in the program. `src/shipped/packed.rs` says in which form and
//! reads it; a test holds the one against the other.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "a build may fail loudly, and reads the repository's own files"
)]

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use toml::Value;

/// The folders that ship, and single files of others.
const SHIPPED: [&str; 6] = [
    "catalog",
    "profiles",
    "src/quality/constants.toml",
    "src/quality/constants-completion.toml",
    "src/quality/constants-embedding.toml",
    "src/quality/constants-vision.toml",
];

/// The folder whose files ship as they are written, too.
const WRITTEN: &str = "profiles/tasks/";

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo gives it"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo gives it"));
    let mut files = Vec::new();
    for name in SHIPPED {
        println!("cargo::rerun-if-changed={name}");
        read(&root.join(name), name, &mut files);
    }
    let mut texts = Texts::default();
    files.iter().for_each(|(_, value)| texts.count(value));
    texts.place();
    let (mut packed, mut listed) = (Vec::new(), String::new());
    for (name, value) in &files {
        let from = packed.len();
        texts.pack(value, &mut packed);
        listed += &format!("({name:?}, {from}..{}),\n", packed.len());
    }
    let write =
        |name: &str, what: &[u8]| fs::write(out.join(name), what).expect("it can be written");
    write("texts", texts.all.as_bytes());
    write("packed", &packed);
    write("files.rs", format!("&[\n{listed}]").as_bytes());
    let written = files.iter().filter(|(name, _)| name.starts_with(WRITTEN));
    let written = written.map(|(name, _)| {
        format!("({name:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/{name}\"))),\n")
    });
    let written = format!("&[\n{}]", written.collect::<String>());
    write("written.rs", written.as_bytes());
}

/// A TOML file, or every one of a folder and of the folders in it, with their names in the repository.
fn read(path: &Path, name: &str, files: &mut Vec<(String, Value)>) {
    let said = |e: &dyn std::error::Error| -> ! { panic!("{}: {e}", path.display()) };
    if path.is_dir() {
        let listed = fs::read_dir(path).unwrap_or_else(|e| said(&e));
        let names = listed.map(|entry| entry.expect("a listed file").file_name());
        let mut names: Vec<_> = names.collect();
        names.sort();
        for inner in names {
            let inner = inner.to_str().expect("a name in ASCII");
            read(&path.join(inner), &format!("{name}/{inner}"), files);
        }
    } else if path.extension().is_some_and(|e| e == "toml") {
        let text = fs::read_to_string(path).unwrap_or_else(|e| said(&e));
        let value = toml::from_str(&text).unwrap_or_else(|e| said(&e));
        files.push((name.to_owned(), value));
    }
}

/// Every text once, the most frequent first: the places of those take the least bytes.
#[derive(Default)]
struct Texts {
    counts: BTreeMap<String, u64>,
    places: BTreeMap<String, usize>,
    all: String,
}

impl Texts {
    fn count(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.one_more(text),
            Value::Array(values) => values.iter().for_each(|value| self.count(value)),
            Value::Table(table) => {
                for (key, value) in table {
                    self.one_more(key);
                    self.count(value);
                }
            }
            _ => {}
        }
    }

    fn one_more(&mut self, text: &str) {
        *self.counts.entry(text.to_owned()).or_default() += 1;
    }

    fn place(&mut self) {
        let mut texts: Vec<(&String, &u64)> = self.counts.iter().collect();
        texts.sort_by_key(|(_, count)| Reverse(**count));
        for (text, _) in texts {
            self.places.insert(text.clone(), self.all.len());
            self.all.push_str(text);
        }
    }

    fn pack(&self, value: &Value, to: &mut Vec<u8>) {
        match value {
            Value::Boolean(is) => to.push(u8::from(*is)),
            Value::Integer(number) => match u64::try_from(*number) {
                Ok(above) => begin(2, above, to),
                Err(_) => begin(3, (-1 - number).unsigned_abs(), to),
            },
            Value::Float(number) => {
                to.push(4);
                to.extend(number.to_le_bytes());
            }
            Value::String(text) => {
                to.push(5);
                self.text(text, to);
            }
            Value::Array(values) => {
                begin(6, values.len() as u64, to);
                values.iter().for_each(|value| self.pack(value, to));
            }
            Value::Table(table) => {
                begin(7, table.len() as u64, to);
                for (key, value) in table {
                    self.text(key, to);
                    self.pack(value, to);
                }
            }
            Value::Datetime(date) => panic!("{date}: shipped files write dates as texts"),
        }
    }

    fn text(&self, text: &str, to: &mut Vec<u8>) {
        number(self.places[text] as u64, to);
        number(text.len() as u64, to);
    }
}

fn begin(kind: u8, size: u64, to: &mut Vec<u8>) {
    to.push(kind);
    number(size, to);
}

/// Seven bits a byte, the lowest first.
#[expect(clippy::cast_possible_truncation, reason = "seven bits of it")]
fn number(mut rest: u64, to: &mut Vec<u8>) {
    while rest >= 0x80 {
        to.push((rest as u8 & 0x7f) | 0x80);
        rest >>= 7;
    }
    to.push(rest as u8);
}

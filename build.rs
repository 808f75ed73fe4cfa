//! Translates the data that ships inside the binary from TOML to JSON, which is read several times
//! as fast. The texts stay TOML for people; a test holds the one against the other.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "a build may fail loudly, and reads the repository's own files"
)]

use std::path::{Path, PathBuf};
use std::{env, fs};

/// The folders that ship.
const SHIPPED: [&str; 2] = ["catalog", "profiles"];

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo gives it"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo gives it")).join("shipped");
    if out.exists() {
        fs::remove_dir_all(&out).expect("the last translation can be removed");
    }
    for folder in SHIPPED {
        println!("cargo::rerun-if-changed={folder}");
        translate(&root.join(folder), &out.join(folder));
    }
}

/// Every TOML file of a folder and of the folders in it.
fn translate(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder in OUT_DIR");
    let listed = fs::read_dir(from).unwrap_or_else(|e| panic!("{}: {e}", from.display()));
    for path in listed.map(|entry| entry.expect("a listed file").path()) {
        let place = to.join(path.file_name().expect("a listed file has a name"));
        if path.is_dir() {
            translate(&path, &place);
        } else if path.extension().is_some_and(|e| e == "toml") {
            let said = |e: &dyn std::error::Error| -> ! { panic!("{}: {e}", path.display()) };
            let text = fs::read_to_string(&path).unwrap_or_else(|e| said(&e));
            let value: toml::Value = toml::from_str(&text).unwrap_or_else(|e| said(&e));
            let json = serde_json::to_string(&value).unwrap_or_else(|e| said(&e));
            fs::write(place.with_extension("json"), json).expect("a file in OUT_DIR");
        }
    }
}

//! Rebuilds when an embedded file changes: the catalog and the profiles are part of the binary.

fn main() {
    for folder in ["catalog", "profiles"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}

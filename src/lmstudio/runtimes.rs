//! `lms runtime ls`: the engines that LM Studio has, and what is known to be wrong with which.

use std::sync::LazyLock;

use serde::Deserialize;

use super::version::Version;
use crate::memory::Engine;
use crate::toml_text;

/// An engine that is installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runtime {
    /// Its name: `mlx-llm-mac-arm64-apple-metal-advsimd`.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// Whether models of its format are loaded by it.
    pub selected: bool,
}

/// Reads the table; lines that are no engines are passed over.
#[must_use]
pub fn runtimes(table: &str) -> Vec<Runtime> {
    table.lines().filter_map(runtime).collect()
}

fn runtime(line: &str) -> Option<Runtime> {
    let mut words = line.split_whitespace();
    let (name, version) = words.next()?.rsplit_once('@')?;
    Some(Runtime {
        name: name.to_owned(),
        version: Version::of(version)?,
        selected: words.next() == Some("✓"),
    })
}

/// The one that loads models for an engine; none where none is selected.
#[must_use]
pub fn selected(all: &[Runtime], engine: Engine) -> Option<&Runtime> {
    let begins = match engine {
        Engine::LlamaCpp => "llama.cpp-",
        Engine::Mlx => "mlx-llm-",
    };
    let mut chosen = all.iter().filter(|r| r.selected);
    chosen.find(|r| r.name.starts_with(begins))
}

/// Something that a version of LM Studio or of an engine is known to do wrong.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownFault {
    /// The engine's name, or `LM Studio`.
    of: String,
    /// The versions that do it.
    #[serde(default)]
    versions: Vec<Version>,
    /// The first that does it, where it is a range.
    #[serde(default)]
    first: Option<Version>,
    /// The last.
    #[serde(default)]
    last: Option<Version>,
    /// Chips by their whole names, where only those suffer.
    #[serde(default)]
    chips: Vec<String>,
    /// What happens.
    pub text: String,
    /// A version that does it right, where one is known.
    #[serde(default)]
    pub right: Option<Version>,
    /// Where that was seen.
    pub source: String,
}

impl KnownFault {
    fn is_of(&self, name: &str, version: Version, chip: Option<&str>) -> bool {
        let chip = self.chips.is_empty() || chip.is_some_and(|c| self.chips.iter().any(|k| k == c));
        let listed = self.versions.contains(&version);
        let within = match (self.first, self.last) {
            (Some(first), Some(last)) => (first..=last).contains(&version),
            _ => false,
        };
        self.of == name && chip && (listed || within)
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    faults: Vec<KnownFault>,
}

/// A broken file, which a test rules out, knows of no fault.
static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let text = include_str!("../../profiles/runtimes.toml");
    toml_text::parse("profiles/runtimes.toml", text).unwrap_or_default()
});

/// What this version of an engine, or of `LM Studio`, is known to do wrong on this chip.
#[must_use]
pub fn known_faults(name: &str, version: Version, chip: Option<&str>) -> Vec<&'static KnownFault> {
    let all = TABLE.faults.iter();
    all.filter(|f| f.is_of(name, version, chip)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MLX: &str = "mlx-llm-mac-arm64-apple-metal-advsimd";

    #[test]
    fn the_table_of_the_command_line_is_read_by_its_rows() {
        // As `columnify` lays it out, with the headings of `runtime/list.ts` (commit 07b7252).
        let table = "LLM ENGINE                                      SELECTED    MODEL FORMAT\nllama.cpp-mac-arm64-apple-metal-advsimd@2.41.0     ✓            GGUF    \nmlx-llm-mac-arm64-apple-metal-advsimd@1.11.0       ✓            MLX     \nmlx-llm-mac-arm64-apple-metal-advsimd@1.8.5                     MLX     \n";
        let read = runtimes(table);
        let names: Vec<_> = read
            .iter()
            .map(|r| (r.version.to_string(), r.selected))
            .collect();
        let expected = [("2.41.0", true), ("1.11.0", true), ("1.8.5", false)];
        assert_eq!(names, expected.map(|(v, s)| (v.to_owned(), s)));
        assert!(runtimes("No runtimes found.").is_empty());
    }

    #[test]
    fn the_file_reads_and_names_versions_that_do_it() {
        let text = include_str!("../../profiles/runtimes.toml");
        let table: Table = toml_text::parse("runtimes.toml", text).unwrap();
        for fault in &table.faults {
            assert!(fault.source.starts_with("https://"), "{fault:?}");
            let range = fault.first.is_some() && fault.first <= fault.last;
            assert!(range || !fault.versions.is_empty(), "{fault:?}");
        }
        let of = |version| known_faults(MLX, Version::of(version).unwrap(), None).len();
        assert_eq!([of("1.11.0"), of("1.10.0"), of("1.8.5")], [1, 0, 0]);
        let gguf = "llama.cpp-mac-arm64-apple-metal-advsimd";
        let on = |chip| known_faults(gguf, Version::of("2.28.2").unwrap(), chip).len();
        assert_eq!(
            [on(Some("Apple M5 Max")), on(Some("Apple M4 Max")), on(None)],
            [1, 0, 0]
        );
    }
}

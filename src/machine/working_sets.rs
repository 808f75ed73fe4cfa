//! The GPU's default working set by version of macOS and size of memory, from
//! `profiles/working-sets.toml`, and what is known to fail on a version.

use std::sync::LazyLock;

use serde::Deserialize;

use super::macos::Macos;
use super::profile::WorkingSet;
use crate::basis::Basis;
use crate::toml_text;
use crate::units::Bytes;

/// Page size that working sets are whole multiples of.
const PAGE: u64 = 16 * 1024;

/// Of memory, as numerator and denominator, where no rule says more: the least that any macOS gives.
const LEAST_SHARE: [u64; 2] = [2, 3];

/// The file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    newest: String,
    rules: Vec<Rule>,
    warnings: Vec<Warning>,
    observations: Vec<Observation>,
}

/// What versions of macOS have in common.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    first: Macos,
    last: Macos,
    sizes: Vec<SizeShare>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct SizeShare {
    up_to_gib: u64,
    share: [u64; 2],
}

/// Something that is known to fail.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warning {
    first: Macos,
    last: Macos,
    /// Id of the engine that fails; any where absent.
    #[serde(default)]
    pub engine: Option<String>,
    /// What happens.
    pub text: String,
    /// Where that was seen.
    pub source: String,
}

/// A working set that somebody saw.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observation {
    /// The chip.
    pub machine: String,
    /// Memory in GiB.
    pub memory_gib: u64,
    /// The version that ran; absent where it is not known.
    #[serde(default)]
    pub macos: Option<Macos>,
    /// As it was printed, with its unit.
    pub printed: String,
    /// It is the default of that macOS, as far as is known: a rule has to give it.
    #[serde(default)]
    pub stock: bool,
    /// When.
    pub date: String,
    /// Where.
    pub source: String,
    /// What is not sure about it.
    #[serde(default)]
    pub note: Option<String>,
}

/// A broken file, which a test rules out, is no rule at all: the least share stands.
static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let text = include_str!("../../profiles/working-sets.toml");
    toml_text::parse("profiles/working-sets.toml", text).unwrap_or_default()
});

/// The newest version that is known: what machines that are not asked are taken to run.
#[must_use]
pub fn newest() -> Macos {
    TABLE.newest.parse().unwrap_or(Macos {
        major: 27,
        minor: None,
    })
}

/// Every version that a rule covers, by its first number.
#[must_use]
pub fn known_versions() -> Vec<u32> {
    let rules = TABLE.rules.iter();
    rules.flat_map(|r| r.first.major..=r.last.major).collect()
}

/// What was seen, and where.
#[must_use]
pub fn observations() -> &'static [Observation] {
    &TABLE.observations
}

/// What is known to fail on this version.
#[must_use]
pub fn warnings(macos: Macos) -> Vec<&'static Warning> {
    let all = TABLE.warnings.iter();
    all.filter(|w| macos.within(w.first, w.last)).collect()
}

/// Versions under the same rule give the same working sets.
#[must_use]
pub fn same_rule(a: Macos, b: Macos) -> bool {
    matches!((rule(a), rule(b)), (Some(a), Some(b)) if a.first == b.first)
}

fn rule(macos: Macos) -> Option<&'static Rule> {
    let rules = TABLE.rules.iter();
    // One newer than all is taken to be like the newest, until somebody sees otherwise.
    let covers = |r: &&Rule| macos.within(r.first, r.last);
    let newer = || TABLE.rules.last().filter(|r| macos.major > r.last.major);
    rules.clone().find(covers).or_else(newer)
}

/// The working set to assume for a Mac with this much memory and this version of macOS.
#[must_use]
pub fn default_working_set(memory: Bytes, macos: Macos) -> WorkingSet {
    let found = rule(macos);
    let size = found.and_then(|rule| {
        let fits = |s: &&SizeShare| memory <= Bytes::from_gib(s.up_to_gib);
        rule.sizes.iter().find(fits)
    });
    let [part, whole] = size.map_or(LEAST_SHARE, |s| s.share);
    WorkingSet {
        bytes: Bytes((memory.0 * part).div_ceil(whole).next_multiple_of(PAGE)),
        basis: Basis::Assumed,
        source: found.map_or_else(
            || format!("no figure for macOS {macos}: the least share that any macOS gives"),
            |rule| source(memory, macos, rule, part as f64 / whole as f64),
        ),
    }
}

fn source(memory: Bytes, macos: Macos, rule: &Rule, share: f64) -> String {
    let percent = share * 100.0;
    let seen = TABLE.observations.iter().find(|o| {
        let of_rule = o.macos.is_some_and(|m| m.within(rule.first, rule.last));
        o.stock && of_rule && Bytes::from_gib(o.memory_gib) == memory
    });
    match seen {
        Some(o) => {
            let note = o.note.as_ref().map_or(String::new(), |n| format!("; {n}"));
            let version = o.macos.map_or(String::new(), |m| m.to_string());
            format!(
                "macOS {macos} gives {percent:.1} % of this much memory, as seen on {} with macOS {version}: {}{note}",
                o.machine, o.source
            )
        }
        None => format!(
            "macOS {macos}: {percent:.1} %, as on sizes near this one; no log of this size was found"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn macos(text: &str) -> Macos {
        text.parse().unwrap()
    }

    #[test]
    fn the_file_reads_and_covers_its_newest_version() {
        let text = include_str!("../../profiles/working-sets.toml");
        let table: Table = toml_text::parse("working-sets.toml", text).unwrap();
        assert_eq!(table.newest.parse::<Macos>().unwrap(), newest());
        assert!(rule(newest()).is_some());
        assert_eq!(known_versions(), [13, 14, 15, 26, 27]);
    }

    /// Every default that somebody printed is what the table gives, to the last printed digit.
    #[test]
    fn the_rules_give_every_default_that_was_seen() {
        let mut held = 0;
        for seen in observations().iter().filter(|o| o.stock) {
            let Some(version) = seen.macos.or(Some(macos("15"))) else {
                continue;
            };
            let ours = default_working_set(Bytes::from_gib(seen.memory_gib), version);
            let (number, unit) = seen.printed.split_once(' ').unwrap();
            let places = number.split_once('.').map_or(0, |(_, d)| d.len());
            let unit: Bytes = format!("1 {unit}").parse().unwrap();
            // A whole page of rounding, and half of what the last digit stands for; builds of 2023
            // cut digits off instead.
            let digit = unit.0 as f64 * 0.1_f64.powi(i32::try_from(places).unwrap());
            let theirs: f64 = number.parse::<f64>().unwrap() * unit.0 as f64;
            let off = (ours.bytes.0 as f64 - theirs).abs();
            assert!(
                off <= PAGE as f64 + digit,
                "{} GiB, macOS {version}: {} printed, {} here",
                seen.memory_gib,
                seen.printed,
                ours.bytes.both()
            );
            held += 1;
        }
        assert!(held >= 18, "{held}");
    }

    #[test]
    fn warnings_hold_for_the_versions_that_they_name() {
        let texts = |version: &str| warnings(macos(version)).len();
        assert_eq!(texts("13.7.8"), 1);
        assert_eq!(texts("15.2"), 0);
        assert_eq!(texts("26.2"), 0);
        assert_eq!(texts("26.5.2"), 1);
        assert_eq!(texts("26.6"), 0);
        assert_eq!(texts("27.0"), 1);
        assert_eq!(texts("27.1"), 0);
        // Which 26 is not said: it may be one of them.
        assert_eq!(texts("26"), 1);
    }

    #[test]
    fn an_older_macos_gives_less_and_an_unknown_newer_one_the_newest_share() {
        let memory = Bytes::from_gib(512);
        let set = |version: &str| default_working_set(memory, macos(version)).bytes;
        assert_eq!(set("15.2"), Bytes::from_gib(384));
        assert_eq!(set("27"), Bytes::from_gib(464));
        assert_eq!(set("28.1"), set("27"));
        assert!(set("12") < set("15"));
    }
}

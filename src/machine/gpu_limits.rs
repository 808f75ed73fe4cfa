//! How much of physical memory a GPU that shares it may use by default, and what raises that, from
//! `profiles/gpu-limits.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::kind::{Kind, System};
use super::profile::WorkingSet;
use crate::basis::Basis;
use crate::toml_text;
use crate::units::Bytes;

/// The file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    limits: Vec<GpuLimitRule>,
}

/// How much of physical memory a system lets a GPU use, and how that is changed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GpuLimitRule {
    kind: Kind,
    system: System,
    /// The share that it has by default, as numerator and denominator; absent where other rules say.
    #[serde(default)]
    share: Option<[u64; 2]>,
    /// Why it is that share.
    #[serde(default)]
    share_source: Option<String>,
    /// What raises it; absent where nothing does.
    #[serde(default)]
    raise: Option<Raise>,
}

/// What raises a GPU's limit.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raise {
    /// The setting's name.
    pub setting: String,
    /// The command, with `{mib}` or `{gib}` for the size.
    command: String,
    /// How long it lasts, or what it takes.
    pub lasts: String,
    /// Whole GiB alone can be set.
    #[serde(default)]
    whole_gib: bool,
}

impl Raise {
    /// The command that sets the limit to this, or to no more where it can't be set so finely.
    #[must_use]
    pub fn command(&self, bytes: Bytes) -> String {
        let gib = bytes.0 / Bytes::from_gib(1).0;
        let mib = bytes.mib_floor().to_string();
        self.command
            .replace("{mib}", &mib)
            .replace("{gib}", &gib.to_string())
    }

    /// The most that can be set and is no more than this.
    #[must_use]
    pub fn settable(&self, bytes: Bytes) -> Bytes {
        let unit = if self.whole_gib {
            Bytes::from_gib(1)
        } else {
            Bytes::from_mib(1)
        };
        Bytes(bytes.0 / unit.0 * unit.0)
    }
}

/// A broken file, which a test rules out, is no rule at all.
static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let text = include_str!("../../profiles/gpu-limits.toml");
    toml_text::parse("profiles/gpu-limits.toml", text).unwrap_or_default()
});

fn rule(kind: Kind, system: System) -> Option<&'static GpuLimitRule> {
    let mut rules = TABLE.limits.iter();
    rules.find(|r| r.kind == kind && r.system == system)
}

/// What raises the GPU's limit of such a machine under such a system.
#[must_use]
pub fn raise(kind: Kind, system: System) -> Option<&'static Raise> {
    rule(kind, system)?.raise.as_ref()
}

/// What the GPU of such a machine may use of so much physical memory by default, where a rule says.
#[must_use]
pub fn default_share(kind: Kind, system: System, memory: Bytes) -> Option<WorkingSet> {
    let rule = rule(kind, system)?;
    let [part, whole] = rule.share?;
    Some(WorkingSet {
        bytes: Bytes(memory.0 * part / whole),
        basis: Basis::Assumed,
        source: rule.share_source.clone().unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_reads_and_has_no_rule_twice() {
        let text = include_str!("../../profiles/gpu-limits.toml");
        let table: Table = toml_text::parse("gpu-limits.toml", text).unwrap();
        for (n, one) in table.limits.iter().enumerate() {
            let same = |other: &GpuLimitRule| (other.kind, other.system) == (one.kind, one.system);
            assert!(!table.limits[n + 1..].iter().any(same), "{one:?}");
            assert_eq!(one.share.is_some(), one.share_source.is_some(), "{one:?}");
        }
    }

    #[test]
    fn a_limit_is_set_in_its_own_unit_and_never_to_more() {
        let odd = Bytes::from_gib(96) + Bytes::from_mib(700);
        let mac = raise(Kind::Apple, System::Macos).unwrap();
        assert_eq!(mac.command(odd), "sudo sysctl iogpu.wired_limit_mb=99004");
        assert_eq!(mac.settable(odd), odd);
        let halo = raise(Kind::StrixHalo, System::Linux).unwrap();
        assert_eq!(halo.command(odd), "sudo amd-ttm --set 96");
        assert_eq!(halo.settable(odd), Bytes::from_gib(96));
        assert!(raise(Kind::Gb10, System::Linux).is_none());
        assert!(raise(Kind::GraphicsCard, System::Linux).is_none());
    }

    /// As a log of a 128 GB machine has it: 63,968 MiB of 127,936.
    #[test]
    fn linux_gives_a_strix_halo_half_and_a_gb10_all() {
        let memory = Bytes::from_mib(127_936);
        let half = default_share(Kind::StrixHalo, System::Linux, memory).unwrap();
        assert_eq!(half.bytes, Bytes::from_mib(63_968));
        let all = default_share(Kind::Gb10, System::Linux, memory).unwrap();
        assert_eq!(all.bytes, memory);
        assert!(default_share(Kind::GraphicsCard, System::Linux, memory).is_none());
    }
}

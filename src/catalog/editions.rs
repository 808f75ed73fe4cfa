//! Which catalogs were taken in place of the one in the binary: the last three, by when.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Version of the shape of what is kept.
pub const SCHEMA: u32 = 1;
/// How many are kept.
const KEPT: usize = 3;

/// The catalogs that were taken, and which of them is in use.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Editions {
    /// Version of this shape.
    pub schema: u32,
    /// The last that were taken, the newest last.
    pub taken: Vec<Taken>,
    /// The file of the one in use; none for the catalog in the binary.
    pub in_use: Option<String>,
    /// The highest serial that was taken of each key.
    pub highest: BTreeMap<String, u64>,
}

/// A catalog that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// The file that it is in.
    pub file: String,
    /// Its serial.
    pub serial: u64,
    /// The day that it was made.
    pub date: String,
    /// The key that it was signed with.
    pub key: String,
    /// SHA-256 of the bundle.
    pub sha256: String,
}

/// How a bundle stands to what was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It can be taken.
    Newer,
    /// It is the one in use.
    InUse,
    /// One of a higher serial was taken before.
    Older {
        /// That serial.
        seen: u64,
    },
    /// Another bundle of the same serial was taken before: two were signed with one number.
    SameSerial,
}

impl Editions {
    /// The one in use; none for the catalog in the binary.
    #[must_use]
    pub fn in_use(&self) -> Option<&Taken> {
        let name = self.in_use.as_deref()?;
        self.taken.iter().find(|taken| taken.file == name)
    }

    /// How a bundle stands to these.
    #[must_use]
    pub fn standing(&self, key: &str, serial: u64, sha256: &str) -> Standing {
        if self.in_use().is_some_and(|t| t.sha256 == sha256) {
            return Standing::InUse;
        }
        let mut same = self
            .taken
            .iter()
            .filter(|t| t.key == key && t.serial == serial);
        if same.any(|t| t.sha256 != sha256) {
            return Standing::SameSerial;
        }
        match self.highest.get(key) {
            Some(&seen) if seen > serial => Standing::Older { seen },
            _ => Standing::Newer,
        }
    }

    /// Puts one into use. Those that it was gone back from are forgotten, and all but the last three.
    pub fn take(&mut self, taken: Taken) {
        let used = self.in_use().map(|t| t.file.clone());
        let position = self
            .taken
            .iter()
            .position(|t| Some(&t.file) == used.as_ref());
        self.taken.truncate(position.map_or(0, |at| at + 1));
        let highest = self.highest.entry(taken.key.clone()).or_default();
        *highest = taken.serial.max(*highest);
        self.in_use = Some(taken.file.clone());
        self.taken.push(taken);
        let surplus = self.taken.len().saturating_sub(KEPT);
        self.taken.drain(..surplus);
        self.schema = SCHEMA;
    }

    /// Goes back to the one that was in use before, in the end to the one in the binary; false
    /// where that is in use.
    pub fn back(&mut self) -> bool {
        let Some(used) = self.in_use().map(|t| t.file.clone()) else {
            return false;
        };
        let at = self.taken.iter().position(|t| t.file == used);
        let before = at.and_then(|at| at.checked_sub(1));
        self.in_use = before.map(|at| self.taken[at].file.clone());
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(serial: u64) -> Taken {
        Taken {
            file: format!("{serial}.json"),
            serial,
            date: "2026-11-29".to_owned(),
            key: "key".to_owned(),
            sha256: serial.to_string(),
        }
    }

    #[test]
    fn three_are_kept_and_gone_back_through_to_the_first() {
        let mut editions = Editions::default();
        for serial in 1..=4 {
            assert_eq!(
                editions.standing("key", serial, &serial.to_string()),
                Standing::Newer
            );
            editions.take(taken(serial));
        }
        let serials = |e: &Editions| e.taken.iter().map(|t| t.serial).collect::<Vec<_>>();
        assert_eq!(serials(&editions), [2, 3, 4]);
        assert_eq!(
            editions.standing("key", 3, "3"),
            Standing::Older { seen: 4 }
        );
        assert_eq!(editions.standing("other", 1, "1"), Standing::Newer);
        assert_eq!(editions.standing("key", 4, "4"), Standing::InUse);
        assert_eq!(editions.standing("key", 4, "x"), Standing::SameSerial);
        assert!(editions.back());
        // What was gone back from may be taken again, and what is older may not.
        assert_eq!(editions.standing("key", 4, "4"), Standing::Newer);
        assert_eq!(
            editions.standing("key", 2, "2"),
            Standing::Older { seen: 4 }
        );
        editions.take(taken(5));
        assert_eq!(serials(&editions), [2, 3, 5]);
        for _ in 0..3 {
            assert!(editions.back());
        }
        assert!(editions.in_use().is_none() && !editions.back());
    }
}

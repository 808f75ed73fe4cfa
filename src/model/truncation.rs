//! What a file lacks of the weights that its header announces.

use crate::units::Bytes;

/// How many tensors are named.
const NAMED: usize = 5;

/// A file that ends before its last tensor does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truncation {
    /// Bytes that are missing at the end.
    pub missing: Bytes,
    /// Bytes that the complete file has at least.
    pub expected: Bytes,
    /// Number of tensors that are not there or not complete.
    pub tensors: usize,
    /// The first of them, in the order given.
    pub first: Vec<String>,
}

impl Truncation {
    /// Compares where each tensor ends with the length of the file; `None` where all are there.
    pub(super) fn find<'a>(
        ends: impl Iterator<Item = (&'a str, Bytes)>,
        length: Bytes,
    ) -> Option<Self> {
        let mut first = Vec::new();
        let (mut tensors, mut expected) = (0, Bytes::ZERO);
        for (name, end) in ends {
            expected = expected.max(end);
            if end > length {
                tensors += 1;
                if first.len() < NAMED {
                    first.push(name.to_owned());
                }
            }
        }
        let missing = expected.saturating_sub(length);
        (tensors > 0).then_some(Self {
            missing,
            expected,
            tensors,
            first,
        })
    }
}

impl std::fmt::Display for Truncation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "the file lacks its last {} of {}; {} tensors are not complete ({}{})",
            self.missing.both(),
            self.expected.both(),
            self.tensors,
            self.first.join(", "),
            if self.tensors > self.first.len() {
                ", ..."
            } else {
                ""
            }
        )
    }
}

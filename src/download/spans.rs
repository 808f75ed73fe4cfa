//! Runs of bytes of a file: what is here, and what is missing.

use serde::{Deserialize, Serialize};

/// A run of bytes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// The first byte.
    pub start: u64,
    /// The byte after the last one.
    pub end: u64,
}

impl Span {
    /// How many bytes it has.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.end.saturating_sub(self.start)
    }
}

/// Runs of bytes, in order and apart from each other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Spans(Vec<Span>);

impl Spans {
    /// Adds a run, which may touch or overlap others; one that is empty or reversed adds nothing.
    pub fn add(&mut self, span: Span) {
        if span.start >= span.end {
            return;
        }
        let first = self.0.partition_point(|s| s.end < span.start);
        let last = self.0.partition_point(|s| s.start <= span.end);
        let joined = self.0[first..last].iter().fold(span, |all, s| Span {
            start: all.start.min(s.start),
            end: all.end.max(s.end),
        });
        self.0.splice(first..last, [joined]);
    }

    /// The runs, in order.
    #[must_use]
    pub fn runs(&self) -> &[Span] {
        &self.0
    }

    /// How many bytes they have.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.0.iter().map(|s| s.bytes()).sum()
    }

    /// Up to which byte everything is here.
    #[must_use]
    pub fn prefix(&self) -> u64 {
        let first = self.0.first();
        first.filter(|s| s.start == 0).map_or(0, |s| s.end)
    }

    /// The first run that is missing of a file of this length, cut to `most` bytes.
    #[must_use]
    pub fn first_gap(&self, length: u64, most: u64) -> Option<Span> {
        let start = self.prefix();
        let next = self.0.iter().map(|s| s.start).find(|s| *s > start);
        let end = next.unwrap_or(length).min(start.saturating_add(most));
        (start < length.min(end)).then_some(Span {
            start,
            end: end.min(length),
        })
    }
}

/// Read from outside, they are put in order, and joined.
impl<'de> Deserialize<'de> for Spans {
    fn deserialize<D: serde::Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let mut spans = Self::default();
        for span in Vec::<Span>::deserialize(reader)? {
            spans.add(span);
        }
        Ok(spans)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Against a file that marks each byte.
        #[test]
        fn runs_are_what_marked_bytes_are(
            added in prop::collection::vec((0_u64..60, 0_u64..12), 0..20), most in 1_u64..20,
        ) {
            let mut spans = Spans::default();
            let mut marked = [false; 80];
            for (start, length) in added {
                spans.add(Span { start, end: start + length });
                (start..start + length).for_each(|n| marked[usize::try_from(n).unwrap()] = true);
                let runs = spans.runs();
                prop_assert!(runs.windows(2).all(|w| w[0].end < w[1].start));
                for (n, mark) in marked.iter().enumerate() {
                    let n = n as u64;
                    prop_assert_eq!(*mark, runs.iter().any(|s| s.start <= n && n < s.end));
                }
                let missing = marked.iter().take(64).position(|m| !m).map(|n| n as u64);
                let gap = spans.first_gap(64, most);
                prop_assert_eq!(gap.map(|g| g.start), missing);
                if let Some(gap) = gap {
                    prop_assert!(gap.bytes() <= most && gap.end <= 64);
                    let here = |n: u64| marked[usize::try_from(n).unwrap()];
                    prop_assert!((gap.start..gap.end).all(|n| !here(n)));
                    let full = gap.bytes() == most || gap.end == 64 || here(gap.end);
                    prop_assert!(full, "{:?}", gap);
                }
            }
        }
    }
}

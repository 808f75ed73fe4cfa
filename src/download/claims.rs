//! Which bytes of a file each connection fetches.
//!
//! The first bytes that are missing come first, so that what is here is nearly one run from the
//! beginning, which can be hashed while the rest comes.

use super::spans::{Span, Spans};

/// Parts of a file at least: so many keep several connections busy to the end.
const PARTS: u64 = 64;
/// The shortest part: each costs a request.
const SHORTEST: u64 = 4 << 20;
/// The longest part: no hub answers with more than some tens of gigabytes at once.
const LONGEST: u64 = 64 << 20;

/// What is here of a file, and what somebody is fetching.
#[derive(Debug, Clone)]
pub struct Claims {
    length: u64,
    here: Spans,
    taken: Spans,
}

impl Claims {
    /// A file of this length of which these bytes are here.
    #[must_use]
    pub fn on_the_rest(length: u64, here: Spans) -> Self {
        Self {
            length,
            taken: here.clone(),
            here,
        }
    }

    /// Bytes that one request asks for.
    fn part(&self) -> u64 {
        (self.length / PARTS).clamp(SHORTEST, LONGEST)
    }

    /// So many connections have something to do.
    #[must_use]
    pub fn connections(&self, most: u32) -> u32 {
        let parts = (self.length - self.here.bytes()).div_ceil(self.part());
        u32::try_from(parts)
            .unwrap_or(u32::MAX)
            .clamp(1, most.max(1))
    }

    /// The next bytes that nobody fetches yet; they are fetched now.
    pub fn claim(&mut self) -> Option<Span> {
        let span = self.taken.first_gap(self.length, self.part())?;
        self.taken.add(span);
        Some(span)
    }

    /// These bytes have come.
    pub fn came(&mut self, span: Span) {
        self.here.add(span);
    }

    /// What is here.
    #[must_use]
    pub fn here(&self) -> &Spans {
        &self.here
    }

    /// Whether all of it is here.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.here.prefix() == self.length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_claimed_once_and_in_order() {
        let mut here = Spans::default();
        here.add(Span {
            start: 5 << 20,
            end: 9 << 20,
        });
        let length = (1 << 30) + 7;
        let mut claims = Claims::on_the_rest(length, here.clone());
        assert_eq!(claims.connections(8), 8);
        let mut claimed = here;
        let mut last = 0;
        while let Some(span) = claims.claim() {
            assert!(span.start >= last && span.bytes() <= LONGEST);
            last = span.end;
            let before = claimed.bytes();
            claimed.add(span);
            assert_eq!(claimed.bytes(), before + span.bytes(), "claimed twice");
            claims.came(span);
        }
        assert!(claims.is_whole() && claimed.prefix() == length);
        assert_eq!(Claims::on_the_rest(10, Spans::default()).connections(8), 1);
    }
}

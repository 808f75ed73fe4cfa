//! Neighbouring contexts of one variant, which the solve takes together until it has to tell them
//! apart.

/// The rungs `from` to `to` of a ladder, both with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Number of the ladder in its pool.
    pub ladder: usize,
    /// The shortest context.
    pub from: usize,
    /// The longest.
    pub to: usize,
}

impl Span {
    /// One context.
    #[must_use]
    pub const fn one(ladder: usize, rung: usize) -> Self {
        Self {
            ladder,
            from: rung,
            to: rung,
        }
    }

    /// Its shortest context alone.
    #[must_use]
    pub const fn shortest(self) -> Self {
        Self::one(self.ladder, self.from)
    }

    /// The same contexts in parts: `at` by itself, what is longer, and two halves of what is
    /// shorter.
    #[must_use]
    pub fn split(self, at: usize) -> Vec<Self> {
        let middle = self.from.midpoint(at);
        let ends = [
            (self.from, middle),
            (middle, at),
            (at, at + 1),
            (at + 1, self.to + 1),
        ];
        let parts = ends.into_iter().filter(|(from, end)| from < end);
        parts
            .map(|(from, end)| Self {
                from,
                to: end - 1,
                ..self
            })
            .collect()
    }
}

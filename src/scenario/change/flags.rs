//! The flags of `planner recommend` that make a change.

/// How a change is made with `planner recommend`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flags {
    /// Flags to give, each in place of the same flag of the request.
    pub with: Vec<String>,
    /// Flags of the request to leave out.
    pub without: Vec<String>,
}

impl Flags {
    pub(super) fn with<const N: usize>(words: [&str; N]) -> Option<Self> {
        let with = words.map(str::to_owned).to_vec();
        let without = Vec::new();
        Some(Self { with, without })
    }

    pub(super) fn without<const N: usize>(words: [&str; N]) -> Option<Self> {
        let without = words.map(str::to_owned).to_vec();
        let with = Vec::new();
        Some(Self { with, without })
    }
}

//! How long may be solved: the request's time limit against a clock that the caller brings.

/// A moment at which solving is to stop, if there is one.
#[derive(Clone, Copy)]
pub struct Deadline<'a>(Option<Limit<'a>>);

#[derive(Clone, Copy)]
struct Limit<'a> {
    now: &'a dyn Fn() -> f64,
    ends: f64,
}

impl<'a> Deadline<'a> {
    /// No limit.
    #[must_use]
    pub const fn never() -> Self {
        Self(None)
    }

    /// `seconds` from now on, where there is such a limit. `now` gives seconds since some moment.
    #[must_use]
    pub fn after(now: &'a dyn Fn() -> f64, seconds: Option<f64>) -> Self {
        Self(seconds.map(|seconds| Limit {
            now,
            ends: now() + seconds,
        }))
    }

    /// Seconds that are left, never below zero; none where there is no limit.
    #[must_use]
    pub fn left(&self) -> Option<f64> {
        self.0.map(|l| (l.ends - (l.now)()).max(0.0))
    }

    /// Whether the time is over.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.left().is_some_and(|left| left <= 0.0)
    }
}

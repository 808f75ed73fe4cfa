//! What to fetch, and how.

use reqwest::Url;

use crate::download::Content;
use crate::units::Bytes;

/// A file to fetch.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Where the hub has it.
    pub url: Url,
    /// Its size.
    pub bytes: Bytes,
    /// What it holds.
    pub content: Content,
}

/// How to fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manner {
    /// Connections at once at most.
    pub connections: u32,
    /// Bytes per second at most, over all connections together.
    pub limit: Option<Bytes>,
}

/// How far a file is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// Bytes that are here.
    pub here: Bytes,
    /// Seconds that the hub asked to wait, of those that are left; absent where it did not, or while
    /// bytes come.
    pub asked_to_wait_seconds: Option<f64>,
}

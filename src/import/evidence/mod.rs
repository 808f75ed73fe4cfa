//! Reading what other programs found of a model's quality: scores, and what a file loses.
//!
//! Every figure of a file comes out, or is listed with the reason why it can't be used: a part of a
//! test, another test than the catalog knows, or a model that is not named.

mod bfcl;
mod csv;
mod evalplus;
mod figure;
pub mod hub;
mod kl_divergence;
mod livebench;
mod lm_eval;
mod place;

pub use figure::{Evidence, EvidenceRow, Figure};
pub use place::{Placed, place};

use serde_json::Value;

/// Reads a file by its contents; none where it says nothing of quality.
#[must_use]
pub fn read(text: &str) -> Option<Evidence> {
    let text = text.trim_start_matches('\u{feff}');
    if let Ok(json) = serde_json::from_str::<Value>(text) {
        return lm_eval::read(&json).or_else(|| evalplus::read(&json));
    }
    livebench::read(text)
        .or_else(|| bfcl::read(text))
        .or_else(|| kl_divergence::read(text))
}

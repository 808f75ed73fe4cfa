//! A model on a Hugging Face hub or at any address: only the headers of its files are read.

use anyhow::Result;

use super::found::Found;
use super::{address, hub};
use crate::app::events::Events;
use crate::model::repository::GgufSet;

/// What a name on a hub means.
#[derive(Debug)]
pub(in crate::app) enum Remote {
    /// One model.
    One(Box<Found>),
    /// A repository with several quantizations, the first model of which was looked into.
    Several(Box<Found>, Vec<GgufSet>),
}

/// Whether a name means something that is not here.
pub(in crate::app) fn is_remote(name: &str) -> bool {
    name.starts_with("hf:") || name.starts_with("https://") || name.starts_with("http://")
}

/// Looks into `hf:owner/repository[:quantization]`, `hf:owner/repository/path.gguf`, or an address.
pub(in crate::app) fn find(name: &str, endpoint: &str, events: &dyn Events) -> Result<Remote> {
    Ok(match name.strip_prefix("hf:") {
        Some(rest) => {
            let (found, sets) = hub::find(rest, endpoint, events)?;
            if sets.is_empty() {
                Remote::One(Box::new(found))
            } else {
                Remote::Several(Box::new(found), sets)
            }
        }
        None => Remote::One(Box::new(address::find(name, endpoint, events)?)),
    })
}

//! Which types the tensors of a model on a hub have, by the headers of its files.

use std::collections::BTreeMap;

use anyhow::Result;

use super::headers::Reader;
use crate::app::events::Events;
use crate::edge::hub::Hub;

/// How many tensors are of each type, the most first.
///
/// # Errors
/// When a header can't be read.
pub(in crate::app) fn types(
    hub: &Hub,
    repository: &str,
    paths: &[&str],
    events: &dyn Events,
) -> Result<Vec<(String, usize)>> {
    let reader = Reader {
        fetcher: &hub.fetcher,
        events,
    };
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for path in paths {
        let header = reader.gguf(&hub.file(repository, path))?;
        for tensor in &header.tensors {
            *counts.entry(tensor.kind.to_string()).or_default() += 1;
        }
    }
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Ok(counts)
}

//! Files whose loss somebody measured.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Nats by model and variant.
static MEASURED: LazyLock<BTreeMap<(&str, &str), f64>> = LazyLock::new(|| {
    include_str!("measured-loss.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut cells = line.split('\t');
            let key = (cells.next()?, cells.next()?);
            Some((key, cells.next()?.parse().ok()?))
        })
        .collect()
});

/// The measured loss of a variant, in nats per token.
#[must_use]
pub fn measured(model: &str, variant: &str) -> Option<f64> {
    MEASURED.get(&(model, variant)).copied()
}

//! Pairs of speeds without and with drafts: of which model, on which chip, and where they were read.

use super::finding::{Finding, Seen, finding};
use super::names::no_chip;
use crate::catalog::Catalog;
use crate::catalog::speculation::Pair;
use crate::machine::profile::Chip;

pub(super) fn check(catalog: &Catalog, chips: &[Chip]) -> Vec<Finding> {
    let of = |pair| check_pair(pair, catalog, chips);
    catalog.speculation.iter().flat_map(of).collect()
}

fn check_pair(pair: &Pair, catalog: &Catalog, chips: &[Chip]) -> Vec<Finding> {
    let subject = || format!("{} with {} on {}", pair.model, pair.engine, pair.chip);
    let seen = |words: &str| -> Seen { (words.to_owned(), Vec::new()) };
    let mut found = Vec::new();
    if pair.source.trim().is_empty() {
        found.push(finding(
            "no-source",
            subject(),
            seen("no source is named"),
            "name where both figures were read, or take the pair out",
        ));
    }
    if catalog.model(&pair.model).is_none() {
        found.push(finding(
            "unknown-model",
            subject(),
            seen("the catalog has no model of this id"),
            "write the id of a model of the catalog, or take the pair out",
        ));
    }
    if !chips.iter().any(|chip| chip.id == pair.chip) {
        found.push(no_chip(subject(), &pair.chip, chips));
    }
    found
}

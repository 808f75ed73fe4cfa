//! The catalog: whether it can be used, and how old its figures are.

use super::bundle::CatalogSeen;
use super::diagnosis::{Draft, Severity, by_hand};
use super::records::broken;
use crate::catalog::age;

pub(super) fn look(catalog: &CatalogSeen, read_at: &str, draft: &mut Draft) {
    if let Some(fault) = &catalog.broken {
        broken(Severity::Problem, "catalog_broken", fault, draft);
        return;
    }
    let Some(newest) = &catalog.newest else {
        return draft.not_looked("the catalog's age", "none of its entries has a date");
    };
    let models = catalog.models;
    draft.fact(
        "Catalog",
        format!("{models} models, the newest of {newest}"),
    );
    let days = age::days(newest, read_at);
    if let Some(days) = days.filter(|days| age::is_old(*days)) {
        draft.found(
            Severity::Warning,
            "catalog_old",
            format!(
                "the newest entry of the catalog is {days} days old: newer models are not in it"
            ),
            by_hand("take a newer catalog with `planner catalog update`, or add models with `planner catalog add`"),
        );
    }
}

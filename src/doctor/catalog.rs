//! The catalog: whether it can be used, and how old its figures are.

use jiff::civil::Date;

use super::bundle::CatalogSeen;
use super::diagnosis::{Draft, Severity, by_hand};
use super::records::broken;

/// Models appear by the week: figures older than this miss some that matter.
const OLD_DAYS: i32 = 90;

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
    let day = |text: &str| text.get(..10)?.parse::<Date>().ok();
    let days = day(read_at)
        .zip(day(newest))
        .map(|(now, then)| (now - then).get_days());
    if let Some(days) = days.filter(|d| *d > OLD_DAYS) {
        draft.found(
            Severity::Warning,
            "catalog_old",
            format!(
                "the newest entry of the catalog is {days} days old: newer models are not in it"
            ),
            by_hand("build a newer planner, or add models with `planner catalog add`"),
        );
    }
}

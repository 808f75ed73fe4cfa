//! Curves: speed over the depth of the context, and over requests at once.

use std::collections::BTreeMap;

use super::document::{Curve, Point};
use super::runs::spread;
use crate::basis::Basis;
use crate::catalog::schema::{Measurement, Model, Variant};
use crate::speed::measured;

/// What is held still along a curve.
type Key<'a> = (
    Option<u32>,
    &'a str,
    Option<&'a str>,
    Option<u32>,
    Option<&'a str>,
);

/// Speed over the depth of the context, one request at a time.
pub(super) fn depth(model: &Model, variant: &Variant, runs: &[&Measurement]) -> Vec<Curve> {
    let mut groups: BTreeMap<Key<'_>, Vec<(u32, &Measurement)>> = BTreeMap::new();
    for m in runs.iter().filter(|m| m.concurrency == 1) {
        if let Some(depth) = m.depth_tokens {
            let key = (m.gpu_cores, m.engine.as_str(), m.app.as_deref(), None, None);
            groups.entry(key).or_default().push((depth, m));
        }
    }
    curves(model, variant, groups)
}

/// Speed over requests at once, at one depth. Rows of one request belong to every series of their
/// setting; those of several are kept apart by how they were measured.
pub(super) fn concurrency(model: &Model, variant: &Variant, runs: &[&Measurement]) -> Vec<Curve> {
    let key = |m: &'_ Measurement| (m.gpu_cores, m.depth_tokens, m.engine.clone(), m.app.clone());
    let mut groups: BTreeMap<Key<'_>, Vec<(u32, &Measurement)>> = BTreeMap::new();
    for m in runs.iter().filter(|m| m.concurrency > 1) {
        let group = (
            m.gpu_cores,
            m.engine.as_str(),
            m.app.as_deref(),
            m.depth_tokens,
            m.method_note.as_deref(),
        );
        groups.entry(group).or_default().push((m.concurrency, m));
    }
    for rows in groups.values_mut() {
        let own = rows.first().map(|(_, m)| key(m));
        let alone = runs
            .iter()
            .filter(|m| m.concurrency == 1 && Some(key(m)) == own);
        rows.extend(alone.map(|m| (1, *m)));
    }
    curves(model, variant, groups)
}

/// One curve for each group with points at two places at least.
fn curves(
    model: &Model,
    variant: &Variant,
    groups: BTreeMap<Key<'_>, Vec<(u32, &Measurement)>>,
) -> Vec<Curve> {
    groups
        .into_iter()
        .filter_map(|((cores, engine, app, depth, _), rows)| {
            let points = points(&rows);
            let mut setting = vec![app.unwrap_or(engine).to_owned()];
            setting.extend(cores.map(|c| format!("{c}-core GPU")));
            setting.extend(depth.map(|d| format!("context {d}")));
            (points.len() > 1).then(|| Curve {
                label: format!("{} {}", model.name, variant.quantization),
                subject: format!("{}/{}", model.id, variant.id),
                setting: setting.join(", "),
                basis: Basis::Measured,
                points,
            })
        })
        .collect()
}

/// The points in order; the median where one place was measured twice.
fn points(rows: &[(u32, &Measurement)]) -> Vec<Point> {
    let mut places: BTreeMap<u32, Vec<&Measurement>> = BTreeMap::new();
    for (at, m) in rows {
        places.entry(*at).or_default().push(m);
    }
    places
        .into_iter()
        .filter_map(|(at, rows)| {
            let decode = spread(rows.iter().filter_map(|m| measured::run_decode(m)))?;
            let prefill = spread(rows.iter().filter_map(|m| m.prefill_tokens_per_second));
            Some(Point {
                at,
                decode_tokens_per_second: decode.median,
                prefill_tokens_per_second: prefill.map(|p| p.median),
            })
        })
        .collect()
}

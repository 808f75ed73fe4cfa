//! Curves: speed over the depth of the context, and over requests at once; measured ones, and the
//! predicted fall of the recommended models, which is a curve of its own kind.

use std::collections::BTreeMap;

use super::document::{Curve, Point, Scenario};
use super::inputs::Inputs;
use super::runs::spread;
use crate::basis::Basis;
use crate::catalog::schema::{Measurement, Model, Variant};
use crate::catalog::title;
use crate::speed::{Filter, measured};

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
        .filter_map(|((cores, engine, app, depth, how), rows)| {
            let points = points(&rows);
            let mut setting = vec![app.unwrap_or(engine).to_owned()];
            setting.extend(cores.map(|c| format!("{c}-core GPU")));
            setting.extend(depth.map(|d| format!("context {d}")));
            setting.extend(how.map(str::to_owned));
            (points.len() > 1).then(|| Curve {
                label: title(model, variant),
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
                low: None,
                high: None,
            })
        })
        .collect()
}

/// Depths to predict at, as far as the context reaches.
const DEPTHS: [u32; 7] = [0, 4096, 16_384, 32_768, 65_536, 131_072, 262_144];

/// What the models of the scenarios are predicted to do as their context fills, each once, at the
/// longest context that a scenario gives it.
pub(super) fn predicted(inputs: &Inputs<'_>, scenarios: &[Scenario]) -> Vec<Curve> {
    let mut longest: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for e in scenarios.iter().flat_map(|s| &s.loadout) {
        let context = longest.entry((&e.model, &e.variant)).or_default();
        *context = (*context).max(e.settings.context);
    }
    longest
        .into_iter()
        .filter_map(|((model, variant), context)| {
            let model = inputs.catalog.model(model)?;
            let variant = model.variant(variant)?;
            predicted_curve(inputs, model, variant, context)
        })
        .collect()
}

fn predicted_curve(
    inputs: &Inputs<'_>,
    model: &Model,
    variant: &Variant,
    context: u32,
) -> Option<Curve> {
    let (machine, speed) = (inputs.machine, inputs.speed);
    let filter = Filter {
        campaign: inputs.campaign,
    };
    let depths = DEPTHS.iter().copied().filter(|d| *d < context);
    let points: Vec<Point> = depths
        .chain([context])
        .filter_map(|at| {
            let decode = speed.decode(model, variant, machine, at, filter).ok()?;
            let prefill = speed.prefill(model, variant, machine, at, filter).ok();
            Some(Point {
                at,
                decode_tokens_per_second: decode.value(),
                prefill_tokens_per_second: prefill.filter(|_| at > 0).map(|p| p.value()),
                low: Some(decode.range().0),
                high: Some(decode.range().1),
            })
        })
        .collect();
    (points.len() > 1).then(|| Curve {
        label: title(model, variant),
        subject: format!("{}/{}", model.id, variant.id),
        setting: variant.engine.clone(),
        basis: Basis::Predicted,
        points,
    })
}

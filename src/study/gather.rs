//! Gathering: from catalog, machine and scenarios to the document.

use std::collections::BTreeMap;

use super::document::{
    Curve, MeasuredVariant, PredictedSpeed, SCHEMA, Spread, Study, UnmeasuredVariant,
};
use super::inputs::Inputs;
use super::{claims, curves, runs, scenarios};
use crate::audit;
use crate::catalog::schema::{Measurement, Model, Variant};
use crate::memory::Engine;
use crate::memory::limits::Limits;
use crate::plan::document::MachineSummary;
use crate::scenario::error::RecommendError;
use crate::speed::{Figure, Filter, measured};

/// A model with the variants measured in scope, each with the engine that ran, whether in LM
/// Studio, and its rows.
type InScope<'a> = (
    &'a Model,
    BTreeMap<(&'a str, &'a str, bool), (&'a Variant, Vec<&'a Measurement>)>,
);

/// Gathers the document.
///
/// # Errors
/// When the campaign does not exist or a scenario can't be solved.
pub fn gather(inputs: &Inputs<'_>) -> Result<Study, RecommendError> {
    let scope = in_scope(inputs);
    let all: Vec<&Measurement> = scope
        .iter()
        .flat_map(|(_, variants)| variants.values())
        .flat_map(|(_, rows)| rows.iter().copied())
        .collect();
    let dates = || all.iter().filter_map(|m| m.date.clone());
    let scenarios = scenarios::answer(inputs)?;
    let claims = claims::check(inputs, &scenarios);
    let mut sources: Vec<String> = all.iter().map(|m| m.source.clone()).collect();
    sources.extend(claims.iter().map(|c| c.source.clone()));
    sources.sort();
    sources.dedup();
    Ok(Study {
        schema: SCHEMA,
        generator: concat!("planner ", env!("CARGO_PKG_VERSION")).to_owned(),
        campaign: inputs.campaign.map(str::to_owned),
        machine: MachineSummary::of(inputs.machine),
        limits: Limits::of(inputs.machine),
        first_date: dates().min(),
        last_date: dates().max(),
        measured: measured_variants(&scope),
        unmeasured: unmeasured(inputs, &scope),
        depth_curves: over(&scope, curves::depth),
        predicted_depth_curves: curves::predicted(inputs, &scenarios),
        concurrency_curves: over(&scope, curves::concurrency),
        front_variants: scenarios::front_variants(inputs, &scenarios),
        scenarios,
        claims,
        findings: findings(inputs, &scope),
        decode_errors: inputs.speed.decode_errors().to_vec(),
        prefill_errors: inputs.speed.prefill_errors().to_vec(),
        sources,
    })
}

/// The curves of every variant in scope, from its usable rows.
fn over(
    scope: &[InScope<'_>],
    curves: fn(&Model, &Variant, &[&Measurement]) -> Vec<Curve>,
) -> Vec<Curve> {
    let mut all = Vec::new();
    for (model, variants) in scope {
        for (variant, rows) in variants.values() {
            let usable: Vec<&Measurement> = rows
                .iter()
                .copied()
                .filter(|m| m.suspect.is_none())
                .collect();
            all.extend(curves(model, variant, &usable));
        }
    }
    all
}

fn in_scope<'a>(inputs: &Inputs<'a>) -> Vec<InScope<'a>> {
    let chip = inputs.machine.chip.as_ref();
    let wanted = |m: &Measurement| {
        chip.is_some_and(|c| c.id == m.chip)
            && inputs
                .campaign
                .is_none_or(|c| m.campaign.as_deref() == Some(c))
    };
    inputs
        .catalog
        .models
        .iter()
        .filter_map(|model| {
            let mut variants: BTreeMap<_, (&Variant, Vec<&Measurement>)> = BTreeMap::new();
            for m in model.measurements.iter().filter(|m| wanted(m)) {
                let variant = model.variant(&m.variant)?;
                let key = (
                    variant.id.as_str(),
                    m.engine.as_str(),
                    measured::in_lm_studio(m),
                );
                variants
                    .entry(key)
                    .or_insert_with(|| (variant, Vec::new()))
                    .1
                    .push(m);
            }
            (!variants.is_empty()).then_some((model, variants))
        })
        .collect()
}

fn measured_variants(scope: &[InScope<'_>]) -> Vec<MeasuredVariant> {
    let mut all: Vec<MeasuredVariant> = scope
        .iter()
        .flat_map(|(model, variants)| {
            variants.iter().map(|((_, engine, app), (v, rows))| {
                runs::summarize(model, v, (engine, *app), rows)
            })
        })
        .collect();
    let speed = |v: &MeasuredVariant| v.decode.map_or(-1.0, |d| d.median);
    all.sort_by(|a, b| {
        a.suspect
            .cmp(&b.suspect)
            .then(speed(b).total_cmp(&speed(a)))
            .then_with(|| (&a.model, &a.variant).cmp(&(&b.model, &b.variant)))
    });
    all
}

/// The other variants of the models in scope that LM Studio runs, with the speed to expect.
fn unmeasured(inputs: &Inputs<'_>, scope: &[InScope<'_>]) -> Vec<UnmeasuredVariant> {
    let mut found = Vec::new();
    for (model, variants) in scope {
        for v in &model.variants {
            let usable = |(_, rows): &(&Variant, Vec<&Measurement>)| {
                rows.iter()
                    .any(|m| m.suspect.is_none() && m.engine == v.engine)
            };
            let seen = variants.values().any(|x| x.0.id == v.id && usable(x));
            if seen || Engine::from_id(&v.engine).is_none() {
                continue;
            }
            let speed = inputs.speed;
            let predicted = speed.decode(model, v, inputs.machine, 0, Filter::default());
            found.push(UnmeasuredVariant {
                model: model.id.clone(),
                name: model.name.clone(),
                variant: v.id.clone(),
                engine: v.engine.clone(),
                quantization: v.quantization.clone(),
                weights_bytes: v.weights_bytes,
                measured_elsewhere: measured_elsewhere(inputs, model, v),
                tried_without_result: tried_without_result(inputs, model, v),
                predicted: predicted.ok().map(|p| PredictedSpeed {
                    decode_tokens_per_second: p.value(),
                    low: p.range().0,
                    high: p.range().1,
                    error: p.range().1 / p.value() - 1.0,
                    rows: p.runs(),
                    source: p.source().to_string(),
                }),
            });
        }
    }
    found
}

/// The decode speed over every campaign, where only another one measured it.
fn measured_elsewhere(inputs: &Inputs<'_>, model: &Model, variant: &Variant) -> Option<Spread> {
    let speed = inputs.speed;
    match speed.decode(model, variant, inputs.machine, 0, Filter::default()) {
        Ok(Figure::Measured(seen)) => Some(Spread {
            median: seen.value,
            low: seen.low,
            high: seen.high,
            runs: seen.runs,
        }),
        _ => None,
    }
}

/// Runs on this chip that are recorded, not suspect, and gave no speed.
fn tried_without_result(inputs: &Inputs<'_>, model: &Model, variant: &Variant) -> bool {
    let chip = inputs.machine.chip.as_ref();
    let mut tried = model
        .measurements_of(variant)
        .filter(|m| m.suspect.is_none() && chip.is_some_and(|c| c.id == m.chip))
        .peekable();
    tried.peek().is_some() && tried.all(|m| measured::run_decode(m).is_none() && m.tests.is_empty())
}

fn findings(inputs: &Inputs<'_>, scope: &[InScope<'_>]) -> Vec<audit::Finding> {
    let of_scope = |subject: &str| {
        scope
            .iter()
            .any(|(m, _)| subject.split(['/', ' ']).next() == Some(m.id.as_str()))
    };
    audit::check(inputs.catalog, inputs.chips)
        .into_iter()
        .filter(|f| of_scope(&f.subject))
        .collect()
}

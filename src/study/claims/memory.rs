//! Statements about memory: file sizes, what one saves over another, what is left beside them.

use super::ruling::{Case, Ruling, agrees, differs, near};
use crate::catalog::schema::ClaimKind;
use crate::catalog::weights_of;
use crate::memory::limits::{Demand, Limits};
use crate::memory::{Engine, Ledger, Settings};
use crate::units::Bytes;

/// Printed sizes are rounded to about three digits.
const SIZE_ROUNDING: f64 = 0.003;

pub(super) fn weights(case: &Case<'_>) -> Option<Ruling> {
    let (model, variant) = case.first()?;
    let (printed, bytes) = (case.value()?, variant.weights_bytes);
    let own = bytes.both();
    if near(printed, bytes.gb(), SIZE_ROUNDING) {
        return Some(agrees(own, "weights_agree"));
    }
    if near(printed, bytes.gib(), SIZE_ROUNDING) {
        let figures = vec![
            ("gib", format!("{:.2}", bytes.gib())),
            ("gb", format!("{:.2}", bytes.gb())),
        ];
        return Some(differs(own, "weights_in_gib", figures));
    }
    let other = model
        .variants
        .iter()
        .find(|v| v.engine == variant.engine && near(printed, v.weights_bytes.gb(), SIZE_ROUNDING));
    Some(match other {
        Some(v) => differs(
            own,
            "weights_of_another",
            vec![
                ("other", v.quantization.clone()),
                ("other_weights", v.weights_bytes.both()),
                ("quantization", variant.quantization.clone()),
            ],
        ),
        None => differs(own, "weights_off", Vec::new()),
    })
}

pub(super) fn saving(case: &Case<'_>) -> Option<Ruling> {
    let size = |n: usize| case.members.get(n).map(|m| m.1.weights_bytes);
    let own = size(1)?.saturating_sub(size(0)?);
    Some(if near(case.value()?, own.gb(), 0.01) {
        agrees(own.both(), "weights_agree")
    } else {
        differs(own.both(), "follows_from_size", Vec::new())
    })
}

pub(super) fn free(case: &Case<'_>) -> Option<Ruling> {
    let context = case.claim.context?;
    let demand = case
        .members
        .iter()
        .map(|(model, variant)| {
            let engine = Engine::from_id(&variant.engine)?;
            let settings = Settings::lm_studio(engine, context);
            let ledger = Ledger::of(
                model.architecture.as_ref()?,
                &weights_of(variant),
                &settings,
            );
            Some(Demand::from(&ledger))
        })
        .sum::<Option<Demand>>()?;
    let weights: Bytes = case.members.iter().map(|m| m.1.weights_bytes).sum();
    let limits = Limits::of(case.inputs.machine);
    let left = limits.headroom(demand);
    let room = Bytes(left.unsigned_abs());
    let figures = vec![
        ("weights", weights.both()),
        ("gpu", demand.gpu.both()),
        ("total", demand.total.both()),
        ("budget", limits.gpu_budget().both()),
        ("left", room.both()),
        ("context", crate::units::tokens(context)),
        ("bare", limits.physical_bytes.saturating_sub(weights).both()),
        (
            "bare_share",
            format!(
                "{:.1}",
                100.0 - 100.0 * weights.gib() / limits.physical_bytes.gib()
            ),
        ),
    ];
    let (own, reason) = if case.claim.kind == ClaimKind::FreeShare {
        let share = 100.0 * room.gib() / limits.physical_bytes.gib();
        (format!("{share:.0} %"), "free_share")
    } else {
        (room.both(), "free_without_context")
    };
    let fits = left >= 0;
    let reason = if fits { reason } else { "free_none" };
    Some(differs(own, reason, figures))
}

//! Why a variant is no candidate: each reason in words, with figures.

use crate::catalog::schema::{Model, Variant};
use crate::memory::limits::{Demand, Limits};
use crate::plan::request::Request;
use crate::plan::score::Figures;
use crate::speed::{Reliability, Speed};
use crate::task::{Floors, TaskProfile};
use crate::units::{Bytes, apart, tokens};

/// Why a variant is no candidate.
#[derive(Debug, Clone, PartialEq)]
pub struct Rejection {
    /// `model/variant`.
    pub variant: String,
    /// Which kind of reason.
    pub kind: RejectionKind,
    /// The reason, with figures.
    pub reason: String,
    /// How much memory is lacking, where that is the reason.
    pub excess: Bytes,
}

/// Which kind of reason, in the order that people care about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RejectionKind {
    /// Too large for the machine.
    Memory,
    /// Below a floor of every task, or of the request.
    Floor,
    /// Left out by the request.
    Request,
    /// The machine can't run its engine.
    Engine,
    /// Its memory is not known.
    Unknown,
}

/// A rejection before it has its name.
pub(super) struct Refused {
    pub(super) kind: RejectionKind,
    pub(super) reason: String,
    pub(super) excess: Bytes,
}

pub(super) fn refused(kind: RejectionKind, reason: impl Into<String>) -> Refused {
    Refused {
        kind,
        reason: reason.into(),
        excess: Bytes::ZERO,
    }
}

pub(super) fn unmeasured(model: &Model, variant: &Variant, campaign: &str) -> String {
    let suspect = model
        .measurements_of(variant)
        .find(|m| m.campaign.as_deref() == Some(campaign) && m.suspect.is_some());
    match suspect.and_then(|m| m.suspect.as_deref()) {
        Some(why) => format!("its only measurement in `{campaign}` is suspect: {why}"),
        None => format!("not measured in `{campaign}` on this class of machine"),
    }
}

/// Whether these figures reach every floor of a task.
#[must_use]
pub fn reaches(task: &TaskProfile, figures: &Figures<'_>) -> bool {
    shortfall(&task.floors, figures).is_none()
}

/// The first floor that a candidate does not reach, in words.
fn shortfall(floors: &Floors, f: &Figures<'_>) -> Option<String> {
    let speed = f.speed.map(Speed::deciding);
    if let Some(tps) = speed.filter(|tps| *tps < floors.decode_tokens_per_second) {
        let floor = floors.decode_tokens_per_second;
        return Some(match f.speed {
            Some(Speed::Predicted(p)) => format!(
                "{tps:.1} t/s, the low end of a prediction of {:.1} ({:.0} to {:.0}), is below its floor of {floor} t/s",
                p.decode_tokens_per_second, p.low, p.high
            ),
            _ => format!("{tps:.1} t/s is below its floor of {floor} t/s"),
        });
    }
    if floors.tool_use && !f.model.tool_use {
        return Some("its publisher does not say that it calls tools".to_owned());
    }
    if f.context < floors.context {
        return Some(format!(
            "a context of {} is below its floor of {}",
            tokens(f.context),
            tokens(floors.context)
        ));
    }
    if let Some(rate) = f.reliability.pass_rate.filter(|r| *r < floors.pass_rate) {
        return Some(format!(
            "a pass rate of {:.0} % is below its floor of {:.0} %",
            rate * 100.0,
            floors.pass_rate * 100.0
        ));
    }
    (f.bits_per_weight < floors.bits_per_weight && !f.lossless).then(|| {
        format!(
            "{:.3} bits per weight are below its floor of {}",
            f.bits_per_weight, floors.bits_per_weight
        )
    })
}

pub(super) fn floor_reason(
    request: &Request,
    model: &Model,
    variant: &Variant,
    speed: Option<&Speed>,
    reliability: Reliability,
) -> String {
    let context = request.context.unwrap_or(model.context_length);
    let figures = Figures::of(model, variant, context, speed, reliability);
    request
        .tasks
        .iter()
        .find_map(|(task, _)| {
            shortfall(&task.floors, &figures).map(|s| format!("{}: {s}", task.id))
        })
        .unwrap_or_else(|| "no context that fits reaches the floors of a task".to_owned())
}

pub(super) fn too_large(limits: &Limits, demand: Demand, context: u32) -> Refused {
    let (gpu, physical) = limits.room(demand);
    let at = tokens(context);
    let of_gpu = limits.gpu_working_set_bytes.is_some() && gpu <= physical;
    let (needed, budget, memory) = if of_gpu {
        (demand.gpu, limits.gpu_budget(), "GPU memory")
    } else {
        (demand.total, limits.physical_budget(), "memory")
    };
    let (needed, budget) = apart(needed, budget);
    let reason = format!("needs {needed} of {memory} at {at} tokens; {budget} may be used");
    let excess = Bytes(limits.headroom(demand).unsigned_abs());
    Refused {
        kind: RejectionKind::Memory,
        reason,
        excess,
    }
}

//! Why a variant is no candidate: finding the reason and its figures.

use crate::catalog::schema::{Model, Variant};
use crate::memory::limits::{Demand, Limits};
use crate::plan::refusal::{Refusal, Rejected, Shortfall};
use crate::plan::request::Request;
use crate::plan::score::Figures;
use crate::speed::{Figure, Reliability};
use crate::task::{Floors, TaskProfile};
use crate::units::Bytes;

/// A variant that is no candidate.
#[derive(Debug, Clone, PartialEq)]
pub struct Rejection {
    /// `model/variant`.
    pub variant: String,
    /// The reason.
    pub why: Refusal,
    /// How much memory is lacking, where that is the reason.
    pub excess: Bytes,
}

impl Rejection {
    /// As documents hold it.
    #[must_use]
    pub fn document(&self) -> Rejected {
        Rejected::new(self.variant.clone(), self.why.clone())
    }
}

/// A rejection before it has its name.
pub(super) struct Refused {
    pub(super) why: Refusal,
    pub(super) excess: Bytes,
}

impl From<Refusal> for Refused {
    fn from(why: Refusal) -> Self {
        Self {
            why,
            excess: Bytes::ZERO,
        }
    }
}

pub(super) fn unmeasured(model: &Model, variant: &Variant, campaign: &str) -> Refusal {
    let suspect = model
        .measurements_of(variant)
        .find(|m| m.campaign.as_deref() == Some(campaign) && m.suspect.is_some());
    match suspect.and_then(|m| m.suspect.as_deref()) {
        Some(why) => Refusal::SuspectMeasurement {
            campaign: campaign.to_owned(),
            because: why.to_owned(),
        },
        None => Refusal::NotMeasured {
            campaign: Some(campaign.to_owned()),
        },
    }
}

/// Whether these figures reach every floor of a task.
#[must_use]
pub fn reaches(task: &TaskProfile, figures: &Figures<'_>) -> bool {
    shortfall(&task.floors, figures).is_none()
}

/// The first floor that a candidate does not reach.
fn shortfall(floors: &Floors, f: &Figures<'_>) -> Option<Shortfall> {
    let speed = f.speed.map(Figure::deciding);
    if let Some(tps) = speed.filter(|tps| *tps < floors.decode_tokens_per_second) {
        let predicted = match f.speed {
            Some(Figure::Predicted(p)) => Some((p.value, p.high)),
            _ => None,
        };
        return Some(Shortfall::Speed {
            tokens_per_second: tps,
            predicted,
            least: floors.decode_tokens_per_second,
        });
    }
    if floors.tool_use && !f.model.tool_use {
        return Some(Shortfall::ToolUse);
    }
    if f.context < floors.context {
        return Some(Shortfall::Context {
            context: f.context,
            least: floors.context,
        });
    }
    if let Some(rate) = f.reliability.pass_rate.filter(|r| *r < floors.pass_rate) {
        return Some(Shortfall::PassRate {
            rate,
            least: floors.pass_rate,
        });
    }
    (f.bits_per_weight < floors.bits_per_weight && !f.lossless).then_some(Shortfall::Precision {
        bits_per_weight: f.bits_per_weight,
        least: floors.bits_per_weight,
    })
}

pub(super) fn floor_reason(
    request: &Request,
    model: &Model,
    variant: &Variant,
    speed: Option<&Figure>,
    reliability: Reliability,
) -> Refusal {
    let context = request.context.unwrap_or(model.context_length);
    let figures = Figures::of(model, variant, context, speed, reliability);
    request
        .tasks
        .iter()
        .find_map(|(task, _)| {
            let below = |shortfall| Refusal::BelowFloor {
                task: task.id.clone(),
                shortfall,
            };
            shortfall(&task.floors, &figures).map(below)
        })
        .unwrap_or(Refusal::NoContextReaches)
}

pub(super) fn too_large(limits: &Limits, demand: Demand, context: u32) -> Refused {
    let (gpu, physical) = limits.room(demand);
    let of_gpu = limits.gpu_working_set_bytes.is_some() && gpu <= physical;
    let (needed_bytes, budget_bytes) = if of_gpu {
        (demand.gpu, limits.gpu_budget())
    } else {
        (demand.total, limits.physical_budget())
    };
    Refused {
        why: Refusal::TooLarge {
            needed_bytes,
            budget_bytes,
            of_gpu,
            context,
        },
        excess: Bytes(limits.headroom(demand).unsigned_abs()),
    }
}

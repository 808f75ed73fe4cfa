//! Why a variant is no candidate: finding the reason and its figures.

use crate::catalog::roles::Role;
use crate::catalog::schema::{Model, Variant};
use crate::catalog::unfit::Unfit;
use crate::memory::limits::{Demand, Limits};
use crate::plan::refusal::{Refusal, Rejected, Shortfall, Wait};
use crate::plan::request::Request;
use crate::plan::score::Figures;
use crate::quality::Points;
use crate::quality::quantization::{Loss, LossBasis};
use crate::scenario::demands::quick_enough;
use crate::scenario::turns::Turns;
use crate::speed::{Estimate, Figure, Reliability};
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

/// Whether these figures reach every floor of a task, and a turn what the request demands.
#[must_use]
pub fn reaches(request: &Request, task: &TaskProfile, figures: &Figures<'_>) -> bool {
    shortfall(request, task, figures).is_none()
        && quick_enough(request.demands(), figures.turn).is_ok()
}

/// Bits per weight are computed from rounded sizes: 3.4996 is no failure of 3.5.
const BITS_ROUNDING: f64 = 0.02;

/// The least context for a task. Several conversations share what a model was trained for where
/// they ask for more, if it holds one of them.
pub(super) fn least_context(request: &Request, task: &TaskProfile, model: &Model) -> u32 {
    let one = request.workload(task).depth_tokens;
    let most = model.context_length.max(task.floors.context).max(one);
    request.least_context(task).min(most)
}

/// Whether these figures reach every floor of a task but that of the context, and a turn what the
/// request demands.
pub(super) fn reaches_beside_context(
    request: &Request,
    task: &TaskProfile,
    f: &Figures<'_>,
) -> bool {
    let fails = ability(task, f).is_some() || evidence(task, f).is_some();
    !fails && quick_enough(request.demands(), f.turn).is_ok()
}

/// The first floor that a candidate does not reach.
fn shortfall(request: &Request, task: &TaskProfile, f: &Figures<'_>) -> Option<Shortfall> {
    let short = || {
        let least = least_context(request, task, f.model);
        (f.context < least).then_some(Shortfall::Context {
            context: f.context,
            least,
        })
    };
    ability(task, f)
        .or_else(short)
        .or_else(|| evidence(task, f))
}

/// Why a file is not for what a task asks of it.
fn unfit(task: &TaskProfile, model: &Model, variant: &Variant) -> Option<Shortfall> {
    let lacks = |lacks| Shortfall::Role { lacks };
    match model.unfit(task.role) {
        Some(Unfit::MadeFor(what)) => Some(Shortfall::Purpose {
            made_for: what.to_owned(),
        }),
        Some(Unfit::Lacks(role)) => Some(lacks(role)),
        None => (task.role == Role::Vision && !model.sees(variant)).then_some(lacks(Role::Vision)),
    }
}

/// Why a file is for no task of a request, by the first of them; none where it is for one.
pub(super) fn for_no_task(request: &Request, model: &Model, variant: &Variant) -> Option<Refusal> {
    let mut all = request.tasks.iter().map(|(task, _)| {
        let shortfall = unfit(task, model, variant)?;
        Some(Refusal::BelowFloor {
            task: task.id.clone(),
            shortfall,
        })
    });
    let first = all.next()??;
    all.all(|unfit| unfit.is_some()).then_some(first)
}

/// The first floor of what a model is made for, of speed, of tools and of quality that is not reached.
fn ability(task: &TaskProfile, f: &Figures<'_>) -> Option<Shortfall> {
    let floors = &task.floors;
    if let Some(unfit) = unfit(task, f.model, f.variant) {
        return Some(unfit);
    }
    if let Some(too_slow) = f.turn.and_then(|turn| slow(floors, turn)) {
        return Some(too_slow);
    }
    if floors.tool_use && !f.model.tool_use {
        return Some(Shortfall::ToolUse);
    }
    let points = f.points.map(|p| p.mean).filter(|p| *p < floors.quality)?;
    Some(Shortfall::Quality {
        points,
        least: floors.quality,
    })
}

/// The first floor of reliability and of precision that is not reached.
fn evidence(task: &TaskProfile, f: &Figures<'_>) -> Option<Shortfall> {
    let floors = &task.floors;
    if let Some(rate) = f.reliability.pass_rate.filter(|r| *r < floors.pass_rate) {
        return Some(Shortfall::PassRate {
            rate,
            least: floors.pass_rate,
        });
    }
    let bits = f.bits_per_weight + BITS_ROUNDING;
    (bits < floors.bits_per_weight && f.loss.basis != LossBasis::Lossless).then_some(
        Shortfall::Precision {
            bits_per_weight: f.bits_per_weight,
            least: floors.bits_per_weight,
        },
    )
}

/// The first floor of speed that a turn does not reach.
fn slow(floors: &Floors, turn: &Estimate) -> Option<Shortfall> {
    let decode = &turn.decode;
    if decode.value() < floors.decode_tokens_per_second {
        let predicted = match decode {
            Figure::Predicted(p) => Some((p.value, p.high)),
            Figure::Measured(_) => None,
        };
        return Some(Shortfall::Speed {
            tokens_per_second: decode.value(),
            predicted,
            depth_tokens: turn.work.depth_tokens,
            least: floors.decode_tokens_per_second,
        });
    }
    let first = turn.first_token_warm().value();
    let first = (first, floors.max_first_token_seconds);
    let whole = turn.expected_seconds_of(&turn.work);
    let whole = (whole, floors.max_turn_seconds);
    let mut waits = [(Wait::FirstToken, first), (Wait::Turn, whole)].into_iter();
    waits.find_map(|(wait, (seconds, most))| {
        let most = most.filter(|most| seconds > *most)?;
        Some(Shortfall::Wait {
            wait,
            seconds,
            most,
        })
    })
}

/// Why a variant whose candidates fit serves no task.
pub(super) fn floor_reason(
    request: &Request,
    (model, variant): (&Model, &Variant),
    (turns, points): (&Turns, &[Option<Points>]),
    reliability: Reliability,
    loss: Loss,
) -> Refusal {
    let context = request.context.unwrap_or(model.context_length);
    request
        .tasks
        .iter()
        .zip(turns.iter().zip(points))
        .find_map(|((task, _), (turn, points))| {
            let turn = turn.as_ref();
            let figures = Figures {
                model,
                variant,
                effort: None,
                speed: None,
                turn,
                memory: variant.weights_bytes,
                context,
                beyond: 0.0,
                reliability,
                bits_per_weight: model.bits_per_weight(variant),
                loss,
                points: *points,
            };
            let below = |shortfall| Refusal::BelowFloor {
                task: task.id.clone(),
                shortfall,
            };
            let floor = shortfall(request, task, &figures).map(below);
            floor.or_else(|| quick_enough(request.demands(), turn).err())
        })
        .unwrap_or(Refusal::NoContextReaches)
}

pub(super) fn too_large(limits: &Limits, demand: Demand, context: u32) -> Refused {
    let (gpu, physical) = limits.room(demand);
    let of_gpu = limits.gpu_working_set_bytes.is_some() && gpu <= physical;
    let (needed_bytes, budget_bytes) = if of_gpu {
        (demand.gpu, limits.gpu_budget())
    } else {
        (demand.physical(limits.gpu_memory), limits.physical_budget())
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

//! How fast a variant is on the scenario's machine, and whether the request lets that be used.

use crate::catalog::schema::{Model, Variant};
use crate::memory::CpuExperts;
use crate::plan::refusal::Refusal;
use crate::plan::request::Request;
use crate::scenario::candidate::Candidate;
use crate::scenario::inputs::Scenario;
use crate::scenario::refusal::{Refused, unmeasured};
use crate::scenario::sharding::Sharding;
use crate::scenario::turns::Turns;
use crate::speed::sharded::Sharded;
use crate::speed::{Estimate, Figure, Filter, OnMachine, Reliability, Workload, measured, shared};

/// A variant that may run, with its speed at an empty context.
pub(super) struct Speeds<'s> {
    file: Option<OnMachine<'s>>,
    /// Alone on the machine, where known.
    pub(super) alone: Option<Figure>,
    /// As scores count it: beside the request's other streams, with what is assumed.
    pub(super) counted: Option<Figure>,
    /// Its pass rate and load time.
    pub(super) reliability: Reliability,
}

impl<'s> Speeds<'s> {
    /// The speeds of a variant, where the request lets them be used; with these experts apart from the
    /// card.
    pub(super) fn new(
        scenario: &'s Scenario<'_>,
        model: &'s Model,
        variant: &'s Variant,
        apart: Option<CpuExperts>,
    ) -> Result<Self, Refused> {
        let file = on_machine(scenario, (model, variant), apart);
        let (alone, reliability) = alone(scenario, model, variant, file.as_ref())?;
        let counted = beside_others(scenario, model, variant, alone.as_ref());
        let counted = scenario.assumed.speed(model, variant, counted);
        Ok(Self {
            file,
            alone,
            counted,
            reliability,
        })
    }

    /// How long these turns of the request's tasks take.
    pub(super) fn turns(
        self,
        scenario: &Scenario<'_>,
        (model, variant): (&Model, &Variant),
        works: &[Workload],
    ) -> Turns {
        turns_at(scenario, (model, variant), self.file, works)
    }
}

/// A candidate's turns under what a scenario assumes that the candidate does not; none where that
/// leaves them as they are.
pub(super) fn assumed_turns(there: &Scenario<'_>, c: &Candidate<'_>) -> Option<Turns> {
    if !there.assumed.moves(c.model, c.variant) {
        return None;
    }
    let works: Option<Vec<Workload>> = c.turns.iter().map(|t| Some(t.as_ref()?.work)).collect();
    let file = on_machine(there, (c.model, c.variant), c.settings.cpu_experts);
    Some(turns_at(there, (c.model, c.variant), file, &works?))
}

/// How long another turn takes with a candidate; none where no speed is known.
#[must_use]
pub fn turn_of(scenario: &Scenario<'_>, c: &Candidate<'_>, work: Workload) -> Option<Estimate> {
    let file = on_machine(scenario, (c.model, c.variant), c.settings.cpu_experts);
    turns_at(scenario, (c.model, c.variant), file, &[work])[0].clone()
}

/// The turns of these works, with what the scenario assumes.
fn turns_at(
    scenario: &Scenario<'_>,
    (model, variant): (&Model, &Variant),
    file: Option<OnMachine<'_>>,
    works: &[Workload],
) -> Turns {
    if let Some(sharding) = &scenario.assumed.sharding {
        let speeds = sharded(scenario, sharding, (model, variant));
        let turn = |work| speeds.as_ref().map(|speeds| speeds.estimate(work));
        return works.iter().map(turn).collect();
    }
    let Some(mut file) = file else {
        return works.iter().map(|_| None).collect();
    };
    let beside = |alone: &Figure| beside_others(scenario, model, variant, Some(alone));
    if let Some(given) = scenario.assumed.given(model, variant) {
        // What is given is what is left beside the others.
        let alone = file.decode(0);
        let left = beside(&alone).map_or(1.0, |left| left.value() / alone.value());
        file = file.as_if_measured(given / left);
    }
    let alone = file.decode(0);
    let left = beside(&alone).filter(|left| *left != alone);
    let turn = |work: &Workload| {
        let turn = file.estimate(work);
        let turn = match &left {
            Some(left) => turn.beside(&alone, left),
            None => turn,
        };
        Some(match scenario.assumed.hopeful {
            true => turn.hopeful(),
            false => turn,
        })
    };
    works.iter().map(turn).collect()
}

/// The speed of a variant alone on the machine, where the request lets it be used.
#[must_use]
pub fn speed_on(
    scenario: &Scenario<'_>,
    (model, variant): (&Model, &Variant),
    apart: Option<CpuExperts>,
) -> Option<Figure> {
    let file = on_machine(scenario, (model, variant), apart);
    alone(scenario, model, variant, file.as_ref()).ok()?.0
}

/// The speed of a variant that scores count, where the request lets it be used.
#[must_use]
pub fn counted_speed(scenario: &Scenario<'_>, model: &Model, variant: &Variant) -> Option<Figure> {
    Speeds::new(scenario, model, variant, None).ok()?.counted
}

fn on_machine<'s>(
    scenario: &'s Scenario<'_>,
    (model, variant): (&'s Model, &'s Variant),
    apart: Option<CpuExperts>,
) -> Option<OnMachine<'s>> {
    let request = &scenario.request;
    let file = (scenario.speed).on(model, variant, &scenario.machine, filter(request));
    let batch = request.settings.ubatch;
    Some(
        file.ok()?
            .with_experts_in_ram(apart.map_or(0, |e| e.layers), batch),
    )
}

/// A file on several machines.
fn sharded<'s>(
    scenario: &'s Scenario<'_>,
    sharding: &'s Sharding,
    file: (&'s Model, &'s Variant),
) -> Option<Sharded<'s>> {
    let request = &scenario.request;
    let batch = request.settings.ubatch;
    sharding.speeds(&scenario.speed, file, filter(request), batch)
}

/// Which measurements the request lets be used.
fn filter(request: &Request) -> Filter<'_> {
    Filter {
        campaign: request.campaign.as_deref(),
    }
}

fn alone(
    scenario: &Scenario<'_>,
    model: &Model,
    variant: &Variant,
    file: Option<&OnMachine<'_>>,
) -> Result<(Option<Figure>, Reliability), Refused> {
    let request = &scenario.request;
    let chip = scenario.machine.chip.as_ref();
    let reliability = chip.map_or_else(Reliability::default, |c| {
        measured::reliability(model, variant, c, filter(request))
    });
    let speed = match &scenario.assumed.sharding {
        Some(sharding) => sharded(scenario, sharding, (model, variant)).map(|s| s.decode(0)),
        None => file.map(|file| file.decode(0)),
    };
    if matches!(speed, Some(Figure::Measured(_))) {
        return Ok((speed, reliability));
    }
    if let Some(campaign) = &request.campaign {
        return Err(unmeasured(model, variant, campaign).into());
    }
    if request.measured_only {
        return Err(Refusal::NotMeasured { campaign: None }.into());
    }
    Ok((speed, reliability))
}

/// The speed that is left where the tasks of the request generate at once.
fn beside_others(
    scenario: &Scenario<'_>,
    model: &Model,
    variant: &Variant,
    alone: Option<&Figure>,
) -> Option<Figure> {
    let streams = scenario.request.streams();
    match (alone?, scenario.machine.bandwidth()) {
        (alone, Some(bandwidth)) if scenario.request.concurrent && streams > 1 => {
            let active = model.active_bytes(variant);
            let left = shared::shared(alone, active, bandwidth, streams);
            Some(left)
        }
        (alone, _) => Some(alone.clone()),
    }
}

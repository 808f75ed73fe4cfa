//! Published statements against the data: whether each holds, and why.
//!
//! A reason is the name of a sentence and its figures; the sentences, in every language, are the
//! report's. Nothing here names a model or a figure: what was printed stands in the catalog.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{CheckedClaim, Scenario, Verdict};
use super::gather::Inputs;
use crate::catalog::check::{place, rows_mean};
use crate::catalog::schema::{ClaimKind, Measurement, Model, PublishedClaim, Variant};
use crate::memory::limits::{Demand, Limits};
use crate::memory::{Engine, Ledger, Settings};
use crate::plan::candidates::weights_of;
use crate::speed::{Filter, measured};
use crate::units::Bytes;

/// Printed sizes are rounded to about three digits.
const SIZE_ROUNDING: f64 = 0.003;
/// Printed means have two decimals.
const MEAN_ROUNDING: f64 = 0.0051;
/// Read faster than this, in GB/s, a file came from memory: no SSD of these machines does so.
const FASTEST_SSD: f64 = 7.5;

/// A verdict with the figure that the data give, the sentence and its figures.
struct Ruling {
    verdict: Verdict,
    recomputed: String,
    reason: &'static str,
    figures: Vec<(&'static str, String)>,
}

/// What a claim is about: its members in the catalog.
struct Case<'a> {
    inputs: &'a Inputs<'a>,
    claim: &'a PublishedClaim,
    members: Vec<(&'a Model, &'a Variant)>,
}

/// Every claim of the campaign that its data can answer.
pub(super) fn check(inputs: &Inputs<'_>, scenarios: &[Scenario]) -> Vec<CheckedClaim> {
    let claims = inputs.catalog.published_claims.iter();
    claims
        .filter(|c| inputs.campaign == Some(c.campaign.as_str()))
        .filter_map(|claim| {
            let members = claim.members.iter().map(|name| {
                let (model, variant) = inputs.catalog.find(name)?;
                Some((model, variant?))
            });
            let case = Case {
                inputs,
                claim,
                members: members.collect::<Option<_>>()?,
            };
            let ruling = rule(&case, scenarios)?;
            Some(CheckedClaim {
                kind: kind_id(claim.kind).to_owned(),
                members: claim.members.clone(),
                scenario: claim.scenario.clone(),
                printed: printed(claim),
                recomputed: ruling.recomputed,
                verdict: ruling.verdict,
                reason: ruling.reason.to_owned(),
                figures: ruling
                    .figures
                    .into_iter()
                    .map(|(k, v)| (k.to_owned(), v))
                    .collect::<BTreeMap<_, _>>(),
                source: claim.source.clone(),
            })
        })
        .collect()
}

const fn kind_id(kind: ClaimKind) -> &'static str {
    match kind {
        ClaimKind::Weights => "weights",
        ClaimKind::MeanSpeed => "mean_speed",
        ClaimKind::Efficiency => "efficiency",
        ClaimKind::EfficiencyRatio => "efficiency_ratio",
        ClaimKind::Saving => "saving",
        ClaimKind::Passed => "passed",
        ClaimKind::Load => "load",
        ClaimKind::Free => "free",
        ClaimKind::FreeShare => "free_share",
        ClaimKind::ExpectedSpeed => "expected_speed",
        ClaimKind::Recommendation => "recommendation",
    }
}

/// The figure as printed, with its unit.
fn printed(claim: &PublishedClaim) -> String {
    let Some(v) = claim.value else {
        return String::new();
    };
    match claim.kind {
        ClaimKind::Weights | ClaimKind::Saving | ClaimKind::Free => format!("{v} GB"),
        ClaimKind::MeanSpeed => format!("{v:.2} t/s"),
        ClaimKind::Efficiency => format!("{v:.2} t/s/GB"),
        ClaimKind::EfficiencyRatio => format!("{v} x"),
        ClaimKind::Passed => format!("{v}/{}", claim.value_high.unwrap_or(v)),
        ClaimKind::Load => format!("{v} s"),
        ClaimKind::FreeShare => format!("{v} %"),
        ClaimKind::ExpectedSpeed => format!("{v}-{} t/s", claim.value_high.unwrap_or(v)),
        ClaimKind::Recommendation => String::new(),
    }
}

fn rule(case: &Case<'_>, scenarios: &[Scenario]) -> Option<Ruling> {
    match case.claim.kind {
        ClaimKind::Weights => weights(case),
        ClaimKind::MeanSpeed => mean_speed(case),
        ClaimKind::Efficiency => efficiency(case),
        ClaimKind::EfficiencyRatio => efficiency_ratio(case),
        ClaimKind::Saving => saving(case),
        ClaimKind::Passed => passed(case),
        ClaimKind::Load => load(case),
        ClaimKind::Free | ClaimKind::FreeShare => free(case),
        ClaimKind::ExpectedSpeed => expected_speed(case),
        ClaimKind::Recommendation => recommendation(case, scenarios),
    }
}

impl<'a> Case<'a> {
    fn first(&self) -> Option<(&'a Model, &'a Variant)> {
        self.members.first().copied()
    }

    fn value(&self) -> Option<f64> {
        self.claim.value
    }

    /// The campaign's rows of the first member.
    fn rows(&self) -> Vec<&'a Measurement> {
        let of = |(model, variant): (&'a Model, &'a Variant)| {
            model
                .measurements_of(variant)
                .filter(|m| m.campaign.as_deref() == Some(self.claim.campaign.as_str()))
                .collect()
        };
        self.first().map_or_else(Vec::new, of)
    }

    /// The mean that the same report prints for a member.
    fn printed_mean(&self, member: usize) -> Option<f64> {
        let name = self.claim.members.get(member)?;
        self.inputs
            .catalog
            .published_claims
            .iter()
            .find(|c| {
                c.kind == ClaimKind::MeanSpeed
                    && c.campaign == self.claim.campaign
                    && c.members.first() == Some(name)
            })
            .and_then(|c| c.value)
    }

    /// Steady decode speed of the first member over every campaign, where one is usable.
    fn steady_anywhere(&self) -> Option<f64> {
        let (model, variant) = self.first()?;
        let chip = self.inputs.machine.chip.as_ref()?;
        measured::decode(model, variant, chip, Filter::default())
            .map(|m| m.decode_tokens_per_second)
    }
}

fn agrees(recomputed: String, reason: &'static str) -> Ruling {
    Ruling {
        verdict: Verdict::Agrees,
        recomputed,
        reason,
        figures: Vec::new(),
    }
}

fn differs(
    recomputed: String,
    reason: &'static str,
    figures: Vec<(&'static str, String)>,
) -> Ruling {
    Ruling {
        verdict: Verdict::Differs,
        recomputed,
        reason,
        figures,
    }
}

fn near(a: f64, b: f64, share: f64) -> bool {
    (a / b - 1.0).abs() < share
}

fn run_id(m: &Measurement) -> String {
    place(&m.source).trim_end_matches(".json").to_owned()
}

fn weights(case: &Case<'_>) -> Option<Ruling> {
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

fn mean_speed(case: &Case<'_>) -> Option<Ruling> {
    let printed = case.value()?;
    let rows = case.rows();
    let states = |m: &Measurement| {
        m.reported_mean_tokens_per_second
            .is_some_and(|r| (r - printed).abs() < MEAN_ROUNDING)
    };
    let usable = || rows.iter().copied().filter(|m| m.suspect.is_none());
    if usable().next().is_none() {
        let steady = case.steady_anywhere();
        let (least, most) = request_rates(&rows)?;
        return Some(Ruling {
            verdict: Verdict::CannotStand,
            recomputed: steady.map_or_else(String::new, |t| format!("{t:.1} t/s")),
            reason: "mean_of_words",
            figures: vec![
                ("least", format!("{least:.2}")),
                ("most", format!("{most:.2}")),
                (
                    "steady",
                    steady.map_or_else(String::new, |t| format!("{t:.1}")),
                ),
            ],
        });
    }
    let printed_rows = rows
        .iter()
        .filter(|m| m.suspect.is_some() && states(m))
        .find_map(|m| rows_mean(m).filter(|given| !near(*given, printed, 0.01)));
    let run = usable().find(|m| states(m))?;
    let Some(given) = printed_rows else {
        let figures = vec![("run", run_id(run))];
        let agreed = agrees(format!("{printed:.2} t/s"), "mean_of_run");
        return Some(Ruling { figures, ..agreed });
    };
    let theirs = usable().find(|m| rows_mean(m).is_some_and(|r| (r - given).abs() < 0.02));
    let cold = run.tests.first().and_then(|t| t.seconds).unwrap_or(0.0);
    let figures = vec![
        ("given", format!("{given:.2}")),
        ("rows_run", theirs.map_or_else(String::new, run_id)),
        ("mean_run", run_id(run)),
        ("cold_seconds", format!("{cold:.1}")),
    ];
    Some(differs(
        format!("{given:.2} t/s"),
        "mean_of_another_run",
        figures,
    ))
}

/// The slowest and the fastest request, by the tokens that were counted.
fn request_rates(rows: &[&Measurement]) -> Option<(f64, f64)> {
    let rates = rows.iter().flat_map(|m| &m.tests).filter_map(|t| {
        let seconds = t.seconds.filter(|s| *s > 0.0)?;
        t.completion_tokens.map(|n| f64::from(n) / seconds)
    });
    super::runs::spread(rates).map(|s| (s.low, s.high))
}

fn efficiency(case: &Case<'_>) -> Option<Ruling> {
    let (_, variant) = case.first()?;
    let (printed, mean) = (case.value()?, case.printed_mean(0)?);
    let gb = variant.weights_bytes.gb();
    let usable = case.rows().iter().any(|m| m.suspect.is_none());
    if !usable {
        let steady = case.steady_anywhere();
        return Some(Ruling {
            verdict: Verdict::CannotStand,
            recomputed: steady.map_or_else(String::new, |t| format!("{:.2} t/s/GB", t / gb)),
            reason: "efficiency_of_words",
            figures: Vec::new(),
        });
    }
    let own = mean / gb;
    let text = format!("{own:.2} t/s/GB");
    Some(if (own - printed).abs() < 0.0051 {
        agrees(text, "efficiency_agrees")
    } else {
        let figures = vec![("mean", format!("{mean:.2}")), ("gb", format!("{gb:.1}"))];
        differs(text, "efficiency_of_wrong_size", figures)
    })
}

fn efficiency_ratio(case: &Case<'_>) -> Option<Ruling> {
    let by_size = |n: usize| {
        let gb = case.members.get(n)?.1.weights_bytes.gb();
        Some(case.printed_mean(n)? / gb)
    };
    let own = by_size(0)? / by_size(1)?;
    let text = format!("{own:.1} x");
    Some(if (own - case.value()?).abs() < 0.051 {
        agrees(text, "efficiency_agrees")
    } else {
        differs(text, "follows_from_size", Vec::new())
    })
}

fn saving(case: &Case<'_>) -> Option<Ruling> {
    let size = |n: usize| case.members.get(n).map(|m| m.1.weights_bytes);
    let own = size(1)?.saturating_sub(size(0)?);
    Some(if near(case.value()?, own.gb(), 0.01) {
        agrees(own.both(), "weights_agree")
    } else {
        differs(own.both(), "follows_from_size", Vec::new())
    })
}

fn passed(case: &Case<'_>) -> Option<Ruling> {
    let (printed, of) = (case.value()?, case.claim.value_high?);
    let rows = case.rows();
    let counts = |m: &Measurement| (m.tests.iter().filter(|t| t.passed).count(), m.tests.len());
    let usable = || rows.iter().copied().filter(|m| m.suspect.is_none());
    let (passed, tried) = usable()
        .map(counts)
        .fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    let errors: BTreeSet<&str> = usable()
        .flat_map(|m| &m.tests)
        .filter(|t| !t.passed)
        .filter_map(|t| t.error.as_deref())
        .collect();
    let like = |(p, t): (usize, usize)| format!("{p}/{t}") == format!("{printed}/{of}");
    let figures = vec![
        ("passed", passed.to_string()),
        ("tried", tried.to_string()),
        ("runs", usable().count().to_string()),
        ("errors", errors.into_iter().collect::<Vec<_>>().join(", ")),
    ];
    let reason = if passed == tried {
        "passed_all"
    } else {
        "passed_of_a_run"
    };
    let text = format!("{passed}/{tried}");
    Some(if usable().any(|m| like(counts(m))) {
        let agreed = agrees(text, reason);
        Ruling { figures, ..agreed }
    } else {
        differs(text, reason, figures)
    })
}

fn load(case: &Case<'_>) -> Option<Ruling> {
    let (_, variant) = case.first()?;
    let printed = case.value()?;
    let seen = case.rows().iter().find_map(|m| m.load_seconds)?;
    let rate = variant.weights_bytes.gb() / seen;
    let text = format!("{seen} s");
    let figures = vec![("rate", format!("{rate:.1}"))];
    Some(match (near(seen, printed, 0.01), rate > FASTEST_SSD) {
        (true, true) => {
            let agreed = agrees(text, "load_from_cache");
            Ruling { figures, ..agreed }
        }
        (true, false) => agrees(text, "load_agrees"),
        (false, _) => differs(text, "load_differs", figures),
    })
}

fn free(case: &Case<'_>) -> Option<Ruling> {
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

fn expected_speed(case: &Case<'_>) -> Option<Ruling> {
    let (model, variant) = case.first()?;
    let (low, high) = (case.value()?, case.claim.value_high?);
    let p = case
        .inputs
        .predictor
        .predict(model, variant, case.inputs.machine)?;
    let text = format!("{:.0}-{:.0} t/s", p.low, p.high);
    let figures = vec![
        ("middle", format!("{:.0}", p.decode_tokens_per_second)),
        ("error", format!("{:.0}", p.error * 100.0)),
        ("rows", p.rows.to_string()),
    ];
    Some(if p.low <= high && low <= p.high {
        let agreed = agrees(text, "expected_agrees");
        Ruling { figures, ..agreed }
    } else {
        differs(text, "expected_differs", figures)
    })
}

fn recommendation(case: &Case<'_>, scenarios: &[Scenario]) -> Option<Ruling> {
    let wanted = case.claim.scenario.as_deref()?;
    let scenario = scenarios.iter().find(|s| s.id == wanted)?;
    let mut ours: Vec<String> = scenario
        .loadout
        .iter()
        .map(|e| format!("{}/{}", e.model, e.variant))
        .collect();
    let text = ours.join(" + ");
    let mut theirs = case.claim.members.clone();
    ours.sort();
    theirs.sort();
    Some(if ours == theirs {
        agrees(text, "recommendation_agrees")
    } else {
        differs(text, "recommendation_differs", Vec::new())
    })
}

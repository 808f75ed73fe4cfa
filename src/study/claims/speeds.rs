//! Statements about speed: means, efficiency, requests passed, load times, expectations.

use std::collections::BTreeSet;

use super::ruling::{Case, Ruling, agrees, differs, near};
use crate::audit::{place, rows_mean};
use crate::catalog::schema::Measurement;
use crate::speed::Filter;
use crate::study::document::Verdict;
use crate::study::runs::spread;

/// Printed means have two decimals.
const MEAN_ROUNDING: f64 = 0.0051;
/// Read faster than this, in GB/s, a file came from memory: no SSD of these machines does so.
const FASTEST_SSD: f64 = 7.5;

fn run_id(m: &Measurement) -> String {
    place(&m.source).trim_end_matches(".json").to_owned()
}

pub(super) fn mean_speed(case: &Case<'_>) -> Option<Ruling> {
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
    spread(rates).map(|s| (s.low, s.high))
}

pub(super) fn efficiency(case: &Case<'_>) -> Option<Ruling> {
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

pub(super) fn efficiency_ratio(case: &Case<'_>) -> Option<Ruling> {
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

pub(super) fn passed(case: &Case<'_>) -> Option<Ruling> {
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

pub(super) fn load(case: &Case<'_>) -> Option<Ruling> {
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

pub(super) fn expected_speed(case: &Case<'_>) -> Option<Ruling> {
    let (model, variant) = case.first()?;
    let (low, high) = (case.value()?, case.claim.value_high?);
    let (speed, machine) = (case.inputs.speed, case.inputs.machine);
    let expected = speed.decode(model, variant, machine, 0, Filter::default());
    let expected = expected.ok()?;
    let (least, most) = expected.range();
    let text = format!("{least:.0}-{most:.0} t/s");
    let figures = vec![
        ("middle", format!("{:.0}", expected.value())),
        (
            "error",
            format!("{:.0}", (most / expected.value() - 1.0) * 100.0),
        ),
        ("rows", expected.runs().to_string()),
    ];
    Some(if least <= high && low <= most {
        let agreed = agrees(text, "expected_agrees");
        Ruling { figures, ..agreed }
    } else {
        differs(text, "expected_differs", figures)
    })
}

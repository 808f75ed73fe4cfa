//! What to do with a plan, and what to know about it: each statement tried out, not guessed.

use crate::catalog::full_name;
use crate::catalog::schema::PublishedLoadout;
use crate::memory::limits::{Demand, Limits, SEEN_TO_FAIL, SEEN_TO_FAIL_SOURCE};
use crate::memory::{Engine, Ledger, Settings};
use crate::plan::document::Advice;
use crate::plan::score;
use crate::plan::score::Figures;
use crate::scenario::candidates::Setting;
use crate::scenario::error::RecommendError;
use crate::scenario::solved::{Solved, points, solve};
use crate::solve::deadline::Deadline;
use crate::speed::{Reliability, Speed};
use crate::units::{Bytes, tokens};

/// How many variants to name for measuring.
const TO_MEASURE: usize = 3;
/// The least gain in score that is worth a root command.
const WORTH_RAISING: f64 = 0.005;

/// All advice on a solved request, the most urgent first.
///
/// # Errors
/// When solving for a raised limit fails.
pub fn all(
    setting: Setting<'_>,
    solved: &Solved<'_>,
    deadline: Deadline<'_>,
) -> Result<Vec<Advice>, RecommendError> {
    let mut advice = Vec::new();
    advice.extend(nearly_full(setting, solved));
    advice.extend(raise_wired_limit(setting, solved, deadline)?);
    advice.extend(rests_on_predictions(solved));
    advice.extend(no_speeds(setting));
    advice.extend(measure_next(setting, solved));
    advice.extend(
        setting
            .catalog
            .published_loadouts
            .iter()
            .filter_map(|p| published(setting, p)),
    );
    Ok(advice)
}

pub(super) fn note(kind: &str, text: String) -> Advice {
    Advice {
        kind: kind.to_owned(),
        text,
        command: None,
    }
}

/// Whether raising the GPU's limit would allow a better loadout: tried by solving again.
fn raise_wired_limit(
    setting: Setting<'_>,
    solved: &Solved<'_>,
    deadline: Deadline<'_>,
) -> Result<Option<Advice>, RecommendError> {
    let Some(raised) = setting.limits.raised_working_set() else {
        return Ok(None);
    };
    let limits = Limits::of(&setting.machine.clone().with_wired_limit(raised));
    let better = solve(
        Setting {
            limits: &limits,
            ..setting
        },
        1,
        deadline,
    )?;
    let now = solved.score();
    let Some(best) = better.solutions.first().filter(|_| better.proven) else {
        return Ok(None);
    };
    let gain = points(best.objective) - now;
    if gain < WORTH_RAISING {
        return Ok(None);
    }
    let loadout: Vec<String> = best
        .items
        .iter()
        .map(|&i| &better.pool.candidates[i])
        .map(|c| {
            format!(
                "{} at {} tokens",
                full_name(c.model, c.variant),
                tokens(c.settings.context)
            )
        })
        .collect();
    let mib = raised.mib_floor();
    Ok(Some(Advice {
        kind: "raise_wired_limit".to_owned(),
        text: format!(
            "raising the GPU's limit to {} ({mib} MiB, which leaves {} to the system) would allow {} (score {:.3} instead of {now:.3}); it lasts until the next restart",
            raised.both(),
            setting.limits.physical_bytes.saturating_sub(raised),
            loadout.join(" + "),
            points(best.objective),
        ),
        command: Some(format!("sudo sysctl iogpu.wired_limit_mb={mib}")),
    }))
}

/// What a nearly full machine means: where the loadout makes it so, and where one that would was
/// passed over.
fn nearly_full(setting: Setting<'_>, solved: &Solved<'_>) -> Option<Advice> {
    let physical = setting.limits.physical_bytes;
    let seen =
        format!("a Mac with {SEEN_TO_FAIL} % in use was seen to swap [{SEEN_TO_FAIL_SOURCE}]");
    if let Some(edge) = &solved.at_the_edge {
        let members = solved.members(edge);
        let names: Vec<String> = members.iter().map(|c| c.name()).collect();
        let taken: Bytes = members.iter().map(|c| c.demand).sum::<Demand>().total;
        return Some(note(
            "kept_clear",
            format!(
                "{} would score {:.3}, but take {} % of memory, and {seen}; `--reserve {}MiB` allows it",
                names.join(" + "),
                points(edge.objective),
                taken.percent_of(physical),
                setting.limits.reserve_bytes.mib_floor(),
            ),
        ));
    }
    let clear = setting.limits.clear_of_failure()?;
    let taken = solved
        .chosen()
        .iter()
        .map(|c| c.demand)
        .sum::<Demand>()
        .total;
    (taken > clear).then(|| {
        note(
            "nearly_full",
            format!(
                "this takes {} % of memory, and {seen}: try it before you rely on it",
                taken.percent_of(physical),
            ),
        )
    })
}

fn rests_on_predictions(solved: &Solved<'_>) -> Option<Advice> {
    let predicted: Vec<String> = solved
        .chosen()
        .iter()
        .filter(|c| matches!(c.alone.as_deref(), Some(Speed::Predicted(_))))
        .map(|c| full_name(c.model, c.variant))
        .collect();
    (!predicted.is_empty()).then(|| {
        note("rests_on_predictions", format!("the speed of {} is predicted, not measured; `--measured-only` leaves such variants out", predicted.join(" and ")))
    })
}

fn no_speeds(setting: Setting<'_>) -> Option<Advice> {
    setting.machine.bandwidth().is_none().then(|| {
        note("no_speeds", "this machine's memory bandwidth is not known, so no speed is predicted: the profiles' values for a missing figure stand in".to_owned())
    })
}

/// Unmeasured variants that would beat the chosen one on a task at the high end of their range.
fn measure_next(setting: Setting<'_>, solved: &Solved<'_>) -> Option<Advice> {
    let chosen = solved.chosen();
    let mut gains: Vec<(f64, String)> = Vec::new();
    for c in &solved.pool.candidates {
        let Some(Speed::Predicted(p)) = c.speed.as_deref() else {
            continue;
        };
        let hopeful = Speed::Predicted(crate::speed::Predicted {
            low: p.high,
            ..p.clone()
        });
        let figures = Figures::of(
            c.model,
            c.variant,
            c.settings.context,
            Some(&hopeful),
            Reliability::default(),
        );
        for (t, (task, _)) in setting.request.tasks.iter().enumerate() {
            let now = chosen
                .iter()
                .filter_map(|x| x.scores[t])
                .fold(0.0, f64::max);
            let itself = chosen.iter().any(|x| x.variant_number == c.variant_number);
            let gain = score::score(task, &figures).total - now;
            if c.scores[t].is_some() && gain > 0.0 && !itself {
                let range = format!("predicted {:.0} to {:.0} t/s", p.low, p.high);
                gains.push((
                    gain,
                    format!("{} ({}: {range})", full_name(c.model, c.variant), task.id),
                ));
            }
        }
    }
    gains.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let mut names: Vec<String> = gains.into_iter().map(|(_, name)| name).collect();
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|n| seen.insert(n.clone()));
    names.truncate(TO_MEASURE);
    (!names.is_empty() && !chosen.is_empty()).then(|| {
        note(
            "measure_next",
            format!(
                "measuring these could change the answer: {}",
                names.join("; ")
            ),
        )
    })
}

/// What a loadout that a study published really needs, beside what it counted.
fn published(setting: Setting<'_>, loadout: &PublishedLoadout) -> Option<Advice> {
    // To those who ask for the study's figures, or for a model of its plan.
    let request = setting.request;
    let asked = request.campaign.as_deref() == Some(loadout.campaign.as_str());
    let named = request.pins.iter().any(|pin| loadout.members.contains(pin));
    let applies = asked || (named && loadout.machine == setting.machine.id);
    if !applies {
        return None;
    }
    let mut demand = Demand::default();
    let mut weights = Bytes::ZERO;
    for name in &loadout.members {
        let (model, Some(variant)) = setting.catalog.find(name)? else {
            return None;
        };
        let engine = Engine::from_id(&variant.engine)?;
        let settings = Settings::lm_studio(engine, loadout.context);
        let ledger = Ledger::of(
            model.architecture.as_ref()?,
            &crate::catalog::weights_of(variant),
            &settings,
        );
        demand = demand + Demand::from(&ledger);
        weights += variant.weights_bytes;
    }
    let left = setting.limits.headroom(demand);
    let verdict = if left >= 0 {
        format!("it fits, with {} to spare", Bytes(left.unsigned_abs()))
    } else {
        format!(
            "it does not fit: {} too much for the {}",
            Bytes(left.unsigned_abs()),
            setting.limits.binding(demand)
        )
    };
    Some(note(
        "published_loadout",
        format!(
            "{} ({}), {} at {} tokens each: {}. Its files are {}; with the context it needs {} of GPU working set and {} of memory. On this machine {verdict}",
            loadout.name,
            loadout.source,
            loadout.members.join(" + "),
            tokens(loadout.context),
            loadout.claim,
            weights.both(),
            demand.gpu.both(),
            demand.total.both(),
        ),
    ))
}

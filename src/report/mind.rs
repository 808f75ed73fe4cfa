//! What to mind of a plan: what may go wrong, and what would do better with another setting.

use crate::memory::limits::Demand;
use crate::plan::document::{Advice, AdviceKind, Plan};
use crate::units::Bytes;

/// The most urgent first.
const KINDS: [AdviceKind; 8] = [
    AdviceKind::KnownToFail,
    AdviceKind::NotSeenToLoad,
    AdviceKind::NewToLmStudio,
    AdviceKind::ContextBelowTurn,
    AdviceKind::NearlyFull,
    AdviceKind::NoSpeeds,
    AdviceKind::RaiseWiredLimit,
    AdviceKind::KeptClear,
];
/// The gain in score from which another limit of the GPU is told on the first screen.
const WORTH_TELLING: f64 = 0.02;

/// The most urgent of what may go wrong, or would do better with another setting.
pub(super) fn first(plan: &Plan) -> Option<String> {
    let advice = |kind: &AdviceKind| plan.advice.iter().find(|a| a.kind == *kind);
    let mut told = KINDS.iter().filter_map(|kind| words(plan, advice(kind)?));
    told.next()
}

fn words(plan: &Plan, advice: &Advice) -> Option<String> {
    let words = match advice.kind {
        AdviceKind::NotSeenToLoad => return not_seen_to_load(plan),
        AdviceKind::RaiseWiredLimit => return raised(advice),
        AdviceKind::ContextBelowTurn => "the context is shorter than the turns need (`--details`)",
        AdviceKind::NearlyFull => "this fills memory to where a Mac was seen to swap",
        AdviceKind::KeptClear => {
            "`--fill` gives a better plan, which fills memory to where a Mac was seen to swap"
        }
        _ => &advice.text,
    };
    Some(words.to_owned())
}

/// A higher limit of the GPU with its command, where that gains much.
fn raised(advice: &Advice) -> Option<String> {
    let figure = |name: &str| advice.figures.get(name).copied();
    let (score, now) = (figure("score")?, figure("score_now")?);
    let limit = figure("wired_limit_bytes")? / f64::from(1 << 30);
    let command = advice.command.as_deref()?;
    (score - now >= WORTH_TELLING).then(|| {
        format!("a GPU limit of {limit:.0} GiB gives a plan that scores {score:.3} instead of {now:.3}: `{command}`")
    })
}

/// The first model of the answer that nobody reported to load.
fn not_seen_to_load(plan: &Plan) -> Option<String> {
    let mut chosen = plan.picks.iter().flat_map(|p| &p.loadout);
    let model = &chosen.find(|c| c.unreported)?.model;
    let mut entries = plan.loadout.iter();
    let name = entries
        .find(|e| e.model == *model)
        .map_or(model, |e| &e.name);
    Some(format!(
        "nobody reported that LM Studio loads {name} (`--details`)"
    ))
}

/// What may grow with use by more than is free of the same memory.
pub(super) fn outgrows(plan: &Plan) -> Option<String> {
    let totals = &plan.totals;
    let now = plan.limits.room(Demand::from(totals));
    let worst = plan.limits.room(totals.worst());
    let both = [(now.0, worst.0), (now.1, worst.1)].into_iter();
    let (free, left) = both.min_by_key(|(_, left)| *left)?;
    let bytes = |signed: i64| Bytes(u64::try_from(signed).unwrap_or(0));
    (left < 0).then(|| {
        format!(
            "with every request slot full it takes {:.1} GiB more, and {:.1} are free: a shorter `--context` bounds that",
            bytes(free - left).gib(),
            bytes(free).gib()
        )
    })
}

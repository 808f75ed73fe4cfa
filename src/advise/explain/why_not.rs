//! Why a model is not in the loadout, and which single change would bring it in.

use crate::advise::explain::document::{Flip, SideBySide, VariantReason, WhyNot};
use crate::advise::explain::ranges::{SPEED_STEP, WEIGHT_STEP, edge};
use crate::advise::explain::vary::{Answer, Change, Variations};
use crate::scenario::candidates;
use crate::scenario::candidates::Candidate;
use crate::scenario::refusal::{Rejection, RejectionKind};
use crate::speed::Speed;
use crate::task::Utility;
use crate::units::Bytes;

/// Places between a weight and its end that are tried, since a model may come in and go again.
const PLACES: u32 = 12;
/// No speed above this is looked for, in tokens per second.
const FASTEST: f64 = 1000.0;
/// Sizes are told to this share.
const SIZE_STEP: f64 = 0.005;
/// Room is told to this, and looked for up to this many GiB.
const MOST_ROOM_GIB: f64 = 2048.0;

/// Answers for one model or variant.
pub(super) fn answer(vary: &Variations<'_>, best: &Answer, name: &str) -> WhyNot {
    let pinned = |unlimited| {
        vary.solve(&Change {
            pin: Some(name.to_owned()),
            models: Some(best.items.len()),
            unlimited,
            ..Change::default()
        })
    };
    let with = pinned(false);
    let comparable = with.clone().or_else(|| pinned(true));
    let flips = if vary.holds(best, name) {
        Vec::new()
    } else {
        flips(vary, name)
    };
    let variants = if with.is_some() {
        Vec::new()
    } else {
        rejected(vary, name)
    };
    WhyNot {
        model: name.to_owned(),
        reason: reason(vary, best, with.as_ref(), name, &variants),
        variants,
        best_with: with.as_ref().map_or_else(Vec::new, |a| vary.names(a)),
        best_with_objective: with.map(|a| a.objective),
        parts: comparable.map_or_else(Vec::new, |a| parts(vary, best, &a, name)),
        flips,
    }
}

fn reason(
    vary: &Variations<'_>,
    best: &Answer,
    with: Option<&Answer>,
    name: &str,
    variants: &[VariantReason],
) -> String {
    if vary.holds(best, name) {
        return format!("`{name}` is in the loadout");
    }
    if let Some(with) = with {
        let models = match best.items.len() {
            1 => "one model".to_owned(),
            n => format!("{n} models"),
        };
        return format!(
            "it fits, and the best loadout of {models} with it scores {:.4}, {:.4} less than the answer",
            with.objective,
            best.objective - with.objective
        );
    }
    let any = |kind: &str| variants.iter().any(|v| v.kind == kind);
    if variants.is_empty() {
        format!("`{name}` can be loaded alone, but no loadout with it meets the request")
    } else if any("floor") {
        "it can be loaded, but what can be is below a floor, so no loadout with it meets the request"
            .to_owned()
    } else if any("memory") {
        "it can't be loaded here: it is too large".to_owned()
    } else {
        "it is no candidate here".to_owned()
    }
}

/// The variants that are no candidates: those below a floor first, then those that memory lacks
/// least for.
fn rejected(vary: &Variations<'_>, name: &str) -> Vec<VariantReason> {
    let pool = candidates::pool(vary.setting);
    let about = |variant: &str| variant == name || variant.split('/').next() == Some(name);
    let mut found: Vec<_> = pool
        .rejections
        .into_iter()
        .filter(|r| about(&r.variant))
        .collect();
    let rank = |r: &Rejection| (r.kind != RejectionKind::Floor, r.kind, r.excess);
    found.sort_by_key(rank);
    let reasons = found.into_iter().map(|r| VariantReason {
        variant: r.variant,
        kind: r.kind.id().to_owned(),
        reason: r.reason,
    });
    reasons.collect()
}

/// The parts of each task's score: of what serves it in the answer, and of the model asked about.
fn parts(vary: &Variations<'_>, best: &Answer, with: &Answer, name: &str) -> Vec<SideBySide> {
    let request = vary.setting.request;
    let mut rows = Vec::new();
    for (t, (task, _)) in request.tasks.iter().enumerate() {
        let score = |c: &&Candidate<'_>| c.scores[t].unwrap_or(0.0);
        let of = |items: &[usize], keep: &dyn Fn(&Candidate<'_>) -> bool| {
            let members = items.iter().map(|&i| vary.candidate(i)).filter(|c| keep(c));
            members.max_by(|a, b| score(a).total_cmp(&score(b)))
        };
        let chosen = of(&best.items, &|_| true);
        let other = of(&with.items, &|c| c.is_called(name));
        let (Some(chosen), Some(other)) = (chosen, other) else {
            continue;
        };
        let (ours, theirs) = (chosen.score(task), other.score(task));
        rows.extend(
            ours.parts
                .iter()
                .zip(&theirs.parts)
                .map(|(a, b)| SideBySide {
                    task: task.id.clone(),
                    utility: a.utility.id().to_owned(),
                    weight: a.weight,
                    chosen: chosen.name(),
                    chosen_contribution: a.contribution,
                    other: other.name(),
                    other_contribution: b.contribution,
                }),
        );
    }
    rows
}

fn flips(vary: &Variations<'_>, name: &str) -> Vec<Flip> {
    let request = vary.setting.request;
    let mut flips = Vec::new();
    for (t, (task, _)) in request.tasks.iter().enumerate() {
        for utility in Utility::ALL {
            let weight = task.weights.of(utility);
            if weight >= 1.0 {
                continue;
            }
            let change = |value| Change {
                weight: Some((t, utility, value)),
                ..Change::default()
            };
            let what = format!("the weight of {} in `{}`", utility.id(), task.id);
            flips.extend(weight_flip(vary, name, ("weight", &what), weight, &change));
        }
    }
    if request.tasks.len() > 1 {
        for (t, share) in request.shares().into_iter().enumerate() {
            let change = |value| Change {
                share: Some((t, value)),
                ..Change::default()
            };
            let what = format!("the share of `{}`", request.tasks[t].0.id);
            flips.extend(weight_flip(vary, name, ("share", &what), share, &change));
        }
    }
    flips.extend(speed_flip(vary, name));
    flips.extend(size_flip(vary, name));
    flips.extend(room_flip(vary, name));
    flips
}

/// The nearest weight, on either side, at which the model is in the answer.
fn weight_flip(
    vary: &Variations<'_>,
    name: &str,
    (kind, what): (&str, &str),
    weight: f64,
    change: &dyn Fn(f64) -> Change,
) -> Option<Flip> {
    let holds = |value: f64| {
        let answer = vary.solve(&change(value));
        answer.is_some_and(|a| vary.holds(&a, name))
    };
    let nearest = |end: f64| {
        let place = |n: u32| weight + (end - weight) * f64::from(n) / f64::from(PLACES);
        let n = (1..=PLACES).find(|&n| holds(place(n)))?;
        Some(edge(place(n), place(n - 1), WEIGHT_STEP, holds).0)
    };
    let both = [nearest(0.0), nearest(1.0)].into_iter().flatten();
    let to = both.min_by(|a, b| (a - weight).abs().total_cmp(&(b - weight).abs()))?;
    let answer = vary.solve(&change(to))?;
    Some(Flip {
        kind: kind.to_owned(),
        text: format!("{what} at {to:.3} instead of {weight:.3}, the others in proportion"),
        from: Some(weight),
        to,
        loadout: vary.names(&answer),
    })
}

/// The variants of the model, each once.
fn variants<'v, 'a>(vary: &'v Variations<'a>, name: &str) -> Vec<&'v Candidate<'a>> {
    let mut found: Vec<&Candidate<'a>> = Vec::new();
    for c in vary.pool.candidates.iter().filter(|c| c.is_called(name)) {
        if found
            .last()
            .is_none_or(|l| l.variant_number != c.variant_number)
        {
            found.push(c);
        }
    }
    found
}

/// The least speed of one of its variants that brings it in.
fn speed_flip(vary: &Variations<'_>, name: &str) -> Option<Flip> {
    let flips = variants(vary, name).into_iter().filter_map(|c| {
        let now = c.speed.as_deref().map(Speed::deciding);
        let at = |speed: f64| {
            vary.solve(&Change {
                speed: Some((c.variant_number, speed)),
                ..Change::default()
            })
        };
        let holds = |speed: f64| at(speed).is_some_and(|a| vary.holds(&a, &c.name()));
        if !holds(FASTEST) {
            return None;
        }
        let (to, _) = edge(FASTEST, now.unwrap_or(0.0), SPEED_STEP, holds);
        let from = now.map_or_else(|| "an unknown speed".to_owned(), |s| format!("{s:.1}"));
        Some(Flip {
            kind: "speed".to_owned(),
            text: format!("{} at {to:.1} t/s instead of {from}", c.name()),
            from: now,
            to,
            loadout: vary.names(&at(to)?),
        })
    });
    flips.min_by(|a, b| a.to.total_cmp(&b.to))
}

/// How small it would have to be.
fn size_flip(vary: &Variations<'_>, name: &str) -> Option<Flip> {
    let at = |factor: f64| {
        vary.solve(&Change {
            size: Some((name.to_owned(), factor)),
            ..Change::default()
        })
    };
    let holds = |factor: f64| at(factor).is_some_and(|a| vary.holds(&a, name));
    let smallest = SIZE_STEP;
    if !holds(smallest) {
        return None;
    }
    let (to, _) = edge(smallest, 1.0, SIZE_STEP, holds);
    Some(Flip {
        kind: "size".to_owned(),
        text: format!(
            "`{name}` in {:.1} % of the memory that it takes",
            to * 100.0
        ),
        from: Some(1.0),
        to,
        loadout: vary.names(&at(to)?),
    })
}

/// How much more memory both limits would have to leave, in GiB.
fn room_flip(vary: &Variations<'_>, name: &str) -> Option<Flip> {
    let at = |gib: f64| {
        vary.solve(&Change {
            room: Bytes::from_gib(1).share(gib),
            ..Change::default()
        })
    };
    let holds = |gib: f64| at(gib).is_some_and(|a| vary.holds(&a, name));
    if !holds(MOST_ROOM_GIB) {
        return None;
    }
    let (to, _) = edge(MOST_ROOM_GIB, 0.0, 0.1, holds);
    Some(Flip {
        kind: "room".to_owned(),
        text: format!("{to:.1} GiB more under both limits"),
        from: Some(0.0),
        to,
        loadout: vary.names(&at(to)?),
    })
}

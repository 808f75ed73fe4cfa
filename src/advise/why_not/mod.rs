//! Why a model does not serve a task of an answer, and which single change would make it.
//!
//! It is compared where it serves: a model that idles beside the answer in its smallest file says
//! nothing about it.

mod document;
mod flips;

pub use document::{Flip, FlipKind, ForTask, SideBySide, Standing, WhyNot};

use crate::advise::unfinished::{Unfinished, in_time};
use crate::plan::document::Member;
use crate::plan::refusal::{Rejected, RejectionKind};
use crate::plan::request::Request;
use crate::scenario::change::OnChoice;
use crate::scenario::error::RecommendError;
use crate::scenario::refusal::Rejection;
use crate::scenario::{Answer, Candidate, Change, Prepared, turn_times};
use crate::solve::Deadline;

type Tried<T> = Result<T, RecommendError>;

/// Answers for one model or variant.
pub(super) fn answer(
    vary: &Prepared<'_>,
    now: &Answer,
    name: &str,
    deadline: Deadline<'_>,
    unfinished: &mut Vec<Unfinished>,
) -> Tried<WhyNot> {
    let serves = now.is_served_by(name);
    let with = match serves {
        true => Some(now.clone()),
        false => vary.under(
            &[Change::Choice(OnChoice::Serve(name.to_owned()))],
            deadline,
        )?,
    };
    let variants = match with {
        Some(_) => Vec::new(),
        None => rejected(vary, name),
    };
    let tasks = tasks(vary, now, name);
    let flips = match serves {
        true => Some(Vec::new()),
        false => in_time(
            flips::all(vary, name, deadline),
            unfinished,
            Unfinished::Flips,
        )?,
    };
    Ok(WhyNot {
        model: name.to_owned(),
        standing: standing(now, with.as_ref(), name, &tasks, &variants),
        variants,
        tasks,
        best_with_objective: with.as_ref().map(|a| a.score()),
        best_with: with.map_or_else(Vec::new, |a| a.members),
        flips: flips.unwrap_or_default(),
    })
}

fn standing(
    now: &Answer,
    with: Option<&Answer>,
    name: &str,
    tasks: &[ForTask],
    variants: &[Rejected],
) -> Standing {
    let any = |kind: RejectionKind| variants.iter().any(|v| v.kind == kind);
    if now.is_served_by(name) {
        Standing::Serves
    } else if now.holds(name) {
        Standing::Idles
    } else if let Some(with) = with {
        Standing::WorthLess {
            difference: with.score() - now.score(),
        }
    } else if tasks.iter().any(|t| t.other_fits) {
        Standing::NoLoadout
    } else if any(RejectionKind::Floor) {
        Standing::OnlyIdle
    } else if any(RejectionKind::Memory) {
        Standing::TooLarge
    } else {
        Standing::NoCandidate
    }
}

/// The variants that are no candidates: those below a floor first, then those that memory lacks
/// least for.
fn rejected(vary: &Prepared<'_>, name: &str) -> Vec<Rejected> {
    let about = |variant: &str| variant == name || variant.split('/').next() == Some(name);
    let rejections = vary.pool.rejections.iter();
    let mut found: Vec<&Rejection> = rejections.filter(|r| about(&r.variant)).collect();
    let rank = |r: &&Rejection| (r.why.kind() != RejectionKind::Floor, r.why.kind(), r.excess);
    found.sort_by_key(rank);
    found.into_iter().map(Rejection::document).collect()
}

/// Its best candidate for each task beside what serves it: of those that fit where any does.
fn tasks(vary: &Prepared<'_>, now: &Answer, name: &str) -> Vec<ForTask> {
    let request = &vary.scenario.request;
    let fits = |c: &Candidate<'_>| vary.limits.holds(c.demand);
    let ladders = vary.pool.ladders.iter();
    let named: Vec<_> = ladders.filter(|l| l.base().is_called(name)).collect();
    let mut rows = Vec::new();
    for (t, ((task, _), &server)) in request.tasks.iter().zip(&now.servers).enumerate() {
        let scored = named.iter().filter_map(|l| {
            let fitting = l.best(t, |demand| vary.limits.holds(demand));
            fitting.or_else(|| l.best(t, |_| true))
        });
        let scored = scored.filter_map(|c| Some((c.scores[t]?, c)));
        let best = scored.max_by(|(x, a), (y, b)| {
            let by_memory = || b.demand.total.cmp(&a.demand.total);
            fits(a)
                .cmp(&fits(b))
                .then(x.total_cmp(y))
                .then_with(by_memory)
        });
        let Some((other_score, other)) = best else {
            continue;
        };
        let chosen = vary.pool.candidate(server);
        let (ours, theirs) = (chosen.score(t, task), other.score(t, task));
        let parts = ours.parts.iter().zip(&theirs.parts);
        rows.push(ForTask {
            task: task.id.clone(),
            chosen: member(request, &chosen, &task.id),
            chosen_score: ours.total,
            other: member(request, &other, &task.id),
            other_score,
            other_fits: fits(&other),
            other_unreported: other.reliability.unreported,
            parts: parts
                .map(|(a, b)| SideBySide {
                    utility: a.utility,
                    weight: a.weight,
                    chosen_contribution: a.contribution,
                    other_contribution: b.contribution,
                })
                .collect(),
        });
    }
    rows
}

fn member(request: &Request, c: &Candidate<'_>, task: &str) -> Member {
    Member {
        variant: c.name(),
        name: Some(c.title()),
        context: c.settings.context,
        tasks: vec![task.to_owned()],
        decode_tokens_per_second: c.speed.as_ref().map(|s| s.value()),
        basis: c.speed.as_ref().map(|s| s.basis()),
        turns: turn_times(request, c, |id| id == task),
    }
}

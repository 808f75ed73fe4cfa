//! How far predicted speeds may move before the answer changes.

use crate::advise::breakpoints::{SPEED_STEP, halved};
use crate::advise::explain::document::SpeedAnswer;
use crate::scenario::change::OnFigures;
use crate::scenario::error::RecommendError;
use crate::scenario::span::Span;
use crate::scenario::{Answer, Candidate, Change, Ladder, Prepared};
use crate::solve::Deadline;
use crate::speed::{Expected, Figure};

type Tried<T> = Result<T, RecommendError>;

/// What predicted speeds could change: of the loadout's models at any speed below, of the others
/// anywhere up to the high end of their range.
pub(super) fn all(
    vary: &Prepared<'_>,
    answer: &Answer,
    deadline: Deadline<'_>,
) -> Tried<Vec<SpeedAnswer>> {
    let predicted = predicted(vary);
    let others: Vec<usize> = predicted.iter().map(|(c, _)| c.variant_number).collect();
    let may_change = that_may_change(vary, answer, others, deadline)?;
    let mut told = Vec::new();
    for (c, p) in predicted {
        if answer.holds(&c.name()) || may_change.contains(&c.variant_number) {
            told.extend(speed(vary, answer, (c, p), deadline)?);
        }
    }
    told.sort_by_key(|s| !s.in_loadout);
    Ok(told)
}

/// Every variant whose speed is predicted, at its shortest context.
fn predicted<'v, 's>(vary: &'v Prepared<'s>) -> Vec<(&'v Candidate<'s>, &'v Expected)> {
    let variants = vary.pool.ladders.iter().map(Ladder::base);
    let predicted = variants.filter_map(|c| match c.speed.as_deref() {
        Some(Figure::Predicted(p)) => Some((c, p)),
        _ => None,
    });
    predicted.collect()
}

/// Those of the variants that the answer may change with at the high end of their range.
///
/// Many are raised at once. None scores less then than when it is raised alone, and a set that
/// holds none of them scores what it did: so if that set is still the best, no single one of them
/// changes the answer.
fn that_may_change(
    vary: &Prepared<'_>,
    now: &Answer,
    variants: Vec<usize>,
    deadline: Deadline<'_>,
) -> Tried<Vec<usize>> {
    let chosen = |v: &usize| {
        let mut items = now.items.iter();
        items.any(|&i| vary.pool.base(i).variant_number == *v)
    };
    let (mut found, others): (Vec<usize>, Vec<usize>) = variants.into_iter().partition(chosen);
    let mut open = vec![others];
    while let Some(group) = open.pop() {
        if group.is_empty() || raised(vary, &group, deadline)?.as_ref() == Some(now) {
            continue;
        }
        match group[..] {
            [one] => found.push(one),
            _ => open.extend(group.chunks(group.len().div_ceil(2)).map(<[usize]>::to_vec)),
        }
    }
    Ok(found)
}

/// The best answer where each of these variants scores by the better of its speed and its high end.
fn raised(
    vary: &Prepared<'_>,
    variants: &[usize],
    deadline: Deadline<'_>,
) -> Tried<Option<Answer>> {
    let mut there = vary.scenario.clone();
    let all = vary.pool.ladders.iter().map(Ladder::base);
    let raised = all.filter(|c| variants.contains(&c.variant_number));
    let speeds = raised.filter_map(|c| match c.speed.as_deref() {
        Some(Figure::Predicted(p)) => Some((c.name(), p.high)),
        _ => None,
    });
    there.assumed.speeds.extend(speeds);
    there.assumed.speeds.dedup();
    let (known, raised) = (vary.question(), vary.question_of(&there));
    let better = |span: Span| {
        let mut item = (raised.price)(span);
        for (score, known) in item.scores.iter_mut().zip((known.price)(span).scores) {
            *score = (*score).max(known);
        }
        item
    };
    let mut question = vary.question_of(&there);
    question.price = Box::new(better);
    vary.best_of(&question, deadline)
}

/// Where another speed of one variant changes the answer; none where that of a variant outside the
/// loadout does not.
fn speed(
    vary: &Prepared<'_>,
    now: &Answer,
    (c, p): (&Candidate<'_>, &Expected),
    deadline: Deadline<'_>,
) -> Tried<Option<SpeedAnswer>> {
    let at = |speed: f64| -> Tried<Vec<String>> {
        let change = Change::Figures(OnFigures::Speed {
            variant: c.name(),
            tokens_per_second: speed,
        });
        let answer = vary.under(&[change], deadline)?;
        Ok(answer.map_or_else(Vec::new, |a| a.names()))
    };
    let names = now.names();
    let in_loadout = now.holds(&c.name());
    let end = if in_loadout { 0.0 } else { p.high };
    let there = at(end)?;
    let keeps = |speed| Ok(at(speed)? == names);
    let (changes_at, loadout) = if there == names {
        if !in_loadout {
            return Ok(None);
        }
        (None, there)
    } else {
        // What does not run does not change the answer; a run of what is chosen at the predicted
        // speed hardly does.
        let start = if in_loadout { p.value } else { 0.0 };
        let changed = if keeps(start)? {
            halved(start, end, SPEED_STEP, keeps)?.1
        } else {
            start
        };
        (Some(changed), at(changed)?)
    };
    Ok(Some(SpeedAnswer {
        variant: c.name(),
        in_loadout,
        low: p.low,
        expected: p.value,
        high: p.high,
        changes_at_tokens_per_second: changes_at,
        loadout,
    }))
}

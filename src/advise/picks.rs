//! Three loadouts to pick from: the best, the fastest and the smallest of nearly its quality.
//!
//! Faster and smaller are proven by solving: the same candidates, limits and pins, with other
//! scores. A candidate may serve a task only where its quality is within a twentieth of that of the
//! best loadout's server, and where somebody published a score of its model if of that one.

use crate::advise::loadouts::{Loadout, quality};
use crate::plan::document::{KEPT, Pick, PickKind};
use crate::scenario::error::RecommendError;
use crate::scenario::prepared::Instead;
use crate::scenario::problem::Question;
use crate::scenario::ways::Weighed;
use crate::scenario::{Candidate, Prepared};
use crate::solve::{Deadline, Solution};

/// Seconds are counted in steps of this.
const STEP: f64 = 0.001;
/// Turns are no longer than this, in steps: 12 days.
const LONGEST: i64 = 1 << 30;

/// Best, faster and smaller, always in this order; none where nothing fits.
///
/// # Errors
/// When the solver fails.
pub(super) fn picks(
    prepared: &Prepared<'_>,
    best: &Solution,
    deadline: Deadline<'_>,
) -> Result<Vec<Pick>, RecommendError> {
    let faster = faster(prepared, best, deadline)?;
    let smaller = smaller(prepared, best, deadline)?;
    let own = Loadout::of(prepared, &best.items, &best.servers);
    let own: Set = (best.items.clone(), best.servers.clone(), own.ways);
    let found = [
        (PickKind::Best, Some(own.clone())),
        (PickKind::Faster, faster),
        (PickKind::Smaller, smaller),
    ];
    let mut picks: Vec<Pick> = Vec::new();
    for (kind, found) in found {
        let proven = match kind {
            PickKind::Best => best.proven,
            _ => found.is_some(),
        };
        let set = found.as_ref().unwrap_or(&own);
        let mut loadout = of_set(prepared, set);
        // The high ends decide: what is expected may be the other way round.
        let expected = picks.first().and_then(|p| p.expected_seconds_per_turn);
        if kind == PickKind::Faster && loadout.expected_seconds() >= expected {
            loadout = of_set(prepared, &own);
        }
        let chosen = loadout.chosen();
        let same = picks.iter().find(|p| p.loadout == chosen);
        picks.push(Pick {
            kind,
            totals: loadout.totals(),
            quality: loadout.quality(),
            seconds_per_turn: loadout.seconds(),
            expected_seconds_per_turn: loadout.expected_seconds(),
            objective: loadout.score().unwrap_or(0.0),
            same_as: same.map(|p| p.kind),
            loadout: chosen,
            proven,
        });
    }
    Ok(picks)
}

/// Items and servers.
type Served = (Vec<usize>, Vec<usize>);

/// The same, and how each server is asked.
type Set = (Vec<usize>, Vec<usize>, Vec<usize>);

fn of_set<'p, 's>(prepared: &'p Prepared<'s>, (items, servers, ways): &'p Set) -> Loadout<'p, 's> {
    Loadout {
        ways: ways.clone(),
        ..Loadout::of(prepared, items, servers)
    }
}

/// The shortest turns; of the variants that have them, the contexts of the highest score.
fn faster(
    prepared: &Prepared<'_>,
    best: &Solution,
    deadline: Deadline<'_>,
) -> Result<Option<Set>, RecommendError> {
    let kept = kept(prepared, best);
    let shares = prepared.scenario.request.shares();
    if (0..shares.len()).any(|t| server(prepared, best, t).turn(t).is_none()) {
        return Ok(None);
    }
    let quickest = |c: &Candidate<'_>, t: usize| {
        let keeping = keeping(prepared, c, t, kept[t]).into_iter();
        let timed = keeping.filter_map(|w| Some((w.number, w.seconds?)));
        timed.min_by(|(_, a), (_, b)| a.total_cmp(b))
    };
    let worth = |c: &Candidate<'_>, t: usize| {
        let (_, seconds) = quickest(c, t)?;
        Some(LONGEST - steps(seconds * shares[t]).min(LONGEST))
    };
    let mut quick = prepared.rescored(|c, t| worth(c, t).map_or(Instead::Nothing, Instead::Steps));
    let own = (0..shares.len()).map(|t| worth(server(prepared, best, t), t));
    quick.known = own.sum();
    let Some((_, servers)) = solved(prepared, &quick, deadline)? else {
        return Ok(None);
    };
    let variant = |i: usize| prepared.pool.base(i).variant_number;
    let roomy = prepared.rescored(|c, t| match c.variant_number == variant(servers[t]) {
        true => Instead::Own,
        false => Instead::Nothing,
    });
    let roomy = solved(prepared, &roomy, deadline)?;
    Ok(roomy.map(|set| {
        asked(prepared, set, |c, t| {
            quickest(c, t).map(|(number, _)| number)
        })
    }))
}

/// The least memory.
fn smaller(
    prepared: &Prepared<'_>,
    best: &Solution,
    deadline: Deadline<'_>,
) -> Result<Option<Set>, RecommendError> {
    let kept = kept(prepared, best);
    // Of equal scores the solver takes the least memory.
    let small = prepared.rescored(|c, t| match keeping(prepared, c, t, kept[t]).is_empty() {
        true => Instead::Nothing,
        false => Instead::Steps(0),
    });
    let small = solved(prepared, &small, deadline)?;
    let best_kept = |c: &Candidate<'_>, t: usize| {
        let keeping = keeping(prepared, c, t, kept[t]).into_iter();
        let best = keeping.max_by(|a, b| a.score.total_cmp(&b.score));
        best.map(|w| w.number)
    };
    Ok(small.map(|set| asked(prepared, set, best_kept)))
}

/// A set whose servers are asked so.
fn asked(
    prepared: &Prepared<'_>,
    (items, servers): Served,
    way: impl Fn(&Candidate<'_>, usize) -> Option<usize>,
) -> Set {
    let way = |(t, &i): (usize, &usize)| {
        let c = prepared.pool.base(i);
        way(c, t).unwrap_or(c.chosen[t])
    };
    let ways = servers.iter().enumerate().map(way).collect();
    (items, servers, ways)
}

fn server<'p, 's>(prepared: &'p Prepared<'s>, best: &Solution, task: usize) -> &'p Candidate<'s> {
    prepared.pool.base(best.servers[task])
}

/// What another server of a task keeps.
#[derive(Debug, Clone, Copy)]
struct Kept {
    /// Points at least; none where the best loadout's are not known.
    least: Option<f64>,
    /// Somebody published a score of its model.
    scored: bool,
}

/// What is kept of each task.
fn kept(prepared: &Prepared<'_>, best: &Solution) -> Vec<Kept> {
    let of = |t: usize| {
        let server = server(prepared, best, t);
        Kept {
            least: quality(prepared, server, t).map(|points| KEPT * points),
            scored: server.scored(t),
        }
    };
    (0..best.servers.len()).map(of).collect()
}

/// The ways to ask a candidate for a task that keep so much.
fn keeping(prepared: &Prepared<'_>, c: &Candidate<'_>, task: usize, kept: Kept) -> Vec<Weighed> {
    if kept.scored && !c.scored(task) {
        return Vec::new();
    }
    let enough = |w: &Weighed| {
        kept.least
            .is_none_or(|least| w.quality.is_some_and(|points| points >= least))
    };
    let mut ways = c.ways_of(&prepared.scenario.request, task);
    ways.retain(enough);
    ways
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "days in milliseconds stay far below 2^63"
)]
fn steps(seconds: f64) -> i64 {
    (seconds / STEP).round() as i64
}

/// The proven best; none where the deadline came first.
fn solved(
    prepared: &Prepared<'_>,
    question: &Question<'_>,
    deadline: Deadline<'_>,
) -> Result<Option<Served>, RecommendError> {
    match prepared.best_of(question, deadline) {
        Ok(answer) => Ok(answer.map(|a| (a.items, a.servers))),
        Err(RecommendError::OutOfTime) => Ok(None),
        Err(other) => Err(other),
    }
}

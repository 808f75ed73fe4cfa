//! The best division of all: columns solved as they are needed, and tasks that nodes would share
//! with different variants taken apart, the best first.

use std::cmp::Reverse;
use std::rc::Rc;

use super::ask::{Ask, Column, Columns, Solved};
use super::bounds::Bounds;
use super::divide::{Divided, divide};
use super::role::{Role, Sharing};

/// The best division that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Division<T> {
    /// Which of the asks it is of.
    pub ask: usize,
    /// For each node what it does; none where no division serves all.
    pub nodes: Option<Vec<Placed<T>>>,
    /// What no division can exceed, in steps; none where there is none.
    pub bound: Option<i64>,
    /// Whether nothing is better.
    pub proven: bool,
    /// How many solves of single nodes it took.
    pub columns: usize,
}

/// What a node does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed<T> {
    /// For each task.
    pub roles: Vec<Role>,
    /// What it keeps loaded for that; none where it does nothing.
    pub column: Option<Column<T>>,
}

/// A division that nothing under its sharing is better than, and the ask that it is of.
struct Open {
    ask: usize,
    best: Divided,
    sharing: Vec<Sharing>,
}

/// Divides the tasks among the nodes of one of these asks, which differ in their nodes alone: of
/// divisions that are worth the same that with the most nodes is the best.
#[must_use]
pub fn place<C: Columns>(asks: &[Ask], columns: &C) -> Division<C::Set> {
    let bounds = Bounds::new(columns);
    let settled_now = |ask: usize, sharing: Vec<Sharing>| {
        let best = settled(&asks[ask], &bounds, &sharing)?;
        Some(Open { ask, best, sharing })
    };
    let free = |ask: &Ask| vec![Sharing::default(); ask.tasks()];
    let all = asks.iter().enumerate();
    let mut open: Vec<Open> = all.filter_map(|(n, a)| settled_now(n, free(a))).collect();
    let bound = open.iter().map(|o| o.best.rank.0.0).max();
    while let Some(Open { ask, best, sharing }) = take_best(&mut open, asks) {
        let nodes = placed(&asks[ask], &bounds, &best, &sharing);
        match differing(&asks[ask], &nodes) {
            Some((task, variant)) if !bounds.columns().out_of_time() => {
                let with = |one: Sharing| {
                    let mut sharing = sharing.clone();
                    sharing[task] = one;
                    sharing
                };
                open.extend(settled_now(ask, with(sharing[task].with_only(variant))));
                open.extend(settled_now(ask, with(sharing[task].without(variant))));
            }
            Some(_) => return unshared(asks, &bounds, bound),
            None => return whole(ask, nodes, &bounds, best.rank.0.0),
        }
    }
    match bounds.columns().out_of_time() {
        true => unshared(asks, &bounds, bound),
        false => Division {
            ask: 0,
            nodes: None,
            bound: None,
            proven: true,
            columns: bounds.count(),
        },
    }
}

/// The best division under some sharing, all of its columns solved.
fn settled<C: Columns>(ask: &Ask, bounds: &Bounds<'_, C>, sharing: &[Sharing]) -> Option<Divided> {
    loop {
        let best = divide(ask, bounds, sharing)?;
        if best.solved {
            return Some(best);
        }
        for (&kind, roles) in ask.nodes.iter().zip(&best.roles) {
            if roles.iter().any(|role| role.is_any()) {
                bounds.solve(kind, roles, sharing);
            }
        }
    }
}

/// The best of those that are open: of equal worth that with the most units, in which the fewest nodes
/// keep something together.
fn take_best(open: &mut Vec<Open>, asks: &[Ask]) -> Option<Open> {
    let rank = |o: &Open| (o.best.rank.0, Reverse(asks[o.ask].nodes.len()));
    let all = open.iter().enumerate();
    let (best, _) = all.min_by(|(_, a), (_, b)| {
        let first = rank(a).cmp(&rank(b));
        first.then_with(|| (&a.best.rank, a.ask).cmp(&(&b.best.rank, b.ask)))
    })?;
    Some(open.swap_remove(best))
}

/// The roles of a node, and its column where it has any.
type OfNode<T> = (Vec<Role>, Option<Rc<Solved<T>>>);

fn placed<C: Columns>(
    ask: &Ask,
    bounds: &Bounds<'_, C>,
    best: &Divided,
    sharing: &[Sharing],
) -> Vec<OfNode<C::Set>> {
    let nodes = ask.nodes.iter().zip(&best.roles);
    nodes
        .map(|(&kind, roles)| {
            let any = roles.iter().any(|role| role.is_any());
            let solved = any.then(|| bounds.solve(kind, roles, sharing));
            (roles.clone(), solved)
        })
        .collect()
}

/// A task that nodes share with different variants, and one of these.
fn differing<T>(ask: &Ask, nodes: &[OfNode<T>]) -> Option<(usize, usize)> {
    (0..ask.tasks()).find_map(|t| {
        let sharing = nodes.iter().filter(|(roles, _)| roles[t].is_shared());
        let variants = sharing.filter_map(|(_, solved)| {
            let column = solved.as_ref()?.column.as_ref()?;
            Some(column.variants[t])
        });
        let variants: Vec<usize> = variants.collect();
        let first = *variants.first()?;
        variants.iter().any(|v| *v != first).then_some((t, first))
    })
}

/// The best division of the first ask in which no task is shared: what there is where the time is
/// over.
fn unshared<C: Columns>(
    asks: &[Ask],
    bounds: &Bounds<'_, C>,
    bound: Option<i64>,
) -> Division<C::Set> {
    let found = asks.first().and_then(|ask| {
        let alone = Ask {
            shares: vec![vec![1]; ask.tasks()],
            ..ask.clone()
        };
        let free = vec![Sharing::default(); ask.tasks()];
        let best = settled(&alone, bounds, &free)?;
        Some(placed(&alone, bounds, &best, &free))
    });
    match found {
        Some(nodes) => Division {
            bound,
            proven: false,
            ..whole(0, nodes, bounds, bound.unwrap_or(0))
        },
        None => Division {
            ask: 0,
            nodes: None,
            bound,
            proven: false,
            columns: bounds.count(),
        },
    }
}

fn whole<C: Columns>(
    ask: usize,
    nodes: Vec<OfNode<C::Set>>,
    bounds: &Bounds<'_, C>,
    bound: i64,
) -> Division<C::Set> {
    let all_proven = nodes
        .iter()
        .all(|(_, solved)| solved.as_ref().is_none_or(|s| s.is_proven()));
    let nodes = nodes.into_iter().map(|(roles, solved)| Placed {
        roles,
        column: solved.and_then(|s| s.column.clone()),
    });
    Division {
        ask,
        nodes: Some(nodes.collect()),
        bound: Some(bound),
        proven: all_proven && !bounds.columns().out_of_time(),
        columns: bounds.count(),
    }
}

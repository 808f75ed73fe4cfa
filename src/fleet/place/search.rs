//! The best division of all: columns solved as they are needed, and tasks that nodes would share
//! with different variants taken apart, the best first.

use std::rc::Rc;

use super::ask::{Ask, Column, Columns, Solved};
use super::bounds::Bounds;
use super::divide::{Divided, divide};
use super::role::{Role, Sharing};

/// The best division that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Division<T> {
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

/// Divides the tasks among the nodes.
#[must_use]
pub fn place<C: Columns>(ask: &Ask, columns: &C) -> Division<C::Set> {
    let bounds = Bounds::new(columns);
    let free = vec![Sharing::default(); ask.tasks()];
    let mut open: Vec<(Divided, Vec<Sharing>)> = Vec::new();
    let settled_now = |sharing: Vec<Sharing>| Some((settled(ask, &bounds, &sharing)?, sharing));
    open.extend(settled_now(free));
    let bound = open.first().map(|(best, _)| best.rank.0.0);
    while let Some((best, sharing)) = take_best(&mut open) {
        let nodes = placed(ask, &bounds, &best, &sharing);
        match differing(ask, &nodes) {
            Some((task, variant)) if !bounds.columns().out_of_time() => {
                let with = |one: Sharing| {
                    let mut sharing = sharing.clone();
                    sharing[task] = one;
                    sharing
                };
                open.extend(settled_now(with(sharing[task].with_only(variant))));
                open.extend(settled_now(with(sharing[task].without(variant))));
            }
            Some(_) => return unshared(ask, &bounds, bound),
            None => return whole(nodes, &bounds, best.rank.0.0),
        }
    }
    match bounds.columns().out_of_time() {
        true => unshared(ask, &bounds, bound),
        false => Division {
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

fn take_best(open: &mut Vec<(Divided, Vec<Sharing>)>) -> Option<(Divided, Vec<Sharing>)> {
    let all = open.iter().enumerate();
    let (best, _) = all.min_by(|(_, (a, _)), (_, (b, _))| a.rank.cmp(&b.rank))?;
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

/// The best division in which no task is shared: what there is where the time is over.
fn unshared<C: Columns>(ask: &Ask, bounds: &Bounds<'_, C>, bound: Option<i64>) -> Division<C::Set> {
    let alone = Ask {
        shares: vec![vec![1]; ask.tasks()],
        ..ask.clone()
    };
    let free = vec![Sharing::default(); ask.tasks()];
    let nodes = settled(&alone, bounds, &free).map(|best| placed(&alone, bounds, &best, &free));
    match nodes {
        Some(nodes) => Division {
            bound,
            proven: false,
            ..whole(nodes, bounds, bound.unwrap_or(0))
        },
        None => Division {
            nodes: None,
            bound,
            proven: false,
            columns: bounds.count(),
        },
    }
}

fn whole<C: Columns>(
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
        nodes: Some(nodes.collect()),
        bound: Some(bound),
        proven: all_proven && !bounds.columns().out_of_time(),
        columns: bounds.count(),
    }
}

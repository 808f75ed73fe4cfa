//! Which nodes may keep a model together, and all ways to make units of a fleet's nodes.

use std::collections::BTreeSet;

use super::rules::MOST_NODES;

/// Ways to make units of a fleet that are tried at most.
pub const MOST_WAYS: usize = 10_000;

/// The sets of nodes, by their numbers, of which one is joined to all others, small ones first.
/// `joined` tells of two.
#[must_use]
pub fn groups(nodes: usize, joined: impl Fn(usize, usize) -> bool) -> Vec<Vec<usize>> {
    let mut sets: Vec<Vec<usize>> = (0..nodes).map(|n| vec![n]).collect();
    let mut all = Vec::new();
    for _ in 1..MOST_NODES {
        let larger = |set: &Vec<usize>| {
            let last = set.last().map_or(0, |n| n + 1);
            let with = |n| set.iter().copied().chain([n]).collect::<Vec<_>>();
            (last..nodes).map(with).collect::<Vec<_>>()
        };
        sets = sets.iter().flat_map(larger).collect();
        let may = |set: &&Vec<usize>| set.iter().any(|&head| is_head(head, set, &joined));
        all.extend(sets.iter().filter(may).cloned());
    }
    all
}

/// Whether a node is joined to all others of a set.
pub fn is_head(head: usize, set: &[usize], joined: impl Fn(usize, usize) -> bool) -> bool {
    set.iter().all(|&n| n == head || joined(head, n))
}

/// A way to make units of all nodes: each stands alone or is in a group, by the numbers of those.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grouping {
    /// Nodes that stand alone.
    pub alone: Vec<usize>,
    /// Groups.
    pub groups: Vec<usize>,
}

/// All ways to make units of the nodes with these groups, that without any first; of ways whose units are of the same kinds the first. Whether there are more than are told.
#[must_use]
pub fn groupings(
    kind_of_node: &[usize],
    groups: &[Vec<usize>],
    kind_of_group: &[usize],
) -> (Vec<Grouping>, bool) {
    let mut ways = Vec::new();
    let mut seen = BTreeSet::new();
    let mut open = vec![(Grouping::default(), 0)];
    let mut tried = 0;
    // Each with all groups after the last one, so that each set of groups comes once.
    while let Some((way, from)) = open.pop() {
        tried += 1;
        if tried > MOST_WAYS {
            break;
        }
        let taken = |n: usize| way.groups.iter().any(|&g| groups[g].contains(&n));
        let alone: Vec<usize> = (0..kind_of_node.len()).filter(|&n| !taken(n)).collect();
        let mut kinds: Vec<usize> = alone.iter().map(|&n| kind_of_node[n]).collect();
        kinds.extend(way.groups.iter().map(|&g| kind_of_group[g]));
        kinds.sort_unstable();
        for g in (from..groups.len()).rev() {
            if groups[g].iter().all(|n| alone.contains(n)) {
                let with = way.groups.iter().copied().chain([g]).collect();
                let with = Grouping {
                    alone: Vec::new(),
                    groups: with,
                };
                open.push((with, g + 1));
            }
        }
        if seen.insert(kinds) {
            ways.push(Grouping { alone, ..way });
        }
    }
    (ways, tried > MOST_WAYS)
}

//! Sets of nodes that keep a model together, and all ways to make such units of a fleet.

use std::cell::OnceCell;

use super::given::{Given, Sign};
use super::groups::{Grouping, groupings, groups};
use super::maker::{Maker, Way};
use crate::scenario::Prepared;

/// Sets of nodes that may keep a model together.
#[derive(Default)]
pub(in crate::fleet) struct Units<'a> {
    /// By kind of unit.
    pub(in crate::fleet) kinds: Vec<Vec<Way<'a>>>,
    /// The nodes of each group, by their numbers.
    pub(in crate::fleet) groups: Vec<Vec<usize>>,
    /// All ways to make units of the fleet's nodes, first that in which all stand alone; and the kinds
    /// of their units, those of nodes first.
    pub(in crate::fleet) groupings: Vec<(Grouping, Vec<usize>)>,
    /// Whether there are more of them.
    pub(in crate::fleet) more: bool,
}

impl<'a> Units<'a> {
    /// Of a fleet's nodes.
    pub(in crate::fleet) fn of(given: &Given<'_, 'a>) -> Self {
        let nodes = given.fleet.nodes.len();
        let mut signs: Vec<Sign> = Vec::new();
        let mut all = Self::default();
        let mut kind_of_group = Vec::new();
        let maker = Maker::of(given);
        for group in groups(nodes, |a, b| given.hop(a, b).is_some()) {
            let sign = given.sign(&group);
            let known = signs.iter().position(|s| *s == sign);
            let kind = known.unwrap_or_else(|| {
                signs.push(sign);
                all.kinds.push(maker.ways(&group));
                all.kinds.len() - 1
            });
            if !all.kinds[kind].is_empty() {
                all.groups.push(group);
                kind_of_group.push(given.kinds.len() + kind);
            }
        }
        let (ways, more) = groupings(given.of_node, &all.groups, &kind_of_group);
        let kinds = |way: &Grouping| {
            let alone = way.alone.iter().map(|&n| given.of_node[n]);
            alone
                .chain(way.groups.iter().map(|&g| kind_of_group[g]))
                .collect()
        };
        all.groupings = ways
            .into_iter()
            .map(|way| (way.clone(), kinds(&way)))
            .collect();
        all.more = more;
        all
    }

    /// The nodes of each unit of a grouping, by their numbers.
    pub(in crate::fleet) fn nodes(&self, grouping: usize) -> Vec<Vec<usize>> {
        let way = &self.groupings[grouping].0;
        let alone = way.alone.iter().map(|&n| vec![n]);
        let together = way.groups.iter().map(|&g| self.groups[g].clone());
        alone.chain(together).collect()
    }

    /// Files that units can hold, over all kinds and ways.
    pub(in crate::fleet) fn candidates(&self) -> usize {
        let ways = self.kinds.iter().flatten();
        let files = |way: &Way<'_>| {
            way.scenario
                .assumed
                .sharding
                .as_ref()
                .map_or(0, |s| s.files.len())
        };
        ways.map(files).sum()
    }

    /// Room for what each way is prepared as.
    pub(in crate::fleet) fn unprepared<'s>(&self) -> Vec<Vec<OnceCell<Prepared<'s>>>> {
        let of = |ways: &Vec<Way<'_>>| ways.iter().map(|_| OnceCell::new()).collect();
        self.kinds.iter().map(of).collect()
    }
}

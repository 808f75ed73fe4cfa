//! The nodes that units are made from, and what joins them.

use crate::fleet::kind::Kind;
use crate::fleet::link::Link;
use crate::fleet::node::Fleet;
use crate::machine::Machine;
use crate::memory::limits::Limits;
use crate::scenario::Scenario;
use crate::speed::Hop;

/// What units are made from.
pub(in crate::fleet) struct Given<'g, 'a> {
    pub(in crate::fleet) base: &'g Scenario<'a>,
    pub(in crate::fleet) fleet: &'g Fleet,
    /// The kinds of nodes, and which each node is of.
    pub(in crate::fleet) kinds: &'g [Kind],
    pub(in crate::fleet) of_node: &'g [usize],
    /// Conversations of each task at once.
    pub(in crate::fleet) streams: &'g [u32],
}

/// What tells units apart: the kinds of their nodes, and what joins them.
pub(super) type Sign = (Vec<usize>, Vec<Option<(u64, u64)>>);

impl<'a> Given<'_, 'a> {
    /// What joins two nodes.
    pub(super) fn hop(&self, a: usize, b: usize) -> Option<Hop> {
        let name = |n: usize| &self.fleet.nodes[n].name;
        let joins = |link: &&Link| link.between.contains(name(a)) && link.between.contains(name(b));
        let link = self.fleet.links.iter().find(joins)?;
        Some(Hop {
            latency_seconds: link.latency_microseconds.value / 1e6,
            bytes_per_second: link.bandwidth_bytes_per_second.value,
        })
    }

    pub(super) fn sign(&self, group: &[usize]) -> Sign {
        let bits = |hop: Hop| {
            (
                hop.latency_seconds.to_bits(),
                hop.bytes_per_second.to_bits(),
            )
        };
        let pairs = group
            .iter()
            .flat_map(|&a| group.iter().map(move |&b| (a, b)));
        let hops = pairs
            .filter(|(a, b)| a < b)
            .map(|(a, b)| self.hop(a, b).map(bits));
        let kinds = group.iter().map(|&n| self.of_node[n]);
        (kinds.collect(), hops.collect())
    }

    pub(super) fn sign_of_order(&self, group: &[usize], order: &[usize]) -> Sign {
        let head = group[order[order.len() - 1]];
        let bits = |hop: Hop| {
            (
                hop.latency_seconds.to_bits(),
                hop.bytes_per_second.to_bits(),
            )
        };
        let hops = order.iter().map(|&n| self.hop(head, group[n]).map(bits));
        let kinds = order.iter().map(|&n| self.of_node[group[n]]);
        (kinds.collect(), hops.collect())
    }

    pub(super) fn limits(&self, machine: &Machine) -> Limits {
        let there = Scenario {
            machine: machine.clone(),
            ..self.base.clone()
        };
        there.limits()
    }
}

//! What one node has to do, as the plan of a single machine: for all that works from such a plan.

use crate::fleet::document::{FleetPlan, PlannedNode};
use crate::plan::Plan;
use crate::plan::document::{Entry, Optimality, SCHEMA, Scope, Shard};
use crate::solve::Solver;

/// `30 layers of Kimi K2.5 Q4_K_M`.
#[must_use]
pub fn shard_words(e: &Entry, shard: &Shard) -> String {
    format!("{} layers of {} {}", shard.layers, e.name, e.quantization)
}

impl FleetPlan {
    /// The entries that clients ask a node for.
    pub fn on<'p>(&'p self, node: &'p PlannedNode) -> impl Iterator<Item = &'p Entry> {
        let own = |e: &&Entry| e.node.as_ref() == Some(&node.name);
        self.loadout.iter().filter(own)
    }

    /// Whether a node keeps anything loaded.
    #[must_use]
    pub fn is_busy(&self, node: &PlannedNode) -> bool {
        self.loadout.iter().any(|e| e.is_on(&node.name))
    }

    /// `30 layers of Kimi K2.5 Q4_K_M`, for each sharded model of which a node keeps layers.
    #[must_use]
    pub fn shards_on(&self, node: &PlannedNode) -> Vec<String> {
        let all = self.loadout.iter();
        let all = all.flat_map(|e| e.shards.iter().map(move |shard| (e, shard)));
        let own = all.filter(|(_, shard)| shard.node == node.name);
        own.map(|(e, shard)| shard_words(e, shard)).collect()
    }

    /// The part of a node, in which what stands by serves; of a sharded model that of its head.
    #[must_use]
    pub fn of_node(&self, node: &PlannedNode) -> Plan {
        let entry = |e: &Entry| Entry {
            tasks: e.tasks.iter().chain(&e.stands_by_for).cloned().collect(),
            stands_by_for: Vec::new(),
            memory: e.memory_on(&node.name).unwrap_or(e.memory),
            ledger: match e.shards.last() {
                Some(head) => head.ledger.clone(),
                None => e.ledger.clone(),
            },
            ..e.clone()
        };
        let o = &self.optimality;
        Plan {
            schema: SCHEMA,
            generator: self.generator.clone(),
            // A fleet's plan does not keep it.
            catalog_date: None,
            machine: node.machine.clone(),
            request: self.request.clone(),
            loadout: self.on(node).map(entry).collect(),
            totals: node.totals,
            downloads: None,
            limits: node.limits.clone(),
            binding: node.binding,
            headroom_bytes: node.headroom_bytes,
            optimality: Optimality {
                status: o.status,
                method: Solver::ExactSearch,
                objective: o.objective,
                bound: o.bound,
                gap: o.gap,
                scope: Scope::of(self.request.context, &node.limits, None),
                candidates: o.candidates,
                after_presolve: o.candidates,
                seconds: o.seconds,
            },
            concurrency: None,
            alternatives: Vec::new(),
            picks: Vec::new(),
            ties: Vec::new(),
            room: Vec::new(),
            pareto: Vec::new(),
            rejected: Vec::new(),
            advice: Vec::new(),
            infeasible: None,
        }
    }
}

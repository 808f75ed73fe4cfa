//! Files that are loaded on several machines, a part on each: what stands in place of one machine's
//! memory and speed.

use std::collections::HashMap;

use crate::catalog::full_name;
use crate::catalog::schema::{Model, Variant};
use crate::machine::Machine;
use crate::memory::limits::Demand;
use crate::speed::sharded::Sharded;
use crate::speed::{Filter, Hop, SpeedModel, Stage};

/// Where the parts of files lie.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sharding {
    /// The machines with the way to each, the head last, to which there is none.
    pub machines: Vec<(Machine, Option<Hop>)>,
    /// The files by `model/variant`.
    pub files: HashMap<String, Split>,
}

/// How a file is split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// Layers of each machine.
    pub layers: Vec<u32>,
    /// What it takes of all machines together.
    pub demand: Demand,
    /// Bytes that it leaves on the head.
    pub room: i64,
}

impl Sharding {
    /// How a file is split.
    #[must_use]
    pub fn split(&self, model: &Model, variant: &Variant) -> Option<&Split> {
        self.files.get(&full_name(model, variant))
    }

    /// Its speeds where prompts are read in batches of so many tokens; none where they are not known.
    pub(super) fn speeds<'s>(
        &'s self,
        speed: &'s SpeedModel,
        (model, variant): (&'s Model, &'s Variant),
        filter: Filter<'s>,
        batch: u32,
    ) -> Option<Sharded<'s>> {
        let layers = &self.split(model, variant)?.layers;
        let stage = |((machine, hop), layers): (&'s (Machine, Option<Hop>), &u32)| Stage {
            machine,
            parts: layers + u32::from(hop.is_none()),
            hop: *hop,
        };
        let stages: Vec<Stage<'s>> = self.machines.iter().zip(layers).map(stage).collect();
        speed.sharded((model, variant), &stages, filter, batch).ok()
    }
}

//! A machine as a kind of node: those of one kind are worth the same.

use crate::machine::Machine;
use crate::memory::Engine;
use crate::plan::request::Request;
use crate::scenario::Scenario;

/// A machine with what it runs.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Kind {
    pub(super) machine: Machine,
    /// What it runs; all where it is not said.
    pub(super) engines: Vec<Engine>,
}

impl Kind {
    pub(super) fn runs(&self, engine: Engine) -> bool {
        self.engines.is_empty() || self.engines.contains(&engine)
    }
    /// The scenario of a node whose tasks bring so many conversations each; none where it runs no
    /// engine that the request allows.
    pub(super) fn scenario<'a>(
        &self,
        base: &Scenario<'a>,
        streams: &[u32],
    ) -> Option<Scenario<'a>> {
        let request = &base.request;
        let allowed = |engine: &Engine| request.engine.is_none_or(|only| only == *engine);
        let engines: Vec<Engine> = Engine::ALL
            .into_iter()
            .filter(|e| self.runs(*e) && allowed(e))
            .collect();
        let engine = match engines.as_slice() {
            [] => return None,
            [only] => Some(*only),
            _ => request.engine,
        };
        let most = streams.iter().copied().max().unwrap_or(1);
        let mut own = Request {
            engine,
            agents: None,
            ..request.clone()
        };
        own.settings.slots = own.settings.slots.max(most);
        for ((task, _), streams) in own.tasks.iter_mut().zip(streams) {
            task.workload.streams = *streams;
        }
        Some(Scenario {
            machine: self.machine.clone(),
            request: own,
            ..base.clone()
        })
    }
}

//! The contexts that a model may be loaded with, and what each takes beside the weights.

use std::cell::OnceCell;
use std::rc::Rc;

use crate::catalog::schema::Model;
use crate::memory::limits::Demand;
use crate::memory::llama_cpp_gpu::gpu_compute;
use crate::memory::settings::{CONTEXT_STEP, SHORTEST_CONTEXT};
use crate::memory::{Engine, Ledger, Settings, Weights};
use crate::model::Architecture;
use crate::plan::request::Request;
use crate::scenario::admission;
use crate::scenario::refusal::{Refused, least_context};
use crate::task::TaskProfile;
use crate::units::Bytes;

/// The contexts of a model, rising: in steps up to its own, or the one that was asked for.
#[derive(Debug)]
pub(super) struct Rungs {
    tokens: Vec<u32>,
    /// Where the solve begins to tell contexts apart: at doublings, and where a task's floor is
    /// reached or what its deep turns need. Rising, the first is 0.
    starts: Vec<usize>,
    /// The first that reaches the floor of each task of the request; none where none does.
    first_reaching: Vec<Option<usize>>,
    /// What nine of ten turns of each need, in whole steps.
    deep: Vec<u32>,
    /// The last that is no longer than that.
    deepest: Vec<usize>,
}

impl Rungs {
    pub(super) fn of(request: &Request, model: &Model) -> Result<Rc<Self>, Refused> {
        let tokens = admission::contexts(request, model)?;
        let tasks = request.tasks.iter();
        let least: Vec<u32> = tasks
            .map(|(task, _)| least_context(request, task, model))
            .collect();
        let deep = |(task, _): &(TaskProfile, f64)| {
            let needed = request.deep_context(task);
            needed
                .checked_next_multiple_of(CONTEXT_STEP)
                .unwrap_or(needed)
        };
        let deep: Vec<u32> = request.tasks.iter().map(deep).collect();
        let doublings = std::iter::successors(Some(SHORTEST_CONTEXT), |c| c.checked_mul(2));
        let longest = tokens.last().copied().unwrap_or(0);
        let reached = doublings.take_while(|c| *c <= longest);
        let reached = reached.chain(least.iter().copied());
        let reached = reached.chain(deep.iter().copied());
        let mut starts: Vec<usize> = reached
            .map(|context| tokens.partition_point(|c| *c < context))
            .filter(|&rung| rung < tokens.len())
            .chain([0])
            .collect();
        starts.sort_unstable();
        starts.dedup();
        let first_reaching = least.iter().map(|least| {
            let first = tokens.partition_point(|c| c < least);
            (first < tokens.len()).then_some(first)
        });
        let deepest = deep.iter().map(|deep| {
            let longer = tokens.partition_point(|c| c <= deep);
            longer.saturating_sub(1)
        });
        Ok(Rc::new(Self {
            first_reaching: first_reaching.collect(),
            deepest: deepest.collect(),
            tokens,
            starts,
            deep,
        }))
    }
}

/// The contexts of a model under one engine.
#[derive(Debug)]
pub(super) struct Contexts<'s> {
    rungs: Rc<Rungs>,
    arch: &'s Architecture,
    settings: Settings,
    /// What each takes beside the weights, where it was asked for.
    beside: Vec<OnceCell<Demand>>,
    /// What the processor works in for experts that lie in ordinary memory, likewise.
    processor: Vec<OnceCell<Bytes>>,
    /// What each task's deep turns need beside the weights, likewise.
    deep: Vec<OnceCell<Demand>>,
}

impl<'s> Contexts<'s> {
    pub(super) fn new(
        rungs: &Rc<Rungs>,
        arch: &'s Architecture,
        request: &Request,
        engine: Engine,
    ) -> Self {
        Self {
            rungs: Rc::clone(rungs),
            arch,
            settings: Settings {
                engine,
                ..request.settings
            },
            beside: vec![OnceCell::new(); rungs.tokens.len()],
            processor: vec![OnceCell::new(); rungs.tokens.len()],
            deep: vec![OnceCell::new(); rungs.deep.len()],
        }
    }

    pub(super) fn engine(&self) -> Engine {
        self.settings.engine
    }

    pub(super) fn len(&self) -> usize {
        self.rungs.tokens.len()
    }

    pub(super) fn tokens(&self, rung: usize) -> u32 {
        self.rungs.tokens[rung]
    }

    /// The rung of a context.
    pub(super) fn find(&self, context: u32) -> Option<usize> {
        self.rungs.tokens.binary_search(&context).ok()
    }

    /// The first rung that reaches the floor of a task; none where none does.
    pub(super) fn first_reaching(&self, task: usize) -> Option<usize> {
        self.rungs.first_reaching[task]
    }

    /// The last rung that is no longer than what nine of ten turns of a task need.
    pub(super) fn deepest(&self, task: usize) -> usize {
        self.rungs.deepest[task]
    }

    /// The first and the last rung of each stretch that the solve begins with.
    pub(super) fn stretches(&self) -> impl Iterator<Item = (usize, usize)> {
        let starts = &self.rungs.starts;
        let ends = starts.iter().skip(1).copied().chain([self.len()]);
        starts.iter().zip(ends).map(|(from, end)| (*from, end - 1))
    }

    pub(super) fn settings(&self, rung: usize) -> Settings {
        self.settings.with_context(self.tokens(rung))
    }

    /// What the processor works in at most, where experts are left to it: no more than the GPU does.
    pub(super) fn processor(&self, rung: usize) -> Bytes {
        let settings = || gpu_compute(self.arch, &self.settings(rung));
        *self.processor[rung].get_or_init(settings)
    }

    /// What a context takes beside the weights.
    pub(super) fn beside(&self, rung: usize) -> Demand {
        *self.beside[rung].get_or_init(|| self.taken(&self.settings(rung)))
    }

    /// What nine of ten turns of a task need beside the weights; none where a context is no longer than
    /// that.
    pub(super) fn needed(&self, task: usize, rung: usize) -> Option<Demand> {
        let deep = self.rungs.deep[task];
        if self.tokens(rung) <= deep {
            return None;
        }
        let needed = self.deep[task].get_or_init(|| match self.find(deep) {
            Some(rung) => self.beside(rung),
            None => self.taken(&self.settings.with_context(deep)),
        });
        Some(*needed)
    }

    fn taken(&self, settings: &Settings) -> Demand {
        let none = Weights {
            gpu: Bytes::ZERO,
            cpu: Bytes::ZERO,
            basis: crate::basis::Basis::Computed,
            source: String::new(),
        };
        Demand::from(&Ledger::loaded(self.arch, &none, settings))
    }
}

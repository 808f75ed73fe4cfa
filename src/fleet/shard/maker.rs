//! What linked nodes hold together: the files that none of them holds whole, each split over them.

use std::collections::HashMap;
use std::rc::Rc;

use super::given::Given;
use super::groups::is_head;
use super::split::split;
use crate::catalog::schema::{Model, Variant};
use crate::catalog::{full_name, whole_of};
use crate::fleet::kind::Kind;
use crate::machine::Machine;
use crate::machine::profile::WorkingSet;
use crate::memory::limits::{Demand, Limits};
use crate::memory::settings::SHORTEST_CONTEXT;
use crate::memory::shard::Whole;
use crate::memory::{Engine, Ledger, Settings};
use crate::scenario::{Scenario, Sharding, Split};
use crate::speed::Filter;
use crate::units::Bytes;

/// A file that no node of the fleet holds whole.
struct Unheld<'g> {
    model: &'g Model,
    variant: &'g Variant,
    whole: Whole<'g>,
    /// Seconds of a token by kind of node, were it whole there; none where that is not known.
    seconds: Vec<Option<f64>>,
}

/// What all units are made from.
pub(super) struct Maker<'g, 'a> {
    given: &'g Given<'g, 'a>,
    /// By kind of node.
    limits: Vec<Limits>,
    files: Vec<Unheld<'g>>,
    contexts: Vec<u32>,
}

/// A way to hold models together: which node is the head, at which context.
pub(in crate::fleet) struct Way<'a> {
    /// The nodes by their places in the unit, the head last.
    pub(in crate::fleet) order: Vec<usize>,
    /// In which only what is split over them is loaded.
    pub(in crate::fleet) scenario: Scenario<'a>,
}

impl<'g, 'a> Maker<'g, 'a> {
    pub(super) fn of(given: &'g Given<'g, 'a>) -> Self {
        let kinds = given.kinds.iter();
        let mut maker = Self {
            given,
            limits: kinds.map(|kind| given.limits(&kind.machine)).collect(),
            files: Vec::new(),
            contexts: Vec::new(),
        };
        // Where nothing is joined nothing is looked for.
        if !given.fleet.links.is_empty() {
            maker.files = maker.unheld();
            maker.contexts = maker.contexts();
        }
        maker
    }

    /// The least context that a task asks for; the one asked for.
    fn least_context(&self) -> u32 {
        let request = &self.given.base.request;
        let tasks = request.tasks.iter();
        let least = tasks.map(|(task, _)| request.least_context(task)).min();
        request.context.or(least).unwrap_or(SHORTEST_CONTEXT)
    }

    /// The files that no node holds whole at that context.
    fn unheld(&self) -> Vec<Unheld<'g>> {
        let base = self.given.base;
        let settings = Settings {
            engine: Engine::LlamaCpp,
            ..base.request.settings
        };
        let runs = |n: &usize| self.given.kinds[*n].runs(Engine::LlamaCpp);
        let kinds: Vec<usize> = (0..self.given.kinds.len()).filter(runs).collect();
        let unheld = |(model, variant): (&'g Model, &'g Variant)| {
            let whole = whole_of(model, variant)?;
            let context = self.least_context().min(model.context_length);
            let at = settings.with_context(context);
            let demand = Demand::from(&Ledger::loaded(whole.arch, &whole.weights, &at));
            let held = kinds.iter().any(|&kind| self.limits[kind].holds(demand));
            let seconds = |kind: &Kind| {
                let on = base
                    .speed
                    .on(model, variant, &kind.machine, Filter::default());
                Some(1.0 / on.ok()?.decode(0).value())
            };
            (!held).then(|| Unheld {
                seconds: self.given.kinds.iter().map(seconds).collect(),
                model,
                variant,
                whole,
            })
        };
        let gguf =
            |(_, v): &(&Model, &Variant)| Engine::from_id(&v.engine) == Some(Engine::LlamaCpp);
        (base.catalog.files())
            .filter(gguf)
            .filter_map(unheld)
            .collect()
    }

    /// The context asked for; else doublings, and those that the models are made for.
    fn contexts(&self) -> Vec<u32> {
        if let Some(context) = self.given.base.request.context {
            return vec![context];
        }
        let own = self.files.iter().map(|file| file.model.context_length);
        let longest = own.clone().max().unwrap_or(0);
        let doublings = std::iter::successors(Some(SHORTEST_CONTEXT), |c| c.checked_mul(2));
        let doublings = doublings.take_while(|c| *c <= longest);
        let least = self.least_context();
        let mut all: Vec<u32> = doublings.filter(|c| *c >= least).chain(own).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The ways of a group that hold anything.
    pub(super) fn ways(&self, group: &[usize]) -> Vec<Way<'a>> {
        let given = self.given;
        let (mut signs, mut ways) = (Vec::new(), Vec::new());
        let runs = |&n: &usize| given.kinds[given.of_node[n]].runs(Engine::LlamaCpp);
        if !group.iter().all(runs) {
            return ways;
        }
        for head in (0..group.len()).rev() {
            if !is_head(group[head], group, |a, b| given.hop(a, b).is_some()) {
                continue;
            }
            let others = (0..group.len()).filter(|&n| n != head);
            let order: Vec<usize> = others.chain([head]).collect();
            let sign = given.sign_of_order(group, &order);
            if !signs.contains(&sign) {
                signs.push(sign);
                let contexts = self.contexts.iter();
                ways.extend(contexts.filter_map(|&context| self.way(group, &order, context)));
            }
        }
        ways
    }

    fn way(&self, group: &[usize], order: &[usize], context: u32) -> Option<Way<'a>> {
        let given = self.given;
        let kinds: Vec<usize> = order.iter().map(|&n| given.of_node[group[n]]).collect();
        let machines: Vec<Machine> = (kinds.iter())
            .map(|&kind| given.kinds[kind].machine.clone())
            .collect();
        let together = Kind {
            machine: merged(&machines)?,
            engines: vec![Engine::LlamaCpp],
        };
        let mut scenario = together.scenario(given.base, given.streams)?;
        scenario.request.context = Some(context);
        scenario.request.max_models = 1;
        let settings = Settings {
            engine: Engine::LlamaCpp,
            ..scenario.request.settings
        };
        let settings = settings.with_context(context);
        let made_for = self
            .files
            .iter()
            .filter(|f| f.model.context_length >= context);
        let files: HashMap<String, Split> = made_for
            .filter_map(|file| {
                let split = self.split(file, &settings, &kinds)?;
                Some((full_name(file.model, file.variant), split))
            })
            .collect();
        if files.is_empty() {
            return None;
        }
        let head = group[*order.last()?];
        let hops = order.iter().map(|&n| given.hop(head, group[n]));
        scenario.request.installed = Some(files.keys().cloned().collect());
        scenario.assumed.sharding = Some(Rc::new(Sharding {
            machines: machines.into_iter().zip(hops).collect(),
            files,
        }));
        Some(Way {
            order: order.to_vec(),
            scenario,
        })
    }

    /// How a file is split over nodes of these kinds, the head last; none where they can't hold it
    /// together.
    fn split(&self, file: &Unheld<'_>, settings: &Settings, kinds: &[usize]) -> Option<Split> {
        let limits: Vec<&Limits> = kinds.iter().map(|&kind| &self.limits[kind]).collect();
        let room: Bytes = limits.iter().map(|l| l.physical_budget()).sum();
        if file.variant.weights_bytes > room {
            return None;
        }
        let is_head = |n: usize| n + 1 == kinds.len();
        let most = limits.iter().enumerate().map(|(n, limits)| {
            let holds = |demand| limits.holds(demand);
            file.whole.most(settings, is_head(n), holds)
        });
        let most: Vec<u32> = most.collect();
        let seconds: Option<Vec<f64>> = kinds.iter().map(|&kind| file.seconds[kind]).collect();
        let layers = split(&most, &seconds?, file.whole.arch.layers)?;
        let demand = |(n, &layers): (usize, &u32)| {
            Demand::from(&file.whole.shard(settings, layers, is_head(n)))
        };
        let demands: Vec<Demand> = layers.iter().enumerate().map(demand).collect();
        let (_, room) = limits.last()?.room(*demands.last()?);
        Some(Split {
            layers,
            demand: demands.into_iter().sum(),
            room,
        })
    }
}

/// The machines as one, for the limits of all together: what holds on each of them holds here.
fn merged(machines: &[Machine]) -> Option<Machine> {
    let head = machines.last()?.clone();
    let sets: Option<Vec<Bytes>> = machines
        .iter()
        .map(|m| Some(m.gpu_working_set.as_ref()?.bytes))
        .collect();
    Some(Machine {
        memory: machines.iter().map(|m| m.memory).sum(),
        reserve: machines.iter().map(|m| m.reserve).sum(),
        wired_limit: None,
        gpu_working_set: sets
            .zip(head.gpu_working_set.clone())
            .map(|(sets, of_head)| WorkingSet {
                bytes: sets.into_iter().sum(),
                ..of_head
            }),
        ..head
    })
}

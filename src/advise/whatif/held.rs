//! A loadout that other machines are to keep: whether it fits there, and is as fast as it must be.

use crate::catalog::Catalog;
use crate::catalog::effort::Setting;
use crate::memory::limits::Demand;
use crate::memory::{Engine, Settings};
use crate::plan::document::{Entry, Plan};
use crate::scenario::{Answer, Prepared, Scenario, speed_on};
use crate::speed::Figure;

/// One model of it.
struct Member {
    /// `model/variant`.
    name: String,
    settings: Settings,
    demand: Demand,
    tasks: Vec<Served>,
}

/// A task that one of its models serves.
struct Served {
    id: String,
    /// The effort that it is asked for, where that is known.
    effort: Option<Setting>,
}

/// A loadout with its memory and its tasks.
pub(super) struct Held {
    members: Vec<Member>,
    /// Ids of all other models.
    others: Vec<String>,
}

/// What becomes of it on a machine.
pub(super) struct Kept {
    /// It fits there, and its engines run there.
    pub(super) runs: bool,
    /// And it reaches every floor of its tasks, at the efforts that it is asked for.
    pub(super) keeps: bool,
    /// The speed of its slowest model at an empty context, where all are known.
    pub(super) slowest: Option<Figure>,
}

impl Held {
    /// The loadout of a saved plan.
    pub(super) fn of_plan(plan: &Plan, catalog: &Catalog) -> Self {
        let asked = |id: &String, e: &Entry| Served {
            id: id.clone(),
            effort: e.efforts.iter().find(|f| f.task == *id).map(|f| f.effort),
        };
        let member = |e: &Entry| Member {
            name: e.full_name(),
            settings: e.settings,
            demand: Demand::from(&e.memory),
            tasks: e.tasks.iter().map(|id| asked(id, e)).collect(),
        };
        Self::new(plan.loadout.iter().map(member).collect(), catalog)
    }

    /// An answer over the candidates that it was made of.
    pub(super) fn of_answer(prepared: &Prepared<'_>, answer: &Answer) -> Self {
        let tasks = prepared.scenario.request.tasks.iter();
        let settings: Vec<_> = tasks.map(|(t, _)| &t.id).zip(&answer.settings).collect();
        let asked = |id: &String| Served {
            id: id.clone(),
            effort: settings.iter().find(|(t, _)| *t == id).map(|(_, s)| **s),
        };
        let members = answer.items.iter().zip(&answer.members).map(|(&i, m)| {
            let c = prepared.pool.candidate(i);
            Member {
                name: c.name(),
                settings: c.settings,
                demand: c.demand,
                tasks: m.tasks.iter().map(asked).collect(),
            }
        });
        Self::new(members.collect(), &prepared.scenario.catalog)
    }

    fn new(members: Vec<Member>, catalog: &Catalog) -> Self {
        let named = |id: &str| {
            let of = |m: &Member| m.name.split('/').next() == Some(id);
            members.iter().any(of)
        };
        let others = catalog.models.iter().filter(|m| !named(&m.id));
        let others = others.map(|m| m.id.clone()).collect();
        Self { members, others }
    }

    /// What becomes of it on a scenario's machine.
    pub(super) fn on(&self, there: &Scenario<'_>) -> Kept {
        // Only its own models are priced.
        let mut small = there.clone();
        small.request.excludes.clone_from(&self.others);
        let prepared = Prepared::once(&small);
        let loads = |m: &Member| m.settings.engine != Engine::Mlx || there.machine.is_mac();
        let fits = prepared
            .limits
            .holds(self.members.iter().map(|m| m.demand).sum());
        let runs = !self.members.is_empty() && fits && self.members.iter().all(loads);
        let tasks = &small.request.tasks;
        let serves = |m: &Member| {
            let ladders = || {
                prepared
                    .pool
                    .ladders
                    .iter()
                    .filter(|l| l.base().name() == m.name)
            };
            let same = || ladders().find_map(|l| l.with(&m.settings));
            // Another machine leaves the experts of other layers to the processor, or of none.
            let Some(c) = same().or_else(|| ladders().find_map(|l| l.with_any_parts(&m.settings)))
            else {
                return m.tasks.is_empty();
            };
            m.tasks.iter().all(|served| {
                let t = tasks.iter().position(|(task, _)| task.id == served.id);
                t.is_none_or(|t| c.serves_at(&small.request, t, served.effort))
            })
        };
        let speeds = self.members.iter().map(|m| {
            let (model, variant) = small.catalog.find(&m.name)?;
            speed_on(&small, (model, variant?), m.settings.cpu_experts)
        });
        let speeds: Option<Vec<Figure>> = speeds.collect();
        let by_low_end = |a: &Figure, b: &Figure| a.deciding().total_cmp(&b.deciding());
        Kept {
            runs,
            keeps: runs && self.members.iter().all(serves),
            slowest: speeds.and_then(|speeds| speeds.into_iter().min_by(by_low_end)),
        }
    }
}

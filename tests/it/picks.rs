//! Picks, ties and room: each held against an enumeration, or made so.

use planner::catalog::effort::Setting;
use planner::memory::Ledger;
use planner::memory::limits::Demand;
use planner::plan::document::{Chosen, Pick, PickKind, RoomKind};
use planner::plan::score::share_that_counts;
use planner::plan::{Plan, Request};
use planner::quality::points::BAND;
use planner::scenario::{Candidate, Prepared, Scenario};
use planner::task::{TaskProfile, Utility};
use planner::units::Bytes;

use crate::world::{World, candidates, request};

/// A Mac with few models of the catalog, so that every loadout can be tried.
fn small_world(machine: &str, models: &[&str]) -> World {
    let mut world = World::new(machine);
    world
        .catalog
        .models
        .retain(|m| models.contains(&m.id.as_str()));
    assert_eq!(world.catalog.models.len(), models.len());
    // So that every context can be tried.
    for model in &mut world.catalog.models {
        model.context_length = model.context_length.min(65_536);
    }
    world.catalog.published_loadouts.clear();
    world
}

const SMALL: [(&str, &[&str]); 3] = [
    (
        "m4-max-64gb",
        &["qwen3.8-27b", "qwen3.6-35b-a3b", "gpt-oss-20b"],
    ),
    (
        "m4-max-36gb",
        &["qwen3.6-27b", "gemma-4-26b-a4b", "qwen3.5-9b"],
    ),
    ("m3-ultra-256gb", &["minimax-m2.1", "qwen3-coder-next"]),
];

fn requests() -> Vec<Request> {
    let mut two = request(&["code", "chat"]);
    two.tasks[0].1 = 2.0;
    vec![request(&["code"]), request(&["agent"]), two]
}

/// One way to serve every task: the numbers of the candidates.
type Servers = Vec<usize>;

/// Every feasible way, by trying all.
fn all_ways(
    prepared: &Prepared<'_>,
    candidates: &[Candidate<'_>],
    max_models: usize,
) -> Vec<Servers> {
    let tasks = prepared.scenario.request.tasks.len();
    let mut ways: Vec<Servers> = vec![Vec::new()];
    for t in 0..tasks {
        let serving = (0..candidates.len()).filter(|&i| candidates[i].scores[t].is_some());
        let serving: Vec<usize> = serving.collect();
        ways = ways
            .into_iter()
            .flat_map(|way| {
                serving
                    .iter()
                    .map(move |&i| [way.clone(), vec![i]].concat())
            })
            .collect();
    }
    ways.retain(|way| {
        let mut items = way.clone();
        items.sort_unstable();
        items.dedup();
        let mut models: Vec<usize> = items.iter().map(|&i| candidates[i].model_number).collect();
        models.dedup();
        models.len() == items.len()
            && items.len() <= max_models
            && prepared.limits.holds(demand(candidates, &items))
    });
    ways
}

fn demand(candidates: &[Candidate<'_>], items: &[usize]) -> Demand {
    let mut items = items.to_vec();
    items.sort_unstable();
    items.dedup();
    items.iter().map(|&i| candidates[i].demand).sum()
}

fn quality(scenario: &Scenario<'_>, c: &Candidate<'_>, t: usize) -> f64 {
    let points = c.points(t).unwrap();
    points.cautious(scenario.request.tasks[t].0.caution)
}

fn pick(plan: &Plan, kind: PickKind) -> &Pick {
    plan.picks.iter().find(|p| p.kind == kind).unwrap()
}

#[test]
fn picks_are_what_an_enumeration_finds() {
    let mut different = 0;
    for (machine, models) in SMALL {
        let world = small_world(machine, models);
        for request in requests() {
            let plan = world.plan(&request);
            let kinds: Vec<PickKind> = plan.picks.iter().map(|p| p.kind).collect();
            assert_eq!(
                kinds,
                [PickKind::Best, PickKind::Faster, PickKind::Smaller],
                "{machine}"
            );
            let scenario = world.scenario(&request);
            let prepared = Prepared::once(&scenario);
            let candidates = &candidates(&prepared.pool);
            let shares = request.shares();
            let ways = all_ways(&prepared, candidates, request.max_models);
            let sum = |way: &Servers, figure: &dyn Fn(&Candidate<'_>, usize) -> f64| -> f64 {
                let of = |(t, &i): (usize, &usize)| shares[t] * figure(&candidates[i], t);
                way.iter().enumerate().map(of).sum()
            };
            let score = |way: &Servers| sum(way, &|c, t| c.scores[t].unwrap());
            let bytes = |way: &Servers| demand(candidates, way).total;

            let best = ways
                .iter()
                .max_by(|a, b| score(a).total_cmp(&score(b)))
                .unwrap();
            let told = pick(&plan, PickKind::Best);
            assert!((told.objective - score(best)).abs() < 3e-5, "{machine}");
            assert!(told.proven);

            // Of the plan's own servers, as ties in score may part it from the enumeration's.
            let own: Servers = (0..shares.len())
                .map(|t| served_by(candidates, &told.loadout, &request.tasks[t].0.id))
                .collect();
            let least: Vec<f64> = (own.iter().enumerate())
                .map(|(t, &i)| 0.95 * quality(&scenario, &candidates[i], t))
                .collect();
            // However a server is asked: each of its efforts that keeps the quality counts, and a
            // model that nobody scored keeps none that somebody did.
            let keeping = |i: usize, t: usize| {
                if candidates[own[t]].scored(t) && !candidates[i].scored(t) {
                    return None;
                }
                let ways = candidates[i].ways_of(&request, t).into_iter();
                let kept = ways.filter(|w| w.quality.unwrap() >= least[t]);
                kept.map(|w| w.seconds.unwrap()).min_by(f64::total_cmp)
            };
            let kept = |way: &&Servers| {
                let mut servers = way.iter().enumerate();
                servers.all(|(t, &i)| keeping(i, t).is_some())
            };
            let seconds = |way: &Servers| -> f64 {
                let of = |(t, &i): (usize, &usize)| shares[t] * keeping(i, t).unwrap();
                way.iter().enumerate().map(of).sum()
            };
            let quickest = ways
                .iter()
                .filter(kept)
                .map(seconds)
                .fold(f64::INFINITY, f64::min);
            let faster = pick(&plan, PickKind::Faster);
            assert!(
                (faster.seconds_per_turn.unwrap() - quickest).abs() < 0.01,
                "{machine}: {faster:?}, {quickest}"
            );
            let smallest = ways.iter().filter(kept).map(bytes).min().unwrap();
            let smaller = pick(&plan, PickKind::Smaller);
            assert_eq!(smaller.totals.total_bytes, smallest, "{machine}");
            for p in [faster, smaller] {
                assert!(p.proven);
                assert!(p.quality.unwrap() >= 0.95 * told.quality.unwrap() - 1e-9);
                let same = plan.picks.iter().find(|q| q.loadout == p.loadout).unwrap();
                assert_eq!(p.same_as.is_none(), same.kind == p.kind);
                different += usize::from(p.same_as.is_none());
            }
        }
    }
    assert!(different > 5, "{different}");
}

/// What is told beside the answer, of a pick as of another effort, is what forcing it gives.
#[test]
fn what_is_told_beside_the_answer_is_what_forcing_it_gives() {
    let (mut picks, mut efforts) = (0, 0);
    for (machine, task) in [
        ("m3-ultra-512gb", "code"),
        ("m3-ultra-512gb", "chat"),
        ("m4-max-128gb", "agent"),
        ("m4-max-64gb", "reasoning"),
    ] {
        let world = World::new(machine);
        let free = request(&[task]);
        let plan = world.plan(&free);
        let forced = |chosen: &Chosen, effort: Setting| {
            world.plan(&Request {
                pins: vec![format!("{}/{}", chosen.model, chosen.variant)],
                context: Some(chosen.context),
                effort: Some(effort),
                max_models: 1,
                ..free.clone()
            })
        };
        for pick in &plan.picks {
            let [chosen] = &pick.loadout[..] else {
                panic!("{machine}: one task")
            };
            let effort = chosen
                .efforts
                .first()
                .map_or(Setting::Default, |e| e.effort);
            let made = forced(chosen, effort);
            let own = &made.picks[0];
            assert!(
                (own.objective - pick.objective).abs() < 2e-5,
                "{machine} {task} {pick:?}"
            );
            assert_eq!(
                own.seconds_per_turn, pick.seconds_per_turn,
                "{machine} {task}"
            );
            assert_eq!(
                own.expected_seconds_per_turn, pick.expected_seconds_per_turn,
                "{machine} {task}"
            );
            let told = made.loadout[0].speed.as_ref().unwrap().turns[0].seconds_per_turn;
            let expected = pick.expected_seconds_per_turn.unwrap();
            assert!(
                (told.value - expected).abs() < 0.01,
                "{machine} {task}: {told:?} {expected}"
            );
            assert_eq!(own.quality, pick.quality, "{machine} {task}");
            picks += 1;
        }
        let chosen = &plan.picks[0].loadout[0];
        for other in plan.loadout[0].efforts.iter().flat_map(|e| &e.others) {
            let made = forced(chosen, other.effort);
            let Some(entry) = made.loadout.first() else {
                continue;
            };
            let told = (other.seconds_per_turn, other.points);
            let own = &entry.efforts[0];
            assert_eq!((own.seconds_per_turn, own.points), told, "{machine} {task}");
            let lower = plan.picks[0].objective - made.picks[0].objective;
            assert!(
                (lower - other.difference).abs() < 2e-5,
                "{machine} {task} {other:?}"
            );
            efforts += 1;
        }
    }
    assert!(picks == 12 && efforts > 3, "{picks} {efforts}");
}

/// The candidate that a loadout serves a task by.
fn served_by(candidates: &[Candidate<'_>], loadout: &[Chosen], task: &str) -> usize {
    let chosen = loadout
        .iter()
        .find(|c| c.tasks.iter().any(|t| t == task))
        .unwrap();
    candidates
        .iter()
        .position(|c| {
            c.model.id == chosen.model
                && c.variant.id == chosen.variant
                && c.settings.context == chosen.context
        })
        .unwrap()
}

#[test]
fn nothing_that_fits_gives_no_picks() {
    let world = small_world("macbook-air-m4-16gb", &["minimax-m2.1"]);
    let plan = world.plan(&request(&["code"]));
    assert!(plan.loadout.is_empty());
    assert!(plan.picks.is_empty() && plan.ties.is_empty() && plan.room.is_empty());
}

/// Standard normal numbers, the same everywhere (Box and Muller over a linear generator).
struct Normal(u64);

impl Normal {
    fn uniform(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(self.0 >> 32).unwrap().max(1)) / f64::from(u32::MAX)
    }

    fn next(&mut self) -> f64 {
        let (a, b) = (self.uniform(), self.uniform());
        (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos()
    }
}

/// Runners-up are ties exactly where drawing the figures anew from their ranges scatters the
/// difference of the scores by more than it is; what decides scatters it most.
#[test]
fn ties_lie_within_the_scatter_of_their_figures() {
    let (mut ties, mut apart) = (0, 0);
    let mut normal = Normal(7);
    for machine in [
        "m3-ultra-512gb",
        "m4-max-128gb",
        "m4-max-64gb",
        "m4-max-36gb",
    ] {
        let world = World::new(machine);
        let request = request(&["code"]);
        let plan = world.plan(&request);
        let scenario = world.scenario(&request);
        let prepared = Prepared::once(&scenario);
        let find = |variant: &str, context: u32| {
            let mut all = prepared.pool.ladders.iter();
            let ladder = all.find(|l| l.base().name() == variant).unwrap();
            let settings = ladder.base().settings.with_context(context);
            ladder.with(&settings).unwrap()
        };
        let task = &request.tasks[0].0;
        let mut draw = |c: &Candidate<'_>| -> f64 {
            let points = c.points(0).unwrap();
            let turn = c.turn(0).unwrap();
            let (low, high) = turn.seconds_per_turn().range();
            let sd = (high / low).ln() / (2.0 * 1.44);
            let drawn = points.mean + points.spread() * normal.next();
            let seconds = (f64::midpoint(low.ln(), high.ln()) + sd * normal.next()).exp();
            let value = task.weights.of(Utility::Quality) * task.scales.quality.at(drawn)
                + task.weights.of(Utility::Speed) * task.scales.turn.at_time(seconds);
            value * share_that_counts(&c.reliability)
        };
        let best = &plan.picks[0].loadout[0];
        let best = find(&format!("{}/{}", best.model, best.variant), best.context);
        for runner_up in &plan.alternatives {
            let member = &runner_up.members[0];
            let other = find(&member.variant, member.context);
            let drawn: Vec<f64> = (0..4000).map(|_| draw(&best) - draw(&other)).collect();
            let n = f64::from(u32::try_from(drawn.len()).unwrap());
            let mean = drawn.iter().sum::<f64>() / n;
            let scatter = (drawn.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / n).sqrt();
            let difference = plan.optimality.objective - runner_up.objective;
            let named = |t: &&planner::plan::document::Tie| {
                let c = &t.loadout[0];
                format!("{}/{}", c.model, c.variant) == member.variant
            };
            match plan.ties.iter().find(named) {
                Some(tie) => {
                    assert!((tie.difference - difference).abs() < 1e-9);
                    assert!(tie.difference <= tie.error);
                    assert!(
                        (tie.error / scatter - 1.0).abs() < 0.2,
                        "{machine}: {tie:?}, {scatter}"
                    );
                    let decides = &tie.decided_by.variant;
                    assert!([best.name(), other.name()].contains(decides));
                    ties += 1;
                }
                None => {
                    assert!(difference > 0.8 * scatter, "{machine}: {member:?}");
                    apart += 1;
                }
            }
        }
    }
    assert!(ties > 3 && apart > 3, "{ties} ties, {apart} apart");
}

/// What is offered fits besides: by the limits, and by loading it too.
#[test]
fn what_there_is_room_for_fits() {
    let mut kinds = Vec::new();
    for (machine, tasks, context) in [
        ("m3-ultra-512gb", &["code"][..], None),
        ("m4-max-128gb", &["code"], None),
        ("m4-max-128gb", &["agent"], Some(65_536)),
        ("m4-max-64gb", &["code"], Some(32_768)),
        ("m4-max-64gb", &["code", "general"], None),
        ("mac-mini-m4-pro-24gb", &["code"], None),
        ("macbook-air-m4-16gb", &["chat"], None),
    ] {
        let world = World::new(machine);
        let mut request = request(tasks);
        request.context = context;
        let plan = world.plan(&request);
        let limits = world.scenario(&request).limits();
        for room in &plan.room {
            kinds.push(room.kind);
            let (model, variant) = world
                .catalog
                .find(&format!("{}/{}", room.model, room.variant))
                .unwrap();
            let loaded = plan
                .loadout
                .iter()
                .find(|e| e.model == room.model && e.variant == room.variant);
            let settings = planner::memory::Settings {
                context: room.context,
                engine: planner::memory::Engine::from_id(&variant.unwrap().engine).unwrap(),
                slots: match room.kind {
                    RoomKind::MoreAgents => agents(&room.used_for).max(request.settings.slots),
                    _ => request.settings.slots,
                },
                ..request.settings
            };
            let ledger = Ledger::of(
                model.architecture.as_ref().unwrap(),
                &planner::catalog::weights_of(variant.unwrap()),
                &settings,
            );
            let own = Demand::from(&ledger);
            let before = loaded.map_or(Bytes::ZERO, |e| e.memory.total_bytes);
            assert_eq!(room.bytes, own.total.saturating_sub(before), "{room:?}");
            let all = Demand {
                gpu: plan.totals.gpu_total_bytes + own.gpu,
                total: plan.totals.total_bytes + own.total,
            };
            let freed = loaded.map_or(Demand::default(), |e| Demand {
                gpu: e.memory.gpu_total_bytes,
                total: e.memory.total_bytes,
            });
            let all = Demand {
                gpu: all.gpu.saturating_sub(freed.gpu),
                total: all.total.saturating_sub(freed.total),
            };
            assert!(limits.holds(all), "{machine}: {room:?}");
            let publishers = plan.loadout.iter().map(|e| {
                let (model, _) = world.catalog.find(&e.model).unwrap();
                &model.publisher
            });
            match room.kind {
                RoomKind::SecondOpinion => {
                    assert!(publishers.into_iter().all(|p| *p != model.publisher));
                }
                RoomKind::OtherTask => assert!(!tasks.contains(&room.used_for.as_str())),
                RoomKind::MoreAgents => {
                    let entry = loaded.unwrap();
                    assert!(room.context >= entry.settings.context);
                }
            }
        }
    }
    for kind in [
        RoomKind::SecondOpinion,
        RoomKind::OtherTask,
        RoomKind::MoreAgents,
    ] {
        assert!(kinds.contains(&kind), "{kind:?}");
    }
}

/// The slots for so many agents.
fn agents(text: &str) -> u32 {
    text.split(' ').next().unwrap().parse().unwrap()
}

/// Who asks for as many agents as there is said to be room for gets them from the same models; so
/// does who asks for as many as a context holds, where that is quick enough.
#[test]
fn the_agents_that_there_is_room_for_can_be_asked_for() {
    let (mut room, mut held) = (0, 0);
    for (machine, tasks, context) in [
        ("mac-mini-m6-32gb", &["agent"][..], None),
        ("mac-mini-m6-32gb", &["agent"], Some(53_248)),
        ("m4-max-36gb", &["code"], Some(32_768)),
        ("m4-max-36gb", &["chat"], None),
        ("m4-max-64gb", &["code", "chat"], Some(32_768)),
        ("m4-max-64gb", &["code", "chat"], None),
        ("macbook-air-m4-16gb", &["agent"], None),
        ("mac-mini-m4-pro-24gb", &["code"], None),
    ] {
        let world = World::new(machine);
        let mut request = request(tasks);
        request.context = context;
        let plan = world.plan(&request);
        let more = plan.room.iter().find(|r| r.kind == RoomKind::MoreAgents);
        let told = more.map(|r| r.used_for.split(' ').next().unwrap().parse().unwrap());
        room += usize::from(told.is_some());
        // Slots beyond the default ones take memory of their own.
        let holds = |e: &planner::plan::document::Entry, task: &TaskProfile| {
            let one = task.workload.depth_tokens + task.workload.typical_output(true);
            (e.settings.context / one).min(request.settings.slots)
        };
        let of = |e| request.tasks.iter().map(move |(task, _)| holds(e, task));
        let least: Option<u32> = plan.loadout.iter().flat_map(of).min();
        let quick = tasks == ["chat"];
        let least = least.filter(|n: &u32| quick && *n > 1);
        let counts = told.into_iter().chain(least);
        for agents in counts.collect::<Vec<u32>>() {
            held += 1;
            let mut there = request.clone().with_agents(Some(agents));
            there.context = None;
            let loaded = plan.loadout.iter();
            there.pins = loaded
                .map(|e| format!("{}/{}", e.model, e.variant))
                .collect();
            let then = world.plan(&there);
            let serves = |e: &&planner::plan::document::Entry| {
                there.pins.contains(&format!("{}/{}", e.model, e.variant)) && e.idle.is_none()
            };
            let served = then.loadout.iter().filter(serves).count();
            assert_eq!(served, plan.loadout.len(), "{machine} {tasks:?}: {agents}");
        }
    }
    assert!(room > 1 && held > room, "{room} {held}");
}

/// The bands that documents show hold four of five.
#[test]
fn a_plan_tells_the_quality_that_it_counted() {
    let world = World::new("m4-max-64gb");
    let request = request(&["code"]);
    let plan = world.plan(&request);
    let told = &plan.loadout[0].quality[0];
    let scenario = world.scenario(&request);
    let prepared = Prepared::once(&scenario);
    let candidates = candidates(&prepared.pool);
    let i = served_by(&candidates, &plan.picks[0].loadout, "code");
    let points = candidates[i].points(0).unwrap();
    assert!((told.mean - points.mean).abs() < 0.01);
    assert!((told.high - told.low - 2.0 * BAND * points.error).abs() < 0.03);
    assert!(told.mean <= told.released && told.kept_low <= told.kept);
    let part = &plan.loadout[0].score.parts[0];
    let counted = points.cautious(request.tasks[0].0.caution);
    assert!((part.figure.unwrap() - counted).abs() < 1e-9);
}

//! A scenario under changes: what was prepared gives what is made anew, and what is said of models
//! that are not in the answer holds against an enumeration of every loadout.

use planner::advise::unfinished::Unfinished;
use planner::advise::whatif::{How, Shopping, whatif};
use planner::advise::why_not::{FlipKind, Standing, WhyNot};
use planner::memory::limits::SAFETY_MARGIN;
use planner::memory::{Engine, KvType};
use planner::plan::disk::DiskLimit;
use planner::plan::document;
use planner::plan::requirement::{Conflicting, Requirement};
use planner::plan::score::STEPS;
use planner::plan::{Plan, Request};
use planner::scenario::change::{OnChoice, OnFigures, OnMachine, OnSettings, OnTaste};
use planner::scenario::new_model::NewModel;
use planner::scenario::{Candidate, Change, Prepared, Scenario};
use planner::solve::Deadline;
use planner::task::{Floors, Utility};
use planner::units::Bytes;

use crate::support::rounds;
use crate::world::{World, candidates, names, request, reweighed, set_weight};

const TASKS: [&str; 5] = ["code", "general", "chat", "reasoning", "agent"];
const MACHINES: [&str; 4] = [
    "m4-max-64gb",
    "m3-ultra-512gb",
    "macbook-air-m4-16gb",
    "mac-mini-m4-32gb",
];

/// A generator that gives the same numbers everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }

    fn share(&mut self) -> f64 {
        f64::from(u32::try_from(self.below(98)).unwrap() + 1) / 100.0
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// A machine with a handful of the catalog's models, some of them with few of their variants.
fn small_world(random: &mut Random) -> World {
    let mut world = World::new(MACHINES[random.below(MACHINES.len())]);
    let fits = |bytes: Bytes| bytes < world.machine.memory;
    let mut models = Vec::new();
    while models.len() < 5 {
        let mut model = random.of(&world.catalog.models).clone();
        let runs = |engine: &str| Engine::from_id(engine).is_some();
        model
            .variants
            .retain(|v| runs(&v.engine) && fits(v.weights_bytes));
        while model.variants.len() > 3 {
            model.variants.remove(random.below(model.variants.len()));
        }
        let new = models
            .iter()
            .all(|m: &planner::catalog::schema::Model| m.id != model.id);
        let talks = model.narrow_purpose().is_none();
        if new && talks && !model.variants.is_empty() && model.architecture.is_some() {
            models.push(model);
        }
    }
    models.sort_by(|a, b| a.id.cmp(&b.id));
    world.catalog.models = models;
    world
}

fn small_request(random: &mut Random, world: &World) -> Request {
    let mut tasks = TASKS.to_vec();
    while tasks.len() > 1 + random.below(3) {
        tasks.remove(random.below(tasks.len()));
    }
    let mut request = request(&tasks);
    request.max_models = 1 + random.below(3);
    request.context = Some(*random.of(&[16_384, 32_768]));
    for _ in 0..random.below(request.max_models.min(2) + 1) {
        let pin = random.of(&world.catalog.models).id.clone();
        if !request.pins.contains(&pin) {
            request.pins.push(pin);
        }
    }
    request
}

fn change(random: &mut Random, scenario: &Scenario<'_>) -> Change {
    let model = random.of(&scenario.catalog.models);
    let variant = format!("{}/{}", model.id, random.of(&model.variants).id);
    let task = random.of(&scenario.request.tasks).0.id.clone();
    let gib = Bytes::from_gib(8 + u64::try_from(random.below(120)).unwrap());
    let share = random.share();
    let on_machine = Change::Machine;
    match random.below(22) {
        20 => Change::Choice(OnChoice::Disk(Some(DiskLimit {
            most_bytes: gib,
            here: vec![variant],
        }))),
        21 => Change::Choice(OnChoice::Disk(None)),
        0 | 1 => Change::Taste(OnTaste::Share { task, share }),
        2 | 3 => Change::Taste(OnTaste::Weight {
            task,
            utility: *random.of(&Utility::ALL),
            weight: share,
        }),
        4 => Change::Taste(OnTaste::Floors {
            task,
            floors: Floors::default(),
        }),
        5 | 6 => Change::Figures(OnFigures::Speed {
            variant,
            tokens_per_second: share * 100.0,
        }),
        7 => Change::Figures(OnFigures::Size { of: variant, share }),
        8 => Change::Figures(OnFigures::Hopeful),
        9 => on_machine(OnMachine::Room(gib)),
        10 => on_machine(OnMachine::NoLimits),
        11 => on_machine(OnMachine::Memory(gib)),
        12 => on_machine(OnMachine::WiredLimit(gib)),
        13 => on_machine(OnMachine::Reserve(Bytes::from_gib(gib.0 >> 33))),
        14 => Change::Choice(OnChoice::Models(3 + random.below(3))),
        15 => Change::Choice(OnChoice::Serve(model.id.clone())),
        16 => Change::Choice(OnChoice::Fill),
        17 => Change::Choice(OnChoice::LeastSpeed(Some(share * 30.0))),
        18 => Change::Settings(OnSettings::Slots(1)),
        _ => Change::Settings(OnSettings::KvType(KvType::Q8_0, KvType::Q8_0)),
    }
}

/// Weights, limits, figures and pins are changed over what was prepared; the rest is made anew.
#[test]
fn what_was_prepared_gives_under_changes_what_is_made_anew() {
    let mut random = Random(7);
    let mut found = 0;
    for _ in 0..16 {
        let world = small_world(&mut random);
        let mut request = small_request(&mut random, &world);
        if random.below(2) == 0 {
            request.context = None;
        }
        let scenario = world.scenario(&request);
        let vary = Prepared::to_vary(&scenario);
        for _ in 0..25 {
            let changes: Vec<Change> = (0..=random.below(3))
                .map(|_| change(&mut random, &scenario))
                .collect();
            let reused = vary.under(&changes, Deadline::never());
            let there = Change::apply_all(&changes, &scenario).unwrap();
            let anew = Prepared::once(&there).best(Deadline::never());
            let told = |answer: &Result<Option<planner::scenario::Answer>, _>| match answer {
                Ok(Some(a)) => Ok(Some((a.members.clone(), a.steps, a.demand))),
                Ok(None) => Ok(None),
                Err(error) => Err(format!("{error:?}")),
            };
            assert_eq!(told(&reused), told(&anew), "{changes:?}");
            found += usize::from(matches!(reused, Ok(Some(_))));
        }
    }
    assert!(found > 100, "{found}");
}

/// Pins that serve, and the objective in steps.
type Worth = (usize, i64);

/// The best of every loadout that there is: every set of candidates, every way to serve the tasks.
fn enumerated(scenario: &Scenario<'_>, must: Option<&str>) -> Option<Worth> {
    // What may be downloaded is counted here, by the sizes of files.
    let mut anything = scenario.clone();
    anything.request.disk = None;
    let pool = candidates(&Prepared::once(&anything).pool);
    let may_be_had = |set: &[usize]| {
        let disk = scenario.request.disk.as_ref();
        let missing = |disk: &DiskLimit, c: &Candidate<'_>| !disk.here.contains(&c.name());
        disk.is_none_or(|disk| {
            let chosen = set.iter().map(|&i| &pool[i]);
            let missing = chosen.filter(|c| missing(disk, c));
            missing.map(|c| c.variant.weights_bytes.0).sum::<u64>() <= disk.most_bytes.0
        })
    };
    let limits = scenario.limits();
    let mut best = None;
    let fit = (0..pool.len()).filter(|&i| limits.holds(pool[i].demand));
    let fit: Vec<usize> = fit.collect();
    for size in 1..=scenario.request.max_models {
        for set in subsets(&fit, size) {
            let taken = set.iter().map(|&i| pool[i].demand).sum();
            let models: std::collections::BTreeSet<usize> =
                set.iter().map(|&i| pool[i].model_number).collect();
            if limits.holds(taken) && models.len() == set.len() && may_be_had(&set) {
                best = best.max(served_best(scenario, &pool, &set, must));
            }
        }
    }
    best
}

/// The best way to serve the tasks with a set; none where it may not be loaded.
fn served_best(
    scenario: &Scenario<'_>,
    pool: &[Candidate<'_>],
    set: &[usize],
    must: Option<&str>,
) -> Option<Worth> {
    let request = &scenario.request;
    let called = |i: usize, name: &str| pool[i].is_called(name);
    if !request
        .pins
        .iter()
        .all(|p| set.iter().any(|&i| called(i, p)))
    {
        return None;
    }
    let shares = request.shares();
    let ways = set.len().pow(u32::try_from(request.tasks.len()).unwrap());
    let mut best = None;
    for way in 0..ways {
        let mut rest = way;
        let servers = request.tasks.iter().map(|_| {
            let server = set[rest % set.len()];
            rest /= set.len();
            server
        });
        let servers: Vec<usize> = servers.collect();
        #[expect(clippy::cast_possible_truncation, reason = "a score in steps")]
        let score = |t: usize, i: usize| {
            let score = pool[i].scores[t]?;
            Some((score * shares[t] * STEPS).round() as i64)
        };
        let scores = servers.iter().enumerate().map(|(t, &i)| score(t, i));
        let Some(objective) = scores.sum::<Option<i64>>() else {
            continue;
        };
        let serves = |name: &str| servers.iter().any(|&i| called(i, name));
        let idle_for_a_pin = |i: &usize| request.pins.iter().any(|p| called(*i, p));
        let useful = set.iter().all(|i| servers.contains(i) || idle_for_a_pin(i));
        if useful && must.is_none_or(serves) {
            let pins = request.pins.iter().filter(|p| serves(p)).count();
            best = best.max(Some((pins, objective)));
        }
    }
    best
}

fn subsets(all: &[usize], size: usize) -> Vec<Vec<usize>> {
    if size == 0 {
        return vec![Vec::new()];
    }
    let with_first = |n: usize| {
        let rest = subsets(&all[n + 1..], size - 1).into_iter();
        rest.map(move |mut set| {
            set.insert(0, all[n]);
            set
        })
    };
    (0..all.len()).flat_map(with_first).collect()
}

#[expect(clippy::cast_precision_loss, reason = "a score in steps")]
fn points(steps: i64) -> f64 {
    steps as f64 / STEPS
}

#[test]
fn pins_and_answers_are_the_best_of_all_loadouts() {
    let mut random = Random(11);
    let (mut answers, mut idle) = (0, 0);
    for n in 0..96 {
        let world = small_world(&mut random);
        let mut request = small_request(&mut random, &world);
        if n % 3 == 0 {
            // More pins than tasks: one is to idle.
            request.tasks.truncate(1);
            request.max_models = 3;
            let models = world.catalog.models.iter().map(|m| m.id.clone());
            request.pins = models.take(2).collect();
        }
        let scenario = world.scenario(&request);
        let expected = enumerated(&scenario, None);
        let answer = Prepared::once(&scenario).best(Deadline::never()).unwrap();
        let serving = answer.as_ref().map(|a| {
            let pins = request.pins.iter().filter(|p| a.is_served_by(p));
            assert!(request.pins.iter().all(|p| a.holds(p)), "{request:?}");
            (pins.count(), a.steps)
        });
        assert_eq!(serving, expected, "{:?} {:?}", request.pins, answer);
        answers += usize::from(answer.is_some());
        idle += usize::from(serving.is_some_and(|(pins, _)| pins < request.pins.len()));
    }
    assert!(
        answers > 20 && idle > 3,
        "{answers} answers, {idle} with an idle pin"
    );
}

/// A limit of downloads that some pairs of files keep to and others don't, some of the files on the
/// disk.
fn disk_limit(random: &mut Random, world: &World) -> DiskLimit {
    let files = world.catalog.models.iter();
    let files = files.flat_map(|m| {
        m.variants
            .iter()
            .map(move |v| (format!("{}/{}", m.id, v.id), v))
    });
    let files: Vec<_> = files.collect();
    let pair = [random.of(&files).1, random.of(&files).1];
    let both: u64 = pair.iter().map(|v| v.weights_bytes.0).sum();
    let here = files.iter().filter(|_| random.below(4) == 0);
    DiskLimit {
        here: here.map(|(name, _)| name.clone()).collect(),
        most_bytes: Bytes(both / 2 + both / 4 * u64::try_from(random.below(3)).unwrap()),
    }
}

#[test]
fn downloads_keep_to_their_limit_and_no_loadout_that_does_is_better() {
    let mut random = Random(53);
    let (mut cut, mut none, mut partly) = (0, 0, 0);
    for _ in 0..rounds(110, 160) {
        let world = small_world(&mut random);
        let mut request = small_request(&mut random, &world);
        let anything = world.scenario(&request);
        let anything = enumerated(&anything, None);
        request.disk = Some(disk_limit(&mut random, &world));
        let scenario = world.scenario(&request);
        let expected = enumerated(&scenario, None);
        let answer = Prepared::once(&scenario).best(Deadline::never()).unwrap();
        let serving = answer.as_ref().map(|a| {
            let pins = request.pins.iter().filter(|p| a.is_served_by(p));
            (pins.count(), a.steps)
        });
        assert_eq!(serving, expected, "{:?} {:?}", request.disk, answer);
        cut += usize::from(expected.is_some() && expected < anything);
        let plan = world.plan(&request);
        let (disk, told) = (request.disk.as_ref().unwrap(), plan.downloads.unwrap());
        let missing = names(&plan)
            .into_iter()
            .filter(|name| !disk.here.contains(name));
        let bytes = missing.map(|name| {
            world
                .catalog
                .find(&name)
                .unwrap()
                .1
                .unwrap()
                .weights_bytes
                .0
        });
        assert_eq!(told.bytes.0, bytes.sum::<u64>());
        assert!(told.bytes <= disk.most_bytes);
        partly += usize::from(told.bytes.0 > 0 && plan.loadout.len() > 1);
        none += usize::from(anything.is_some() && expected.is_none());
        if anything.is_some() && expected.is_none() {
            way_out(&world, &request, &plan);
        }
    }
    assert!(cut > 3 && none > 0 && partly > 3, "{cut} {none} {partly}");
}

/// Without a loadout the limit is named, and the least that would do.
fn way_out(world: &World, request: &Request, plan: &Plan) {
    let why = plan.infeasible.as_ref().unwrap();
    let disk = |r: &Conflicting| matches!(r.requirement, Requirement::Disk { .. });
    assert!(why.conflict.iter().any(disk), "{why:?}");
    let flag = |c: &document::Change| c.flags.first().is_some_and(|f| f == "--disk");
    let more = why
        .changes
        .iter()
        .find(|c| flag(c))
        .expect("a larger limit");
    let size = |gb: u64| {
        let mut request = request.clone();
        request.disk.as_mut().unwrap().most_bytes = Bytes(gb * 1_000_000_000);
        enumerated(&world.scenario(&request), None).is_some()
    };
    let gb: Bytes = more.flags[1].parse().unwrap();
    let gb = gb.0 / 1_000_000_000;
    assert!(size(gb) && !size(gb - 1), "{more:?}");
}

/// What is said of a model against the enumeration.
fn holds(world: &World, request: &Request, scenario: &Scenario<'_>, why: &WhyNot) {
    let name = why.model.as_str();
    let now = enumerated(scenario, None).unwrap();
    let with = enumerated(scenario, Some(name));
    match why.standing {
        Standing::Serves => assert_eq!(with, Some(now), "{name}"),
        Standing::WorthLess { difference } => {
            let with = with.unwrap();
            assert!(with < now, "{name}: {with:?} {now:?}");
            let expected = points(with.1) - points(now.1);
            assert!(
                (difference - expected).abs() < 1e-9,
                "{name}: {difference} {expected}"
            );
        }
        Standing::Idles => {
            assert!(request.pins.iter().any(|p| p == name) && with.is_none_or(|w| w < now));
        }
        Standing::OnlyIdle | Standing::NoLoadout | Standing::TooLarge | Standing::NoCandidate => {
            assert_eq!(with, None, "{name}: {why:?}");
        }
    }
    for task in &why.tasks {
        let t = request
            .tasks
            .iter()
            .position(|(t, _)| t.id == task.task)
            .unwrap();
        let pool = candidates(&Prepared::once(scenario).pool);
        let fits = |c: &&Candidate<'_>| scenario.limits().holds(c.demand);
        let own = pool.iter().filter(|c| c.is_called(name)).filter(fits);
        let best = own.filter_map(|c| c.scores[t]).reduce(f64::max);
        assert_eq!(best.is_some(), task.other_fits);
        assert!(best.is_none_or(|best| (best - task.other_score).abs() < 1e-12));
    }
    for flip in &why.flips {
        let served = flip.loadout.iter().filter(|m| !m.tasks.is_empty());
        let mut called = served.map(|m| m.variant.split('/').next().unwrap());
        assert!(called.any(|m| m == name), "{flip:?}");
        let mut changed = request.clone();
        let to = flip.to.unwrap_or(0.0);
        let quoted: Vec<&str> = flip.text.split('`').collect();
        match flip.kind {
            FlipKind::Models => changed.max_models += 1,
            FlipKind::Fill => changed.fill = true,
            FlipKind::Share => changed = reweighed(request, quoted[1], None, to),
            FlipKind::Weight => {
                let utility = flip.text.split(' ').nth(3).unwrap();
                changed = reweighed(request, quoted[1], Some(utility), to);
            }
            FlipKind::Speed | FlipKind::Size | FlipKind::Room | FlipKind::WiredLimit => continue,
        }
        // With the change it serves in a loadout that none beats.
        let there = Scenario::new(&scenario.catalog, &world.machine, &world.speed, &changed);
        let with = enumerated(&there, Some(name));
        assert!(
            with.is_some() && with == enumerated(&there, None),
            "{flip:?}"
        );
    }
}

#[test]
fn why_not_holds_against_every_loadout() {
    let mut random = Random(23);
    let mut standings = std::collections::BTreeMap::new();
    let mut flips = 0;
    for _ in 0..40 {
        let world = small_world(&mut random);
        let request = small_request(&mut random, &world);
        let scenario = world.scenario(&request);
        if enumerated(&scenario, None).is_none() {
            continue;
        }
        let plan = world.plan(&request);
        for _ in 0..2 {
            let name = random.of(&world.catalog.models).id.clone();
            let why = world.explain(&plan, Some(&name)).why_not.unwrap();
            holds(&world, &request, &scenario, &why);
            flips += why.flips.len();
            let kind = format!("{:?}", why.standing);
            let kind = kind.split(' ').next().unwrap().to_owned();
            *standings.entry(kind).or_insert(0) += 1;
        }
    }
    assert!(
        standings.contains_key("WorthLess") && flips > 3,
        "{standings:?} {flips}"
    );
}

/// Contexts that compete for the room left by the weights: the plan is the best of all of them.
#[test]
fn contexts_are_the_best_of_all_loadouts() {
    let mut random = Random(41);
    let (mut answers, mut between, mut several) = (0, 0, 0);
    for n in 0..60 {
        let mut world = small_world(&mut random);
        for model in &mut world.catalog.models {
            model.variants.truncate(1);
            model.context_length = model.context_length.min(24_576);
        }
        let mut request = request(&["general", "chat", "constrained"][n % 2..][..2 - n / 30]);
        request.max_models = 2;
        // Caches large enough to matter, and most of the score in what they hold.
        request.settings.kv_type_k = KvType::F32;
        request.settings.kv_type_v = KvType::F32;
        for (task, _) in &mut request.tasks {
            set_weight(task, "context", random.share());
            if n % 3 == 0 {
                set_weight(task, "memory", 0.3 * random.share());
            }
            if n % 4 == 0 {
                // Not always the longer the better.
                let [peak, end] = [random.share(), random.share()];
                task.scales.context.anchors =
                    vec![[4096.0, 0.0], [14_000.0, peak], [24_576.0, end]];
            } else {
                task.scales.context.anchors = vec![[4096.0, 0.0], [24_576.0, 1.0]];
            }
        }
        // As much memory as two of the candidates take.
        let scenario = world.scenario(&request);
        let all = candidates(&Prepared::to_vary(&scenario).pool);
        if all.is_empty() {
            continue;
        }
        // At contexts between the doublings.
        let is_between = |c: &&Candidate<'_>| !c.settings.context.is_power_of_two();
        let all: Vec<&Candidate<'_>> = all.iter().filter(is_between).collect();
        let pair = [random.of(&all).demand, random.of(&all).demand];
        let room: u64 = pair.iter().map(|d| d.total.0).sum();
        world.machine.reserve = Bytes(0);
        world.machine.memory = Bytes(room + SAFETY_MARGIN.0);
        world.machine.gpu_working_set = None;
        request.fill = true;
        let scenario = world.scenario(&request);
        let expected = enumerated(&scenario, None);
        let answer = Prepared::once(&scenario).best(Deadline::never()).unwrap();
        let found = answer.as_ref().map(|a| (0, a.steps));
        assert_eq!(found, expected, "{n}: {answer:?}");
        let Some(answer) = answer else { continue };
        answers += 1;
        several += usize::from(answer.members.len() > 1);
        let not_doubled = |c: u32| !c.is_power_of_two() && c != 24_576;
        between += usize::from(answer.members.iter().any(|m| not_doubled(m.context)));
    }
    assert!(
        answers > 20 && between > 1 && several > 3,
        "{answers} answers, {between} between doublings, {several} of several models"
    );
}

/// The same context for all models is nowhere better than the contexts that are chosen.
#[test]
fn no_uniform_context_beats_the_plan() {
    let (mut between, mut tried) = (0, 0);
    for (machine, tasks, agents) in [
        ("m4-max-36gb", &["code"][..], None),
        ("mac-mini-m6-32gb", &["agent"], Some(3)),
        ("macbook-air-m4-16gb", &["agent"], None),
        ("m4-max-128gb", &["code", "general"], None),
        ("mac-mini-m4-pro-24gb", &["code", "chat"], Some(3)),
        ("mac-mini-m4-pro-24gb", &["code"], None),
        ("macbook-pro-m4-max-48gb", &["agent"], None),
    ] {
        let mut world = World::new(machine);
        let mut n = 0;
        world.catalog.models.retain(|_| {
            n += 1;
            n % 6 == 1
        });
        world.catalog.published_loadouts.clear();
        let mut request = request(tasks).with_agents(agents);
        let steps = |request: &Request| {
            let scenario = world.scenario(request);
            let answer = Prepared::once(&scenario).best(Deadline::never()).unwrap();
            answer.map_or(0, |a| a.steps)
        };
        let free = steps(&request);
        let mut best = (0, 0);
        for context in (4096..=262_144).step_by(4096) {
            request.context = Some(context);
            let uniform = steps(&request);
            assert!(
                uniform <= free,
                "{machine} {tasks:?}: {uniform} at {context}"
            );
            best = best.max((uniform, context));
            tried += usize::from(uniform > 0);
        }
        between += usize::from(!best.1.is_power_of_two() && best.0 > 0);
    }
    assert!(
        tried > 50 && between > 0,
        "{tried} with a plan, {between} best between doublings"
    );
}

/// What the solve counts on: no shorter context of a file takes more.
#[test]
fn a_longer_context_takes_no_less() {
    let world = World::new("m3-ultra-512gb");
    let request = request(&["code"]);
    let scenario = world.scenario(&request);
    let pool = Prepared::to_vary(&scenario).pool;
    let mut seen = std::collections::BTreeSet::new();
    for ladder in &pool.ladders {
        // What is beside the weights is the model's, by engine.
        let engine = ladder.base().settings.engine;
        if !seen.insert((ladder.base().model.id.as_str(), engine.id())) {
            continue;
        }
        let demands: Vec<_> = (0..ladder.len())
            .map(|r| ladder.candidate(r).demand)
            .collect();
        for pair in demands.windows(2) {
            let rises = pair[0].total <= pair[1].total && pair[0].gpu <= pair[1].gpu;
            assert!(rises, "{}: {pair:?}", ladder.base().name());
        }
    }
    assert!(seen.len() > 60, "{}", seen.len());
}

#[test]
fn a_new_model_is_judged_where_it_serves() {
    let mut random = Random(31);
    let mut seen = 0;
    for _ in 0..16 {
        let world = small_world(&mut random);
        let request = small_request(&mut random, &world);
        let scenario = world.scenario(&request);
        if enumerated(&scenario, None).is_none() {
            continue;
        }
        let plan = world.plan(&request);
        let change = Change::Figures(OnFigures::New(NewModel {
            name: "made-up".to_owned(),
            weights: Bytes::from_gib(2 + u64::try_from(random.below(30)).unwrap()),
            tokens_per_second: Some(random.share() * 80.0),
            like: random.of(&world.catalog.models).id.clone(),
        }));
        let changes = [change];
        let (how, shopping) = (How::Apart, Shopping::default());
        let never = Deadline::never();
        let answer = whatif(&scenario, &plan, &changes, how, &shopping, never).unwrap();
        let standing = answer.scenarios[0].new_model.as_ref().unwrap();
        let there = changes[0].apply(&scenario).unwrap();
        holds(&world, &request, &there, &standing.why_not);
        seen += 1;
    }
    assert!(seen > 3, "{seen}");
}

/// A clock that moves on with every look.
#[test]
fn what_a_time_limit_leaves_undone_is_named() {
    let world = World::new("m4-max-64gb");
    let request = request(&["code", "general"]);
    let plan = world.plan(&request);
    let looks = std::cell::Cell::new(0.0);
    let now = || {
        looks.set(looks.get() + 1.0);
        looks.get()
    };
    let scenario = world.scenario(&request);
    let explained = |limit: f64| {
        looks.set(0.0);
        let deadline = Deadline::after(&now, Some(limit));
        planner::advise::explain::explain(&scenario, &plan, None, deadline).unwrap()
    };
    let all = explained(f64::MAX);
    assert!(all.unfinished.is_empty());
    let answer = explained(looks.get() / 3.0);
    let cut = |u: &Unfinished| matches!(u, Unfinished::Weights { done, of } if done < of);
    assert!(answer.unfinished.iter().any(cut), "{:?}", answer.unfinished);
    assert!(answer.unfinished.contains(&Unfinished::Speeds));
    assert!(!answer.weights.is_empty());
    assert_eq!(all.weights[..answer.weights.len()], answer.weights[..]);
}

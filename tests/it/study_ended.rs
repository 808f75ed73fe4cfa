//! Studies that are killed, cut off, interrupted and put to sleep, at moments that nobody chose.
#![expect(
    clippy::print_stdout,
    reason = "`--nocapture` shows how many of the moments fell into the middle"
)]

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

use crate::campaign::{MODELS, World, stages};
use crate::studio::words;
use crate::support::rounds;

/// Bytes of each model: enough to be met in the middle.
const LENGTH: usize = 1_500_000;

/// What ends a run, or holds it up.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    /// `kill -9`.
    Killed,
    /// Ctrl-C.
    Interrupted,
    /// `kill -9` of all that it has started, too.
    AllKilled,
    /// The same, and LM Studio starts anew with nothing loaded.
    PowerCut,
    /// Stopped for so many milliseconds while the lines die, and then it goes on by itself.
    Asleep(u32),
}

/// Ends everything that runs in this world: its own command lines name its folder.
fn end_all(world: &World) {
    let folder = world.studio.path("").display().to_string();
    loop {
        let all = Command::new("ps")
            .args(["-A", "-ww", "-o", "pid=,stat=,args="])
            .output();
        let all = words(&all.unwrap());
        let ours = all.lines().filter(|line| line.contains(&folder));
        let mut alive = ours.filter(|line| !line.split_whitespace().nth(1).unwrap().contains('Z'));
        let Some(process) = alive.next() else {
            return;
        };
        let process = process.split_whitespace().next().unwrap().parse();
        world.studio.signal(process.unwrap(), "-KILL");
    }
}

fn start(world: &World) -> Child {
    let mut command = world.command(&["--yes", "--limit", "3MB/s"]);
    command.process_group(0);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// A run that meets this fate at this moment; true where it was not at its end by then.
fn meets(world: &World, fate: Fate, moment: Duration) -> bool {
    let mut running = start(world);
    sleep(moment);
    if running.try_wait().unwrap().is_some() {
        return false;
    }
    match fate {
        Fate::Killed => running.kill().unwrap(),
        Fate::Interrupted => assert!(world.studio.signal(running.id(), "-INT")),
        Fate::AllKilled => end_all(world),
        Fate::PowerCut => {
            end_all(world);
            world.studio.state().set_loaded(&[]);
        }
        Fate::Asleep(milliseconds) => {
            assert!(world.studio.signal(running.id(), "-STOP"));
            sleep(Duration::from_millis(u64::from(milliseconds)));
            world.hub.front.hang_up();
            world.hub.store.hang_up();
            assert!(world.studio.signal(running.id(), "-CONT"));
        }
    }
    let done = running.wait_with_output().unwrap();
    if matches!(fate, Fate::Asleep(_)) {
        let errors = words(&done);
        assert_eq!(done.status.code(), Some(0), "{errors}");
    }
    true
}

fn models(world: &World) -> PathBuf {
    world.studio.path("home/.lmstudio/models")
}

/// Nothing has its own name that is not whole.
fn nothing_is_half_there(world: &World) {
    for (file, path) in &world.files {
        if let Ok(there) = fs::read(models(world).join(path)) {
            assert!(there == *file.bytes, "{path}");
        }
    }
    for file in ["study.json", "report/report.html"] {
        let text = fs::read_to_string(world.results().join(file)).unwrap_or_default();
        let whole = match file {
            "study.json" => serde_json::from_str::<Value>(&text).is_ok(),
            _ => text.trim_end().ends_with("</html>"),
        };
        assert!(whole || text.is_empty(), "{file}: {text}");
    }
    for entry in fs::read_dir(world.studio.path("xdg/planner/catalog"))
        .into_iter()
        .flatten()
    {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "toml") {
            let text = fs::read_to_string(&path).unwrap();
            assert!(toml::from_str::<toml::Table>(&text).is_ok(), "{text}");
        }
    }
}

/// Bytes that had come of a model and that the next run would fetch again.
fn thrown_away(world: &World, n: usize) -> usize {
    let (file, path) = &world.files[n];
    let (folder, name) = path.rsplit_once('/').unwrap();
    let (owner, repository) = folder.split_once('/').unwrap();
    let part = format!("{owner}/.planner-get-{repository}/{name}.part");
    let come = file.come_to(&models(world).join(part));
    if come == 0 {
        return 0;
    }
    let mut command = world.studio.command(env!("CARGO_BIN_EXE_planner"));
    command
        .args(["get", MODELS[n], "--dry-run", "--format", "json"])
        .env("HF_ENDPOINT", &world.hub.front.address)
        .env("NO_PROXY", "*");
    let answer: Value = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
    let kept = answer["models"][0]["files"][0]["kept_bytes"].as_u64();
    come - usize::try_from(kept.unwrap()).unwrap()
}

#[test]
fn whatever_ends_it_at_any_moment_it_goes_on_and_leaves_all_as_it_was() {
    let fates = [
        Fate::Interrupted,
        Fate::Killed,
        Fate::AllKilled,
        Fate::PowerCut,
        Fate::Asleep(rounds(500, 3000)),
    ];
    let (mut met, mut most, wanted) = ([0; 5], 0, rounds(0, 60));
    // About as long as a run takes, which is found on the way: the moments follow it.
    let mut whole = Duration::from_secs(5);
    for round in 0..rounds(1, 300) {
        let world = World::with(LENGTH);
        let before = world.studio.loaded();
        let mut killed = false;
        // Each comes first in its turn, but for the sleep, after which it comes to its end.
        for n in (0..4).map(|n| (n + round as usize) % 4).chain([4]) {
            // Golden sections of half of it fall everywhere, and each goes on from the one before.
            let share = (f64::from(round * 5) + n as f64 + 1.0) * 0.618_034 % 1.0;
            let fate = fates[n];
            let in_the_middle = meets(&world, fate, whole.mul_f64(share / 2.0));
            met[n] += u32::from(in_the_middle);
            whole = whole.mul_f64(if in_the_middle { 1.03 } else { 0.8 });
            // A Ctrl-C leaves all as it was by itself; what a kill has left may be there after it.
            if fate == Fate::Interrupted && !killed {
                world.is_as_it_was();
            }
            killed |= !matches!(fate, Fate::Interrupted | Fate::Asleep(_));
            nothing_is_half_there(&world);
            for model in 0..MODELS.len() {
                let lost = thrown_away(&world, model);
                most = most.max(lost);
                assert!(
                    lost * 50 <= LENGTH,
                    "{fate:?}: {lost} bytes are thrown away"
                );
            }
        }
        let run = world.run(&["--yes"], 0);
        assert_eq!(stages(&run), ["done"; 3], "{run}");
        // What the power cut ended, and no model of the study was in the place of, is not missed.
        let after = world.studio.loaded();
        assert!(after == before || after.is_empty(), "{after:?}");
        for variant in MODELS {
            assert!(world.rows(variant) > 0, "{variant}");
        }
        assert!(world.results().join("report/report.html").is_file());
        println!(
            "{} rounds of {fates:?} met it {met:?} times; at most {most} of {LENGTH} bytes thrown away",
            round + 1
        );
        if met.iter().all(|times| *times >= wanted) {
            return;
        }
    }
    panic!("too few moments fell into the middle: {met:?}");
}

/// Waits until `lms` was asked for a load of this model.
fn until_it_loads(world: &World, key: &str) {
    let asked = format!("\"--\",\"{key}\"");
    for _ in 0..6000 {
        let loads = |call: &String| call.starts_with("[\"load\"") && call.contains(&asked);
        if world.studio.changes().iter().any(loads) {
            return;
        }
        sleep(Duration::from_millis(20));
    }
    panic!("no load of {key}: {:?}", world.studio.changes());
}

#[test]
fn after_a_power_cut_while_a_model_of_it_is_loaded_somebodys_own_is_loaded_again() {
    let world = World::with(40_000);
    let mut running = start(&world);
    until_it_loads(&world, "gemma-3-4b");
    end_all(&world);
    running.wait().unwrap();
    world.studio.state().set_loaded(&[]);
    assert_eq!(stages(&world.run(&["--yes"], 0)), ["done"; 3]);
    world.is_as_it_was();
}

#[test]
fn a_ctrl_c_while_somebodys_own_is_loaded_again_ends_the_study_and_not_that() {
    let world = World::with(40_000);
    world.studio.faults("by_files\nslow_load@stranger=1500\n");
    let running = start(&world);
    until_it_loads(&world, "stranger");
    world.studio.signal(running.id(), "-INT");
    let ended = running.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(1), "{}", words(&ended));
    world.is_as_it_was();
    // What was measured by then is.
    let run = world.run(&["--dry-run"], 0);
    assert_eq!(stages(&run), ["done", "pending", "pending"], "{run:#}");
    world.studio.faults("by_files\n");
    assert_eq!(stages(&world.run(&["--yes"], 0)), ["done"; 3]);
    assert_eq!(world.rows(MODELS[0]), 1);
    world.is_as_it_was();
}

/// Where it can't be loaded again, that is what the next run begins with.
#[test]
fn somebodys_own_that_can_t_be_loaded_again_is_tried_first_by_the_next_run() {
    let world = World::with(40_000);
    world.studio.faults("by_files\nout_of_memory@stranger\n");
    let ended = start(&world).wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(2), "{}", words(&ended));
    assert!(words(&ended).contains("apply --undo"), "{}", words(&ended));
    world.studio.faults("by_files\n");
    assert_eq!(stages(&world.run(&["--yes"], 0)), ["done"; 3]);
    world.is_as_it_was();
}

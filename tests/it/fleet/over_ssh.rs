//! `planner status` and `apply` of a fleet: three nodes, each a stand-in for LM Studio that a stand-in for
//! ssh reaches.

use std::fs;
use std::process::{Child, Output, Stdio};
use std::sync::OnceLock;

use serde_json::{Value, json};

use super::hosts::Hosts;
use crate::studio::{KEYS, Loaded, Studio, loaded, words};
use crate::support::{planner, shipped_schema};

const NODES: [&str; 3] = ["studio-1", "studio-2", "studio-3"];

/// The study's two models on two nodes, and the smaller again on a third.
fn plan() -> Value {
    static PLAN: OnceLock<Value> = OnceLock::new();
    let made = || {
        let folder = tempfile::tempdir().unwrap();
        let fleet = folder.path().join("fleet.toml");
        fs::write(&fleet, fleet_file(&NODES[..2])).unwrap();
        let args = "--campaign llm-mac-512 --task code --task general --format json";
        let mut all = vec!["recommend", "--fleet", fleet.to_str().unwrap()];
        all.extend(args.split(' '));
        let done = planner(&all);
        assert!(done.status.success(), "{}", words(&done));
        let mut plan: Value = serde_json::from_slice(&done.stdout).unwrap();
        let on_first = |e: &&Value| e["node"] == NODES[0];
        let entries = plan["loadout"].as_array_mut().unwrap();
        let mut again = entries.iter().find(on_first).unwrap().clone();
        again["node"] = json!(NODES[2]);
        entries.push(again);
        let nodes = plan["nodes"].as_array_mut().unwrap();
        let mut third = nodes[0].clone();
        (third["name"], third["host"]) = (json!(NODES[2]), json!(NODES[2]));
        nodes.push(third);
        plan
    };
    PLAN.get_or_init(made).clone()
}

/// The second is gone to as somebody.
fn fleet_file(names: &[&str]) -> String {
    let user = |name: &str| match name == NODES[1] {
        true => "user = \"me\"\n",
        false => "",
    };
    let node = |name: &&str| {
        let user = user(name);
        format!(
            "[[nodes]]\nname = \"{name}\"\nprofile = \"m3-ultra-512gb\"\nhost = \"{name}\"\n{user}"
        )
    };
    names.iter().map(node).collect()
}

struct World {
    hosts: Hosts,
    studios: [Studio; 3],
}

/// What ssh calls them.
const TARGETS: [&str; 3] = ["studio-1", "me@studio-2", "studio-3"];

impl World {
    fn new() -> Self {
        let world = Self {
            hosts: Hosts::new(),
            studios: std::array::from_fn(|_| Studio::new()),
        };
        for (target, studio) in TARGETS.iter().zip(&world.studios) {
            world.hosts.host(target, studio);
        }
        let fleet = fleet_file(&NODES);
        fs::write(world.hosts.path("fleet.toml"), fleet).unwrap();
        fs::write(world.hosts.path("plan.json"), plan().to_string()).unwrap();
        world
    }

    fn command(&self, args: &[&str]) -> std::process::Command {
        let mut command = self.hosts.command(env!("CARGO_BIN_EXE_planner"));
        command
            .args(args)
            .current_dir(self.hosts.path("."))
            .env("XDG_STATE_HOME", self.hosts.path("state"))
            .env("XDG_CONFIG_HOME", self.hosts.path("config"))
            .env_remove("COLUMNS")
            .env_remove("NO_COLOR");
        command
    }

    fn planner(&self, line: &str) -> Output {
        let args: Vec<&str> = line.split(' ').collect();
        self.command(&args).output().unwrap()
    }

    /// The document of a run, which keeps to its schema, and its exit code.
    fn json(&self, schema: &str, line: &str) -> (Value, Option<i32>) {
        let done = self.planner(&format!("{line} --format json"));
        let document: Value = serde_json::from_slice(&done.stdout)
            .unwrap_or_else(|e| panic!("{e}: {}", words(&done)));
        let schema = shipped_schema(schema);
        assert!(jsonschema::is_valid(&schema, &document), "{document:#}");
        (document, done.status.code())
    }

    fn loaded(&self) -> [Loaded; 3] {
        self.studios.each_ref().map(Studio::loaded)
    }

    fn nothing_changed(&self) -> bool {
        self.studios.iter().all(|s| s.changes().is_empty())
    }

    /// Something of each node's own is loaded.
    fn mess(&self) -> [Loaded; 3] {
        let stranger = (
            "stranger".to_owned(),
            "stranger".to_owned(),
            8192,
            2,
            Some(600),
        );
        let small = loaded("qwen3-coder-next", KEYS[1], 4096, 4);
        self.studios[0].load(&[stranger.clone(), small]);
        self.studios[1].load(&[stranger]);
        self.loaded()
    }
}

fn planned() -> [Loaded; 3] {
    let coder = || vec![loaded("qwen3-coder-next", KEYS[1], 262_144, 4)];
    [
        coder(),
        vec![loaded("minimax-m2.1", KEYS[0], 65_536, 4)],
        coder(),
    ]
}

fn states(status: &Value) -> Vec<&str> {
    let nodes = status["nodes"].as_array().unwrap().iter();
    nodes.map(|n| n["state"].as_str().unwrap()).collect()
}

const APPLY: &str = "apply plan.json --any-machine --yes";

#[test]
fn all_nodes_are_brought_to_the_plan_watched_and_brought_back() {
    let world = World::new();
    // What a shell's own files print is no part of an answer.
    let noisy = fs::read_to_string(world.hosts.path("nodes/studio-3")).unwrap();
    world
        .hosts
        .host_says("studio-3", &format!("echo welcome [1]\n{noisy}"));
    let before = world.mess();
    let (status, code) = world.json("fleet-status", "status plan.json");
    assert_eq!(states(&status), ["drifted"; 3]);
    assert_eq!(code, Some(1));
    let dry = world.planner("apply plan.json --any-machine --dry-run");
    assert!(dry.status.success(), "{}", words(&dry));
    for line in [
        "studio-2 (ssh me@studio-2)",
        "unload  stranger",
        "context 4096, not 262144",
    ] {
        assert!(words(&dry).contains(line), "{line}: {}", words(&dry));
    }
    let asked = world.planner("apply plan.json --any-machine");
    assert_eq!(asked.status.code(), Some(2), "{}", words(&asked));
    assert!(words(&asked).contains("`--yes`"), "{}", words(&asked));
    assert!(world.nothing_changed());
    let done = world.planner(APPLY);
    assert!(done.status.success(), "{}", words(&done));
    assert!(words(&done).contains("studio-2: loading minimax-m2.1"));
    assert_eq!(world.loaded(), planned());
    let status = world.planner("status plan.json");
    assert!(status.status.success(), "{}", words(&status));
    let said = words(&status);
    assert_eq!(
        said.matches("exactly its part of the plan").count(),
        3,
        "{said}"
    );
    assert!(said.contains("LM Studio 0.4.25"), "{said}");
    let short = world.planner("status fleet.toml --short");
    assert!(short.status.success(), "{}", words(&short));
    assert!(words(&short).starts_with("studio-1: qwen3-coder-next 256k"));
    let (again, code) = world.json("fleet-apply", APPLY);
    assert_eq!((&again["outcome"], code), (&json!("unchanged"), Some(0)));
    // The last apply was one to a fleet: that is what is taken back.
    let undo = world.planner("apply --undo");
    assert!(undo.status.success(), "{}", words(&undo));
    assert_eq!(world.loaded(), before);
    assert_eq!(world.planner("apply --undo").status.code(), Some(2));
}

#[test]
fn a_node_that_refuses_one_that_hangs_and_one_that_lies_hide_no_other() {
    let world = World::new();
    world.studios[0].load(&planned()[0]);
    world.hosts.host_says(
        "me@studio-2",
        "printf 'motd\\nme@studio-2: Permission denied (publickey). \\033[2J\\342\\200\\256\\n' >&2; exit 255",
    );
    world.hosts.host_says("studio-3", "exec sleep 86400");
    let line = "status plan.json --node-timeout 2";
    let (status, code) = world.json("fleet-status", line);
    assert_eq!(code, Some(1));
    assert_eq!(
        states(&status),
        ["as_planned", "not_reached", "not_reached"]
    );
    let hint = status["nodes"][1]["hint"].as_str().unwrap();
    assert!(hint.contains("ssh-copy-id me@studio-2"), "{hint}");
    let shown = world.planner(line);
    let said = words(&shown);
    assert!(!said.contains(['\u{1b}', '\u{202e}']), "{said:?}");
    assert!(said.contains("no answer within 2 s"), "{said}");
    assert!(!said.contains("motd"), "{said}");
    assert!(said.contains("exactly its part of the plan"), "{said}");
    // Nothing is begun where a node can't be changed; the others' parts can be asked for.
    let ended = world.planner(&format!("{APPLY} --node-timeout 2"));
    assert_eq!(ended.status.code(), Some(2), "{}", words(&ended));
    let said = words(&ended);
    assert!(said.contains("2 of 3 nodes can't be changed"), "{said}");
    assert!(!said.contains(['\u{1b}', '\u{202e}']), "{said:?}");
    assert!(world.nothing_changed());
    let some = world.planner(&format!("{APPLY} --node studio-1"));
    assert!(some.status.success(), "{}", words(&some));
    let wrong = world.planner(&format!("{APPLY} --node studio-4"));
    assert!(words(&wrong).contains("did you mean"), "{}", words(&wrong));
}

/// What a node lists is somebody else's text.
#[test]
fn what_a_node_says_moves_no_cursor() {
    let world = World::new();
    let evil = "evil\u{1b}[2J\n  studio-9: fine\u{202e}";
    let mut row = crate::studio::gguf("qwen3-coder-next", "a/b/c.gguf", "Q4\u{1b}]0;x\u{7}", 7);
    row["identifier"] = json!(evil);
    row["status"] = json!("idle\u{1b}[31m");
    row["contextLength"] = json!(4096);
    world.studios[0].state().set_loaded(&[row]);
    world.hosts.host_says("me@studio-2", "echo '[{'; exit 0");
    world
        .hosts
        .host_says("studio-3", "head -c 9000000 /dev/zero | tr '\\0' x; exit 7");
    for line in [
        "status plan.json",
        "status fleet.toml --short",
        "status plan.json --format json",
    ] {
        let shown = world.planner(line);
        assert_eq!(shown.status.code(), Some(1));
        let said = words(&shown);
        assert!(!said.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{said:?}");
        assert!(!said.contains("\n  studio-9"), "{said}");
        assert!(said.len() < 30_000, "{}", said.len());
    }
}

#[test]
fn where_one_node_fails_all_go_back() {
    for fault in [
        "out_of_memory@minimax-m2.1",
        "death@minimax-m2.1",
        "exit_0_failure@minimax-m2.1",
    ] {
        let world = World::new();
        let before = world.mess();
        world.studios[1].faults(fault);
        let (report, code) = world.json("fleet-apply", APPLY);
        assert_eq!((&report["outcome"], code), (&json!("rolled_back"), Some(1)));
        assert_eq!(world.loaded(), before, "{report:#}");
        assert!(report["nodes"][1]["error"].is_string(), "{report:#}");
        assert!(report["nodes"][0]["error"].is_null(), "{report:#}");
        assert_eq!(world.planner("apply --undo").status.code(), Some(2));
    }
}

/// A node that goes away in the middle can't be put back; the others are, and the rest comes later.
#[test]
fn a_node_that_is_lost_in_the_middle_is_named_and_put_back_when_it_is_back() {
    let world = World::new();
    let before = world.mess();
    for studio in &world.studios {
        studio.faults("slow_load=2500");
    }
    let child = started(&world);
    world.studios[1].wait_for("--identifier=minimax-m2.1");
    let there = world.hosts.path("nodes/me@studio-2");
    let world_of_it = fs::read_to_string(&there).unwrap();
    world.hosts.host_says(
        "me@studio-2",
        "echo 'ssh: connect to host studio-2 port 22: No route to host' >&2; exit 255",
    );
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(1), "{}", words(&ended));
    let said = words(&ended);
    assert!(said.contains("not every node has again"), "{said}");
    assert!(said.contains("studio-2: can't be put back"), "{said}");
    let now = world.loaded();
    assert_eq!([&now[0], &now[2]], [&before[0], &before[2]]);
    fs::write(there, world_of_it).unwrap();
    world.studios[1].faults("");
    let undo = world.planner("apply --undo");
    assert!(undo.status.success(), "{}", words(&undo));
    assert_eq!(world.loaded(), before);
}

/// An apply under way.
fn started(world: &World) -> Child {
    let args: Vec<&str> = APPLY.split(' ').collect();
    let mut command = world.command(&args);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

#[test]
fn a_killed_apply_to_a_fleet_can_be_taken_back_and_can_be_finished() {
    for way in ["--undo", "--resume"] {
        let world = World::new();
        let before = world.mess();
        for studio in &world.studios {
            studio.faults("slow_load=1500");
        }
        let mut child = started(&world);
        world.studios[1].wait_for("--identifier=minimax-m2.1");
        assert!(world.studios[0].signal(child.id(), "-KILL"));
        child.wait().unwrap();
        let fresh = world.planner(APPLY);
        assert_eq!(fresh.status.code(), Some(2), "{}", words(&fresh));
        assert!(
            words(&fresh).contains("was interrupted"),
            "{}",
            words(&fresh)
        );
        for studio in &world.studios {
            studio.faults("");
        }
        let ended = world.planner(&format!("apply {way}"));
        assert!(ended.status.success(), "{}", words(&ended));
        // What the killed apply had begun must not come in later.
        std::thread::sleep(std::time::Duration::from_millis(1600));
        let end = match way {
            "--undo" => before,
            _ => planned(),
        };
        assert_eq!(world.loaded(), end, "{way}: {}", words(&ended));
    }
}

#[test]
fn an_interrupted_apply_puts_every_node_back() {
    let world = World::new();
    let before = world.mess();
    for studio in &world.studios {
        studio.faults("slow_load=6000");
    }
    let child = started(&world);
    world.studios[2].wait_for("--identifier=qwen3-coder-next");
    let second = world.planner(APPLY);
    assert_eq!(second.status.code(), Some(2), "{}", words(&second));
    assert!(words(&second).contains("another `planner apply` is running"));
    assert!(world.studios[0].signal(child.id(), "-INT"));
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(1), "{}", words(&ended));
    assert!(words(&ended).contains("interrupted"), "{}", words(&ended));
    // The loads that were cut off end on their nodes, and come in at no later time.
    std::thread::sleep(std::time::Duration::from_secs(6));
    assert_eq!(world.loaded(), before);
}

#[test]
fn lm_studio_is_started_where_it_does_not_run_and_never_by_looking() {
    let world = World::new();
    world.studios[1].faults("not_running");
    let (status, code) = world.json("fleet-status", "status plan.json");
    assert_eq!(states(&status), ["drifted", "not_running", "drifted"]);
    assert_eq!(code, Some(1));
    let calls = fs::read_to_string(world.studios[1].path("state/calls")).unwrap();
    assert!(!calls.contains("\"ps\""), "{calls}");
    let done = world.planner(APPLY);
    assert!(done.status.success(), "{}", words(&done));
    assert_eq!(world.loaded(), planned());
}

#[test]
fn a_machine_that_is_too_small_and_one_without_lm_studio_are_told() {
    let world = World::new();
    let small = world.planner("apply plan.json --yes");
    assert_eq!(small.status.code(), Some(2));
    assert!(
        words(&small).contains("it was made for"),
        "{}",
        words(&small)
    );
    let home = world.hosts.path("empty");
    fs::create_dir(&home).unwrap();
    world.hosts.host_says(
        "studio-3",
        &format!("export HOME={} PATH=/usr/bin:/bin", home.display()),
    );
    let status = world.planner("status plan.json");
    assert_eq!(status.status.code(), Some(1));
    assert!(
        words(&status).contains("`lms`, LM Studio's command line,"),
        "{}",
        words(&status)
    );
    let none = fleet_file(&NODES)
        .replace("host =", "# host =")
        .replace("user =", "# user =");
    fs::write(world.hosts.path("fleet.toml"), none).unwrap();
    let nowhere = world.planner("status fleet.toml");
    assert_eq!(nowhere.status.code(), Some(1));
    assert!(words(&nowhere).contains("nothing says where `studio-1` is"));
    for flags in ["--score", "--via lms", "--host a"] {
        let refused = world.planner(&format!("status plan.json {flags}"));
        assert_eq!(refused.status.code(), Some(2), "{flags}");
    }
}

#[test]
fn what_a_node_lacks_is_listed_with_what_brings_it() {
    let world = World::new();
    let state = world.studios[1].state();
    let mut models = state.models();
    models.retain(|m| m["modelKey"] != KEYS[0]);
    state.set_models(&models);
    world.hosts.lose("studio-3");
    let (files, code) = world.json("fleet-files", "get plan.json --node-timeout 5");
    assert_eq!(code, Some(1));
    let of = |n: usize| &files["nodes"][n];
    assert_eq!(of(0)["models"][0]["here"], true);
    assert_eq!(of(0)["command"], Value::Null);
    assert_eq!(of(1)["models"][0]["here"], false);
    let variant = of(1)["models"][0]["variant"].as_str().unwrap();
    let command = format!("ssh me@studio-2 'planner get {variant}'");
    assert_eq!(of(1)["command"], *command);
    assert!(of(2)["error"].is_string() && of(2)["command"].is_string());
    let shown = world.planner("get plan.json --node-timeout 5");
    assert!(words(&shown).contains(&command), "{}", words(&shown));
    assert!(world.nothing_changed());
}

#[test]
fn each_node_is_explained_by_itself_and_what_is_not_is_said() {
    let world = World::new();
    let (answer, code) = world.json("fleet-explain", "explain plan.json");
    assert_eq!(code, Some(0));
    let general = &answer["nodes"][1];
    assert_eq!(general["tasks"], json!(["general"]));
    assert_eq!(general["explanation"]["unchanged"], true, "{general:#}");
    // The smaller model's conversations are shared by two.
    let shared = answer["nodes"][0]["left_out"].as_str().unwrap();
    assert!(shared.contains("divided among several nodes"), "{shared}");
    let shown = world.planner("explain plan.json");
    assert!(
        words(&shown).contains("studio-2: general"),
        "{}",
        words(&shown)
    );
    for other in ["whatif plan.json --context 64k", "verify plan.json"] {
        let refused = world.planner(other);
        assert_eq!(refused.status.code(), Some(2), "{other}");
        let said = words(&refused);
        assert!(said.contains("is the plan of a fleet"), "{other}: {said}");
    }
}

//! The files of a fleet's plan: run by real shells against stand-ins for LM Studio on two nodes,
//! which a stand-in for ssh reaches.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use super::hosts::Hosts;
use crate::scripts::{skipped, which};
use crate::studio::{KEYS, Studio, loaded, words};
use crate::support::planner;

/// Two nodes, and the machine that the scripts are run on.
struct World {
    hosts: Hosts,
    studios: [Studio; 2],
}

const NODES: [&str; 2] = ["studio-1", "studio-2"];
/// Both are this machine: Linux answers at all of 127/8.
const ADDRESSES: [&str; 2] = ["127.0.0.1", "127.0.0.2"];

impl World {
    fn new() -> Self {
        let world = Self {
            hosts: Hosts::new(),
            studios: ADDRESSES.map(Studio::at),
        };
        world.hosts.program(
            "ifconfig",
            "echo inet 127.0.0.1 netmask; echo inet 127.0.0.2 netmask",
        );
        for (studio, address) in world.studios.iter().zip(ADDRESSES) {
            world.hosts.host(address, studio);
        }
        world
    }

    fn path(&self, below: &str) -> PathBuf {
        self.hosts.path(below)
    }

    /// The study's two models on two nodes, as files.
    fn emitted(&self, more: &[&str]) -> PathBuf {
        let fleet = self.path("fleet.toml");
        let node = |n: usize| {
            format!(
                "[[nodes]]\nname = \"{}\"\nprofile = \"m3-ultra-512gb\"\naddress = \"{}\"\nport = {}\n",
                NODES[n],
                ADDRESSES[n],
                self.studios[n].port()
            )
        };
        fs::write(&fleet, node(0) + &node(1)).unwrap();
        let (plan, out) = (self.path("plan.json"), self.path("out"));
        let [fleet, plan, out] = [&fleet, &plan, &out].map(|p| p.to_str().unwrap());
        let mut args = vec!["recommend", "--fleet", fleet, "--out", plan];
        args.extend([
            "--campaign",
            "llm-mac-512",
            "--task",
            "code",
            "--task",
            "general",
        ]);
        args.extend_from_slice(more);
        let done = planner(&args);
        assert!(done.status.success(), "{}", words(&done));
        let done = planner(&["emit", plan, "--out", out]);
        assert!(done.status.success(), "{}", words(&done));
        assert!(words(&done).contains("preflight.sh"));
        PathBuf::from(out)
    }

    fn run(&self, script: &Path, args: &[&str]) -> Output {
        let mut command = self.hosts.command("sh");
        command.arg(script).args(args).output().unwrap()
    }
}

#[test]
fn two_nodes_are_brought_up_and_down_from_the_files_alone() {
    let world = World::new();
    let folder = world.emitted(&[]);
    let run = |script: &str, args: &[&str]| world.run(&folder.join(script), args);
    let preflight = run("preflight.sh", &[]);
    assert!(preflight.status.success(), "{}", words(&preflight));
    assert!(words(&preflight).contains("nothing stands in the way"));
    assert!(world.studios.iter().all(|s| s.changes().is_empty()));
    let launch = run("launch.sh", &[]);
    assert!(launch.status.success(), "{}", words(&launch));
    let held = || world.studios.each_ref().map(Studio::loaded);
    let coder = loaded("qwen3-coder-next", KEYS[1], 262_144, 4);
    let minimax = loaded("minimax-m2.1", KEYS[0], 65_536, 4);
    assert_eq!(held(), [vec![coder], vec![minimax]]);
    let again = run("launch.sh", &[]);
    assert!(again.status.success(), "{}", words(&again));
    let changes = world.studios.each_ref().map(|s| s.changes().len());
    assert_eq!(changes, [1, 1], "a second run changed something");
    let health = run("health.sh", &["nodes"]);
    assert!(health.status.success(), "{}", words(&health));
    // One node is lost: what the plan says goes down is what goes down.
    world.hosts.lose(ADDRESSES[1]);
    let lost = run("preflight.sh", &[]);
    assert_eq!(lost.status.code(), Some(1));
    assert!(
        words(&lost).contains("in the way: studio-2"),
        "{}",
        words(&lost)
    );
    let stop = run("stop.sh", &[]);
    assert_eq!(stop.status.code(), Some(1));
    assert!(
        words(&stop).contains("not stopped: studio-2"),
        "{}",
        words(&stop)
    );
    assert_eq!(held().map(|all| all.len()), [0, 1]);
}

/// A server that listens elsewhere is found out before anything is loaded.
#[test]
fn a_node_whose_server_is_not_at_its_address_is_left_as_it_is() {
    let world = World::new();
    let folder = world.emitted(&[]);
    let common = folder.join("studio-2/common.sh");
    let text = fs::read_to_string(&common).unwrap();
    assert!(text.contains("host=127.0.0.2\n"), "{text}");
    fs::write(
        &common,
        text.replace("host=127.0.0.2\n", "host=127.0.0.3\n"),
    )
    .unwrap();
    let launch = world.run(&folder.join("launch.sh"), &["studio-2"]);
    assert_eq!(launch.status.code(), Some(1));
    let said = words(&launch);
    assert!(
        said.contains("does not answer at 127.0.0.3") && said.contains("failed: studio-2"),
        "{said}"
    );
    assert!(world.studios[1].changes().is_empty());
    assert!(
        world.studios[0].loaded().is_empty(),
        "a node that was not named"
    );
}

#[test]
fn the_scripts_are_clean_and_the_gateway_knows_what_takes_over() {
    let world = World::new();
    let folder = world.emitted(&["--survive", "1"]);
    let yaml = fs::read_to_string(folder.join("gateway/litellm.yaml")).unwrap();
    for words in [
        "model_name: \"code\"",
        "model: \"openai/qwen3-coder-next\"",
        "- \"code\": [\"code-standby\"]",
        "id: \"general-standby@studio-1\"",
    ] {
        assert!(yaml.contains(words), "{words} in\n{yaml}");
    }
    for script in [
        "fleet.sh",
        "preflight.sh",
        "launch.sh",
        "stop.sh",
        "health.sh",
        "gateway/gateway.sh",
    ] {
        let text = fs::read_to_string(folder.join(script)).unwrap();
        assert!(!text.contains("0.0.0.0"), "{script}");
    }
    let scripts = "fleet.sh preflight.sh launch.sh stop.sh health.sh gateway/gateway.sh studio-1/launch.sh studio-1/common.sh";
    are_clean(&folder, scripts);
}

/// What shellcheck and shfmt find in scripts of a folder, where they are: nothing.
pub(super) fn are_clean(folder: &Path, scripts: &str) {
    for (tool, flags) in [("shellcheck", "-x -s sh"), ("shfmt", "-i 4 -ci -d")] {
        if !which(tool) {
            skipped(&format!("{tool} is not here; .ci/run installs it"));
            continue;
        }
        let mut command = Command::new(tool);
        command.args(flags.split(' ')).args(scripts.split(' '));
        let checked = command.current_dir(folder).output().unwrap();
        assert!(checked.status.success(), "{tool}: {}", words(&checked));
    }
}

/// The same for llama.cpp's own server.
#[test]
fn scripts_for_llama_cpp_are_clean_and_of_gguf_files_alone() {
    let world = World::new();
    world.emitted(&[]);
    let (plan, out) = (world.path("plan.json"), world.path("router"));
    let [plan, out] = [&plan, &out].map(|p| p.to_str().unwrap());
    let done = planner(&["emit", plan, "--server", "llama.cpp", "--out", out]);
    assert!(done.status.success(), "{}", words(&done));
    let own = Path::new(out).join("studio-1");
    are_clean(&own, "launch.sh unload.sh router.sh common.sh");
    let mut mlx: Value = serde_json::from_str(&fs::read_to_string(plan).unwrap()).unwrap();
    mlx["loadout"][0]["settings"]["engine"] = "mlx".into();
    fs::write(plan, mlx.to_string()).unwrap();
    let refused = planner(&["emit", plan, "--server", "llama.cpp", "--out", "unwritten"]);
    assert_eq!(refused.status.code(), Some(2));
    let said = words(&refused);
    assert!(
        said.contains("llama.cpp's server does not run") && said.contains("--engine llama.cpp"),
        "{said}"
    );
}

/// A plan that was edited is refused before a folder or a script is made of it.
#[test]
fn an_edited_plan_is_refused() {
    let world = World::new();
    world.emitted(&[]);
    let path = world.path("plan.json");
    let plan: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let second = plan["nodes"][1]["address"].clone();
    let edits: [(&str, Value, &str); 8] = [
        ("/nodes/0/name", "../../x".into(), "`nodes[0].name` is"),
        (
            "/nodes/0/address",
            "0.0.0.0".into(),
            "`nodes[0].address` is",
        ),
        ("/nodes/0/address", second, "`nodes[1].address` is"),
        (
            "/nodes/0/totals/total_bytes",
            5.into(),
            "`nodes[0].totals.total_bytes` is 5",
        ),
        ("/loadout/0/node", "nowhere".into(), "`loadout[0].node` is"),
        ("/loadout/0/model", "glm-9".into(), "`loadout[0].model`"),
        (
            "/loadout/0/settings/context",
            99_999_999.into(),
            "`loadout[0].settings.context` is 99999999",
        ),
        ("/schema", 9.into(), "another version"),
    ];
    for (place, value, says) in edits {
        let mut edited = plan.clone();
        *edited.pointer_mut(place).unwrap() = value;
        let file = world.path("edited.json");
        fs::write(&file, edited.to_string()).unwrap();
        let out = world.path("edited");
        let done = planner(&[
            "emit",
            file.to_str().unwrap(),
            "--out",
            out.to_str().unwrap(),
        ]);
        assert_eq!(done.status.code(), Some(2), "{place}");
        let said = words(&done);
        assert!(
            said.contains("hint:") && said.contains(says),
            "{place}: {said}"
        );
        assert!(
            says.contains("version") || said.contains(", line 1: "),
            "{place}: {said}"
        );
        assert!(!out.exists(), "{place}");
    }
    // What another version added is passed over, as in the plan of one machine.
    let mut newer = plan.clone();
    newer["loadout"][0]["settings"]["new"] = 1.into();
    newer["request"]["tasks"][0]["profile"]["new"] = 1.into();
    let file = world.path("newer.json");
    fs::write(&file, newer.to_string()).unwrap();
    let out = world.path("newer");
    let done = planner(&[
        "emit",
        file.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
    ]);
    assert!(done.status.success(), "{}", words(&done));
    // Without an address nobody reaches a node.
    let mut unreached = plan;
    unreached["nodes"][0]
        .as_object_mut()
        .unwrap()
        .remove("address");
    fs::write(&path, unreached.to_string()).unwrap();
    let done = planner(&["emit", path.to_str().unwrap(), "--out", "unwritten"]);
    assert!(
        words(&done).contains("the node `studio-1` has no address"),
        "{}",
        words(&done)
    );
}

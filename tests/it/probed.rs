//! Machines that are no Macs as planner finds them: the program in a folder that stands for `/`,
//! with a `nvidia-smi` that prints what real ones printed (`tests/data/probe/README.md`).

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::studio::Studio;
use crate::support::{TODAY, loadout, plan};

const GIB: u64 = 1 << 30;
const HALO: &str = "AMD RYZEN AI MAX+ 395 w/ Radeon 8060S";

/// A machine of files, with LM Studio on it.
struct There {
    studio: Studio,
}

impl There {
    fn with(processor: &str, meminfo: &str) -> Self {
        let there = Self {
            studio: Studio::new(),
        };
        there.file("/proc/meminfo", meminfo);
        there.file(
            "/proc/cpuinfo",
            &format!("processor\t: 0\nmodel name\t: {processor}\n"),
        );
        there
    }

    /// A PC with 64 GiB of which hardly any is in use.
    fn pc() -> Self {
        let meminfo =
            "MemTotal: 67108864 kB\nMemAvailable: 66060288 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n";
        Self::with("A processor", meminfo)
    }

    fn file(&self, path: &str, text: &str) {
        let path = self.studio.path(&format!("root{path}"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Files as `grep -H .` printed them.
    fn files(self, listing: &str) -> Self {
        for line in listing.lines() {
            let (path, value) = line.split_once(':').unwrap();
            self.file(path, &format!("{value}\n"));
        }
        self
    }

    fn smi(&self, script: &str) {
        let path = self.studio.path("bin/nvidia-smi");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// A `nvidia-smi` that answers this to a question that the real one knows.
    fn nvidia(self, csv: &str) -> Self {
        let known = "--query-gpu=name,memory.total,memory.used --format=csv";
        self.smi(&format!(
            "[ \"$*\" = \"{known}\" ] || exit 2\ncat <<'END'\n{}\nEND",
            csv.trim_end()
        ));
        self
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.studio.command(env!("CARGO_BIN_EXE_planner"));
        command
            .env("PLANNER_SYSTEM_ROOT", self.studio.path("root"))
            .env("SOURCE_DATE_EPOCH", TODAY)
            .args(args);
        command
    }

    fn text(&self, args: &[&str]) -> String {
        let Output { stdout, stderr, .. } = self.command(args).output().unwrap();
        let said = String::from_utf8(stdout).unwrap();
        assert!(!said.is_empty(), "{}", String::from_utf8_lossy(&stderr));
        said
    }

    fn json(&self, args: &[&str]) -> Value {
        let text = self.text(&[args, &["--format", "json"]].concat());
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{args:?}: {e}: {text}"))
    }

    fn plan(&self) -> Value {
        self.json(&["recommend", "--task", "code"])
    }
}

/// `nvidia-smi`'s table of a PC, as https://github.com/RLinf/RLinf/issues/255 shows its cards.
const RTX_4090: &str =
    "name, memory.total [MiB], memory.used [MiB]\nNVIDIA GeForce RTX 4090, 24564 MiB, 507 MiB\n";

/// What is found is what the profile of that machine says: the same limits, the same models.
#[test]
fn a_machine_that_is_found_is_planned_as_the_one_that_is_named() {
    let pc = There::pc().nvidia(RTX_4090).plan();
    let spark = There::with(
        "Cortex-X925",
        include_str!("../data/probe/meminfo-gb10.txt"),
    )
    .nvidia(include_str!("../data/probe/nvidia-smi-gb10.csv"))
    .plan();
    let radeon = There::pc()
        .files(include_str!("../data/probe/drm-rx-7900-xtx.txt"))
        .plan();
    for (found, name) in [
        (&pc, "pc-rtx-4090-64gb"),
        (&spark, "dgx-spark-128gb"),
        (&radeon, "pc-rx-7900-xtx-64gb"),
    ] {
        let named = plan(&["--task", "code", "--machine", name]);
        for field in ["kind", "system", "chip", "gpu_cores", "memory_bytes"] {
            assert_eq!(
                found["machine"][field], named["machine"][field],
                "{name} {field}"
            );
        }
        for field in ["gpu_working_set_bytes", "gpu_memory", "gpu_limit_fixed"] {
            assert_eq!(
                found["limits"][field], named["limits"][field],
                "{name} {field}"
            );
        }
        assert_eq!(loadout(found), loadout(&named), "{name}");
    }
}

/// 124.92 GiB visible, as https://github.com/ROCm/legacy-rocm-build/issues/6004 has it, with what the
/// three owners' kernels granted.
#[test]
fn a_strix_halo_may_use_what_its_kernel_grants() {
    let memory = 130_988_113 * 1024_u64;
    let meminfo = "MemTotal: 130988113 kB\nMemAvailable: 128000000 kB\n";
    let limits = |listing: &str, meminfo: &str| {
        let plan = There::with(HALO, meminfo).files(listing).plan();
        assert_eq!(plan["machine"]["kind"], "strix_halo");
        assert_eq!(plan["machine"]["bandwidth_bytes_per_second"], 256e9);
        let limits = &plan["limits"];
        assert_eq!(limits["gpu_working_set_basis"], "measured");
        let set = limits["gpu_working_set_bytes"].as_u64().unwrap();
        let by_hand = plan["machine"]["wired_limit_bytes"].clone();
        (set, limits["gpu_memory"].clone(), by_hand)
    };
    let (shared, own) = (json!("shared"), json!("own"));
    let raised = include_str!("../data/probe/drm-strix-halo-96gib.txt");
    assert_eq!(
        limits(raised, meminfo),
        (96 * GIB, shared.clone(), json!(96 * GIB))
    );
    // Told to the driver and not to the kernel, a limit is half of memory all the same.
    let alone = include_str!("../data/probe/drm-strix-halo-gttsize-alone.txt");
    let (set, how, by_hand) = limits(alone, meminfo);
    assert!(set.abs_diff(memory / 2) < GIB / 50, "{set}");
    assert_eq!((how, by_hand), (shared, Value::Null));
    // With 96 GiB kept by the BIOS a third of the machine is the system's, whatever GTT says.
    let left = include_str!("../data/probe/meminfo-strix-halo-vram-96gib.txt");
    for kept in [
        include_str!("../data/probe/drm-strix-halo-vram-96gib.txt"),
        include_str!("../data/probe/drm-strix-halo-vram-96gib-gtt-105gib.txt"),
    ] {
        assert_eq!(limits(kept, left), (96 * GIB, own.clone(), Value::Null));
    }
}

/// What isn't known is said, and never a zero or the next of its kind.
#[test]
fn what_planner_does_not_know_it_plans_nothing_on() {
    let unknown = |there: &There| {
        let probe = there.json(&["probe"]);
        let limits = &probe["limits"];
        assert_eq!(limits["gpu_working_set_bytes"], Value::Null, "{probe:#}");
        assert_eq!(probe["bandwidth_bytes_per_second"], Value::Null);
        there.text(&["probe"])
    };
    // The processor's own GPU alone: nothing tells what it may use.
    let listing = include_str!("../data/probe/drm-rx-7900-xtx.txt");
    let own = listing.lines().filter(|l| l.contains("card1"));
    let own: Vec<&str> = own.collect();
    let said = unknown(&There::pc().files(&own.join("\n")));
    assert!(said.contains("AMD GPU 1002:164e:c6"), "{said}");
    assert!(said.contains("planner does not know it"), "{said}");
    // A GPU that shares memory and is no GB10.
    let other = "name, memory.total [MiB], memory.used [MiB]\nNVIDIA GB11, [N/A], [N/A]\n";
    unknown(&There::pc().nvidia(other));
    // A driver that fails, as many do after an update.
    let failing = There::pc();
    failing.smi("echo \"NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\"; exit 9");
    unknown(&failing);
    let missing = failing.json(&["probe"])["reading"]["missing"].to_string();
    assert!(missing.contains("couldn't communicate with the NVIDIA driver"));
    let doctor = failing.json(&["doctor"]);
    let why = doctor["not_looked_at"].to_string();
    assert!(
        why.contains("gpus.nvidia") && why.contains("couldn't communicate"),
        "{why}"
    );
    // A sibling of the Strix Halo: its memory is known, and its speed is not.
    let halo = include_str!("../data/probe/drm-strix-halo-96gib.txt");
    let number = "/sys/class/drm/card1/device/vendor:0x1002\n/sys/class/drm/card1/device/device:0x1586\n/sys/class/drm/card1/device/revision:0xd1\n";
    let sibling = There::with(
        "AMD RYZEN AI MAX 385 w/ Radeon 8050S",
        "MemTotal: 130988113 kB\nMemAvailable: 128000000 kB\n",
    )
    .files(&format!("{halo}{number}"));
    let probe = sibling.json(&["probe"]);
    assert_eq!(probe["limits"]["gpu_working_set_bytes"], json!(96 * GIB));
    assert_eq!(probe["bandwidth_bytes_per_second"], Value::Null);
}

/// A card that no table has: its memory is planned, and its speed is not known.
#[test]
fn a_card_without_figures_is_planned_without_speeds() {
    let card = include_str!("../data/probe/nvidia-smi-rtx-4080-super.csv");
    let plan = There::pc().nvidia(card).plan();
    assert_eq!(plan["machine"]["kind"], "graphics_card");
    assert_eq!(
        plan["limits"]["gpu_working_set_bytes"],
        json!(16_376_u64 << 20)
    );
    for entry in plan["loadout"].as_array().unwrap() {
        assert!(entry["speed"].is_null(), "{}", entry["speed"]);
    }
}

/// Of two cards, as in https://github.com/noonghunna/club-3090/issues/741, the larger one; the first
/// of two alike.
#[test]
fn of_several_gpus_the_one_with_the_most_memory_is_planned_on() {
    let two = "name, memory.total [MiB], memory.used [MiB]\nNVIDIA GeForce RTX 3090, 24576 MiB, 23352 MiB\nNVIDIA GeForce RTX 5090, 32607 MiB, 18 MiB\n";
    let there = There::pc()
        .nvidia(two)
        .files(include_str!("../data/probe/drm-rx-7900-xtx.txt"));
    let probe = there.json(&["probe"]);
    assert_eq!(probe["reading"]["gpus"].as_array().unwrap().len(), 4);
    assert_eq!(
        probe["limits"]["gpu_working_set_bytes"],
        json!(32_607_u64 << 20)
    );
    assert_eq!(probe["bandwidth_bytes_per_second"], json!(1792e9));
    let notes = probe["reading"]["notes"].to_string();
    assert!(notes.contains("of several GPUs"), "{notes}");
    let doctor = there.json(&["doctor"]);
    let findings = doctor["findings"].to_string();
    assert!(
        findings.contains("card_in_use") && findings.contains("RTX 3090"),
        "{findings}"
    );
}

#[test]
fn every_command_answers_for_the_machine_that_was_found_in_its_words() {
    let pc = There::pc().nvidia(RTX_4090);
    let commands: [&[&str]; 6] = [
        &["probe"],
        &["recommend", "--task", "code"],
        &["fit", "gpt-oss-20b/gguf-mxfp4"],
        &["speed", "gpt-oss-20b/gguf-mxfp4"],
        &["status"],
        &["doctor"],
    ];
    for args in commands {
        let said = pc.text(args);
        for foreign in ["macOS", "iogpu", "working set", "wired"] {
            assert!(!said.contains(foreign), "{args:?} says {foreign}:\n{said}");
        }
    }
    for args in [
        &["probe"][..],
        &["status"],
        &["fit", "gpt-oss-20b/gguf-mxfp4"],
    ] {
        let said = pc.text(args);
        assert!(said.contains("VRAM"), "{args:?}:\n{said}");
    }
    let schema: Value = serde_json::from_str(&pc.text(&["schema", "probe"])).unwrap();
    let probe = pc.json(&["probe"]);
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(
        validator.is_valid(&probe),
        "{:?}",
        validator.iter_errors(&probe).next()
    );
    // A bundle keeps what tells the machine, and is judged as the machine was.
    let bundle = pc.studio.path("bundle.json");
    let name = bundle.to_str().unwrap();
    let live = pc.json(&["doctor", "--bundle", name, "--yes"]);
    let away = pc.json(&["doctor", "--from", name]);
    assert_eq!(live["facts"], away["facts"]);
    assert!(
        live["facts"]
            .to_string()
            .contains("NVIDIA GeForce RTX 4090")
    );
}

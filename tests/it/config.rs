//! The user's defaults: what holds is what the order of flags, environment, file and built-in says.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::support::command;

fn with(folder: &Path, args: &[&str]) -> Command {
    let mut command = command(args);
    command.env("XDG_CONFIG_HOME", folder);
    command
}

fn done(mut command: Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

fn refused(mut command: Command) -> String {
    let Output { status, stderr, .. } = command.output().unwrap();
    let said = String::from_utf8(stderr).unwrap();
    assert_eq!(status.code(), Some(2), "{command:?}: {said}");
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Machine and tasks of the plan that `recommend` makes.
fn planned(mut command: Command) -> (String, Vec<String>) {
    command.args(["--format", "json"]);
    let plan: Value = serde_json::from_str(&done(command)).unwrap();
    let tasks = plan["request"]["tasks"].as_array().unwrap().iter();
    let tasks = tasks.map(|t| format!("{}={}", t["id"].as_str().unwrap(), t["weight"]));
    (
        plan["machine"]["id"].as_str().unwrap().to_owned(),
        tasks.collect(),
    )
}

#[test]
fn flags_go_before_the_environment_and_that_before_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let set = |words: &[&str]| done(with(folder.path(), &[&["config", "set"], words].concat()));
    let recommend = || with(folder.path(), &["recommend"]);
    set(&["machine", "m4-max-64gb"]);
    let coding = [
        "agent=3.0",
        "code=2.0",
        "quick=1.0",
        "autocomplete=0.5",
        "embedding=0.25",
    ];
    assert_eq!(
        planned(recommend()),
        ("m4-max-64gb".to_owned(), coding.map(str::to_owned).to_vec())
    );
    set(&["tasks", "code=2", "chat"]);
    let (_, tasks) = planned(recommend());
    assert_eq!(tasks, ["code=2.0", "chat=1.0"]);
    let mut in_environment = recommend();
    in_environment
        .env("PLANNER_MACHINE", "m4-max-36gb")
        .env("PLANNER_FOR", "office");
    let (machine, tasks) = planned(in_environment);
    assert_eq!(
        (machine.as_str(), tasks[0].as_str()),
        ("m4-max-36gb", "general=2.0")
    );
    let mut by_flag = with(
        folder.path(),
        &["recommend", "--machine", "m3-ultra-96gb", "--task", "chat"],
    );
    by_flag
        .env("PLANNER_MACHINE", "m4-max-36gb")
        .env("PLANNER_FOR", "office");
    assert_eq!(
        planned(by_flag),
        ("m3-ultra-96gb".to_owned(), vec!["chat=1.0".to_owned()])
    );
    // A mix takes the place of tasks.
    set(&["for", "research"]);
    assert_eq!(planned(recommend()).1[0], "reasoning=2.0");
    // What is shown says whence.
    let mut show = with(folder.path(), &["config", "--format", "json"]);
    show.env("PLANNER_DEPTH", "60k");
    let shown: Value = serde_json::from_str(&done(show)).unwrap();
    let of = |key: &str| {
        shown["settings"]
            .as_array()
            .unwrap()
            .iter()
            .find(|s| s["key"] == key)
            .unwrap()
            .clone()
    };
    assert_eq!(of("machine")["origin"]["kind"], "file");
    assert_eq!(
        (
            &of("depth")["origin"]["variable"],
            &of("depth")["values"][0]
        ),
        (&"PLANNER_DEPTH".into(), &"60k".into())
    );
    assert_eq!(of("agents")["origin"]["kind"], "built_in");
    assert_eq!(of("tasks")["values"], serde_json::json!([]));
}

#[test]
fn setting_keeps_comments_and_refuses_what_makes_no_sense() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("planner/config.toml");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(
        &file,
        "# my Mac\nmachine = \"m4-max-64gb\" # the small one\n",
    )
    .unwrap();
    let set = |words: &[&str]| with(folder.path(), &[&["config", "set"], words].concat());
    done(set(&["depth", "60k"]));
    done(set(&["price.m5-ultra-256gb", "7499"]));
    let text = fs::read_to_string(&file).unwrap();
    assert!(
        text.contains("# my Mac") && text.contains("# the small one"),
        "{text}"
    );
    assert!(
        text.contains("depth = \"60k\"") && text.contains("price.m5-ultra-256gb = 7499"),
        "{text}"
    );
    for (words, said) in [
        (&["machine", "m4-max-65gb"][..], "did you mean"),
        (&["depht", "60k"], "did you mean `depth`"),
        (&["agents", "0"], "from 1 to 64"),
        (&["agents", "-3"], "from 1 to 64"),
        (&["depth", "1", "2"], "takes one value"),
        (&["for", "codin"], "did you mean `coding`"),
        (&["tasks", "cod"], "did you mean `code`"),
        (&["price", "5"], "needs a machine"),
        (&["price.none", "5"], "none"),
        (&["engine", "vllm"], "llama.cpp"),
        (&["endpoint", "huggingface"], "not an address"),
    ] {
        let error = refused(set(words));
        assert!(
            error.contains(said) && error.contains("hint: "),
            "{words:?}: {error}"
        );
    }
    // Each is told how its value is written where it was written.
    let hint = |mut command: Command, variable: &str, value: &str| {
        command.env(variable, value);
        let said = refused(command);
        said.split_once("hint: ").unwrap().1.to_owned()
    };
    let argument = hint(set(&["agents", "0"]), "NONE", "");
    assert_eq!(
        argument,
        "`planner config set agents 3`, a number from 1 to 64"
    );
    let recommend = with(folder.path(), &["recommend"]);
    let variable = hint(recommend, "PLANNER_TASKS", "cod");
    assert!(
        variable.starts_with("set it as PLANNER_TASKS=code=2,chat"),
        "{variable}"
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
    done(set(&["for", "coding"]));
    let said = set(&["tasks", "code"]).output().unwrap();
    assert!(String::from_utf8_lossy(&said.stderr).contains("`for` is no longer set"));
    done(with(folder.path(), &["config", "unset", "depth"]));
    assert!(!fs::read_to_string(&file).unwrap().contains("depth"));
    assert!(
        refused(with(folder.path(), &["config", "unset", "depth"])).contains("not in the file")
    );
}

/// A broken file is named with its line, and does not stand in the way of mending it.
#[cfg(unix)]
#[test]
fn an_answer_tells_the_defaults_that_it_rests_on_and_a_flag_overrules_them() {
    let folder = tempfile::tempdir().unwrap();
    let own = |args: &[&str]| with(folder.path(), args);
    done(own(&["config", "set", "engine", "mlx"]));
    done(own(&["config", "set", "reserve", "24GiB"]));
    let words = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let asked = ["recommend", "--task", "code", "--machine", "m4-max-64gb"];
    let told = words(done(own(&asked)));
    for part in [
        "; engine mlx (config.toml, line ",
        "; reserve 24GiB (config.toml, line ",
    ] {
        assert!(told.contains(part), "{told}");
    }
    let flags = [&asked[..], &["--engine", "mlx", "--reserve", "24GiB"]].concat();
    assert!(!words(done(own(&flags))).contains("config.toml"));
    let usual = done(own(&["recommend", "--machine", "m4-max-64gb"]));
    assert!(words(usual).contains("; for coding (built in)"));

    // What only another engine loads: the command that is named overrules the default.
    let pinned = [&asked[..], &["--pin", "gpt-oss-20b/gguf-mxfp4"]].concat();
    let refused = own(&pinned).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let said = words(String::from_utf8(refused.stdout).unwrap());
    let next = said.split(" Next planner ").last().unwrap();
    assert!(next.ends_with("--engine any"), "{said}");
    let again: Vec<&str> = next.split(' ').collect();
    assert!(done(own(&again)).contains("gpt-oss 20B"));
    // Also where a flag says what the default does.
    let refused = own(&[&pinned[..], &["--engine", "mlx"]].concat())
        .output()
        .unwrap();
    let said = words(String::from_utf8(refused.stdout).unwrap());
    assert!(said.ends_with("--engine any"), "{said}");

    // And files for routers keep to the reserve as the flag does.
    let coexist = |reserve: Option<&str>, flags: &[&str]| {
        let out = folder.path().join("out");
        let asked = [
            "emit",
            "--coexist",
            "qwen3.6-27b",
            "gpt-oss-120b",
            "qwen3-8b",
        ];
        let place = ["--machine", "m4-max-128gb", "--out", out.to_str().unwrap()];
        let mut command = command(&[&asked[..], &place, flags].concat());
        command.envs(reserve.map(|size| ("PLANNER_RESERVE", size)));
        words(done(command))
    };
    let by_flag = coexist(None, &["--reserve", "80GiB"]);
    assert_eq!(coexist(Some("80GiB"), &[]), by_flag);
    assert_ne!(coexist(None, &[]), by_flag);
    assert!(
        by_flag.contains("within the 48.0 GiB that the reserve leaves"),
        "{by_flag}"
    );
}

#[test]
fn what_an_answer_calls_a_model_finds_its_name() {
    for (called, name) in [
        ("Qwen3.8 27B UD-IQ4_XS", "qwen3.8-27b/gguf-ud-iq4_xs"),
        ("Qwen3 Coder Next", "qwen3-coder-next"),
    ] {
        let said = refused(command(&["recommend", "--task", "code", "--pin", called]));
        assert!(said.contains(&format!("did you mean `{name}`?")), "{said}");
    }
}

#[test]
fn a_broken_file_is_named_and_can_be_mended() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("planner/config.toml");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, "machine = \"m4-max-64gb\"\nagents = \"many\"\n").unwrap();
    let error = refused(with(folder.path(), &["recommend"]));
    assert!(error.contains("config.toml, line 2: `agents`"), "{error}");
    // What does not go by it works, and the doctor tells of it.
    for args in [&["status", "--short"][..], &["doctor"]] {
        let said = with(folder.path(), args).output().unwrap();
        let text = [said.stdout, said.stderr].concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        assert_eq!(
            text.contains("line 2: `agents`"),
            args[0] == "doctor",
            "{text}"
        );
    }
    let path = done(with(folder.path(), &["config", "path"]));
    assert_eq!(Path::new(path.trim()), file);
    let editor = folder.path().join("editor.sh");
    fs::write(&editor, "#!/bin/sh\nprintf 'agents = 2\\n' > \"$1\"\n").unwrap();
    let mut edit = with(folder.path(), &["config", "edit"]);
    edit.env("VISUAL", format!("sh {}", editor.display()));
    done(edit);
    assert_eq!(fs::read_to_string(&file).unwrap(), "agents = 2\n");
    assert!(done(with(folder.path(), &["config"])).contains("config.toml, line 1"));
    let mut none = with(folder.path(), &["config", "edit"]);
    none.env_remove("VISUAL").env_remove("EDITOR");
    assert!(refused(none).contains("VISUAL"));
}

#[test]
fn a_mix_of_ones_own_stands_beside_the_shipped_ones() {
    let folder = tempfile::tempdir().unwrap();
    let mixes = folder.path().join("planner/mixes");
    fs::create_dir_all(&mixes).unwrap();
    let mine = "id = \"mine\"\nsummary = \"What I do.\"\n[[tasks]]\ntask = \"chat\"\n[[tasks]]\ntask = \"code\"\nweight = 4\n";
    fs::write(mixes.join("mine.toml"), mine).unwrap();
    let recommend = with(
        folder.path(),
        &["recommend", "--for", "mine", "--machine", "m4-max-64gb"],
    );
    assert_eq!(planned(recommend).1, ["chat=1.0", "code=4.0"]);
    let listed = done(with(folder.path(), &["tasks"]));
    assert!(
        listed.contains("mine") && listed.contains("coding"),
        "{listed}"
    );
    let both = with(
        folder.path(),
        &["recommend", "--for", "mine", "--task", "code"],
    );
    assert!(refused(both).contains("--task"));
    assert!(
        refused(with(folder.path(), &["recommend", "--for", "agent"])).contains("`--task agent`")
    );
}

/// Ten flags by `-h`, all by `--help`; completions know names.
#[test]
fn the_short_help_is_short_and_completions_know_names() {
    let folder = tempfile::tempdir().unwrap();
    // Examples go on in lines that begin with flags, too.
    let flags = |text: &str| {
        let lines = text.lines().take_while(|l| *l != "Examples:");
        lines.filter(|l| l.starts_with("      --")).count()
    };
    let commands = |words: &[&str]| {
        let help = done(with(folder.path(), &[words, &["-h"]].concat()));
        let listed = help.lines().skip_while(|l| *l != "Commands:").skip(1);
        let listed = listed.take_while(|l| !l.is_empty());
        let named = listed.filter(|l| l.starts_with("  ") && !l.starts_with("   "));
        let names = named.filter_map(|l| l.split_whitespace().next().map(str::to_owned));
        names.filter(|name| name != "help").collect::<Vec<_>>()
    };
    for first in commands(&[]) {
        let below = commands(&[&first]);
        let below = below.iter().map(|second| vec![first.as_str(), second]);
        for words in below.chain([vec![first.as_str()]]) {
            let short = done(with(folder.path(), &[&words[..], &["-h"]].concat()));
            assert!(flags(&short) <= 10, "{words:?}: {short}");
        }
    }
    for name in ["recommend", "whatif", "fit", "bench", "apply"] {
        let long = done(with(folder.path(), &[name, "--help"]));
        assert!(flags(&long) > 12, "{name}: {long}");
    }
    let zsh = done(with(folder.path(), &["completions", "zsh"]));
    for name in [
        "m3-ultra-512gb",
        "qwen3-coder-next",
        "long-form",
        "coding",
        "endpoint",
    ] {
        assert!(zsh.contains(name), "{name}");
    }
}

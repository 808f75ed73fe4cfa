//! A study from nothing on the disk to its report: a hub, LM Studio, and a server that answers.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::thread;

use planner::catalog::Catalog;
use serde_json::{Value, json};

use crate::fault_server::FaultServer;
use crate::get::hub::{ANY, File, Hub};
use crate::studio::{Studio, gguf, loaded};

pub(crate) const MODELS: [&str; 3] = [
    "gemma-3-1b/gguf-q4_k_m",
    "gemma-3-4b/gguf-q4_k_m",
    "phi-4-mini/gguf-q4_k_m",
];

/// LM Studio that has what lies in its models folder, a server in front of it that answers chats, and
/// a hub.
pub(crate) struct World {
    pub(crate) studio: Studio,
    pub(crate) hub: Hub,
    server: String,
    /// The file of each model, and its path below the models folder.
    pub(crate) files: Vec<(File, String)>,
}

/// Chats go to the server that answers them, everything else to LM Studio's.
fn in_front(studio_port: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/v1", listener.local_addr().unwrap());
    let answers = FaultServer::start(&[], true);
    let chats = answers
        .base
        .trim_start_matches("http://")
        .trim_end_matches("/v1")
        .to_owned();
    let rest = format!("127.0.0.1:{studio_port}");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (chats, rest) = (chats.clone(), rest.clone());
            thread::spawn(move || pass(stream, &chats, &rest).ok());
        }
    });
    base
}

fn pass(mut stream: TcpStream, chats: &str, rest: &str) -> std::io::Result<()> {
    let mut head = [0; 5];
    stream.read_exact(&mut head)?;
    // Models are loaded by the command line here: what is posted are chats.
    let mut on = TcpStream::connect(if head == *b"POST " { chats } else { rest })?;
    on.write_all(&head)?;
    let (mut from, mut to) = (stream.try_clone()?, on.try_clone()?);
    thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
    std::io::copy(&mut on, &mut stream)?;
    stream.shutdown(Shutdown::Both)
}

impl World {
    fn new() -> Self {
        Self::with(40_000)
    }

    /// One whose models have at least so many bytes.
    pub(crate) fn with(length: usize) -> Self {
        let catalog = Catalog::embedded().unwrap();
        let studio = Studio::new();
        let mut models = vec![studio.state().models()[4].clone()];
        let mut files = Vec::new();
        for name in MODELS {
            let (model, variant) = catalog.find(name).unwrap();
            let variant = variant.unwrap();
            let file: &'static str = variant.files.clone().unwrap().leak();
            let large = File::large(file, length + files.len());
            let repository = variant.repository.as_ref().unwrap();
            let repository = repository.trim_start_matches("https://huggingface.co/");
            let path = format!("{repository}/{file}");
            models.push(gguf(
                &model.id,
                &path,
                &variant.quantization,
                variant.weights_bytes.0,
            ));
            files.push((large, path));
        }
        studio.state().set_models(&models);
        let stranger = studio.path("home/.lmstudio/models/x/Stranger-GGUF/Stranger-Q8_0.gguf");
        fs::create_dir_all(stranger.parent().unwrap()).unwrap();
        fs::write(stranger, "").unwrap();
        studio.faults("by_files\n");
        studio.load(&[loaded("stranger", "stranger", 4096, 4)]);
        let study = json!(MODELS).to_string();
        let study =
            format!("variants = {study}\nruns = 1\nchip = \"m3-ultra\"\nlanguage = \"en\"\n");
        fs::write(studio.path("study.toml"), study).unwrap();
        let server = in_front(&studio.port());
        Self {
            hub: Hub::with(ANY, files.iter().map(|(file, _)| file.clone()).collect()),
            studio,
            server,
            files,
        }
    }

    pub(crate) fn command(&self, more: &[&str]) -> Command {
        let mut command = self.studio.command(env!("CARGO_BIN_EXE_planner"));
        let server = ["--base-url", &self.server];
        let given = more.contains(&"--base-url");
        command
            .args(["study", "run", "--format", "json"])
            .arg(self.studio.path("study.toml"))
            // The less memory, the sooner the report has its fronts.
            .args(["--machine", "m3-ultra-512gb", "--memory", "16GiB"])
            .args(if given { &[] } else { &server[..] })
            .args(more)
            .env("HF_ENDPOINT", &self.hub.front.address)
            .env("NO_PROXY", "*");
        command
    }

    pub(crate) fn run(&self, more: &[&str], code: i32) -> Value {
        let done = self.command(more).output().unwrap();
        let errors = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(code), "{errors}");
        serde_json::from_slice(&done.stdout).unwrap()
    }

    pub(crate) fn results(&self) -> PathBuf {
        self.studio.path("study.results")
    }

    /// What was loaded before is loaded, and nothing else.
    pub(crate) fn is_as_it_was(&self) {
        assert_eq!(
            self.studio.loaded(),
            [loaded("stranger", "stranger", 4096, 4)]
        );
    }

    /// The user's measurements of a model.
    pub(crate) fn rows(&self, variant: &str) -> usize {
        let (model, variant) = variant.split_once('/').unwrap();
        let shown = self
            .studio
            .planner(&["catalog", "show", model, "--format", "json"]);
        let shown: Value = serde_json::from_slice(&shown.stdout).unwrap();
        let all = shown["models"][0]["measurements"]
            .as_array()
            .unwrap()
            .iter();
        all.filter(|m| m["own"] == true && m["variant"] == variant)
            .count()
    }
}

pub(crate) fn stages(run: &Value) -> Vec<&str> {
    let rows = run["variants"].as_array().unwrap().iter();
    rows.map(|row| row["stage"].as_str().unwrap()).collect()
}

#[test]
fn three_models_from_nothing_to_the_report_one_of_which_fails_first() {
    let world = World::new();
    let asked = world.run(&["--dry-run"], 0);
    assert_eq!(stages(&asked), ["pending"; 3]);
    assert_eq!(world.hub.front.asked().len(), 0);
    world.studio.faults("by_files\nout_of_memory@gemma-3-4b\n");
    let run = world.run(&["--yes"], 1);
    assert_eq!(stages(&run), ["done", "failed", "done"], "{run}");
    assert!(run["variants"][1]["why"].is_string() && run["variants"][1]["hint"].is_string());
    world.is_as_it_was();
    for (n, variant) in MODELS.iter().enumerate() {
        let recorded = run["variants"][n]["recorded"].as_u64().unwrap();
        assert_eq!(world.rows(variant) as u64, recorded);
        assert_eq!(recorded > 0, n != 1);
        assert!(run["variants"][n]["downloaded_bytes"].as_u64().unwrap() >= 40_000);
    }
    let report = fs::read_to_string(world.results().join("report/report.md")).unwrap();
    assert!(report.contains("Gemma 3 1B"), "{report}");
    let schema: Value = serde_json::from_str(include_str!("../../schemas/study.json")).unwrap();
    let shipped: Value =
        serde_json::from_str(&crate::support::stdout(&["schema", "study"])).unwrap();
    assert_eq!(schema, shipped, "planner schema study > schemas/study.json");
    jsonschema::validate(&schema, &run).unwrap();
    // What is settled is not done again, until it is asked for.
    let calls = world.studio.changes().len();
    assert_eq!(
        stages(&world.run(&["--yes"], 1)),
        ["done", "failed", "done"]
    );
    assert_eq!(world.studio.changes().len(), calls);
    // A run that ended before its report is told of makes up for it; a look alone does not.
    fs::remove_dir_all(world.results().join("report")).unwrap();
    world.run(&["--yes", "--dry-run"], 0);
    assert!(!world.results().join("report").exists());
    world.run(&["--yes"], 1);
    assert!(world.results().join("report/report.html").is_file());
    assert_eq!(world.studio.changes().len(), calls);
    world.studio.faults("by_files\n");
    assert_eq!(stages(&world.run(&["--yes", "--again"], 0)), ["done"; 3]);
    assert!(world.rows(MODELS[1]) > 0);
    world.is_as_it_was();
}

/// The tasks of a study are asked of each model while it is loaded, kept in the journal, told in its
/// words, and are no measurement.
#[test]
fn small_tasks_of_a_study_stand_in_its_journal_and_in_no_catalog() {
    let world = World::new();
    let task = world.studio.path("tasks/words");
    fs::create_dir_all(&task).unwrap();
    let command = "command = [\"sh\", \"-c\", \"grep -q word answer.txt\"]\n";
    fs::write(task.join("task.toml"), command).unwrap();
    fs::write(task.join("prompt.md"), "Say a word.").unwrap();
    let file = world.studio.path("study.toml");
    let study = "chip = \"m3-ultra\"\nvariants = [\"gemma-3-1b/gguf-q4_k_m\"]\nruns = 0\nquality = true\nunsandboxed = true\n";
    // A folder that is not there is told before anything is downloaded.
    fs::write(&file, format!("{study}tasks = \"task\"\n")).unwrap();
    let refused = world.command(&["--yes"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(world.hub.front.asked().len(), 0);
    fs::write(&file, format!("{study}tasks = \"tasks\"\n")).unwrap();
    let run = world.run(&["--yes"], 0);
    let row = &run["variants"][0];
    assert_eq!(row["stage"], "done", "{run:#}");
    let [shipped, own] = row["small_tasks"].as_array().unwrap().as_slice() else {
        panic!("{run:#}");
    };
    // The server breaks off after forty tokens, whatever it is asked.
    assert_eq!(shipped["summary"]["passed"], 0, "{run:#}");
    assert_eq!(shipped["summary"]["tokens_per_task"], 40.0);
    assert!(shipped["summary"]["seconds_per_task"].as_f64().unwrap() > 0.0);
    assert_eq!(own["tasks"][0]["task"], "own/words");
    assert!(fs::exists(own["result"].as_str().unwrap()).unwrap());
    let schema: Value = serde_json::from_str(include_str!("../../schemas/study.json")).unwrap();
    jsonschema::validate(&schema, &run).unwrap();
    assert_eq!(world.rows("gemma-3-1b/gguf-q4_k_m"), 0);
    world.is_as_it_was();
    let mut command = world.studio.command(env!("CARGO_BIN_EXE_planner"));
    let told = command.args(["study", "run"]).arg(&file).output().unwrap();
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(
        told.contains("small tasks passed") && told.contains("40 tokens"),
        "{told}"
    );
}

#[test]
fn what_can_t_be_run_is_refused_before_anything_is_changed() {
    let world = World::new();
    let file = world.studio.path("study.toml");
    let refused = |text: &str, more: &[&str], words: &str| {
        fs::write(&file, text).unwrap();
        let done = world.command(more).output().unwrap();
        let errors = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(2), "{errors}");
        assert!(
            errors.contains(words) && errors.contains("\"hint\""),
            "{errors}"
        );
    };
    let good = "chip = \"m3-ultra\"\nvariants = [\"gemma-3-1b/gguf-q4_k_m\"]\n";
    refused(
        "variants = [\"nothing/gguf\"]\n",
        &["--yes"],
        "variant not found",
    );
    refused(
        "variants = [\"gemma-3-1b\"]\n",
        &["--yes"],
        "a variant is needed",
    );
    refused("variant = []\n", &["--yes"], "variants");
    refused(good, &[], "no terminal to confirm on");
    refused(
        good,
        &["--yes", "--base-url", "http://127.0.0.1:9/v1"],
        "can't ask",
    );
    // A dry run finds the same.
    for (line, words) in [
        ("task = \"cod\"", "`cod`"),
        ("chip = \"m9\"", "chip not found: `m9`"),
    ] {
        let text = good.replace("chip = \"m3-ultra\"", line);
        refused(&text, &["--dry-run"], words);
    }
    let machine = ["--dry-run", "--reserve", "32GiB"];
    refused(good, &machine, "reserve");
    // What stands in the way of one model is told with it, and the others could be measured.
    let row = |text: &str, more: &[&str]| {
        fs::write(&file, text).unwrap();
        let run = world.run(&[more, &["--dry-run"]].concat(), 1);
        assert!(run["variants"][0]["hint"].is_string(), "{run}");
        run["variants"][0]["why"].as_str().unwrap().to_owned()
    };
    let large = good.replace("gemma-3-1b/gguf-q4_k_m", "deepseek-v3.2/mlx-4bit");
    let why = row(&large, &[]);
    assert!(why.contains("does not fit"), "{why}");
    // More than a turn of the task takes is asked of the context, and said of it.
    let short = format!("context = 2048\n{good}");
    assert!(row(&short, &[]).contains("below its floor"));
    let beyond = format!("context = 16777216\n{good}");
    assert!(!row(&beyond, &[]).is_empty());
    assert_eq!(world.hub.front.asked().len(), 0);
    assert_eq!(world.studio.changes(), Vec::<String>::new());
}

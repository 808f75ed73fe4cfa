//! Downloads from a server that speaks the hub's API, and fails in every way that hubs and networks
//! fail.

mod broken;
pub(crate) mod hub;
mod killed;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::support::command;
use hub::{COMMIT, File, Hub};

const REPOSITORY: &str = "ada/Tiny-GGUF";
const TOKEN: &str = "hf_SecretSecretSecret";

/// `planner get` into a folder of its own.
struct Getting<'a> {
    hub: &'a Hub,
    models: PathBuf,
}

impl<'a> Getting<'a> {
    fn from(hub: &'a Hub, folder: &Path) -> Self {
        Self {
            hub,
            models: folder.join("models"),
        }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut getting = command(&["get", "--format", "json"]);
        getting
            .args(["--models-folder".as_ref(), self.models.as_os_str()])
            .args(args)
            .env("HF_ENDPOINT", &self.hub.front.address)
            .env("HF_TOKEN", TOKEN)
            .env("XDG_STATE_HOME", self.models.with_file_name("state"))
            .env("NO_PROXY", "*");
        getting
    }

    fn run(&self, args: &[&str]) -> Output {
        let output = self.command(args).output().unwrap();
        let said = [&output.stdout[..], &output.stderr[..]].concat();
        assert!(!String::from_utf8_lossy(&said).contains(TOKEN));
        output
    }

    /// The answer of a run that ends with this code.
    fn answer(&self, args: &[&str], code: i32) -> Value {
        let output = self.run(args);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{errors}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn refused(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{errors}");
        assert!(errors.contains("\"hint\": \""), "{errors}");
        errors
    }

    /// Whether these files and nothing else are below the models folder.
    fn holds(&self, files: &[(&str, &File)]) {
        let mut expected: Vec<String> = files
            .iter()
            .map(|(at, _)| format!("{REPOSITORY}/{at}"))
            .collect();
        expected.sort();
        assert_eq!(below(&self.models), expected);
        for (at, file) in files {
            let there = fs::read(self.models.join(REPOSITORY).join(at)).unwrap();
            assert!(there == *file.bytes, "{at} differs");
        }
    }

    /// What is under a name that a model's file has.
    fn visible(&self) -> Vec<String> {
        let mut all = below(&self.models);
        all.retain(|path| !path.split('/').any(|segment| segment.starts_with('.')));
        all
    }
}

/// The files below a folder, by path.
fn below(folder: &Path) -> Vec<String> {
    let mut all = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let path = path.strip_prefix(folder).unwrap();
                all.push(path.to_string_lossy().into_owned());
            }
        }
    }
    all.sort();
    all
}

/// A model in two parts in a folder of its own, its projectors, and another model.
fn files() -> Vec<File> {
    vec![
        File::small("README.md", "# Tiny"),
        File::large("Q8_0/Tiny-Q8_0-00001-of-00002.gguf", 300_000),
        File::large("Q8_0/Tiny-Q8_0-00002-of-00002.gguf", 200_001),
        File::large("Tiny-Q4_K_M.gguf", 250_000),
        File::large("mmproj-F16.gguf", 30_000),
        File::large("mmproj-F32.gguf", 60_000),
    ]
}

fn figure(answer: &Value, name: &str) -> u64 {
    let files = answer["models"][0]["files"].as_array().unwrap().iter();
    files.map(|f| f[name].as_u64().unwrap()).sum()
}

#[test]
fn a_model_comes_whole_with_what_belongs_to_it_and_once() {
    let hub = Hub::with(REPOSITORY, files());
    let folder = tempfile::tempdir().unwrap();
    let getting = Getting::from(&hub, folder.path());
    let name = format!("hf:{REPOSITORY}:Q8_0");
    // Asked first, it says what would come and changes nothing.
    let asked = getting.answer(&[&name, "--dry-run"], 0);
    assert_eq!(asked["outcome"], "not_started");
    assert_eq!(asked["missing_bytes"], 530_001);
    assert!(!getting.models.exists());
    let got = getting.answer(&[&name], 0);
    let all = files();
    getting.holds(&[
        ("Q8_0/Tiny-Q8_0-00001-of-00002.gguf", &all[1]),
        ("Q8_0/Tiny-Q8_0-00002-of-00002.gguf", &all[2]),
        ("Q8_0/mmproj-F16.gguf", &all[4]),
    ]);
    assert_eq!(got["outcome"], "done");
    assert_eq!(got["models"][0]["commit"], COMMIT);
    assert_eq!(figure(&got, "received_bytes"), 530_001);
    let schema: Value = serde_json::from_str(include_str!("../../../schemas/get.json")).unwrap();
    assert_eq!(
        schema,
        serde_json::from_str::<Value>(&crate::support::stdout(&["schema", "get"])).unwrap(),
        "planner schema get > schemas/get.json"
    );
    for answer in [&asked, &got] {
        jsonschema::validate(&schema, answer).unwrap();
    }
    // The token went to the hub, and never to the server that it leads to.
    let with_token = |server: &crate::web::Server| {
        let asked = server.asked();
        let with = asked.iter().filter(|r| r.header("authorization").is_some());
        (with.count(), asked.len())
    };
    let (with, of) = with_token(&hub.front);
    assert!(with == of && of > 0);
    let (with, before) = with_token(&hub.store);
    assert!(with == 0 && before > 0);
    // The next run has nothing to do; the other model comes beside it.
    assert_eq!(getting.answer(&[&name], 0)["missing_bytes"], 0);
    assert_eq!(hub.store.asked().len(), before);
    getting.answer(&[&format!("hf:{REPOSITORY}:q4_k_m")], 0);
    assert_eq!(getting.visible().len(), 5);
}

#[test]
fn an_mlx_folder_comes_whole_with_each_hash_checked() {
    let files = vec![
        File::small(".gitattributes", "x"),
        File::small("README.md", "# Tiny"),
        File::small("chat_template.jinja", "{{ messages }}"),
        File::small("config.json", "{\"model_type\": \"tiny\"}"),
        File::large("model-00001-of-00002.safetensors", 5_000_000),
        File::large("model-00002-of-00002.safetensors", 70_000),
        File::small("model.safetensors.index.json", "{}"),
        File::large("tokenizer.json", 30_000),
        File::small("vocab.txt", ""),
    ];
    let hub = Hub::with(REPOSITORY, files.clone());
    let folder = tempfile::tempdir().unwrap();
    let getting = Getting::from(&hub, folder.path());
    let got = getting.answer(&[&format!("hf:{REPOSITORY}")], 0);
    let wanted: Vec<(&str, &File)> = files[2..].iter().map(|f| (f.path, f)).collect();
    getting.holds(&wanted);
    let checks = got["models"][0]["files"].as_array().unwrap().iter();
    let checks: Vec<&str> = checks.map(|f| f["check"].as_str().unwrap()).collect();
    assert_eq!(checks.iter().filter(|c| **c == "sha256").count(), 3);
    assert_eq!(checks.iter().filter(|c| **c == "git_blob").count(), 4);
}

#[test]
fn the_models_folder_is_where_lm_studio_has_it() {
    let hub = Hub::with(REPOSITORY, files());
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let studio = folder.path().join("big disk/studio");
    fs::create_dir_all(&home).unwrap();
    fs::create_dir_all(&studio).unwrap();
    fs::write(
        home.join(".lmstudio-home-pointer"),
        studio.to_str().unwrap(),
    )
    .unwrap();
    let run = || {
        let mut getting = command(&["get", &format!("hf:{REPOSITORY}:Q4_K_M")]);
        getting
            .env("HOME", &home)
            .env("HF_ENDPOINT", &hub.front.address)
            .env("NO_PROXY", "*");
        let done = getting.output().unwrap();
        assert!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
        String::from_utf8(done.stdout).unwrap()
    };
    let said = run();
    assert!(
        said.contains("everything is here") && said.contains("SHA-256 checked"),
        "{said}"
    );
    assert!(
        studio
            .join("models")
            .join(REPOSITORY)
            .join("Tiny-Q4_K_M.gguf")
            .is_file()
    );
    let elsewhere = folder.path().join("elsewhere");
    let settings = format!("{{\"downloadsFolder\": {:?}}}", elsewhere.to_str().unwrap());
    fs::write(studio.join("settings.json"), settings).unwrap();
    run();
    assert!(
        elsewhere
            .join(REPOSITORY)
            .join("Tiny-Q4_K_M.gguf")
            .is_file()
    );
}

#[test]
fn what_is_not_clear_or_has_no_room_is_not_begun() {
    let mut all = files();
    let hub = Hub::with(REPOSITORY, all.clone());
    let folder = tempfile::tempdir().unwrap();
    let getting = Getting::from(&hub, folder.path());
    for (name, words) in [
        (format!("hf:{REPOSITORY}"), "several quantizations"),
        (format!("hf:{REPOSITORY}:Q5_K_M"), "no `Q5_K_M`"),
        ("hf:ada".to_owned(), "invalid repository"),
        ("hf:ada/Nothing:Q4_K_M".to_owned(), "404"),
        ("no-such-model/gguf".to_owned(), "variant not found"),
        ("qwen3-coder-next".to_owned(), "a variant is needed"),
        ("nowhere/plan.json".to_owned(), "plan.json"),
    ] {
        let errors = getting.refused(&[&name]);
        assert!(errors.contains(words), "{name}: {errors}");
    }
    // Another file has the name.
    let name = format!("hf:{REPOSITORY}:Q4_K_M");
    let place = getting.models.join(REPOSITORY).join("Tiny-Q4_K_M.gguf");
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    fs::write(&place, "mine").unwrap();
    let errors = getting.refused(&[&name]);
    assert!(errors.contains("is not what the hub has"), "{errors}");
    assert_eq!(fs::read_to_string(&place).unwrap(), "mine");
    fs::remove_file(place).unwrap();
    // No upload is complete without its second part.
    all.remove(2);
    hub.replace(all);
    let errors = getting.refused(&[&format!("hf:{REPOSITORY}:Q8_0")]);
    assert!(
        errors.contains("lacks `Q8_0/Tiny-Q8_0-00002-of-00002.gguf`"),
        "{errors}"
    );
    assert_eq!(hub.store.asked().len(), 0);
}

#[test]
fn a_disk_without_room_is_told_before_anything_comes() {
    let server = crate::web::Server::start(|request| {
        let tree = format!("/api/models/{REPOSITORY}/tree/main?recursive=true");
        if request.path == tree {
            let list = format!(
                r#"[{{"type": "file", "path": "Huge-Q4_K_M.gguf", "size": {}}}]"#,
                1_u64 << 50
            );
            return crate::web::Reply::of(200, list.as_bytes());
        }
        crate::web::Reply::of(404, b"")
    });
    let folder = tempfile::tempdir().unwrap();
    let mut getting = command(&["get", &format!("hf:{REPOSITORY}"), "--format", "json"]);
    getting
        .args(["--models-folder".as_ref(), folder.path().as_os_str()])
        .env("HF_ENDPOINT", &server.address)
        .env("NO_PROXY", "*");
    let done = getting.output().unwrap();
    assert_eq!(done.status.code(), Some(1));
    let answer: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(answer["outcome"], "no_room");
    assert_eq!(below(folder.path()), Vec::<String>::new());
}

fn states(answer: &Value) -> Vec<&str> {
    let models = answer["models"].as_array().unwrap().iter();
    let files = models.flat_map(|m| m["files"].as_array().unwrap());
    files.map(|f| f["state"].as_str().unwrap()).collect()
}

#[test]
fn a_file_that_was_here_is_read_once_and_refused_where_only_its_size_is_right() {
    let file = File::large("Tiny-Q4_K_M.gguf", 250_000);
    let hub = Hub::with(REPOSITORY, vec![file.clone()]);
    let folder = tempfile::tempdir().unwrap();
    let getting = Getting::from(&hub, folder.path());
    let place = getting.models.join(REPOSITORY).join(file.path);
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    let mut other = (*file.bytes).clone();
    other[100_000] ^= 1;
    fs::write(&place, &other).unwrap();
    let name = format!("hf:{REPOSITORY}");
    assert_eq!(
        states(&getting.answer(&[&name, "--dry-run"], 0)),
        ["present"]
    );
    let said = getting.refused(&[&name]);
    assert!(
        said.contains(&file.sha256()) && said.contains("move it away"),
        "{said}"
    );
    assert_eq!(fs::read(&place).unwrap(), other);

    fs::write(&place, &*file.bytes).unwrap();
    assert_eq!(states(&getting.answer(&[&name], 0)), ["checked"]);
    assert_eq!(
        states(&getting.answer(&[&name, "--dry-run"], 0)),
        ["checked"]
    );
    // One that somebody wrote since is read again.
    let later =
        fs::metadata(&place).unwrap().modified().unwrap() + std::time::Duration::from_secs(1);
    fs::write(&place, &other).unwrap();
    fs::File::options()
        .write(true)
        .open(&place)
        .unwrap()
        .set_modified(later)
        .unwrap();
    assert_eq!(
        states(&getting.answer(&[&name, "--dry-run"], 0)),
        ["present"]
    );
    getting.refused(&[&name]);
    // What planner fetched itself was held against the hash on the way.
    fs::remove_file(&place).unwrap();
    assert_eq!(states(&getting.answer(&[&name], 0)), ["fetched"]);
    assert_eq!(
        states(&getting.answer(&[&name, "--dry-run"], 0)),
        ["checked"]
    );
}

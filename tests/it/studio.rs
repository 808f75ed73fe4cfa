//! A stand-in for LM Studio: the `lms` of `tests/stand_in`, and a server that shares its memory.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::thread;

use serde_json::{Value, json};

#[expect(dead_code, reason = "some of it is for the command line alone")]
#[path = "../stand_in/state.rs"]
mod state;
use state::State;

/// LM Studio, its folder and its server.
pub(crate) struct Studio {
    folder: tempfile::TempDir,
}

/// Name, key, context, slots and TTL of what is loaded, in a fixed order.
pub(crate) type Loaded = Vec<(String, String, u64, u64, Option<u64>)>;

/// One loaded model.
pub(crate) fn loaded(
    identifier: &str,
    key: &str,
    context: u64,
    slots: u64,
) -> (String, String, u64, u64, Option<u64>) {
    (identifier.to_owned(), key.to_owned(), context, slots, None)
}

/// The entry of `lms ls --json` for a GGUF file.
pub(crate) fn gguf(key: &str, path: &str, quantization: &str, bytes: u64) -> Value {
    json!({
        "type": "llm", "modelKey": key, "format": "gguf", "displayName": key, "publisher": "p", "path": path,
        "sizeBytes": bytes, "indexedModelIdentifier": path, "deviceIdentifier": null, "architecture": "a",
        "quantization": {"name": quantization, "bits": 4}, "vision": false, "trainedForToolUse": true,
        "maxContextLength": 262_144,
    })
}

/// Bytes of the study's MiniMax M2.1 Q4_K_S.
pub(crate) const MINIMAX: u64 = 130_032_000_000;
/// Bytes of the study's Qwen3-Coder-Next Q4_K_M.
pub(crate) const CODER: u64 = 48_485_000_000;
/// Keys of both in the stand-in.
pub(crate) const KEYS: [&str; 2] = ["minimax-m2.1@q4_k_s", "qwen3-coder-next"];

impl Studio {
    /// The study's two models and some that resemble them are installed, and nothing is loaded.
    pub(crate) fn new() -> Self {
        Self::at("127.0.0.1")
    }

    /// The same with its server at another address of this machine.
    pub(crate) fn at(address: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let studio = Self { folder };
        for sub in ["bin", "state", "home/.lmstudio/.internal", "xdg"] {
            fs::create_dir_all(studio.path(sub)).unwrap();
        }
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_stand-in-lms"), studio.path("bin/lms"))
            .unwrap();
        studio.state().set_models(&[
            gguf("qwen3-coder-next-extra-long", "x/qwen3-coder-next-extra-long-GGUF/Q4_K_M.gguf", "Q4_K_M", CODER),
            gguf("minimax-m2.1@q4_k_m", "unsloth/MiniMax-M2.1-GGUF/Q4_K_M/MiniMax-M2.1-Q4_K_M-00001-of-00003.gguf", "Q4_K_M", 138_000_000_000),
            gguf(KEYS[0], "unsloth/MiniMax-M2.1-GGUF/Q4_K_S/MiniMax-M2.1-Q4_K_S-00001-of-00003.gguf", "Q4_K_S", MINIMAX),
            gguf(KEYS[1], "Qwen/Qwen3-Coder-Next-GGUF/Qwen3-Coder-Next-Q4_K_M.gguf", "Q4_K_M", CODER),
            gguf("stranger", "x/Stranger-GGUF/Stranger-Q8_0.gguf", "Q8_0", 20_000_000_000),
            json!({"type": "embedding", "modelKey": "embedder", "format": "gguf", "path": "x/e.gguf", "sizeBytes": 1_000_000, "deviceIdentifier": null}),
        ]);
        studio.serve(address);
        studio
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    /// Sends a process a signal, such as `-INT`; false where it is not there.
    pub(crate) fn signal(&self, process: u32, signal: &str) -> bool {
        let mut kill = self.command("kill");
        kill.args([signal, &process.to_string()]);
        kill.stderr(Stdio::null()).status().unwrap().success()
    }

    pub(crate) fn state(&self) -> State {
        State::at(&self.path("state"))
    }

    /// Switches faults on: a line each.
    pub(crate) fn faults(&self, lines: &str) {
        fs::write(self.path("state/faults"), lines).unwrap();
    }

    /// Loads these models, by the stand-in itself.
    pub(crate) fn load(&self, before: &[(String, String, u64, u64, Option<u64>)]) {
        for (identifier, key, context, slots, ttl) in before {
            let mut args = vec![
                format!("--identifier={identifier}"),
                format!("--context-length={context}"),
                format!("--parallel={slots}"),
            ];
            args.extend(ttl.map(|t| format!("--ttl={t}")));
            let done = self
                .command("lms")
                .arg("load")
                .args(&args)
                .args(["--yes", "--", key])
                .output()
                .unwrap();
            assert!(
                done.status.success(),
                "{}",
                String::from_utf8_lossy(&done.stderr)
            );
        }
        fs::write(self.path("state/calls"), "").unwrap();
    }

    /// What is loaded now.
    pub(crate) fn loaded(&self) -> Loaded {
        let mut all: Loaded = self
            .state()
            .loaded()
            .iter()
            .map(|m| {
                (
                    m["identifier"].as_str().unwrap().to_owned(),
                    m["modelKey"].as_str().unwrap().to_owned(),
                    m["contextLength"].as_u64().unwrap(),
                    m["parallel"].as_u64().unwrap(),
                    m["ttlMs"].as_u64().map(|t| t / 1000),
                )
            })
            .collect();
        all.sort();
        all
    }

    /// Calls of `lms` that change something.
    pub(crate) fn changes(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.path("state/calls")).unwrap_or_default();
        calls
            .lines()
            .filter(|l| {
                (l.starts_with("[\"load\"") && !l.contains("--estimate-only"))
                    || l.starts_with("[\"unload\"")
            })
            .map(str::to_owned)
            .collect()
    }

    /// Waits for a change with this text in its call.
    pub(crate) fn wait_for(&self, text: &str) {
        for _ in 0..400 {
            if self.changes().iter().any(|c| c.contains(text)) {
                return;
            }
            thread::sleep(std::time::Duration::from_millis(25));
        }
        panic!("no call with {text}: {:?}", self.changes());
    }

    /// A command of this machine, in the stand-in's world.
    pub(crate) fn command(&self, program: &str) -> Command {
        let path = format!(
            "{}:{}",
            self.path("bin").display(),
            std::env::var("PATH").unwrap()
        );
        let program = if program == "lms" {
            self.path("bin/lms")
        } else {
            PathBuf::from(program)
        };
        let mut command = Command::new(program);
        command
            .env("PATH", path)
            .env("HOME", self.path("home"))
            .env("XDG_CONFIG_HOME", self.path("xdg"))
            .env("XDG_STATE_HOME", self.path("xdg/state"))
            .env("STAND_IN_LMS", self.path("state"))
            .env_remove("LM_API_TOKEN")
            .env_remove("COLUMNS")
            .env_remove("NO_COLOR");
        command
    }

    /// Runs planner in the stand-in's world.
    pub(crate) fn planner(&self, args: &[&str]) -> Output {
        self.command(env!("CARGO_BIN_EXE_planner"))
            .args(args)
            .output()
            .unwrap()
    }

    /// Writes a plan into the stand-in's world, with sums that are those of its models.
    pub(crate) fn plan(&self, plan: &Value) -> String {
        let path = self.path("plan.json");
        fs::write(&path, summed(plan).to_string()).unwrap();
        path.to_string_lossy().into_owned()
    }

    /// Emits a plan, and gives the folder.
    pub(crate) fn emit(&self, plan: &Value, more: &[&str]) -> PathBuf {
        let (plan, folder) = (self.plan(plan), self.path("out put"));
        let mut args = vec!["emit", plan.as_str(), "--out", folder.to_str().unwrap()];
        args.extend(more);
        let done = self.planner(&args);
        assert!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
        folder
    }

    /// Starts the server on a free port; it ends with the test process.
    fn serve(&self, address: &str) {
        let listener = TcpListener::bind((address, 0)).unwrap();
        fs::write(
            self.path("state/port"),
            listener.local_addr().unwrap().port().to_string(),
        )
        .unwrap();
        let folder = self.path("state");
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let folder = folder.clone();
                thread::spawn(move || answer(&stream, &folder));
            }
        });
    }

    pub(crate) fn port(&self) -> String {
        self.state().port().unwrap().to_string()
    }
}

/// All that a program said.
pub(crate) fn words(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// The first of two models alone, which then serves all that the plan asks for.
pub(crate) fn one_model() -> Value {
    let mut plan = two_models();
    plan["loadout"].as_array_mut().unwrap().truncate(1);
    let asked = plan["request"]["tasks"].as_array().unwrap().iter();
    plan["loadout"][0]["tasks"] = asked.map(|task| task["id"].clone()).collect();
    plan
}

/// The plan for the study's two models, as planner makes it.
pub(crate) fn two_models() -> Value {
    static PLAN: OnceLock<Value> = OnceLock::new();
    PLAN.get_or_init(|| {
        super::support::plan(&[
            "--campaign",
            "llm-mac-512",
            "--task",
            "code",
            "--task",
            "general",
            "--machine",
            "m3-ultra-512gb",
        ])
    })
    .clone()
}

/// A plan that a test changed, as planner would have saved it: its sums are those of its models.
fn summed(plan: &Value) -> Value {
    let mut plan = plan.clone();
    let Some(entries) = plan["loadout"].as_array_mut() else {
        return plan;
    };
    let (mut gpu, mut total) = (0, 0);
    for entry in entries {
        let lines = entry["ledger"].as_array().unwrap().iter();
        let bytes: i64 = lines.map(|line| line["bytes"].as_i64().unwrap()).sum();
        entry["memory"]["total_bytes"] = json!(bytes);
        gpu += entry["memory"]["gpu_total_bytes"].as_i64().unwrap();
        total += bytes;
    }
    plan["totals"]["gpu_total_bytes"] = json!(gpu);
    plan["totals"]["total_bytes"] = json!(total);
    let limit = |name: &str| plan["limits"][name].as_i64();
    let physical = limit("physical_bytes").unwrap();
    let left = physical - limit("reserve_bytes").unwrap();
    let left = limit("guard_bytes").unwrap_or(left).min(left);
    let working_set = limit("gpu_working_set_bytes").unwrap_or(physical);
    let working_set = working_set - limit("safety_margin_bytes").unwrap();
    plan["headroom_bytes"] = json!((left - total).min(working_set - gpu));
    plan
}

/// The plan of two models, of which one has weights that no machine has room for.
pub(crate) fn too_large() -> Value {
    let mut plan = two_models();
    plan["loadout"][0]["ledger"][0]["bytes"] = json!(9_000_000_000_000_u64);
    plan
}

/// What that plan should come to.
pub(crate) fn planned() -> Loaded {
    vec![
        loaded("minimax-m2.1", KEYS[0], 65_536, 4),
        loaded("qwen3-coder-next", KEYS[1], 262_144, 4),
    ]
}

fn answer(mut stream: &TcpStream, folder: &Path) {
    let Some((head, body)) = request(stream) else {
        return;
    };
    let state = State::at(folder);
    let mut words = head.split_whitespace();
    let (method, path) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let authorized = state
        .fault("token")
        .is_none_or(|t| head.contains(&format!("Bearer {t}")));
    let (status, answer) = match (method, path) {
        _ if !authorized => ("401 Unauthorized", json!({"error": {"message": "token"}})),
        ("GET", "/api/v1/models") if state.fault("old_server").is_none() => {
            ("200 OK", models(&state))
        }
        ("GET", "/v1/models") => ("200 OK", offered(&state)),
        ("POST", "/v1/chat/completions") if is_loaded(&state, &body["model"]) => (
            "200 OK",
            json!({"choices": [{"message": {"content": "1"}}]}),
        ),
        ("POST", "/api/v1/models/load") => load(&state, &body),
        ("POST", "/api/v1/models/unload") => unload(&state, &body),
        _ => (
            "404 Not Found",
            json!({"error": {"message": "Unexpected endpoint or method."}}),
        ),
    };
    let text = answer.to_string();
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}",
        text.len()
    );
}

fn request(mut stream: &TcpStream) -> Option<(String, Value)> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|l| {
                    l.to_ascii_lowercase()
                        .strip_prefix("content-length:")?
                        .trim()
                        .parse()
                        .ok()
                })
                .unwrap_or(0);
            if body.len() >= length {
                return Some((
                    head.to_owned(),
                    serde_json::from_str(body).unwrap_or(Value::Null),
                ));
            }
        }
        let read = stream.read(&mut piece).ok()?;
        if read == 0 {
            return None;
        }
        bytes.extend_from_slice(&piece[..read]);
    }
}

fn models(state: &State) -> Value {
    let loaded = state.loaded();
    let rows: Vec<Value> = state.models().iter().map(|m| {
        let instances: Vec<Value> = loaded.iter().filter(|l| l["modelKey"] == m["modelKey"]).map(|l| {
            let context = state.fault("server_context").map_or(l["contextLength"].clone(), |c| json!(c.parse::<u64>().unwrap()));
            json!({"id": l["identifier"], "config": {"context_length": context, "parallel": l["parallel"], "flash_attention": true}})
        }).collect();
        json!({
            "type": m["type"], "publisher": m["publisher"], "key": m["modelKey"], "display_name": m["displayName"],
            "architecture": m["architecture"], "quantization": {"name": m["quantization"]["name"], "bits_per_weight": 4},
            "size_bytes": m["sizeBytes"], "params_string": null, "loaded_instances": instances,
            "max_context_length": m["maxContextLength"], "format": "gguf",
        })
    }).collect();
    json!({"models": rows})
}

fn is_loaded(state: &State, identifier: &Value) -> bool {
    state
        .loaded()
        .iter()
        .any(|l| l["identifier"] == *identifier)
}

fn offered(state: &State) -> Value {
    let rows: Vec<Value> = state
        .loaded()
        .iter()
        .map(|l| json!({"id": l["identifier"], "object": "model"}))
        .collect();
    json!({"object": "list", "data": rows})
}

/// Keys that the documentation does not name are refused, as the real server refuses them.
fn load(state: &State, body: &Value) -> (&'static str, Value) {
    let known = [
        "model",
        "context_length",
        "eval_batch_size",
        "flash_attention",
        "num_experts",
        "offload_kv_cache_to_gpu",
        "echo_load_config",
    ];
    let unknown: Vec<String> = body
        .as_object()
        .into_iter()
        .flatten()
        .map(|(k, _)| k.clone())
        .filter(|k| !known.contains(&k.as_str()))
        .collect();
    if !unknown.is_empty() {
        return (
            "400 Bad Request",
            json!({"error": {"code": "unrecognized_keys", "message": format!("Unrecognized key(s) in object: '{}'", unknown.join("', '"))}}),
        );
    }
    let Some(mut model) = state
        .models()
        .into_iter()
        .find(|m| m["modelKey"] == body["model"])
    else {
        return (
            "404 Not Found",
            json!({"error": {"type": "model_not_found", "message": format!("Model {} not found in downloaded models", body["model"])}}),
        );
    };
    let key = model["modelKey"].as_str().unwrap().to_owned();
    if state.fault_at("out_of_memory", &key).is_some() {
        return (
            "500 Internal Server Error",
            json!({"error": {"type": "internal_error", "message": "insufficient system resources"}}),
        );
    }
    let mut loaded = state.loaded();
    let copies = loaded.iter().filter(|l| l["modelKey"] == *key).count();
    let identifier = if copies == 0 {
        key
    } else {
        format!("{key}:{}", copies + 1)
    };
    let row = model.as_object_mut().unwrap();
    row.insert("identifier".to_owned(), json!(identifier));
    row.insert(
        "contextLength".to_owned(),
        body.get("context_length").cloned().unwrap_or(json!(4096)),
    );
    row.insert("parallel".to_owned(), json!(4));
    row.insert("ttlMs".to_owned(), Value::Null);
    loaded.push(model);
    state.set_loaded(&loaded);
    (
        "200 OK",
        json!({"type": "llm", "instance_id": identifier, "load_time_seconds": 1.5, "status": "loaded"}),
    )
}

fn unload(state: &State, body: &Value) -> (&'static str, Value) {
    let mut loaded = state.loaded();
    loaded.retain(|l| l["identifier"] != body["instance_id"]);
    state.set_loaded(&loaded);
    ("200 OK", json!({"instance_id": body["instance_id"]}))
}

//! A stand-in for LM Studio's `lms`: stateful, in the folder that `STAND_IN_LMS` names.
//!
//! Outputs, exit codes and streams follow the real command line (commit 07b7252 of
//! github.com/lmstudio-ai/lms, run against a server that spoke its protocol). What it gets wrong on
//! purpose are the traps of the real one; the file `faults` in the folder switches on more.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    missing_docs,
    unreachable_pub,
    reason = "a test fixture: it may fail loudly, and prints as a command line does"
)]

mod load;
mod state;

use serde_json::{Value, json};
use state::State;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let state = State::open();
    state.log(&args);
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    // Loads and unloads list what there is before they do anything.
    let lists = matches!(words.as_slice(), ["ls" | "ps" | "load" | "unload", ..]);
    if lists && state.fails_now("flaky") {
        eprintln!("Error: the connection was lost");
        std::process::exit(1);
    }
    let code = match words.as_slice() {
        ["ls", "--json"] => ls(&state),
        ["ps", "--json"] => ps(&state),
        ["load", "--help"] => {
            println!("Usage: lms load [options] [model-key]");
            let lacks = |flag: &&&str| state.fault_at("unknown", flag).is_none();
            load::SHOWN
                .iter()
                .filter(lacks)
                .for_each(|f| println!("   {f}"));
            0
        }
        ["load", rest @ ..] => load::run(&state, rest),
        ["daemon", "status"] => daemon_status(&state),
        ["daemon", "up"] => {
            state.clear_fault("not_running");
            println!("llmster started (PID: 4711).");
            0
        }
        ["runtime", "ls"] => {
            println!(
                "{}",
                state
                    .text("runtimes")
                    .unwrap_or_else(|| RUNTIMES.to_owned())
            );
            0
        }
        ["link", "status", "--json"] => {
            println!("{}", state.text("link").unwrap_or_else(|| LINK.to_owned()));
            0
        }
        ["version", "--json"] => {
            println!("{}", json!({"version": "07b7252"}));
            0
        }
        ["unload", rest @ ..] => unload(&state, rest),
        ["get", rest @ ..] => get(&state, rest),
        ["server", "status", "--json"] => server_status(&state),
        ["server", "start", ..] => server_start(&state),
        ["version" | "-v", ..] => {
            println!("CLI commit: 07b7252");
            0
        }
        _ => {
            eprintln!("error: unknown command '{}'", words.join(" "));
            1
        }
    };
    std::process::exit(code);
}

/// As `columnify` lays the real table out.
const RUNTIMES: &str = "LLM ENGINE                                      SELECTED    MODEL FORMAT
llama.cpp-mac-arm64-apple-metal-advsimd@2.41.0     ✓            GGUF    
mlx-llm-mac-arm64-apple-metal-advsimd@1.8.5        ✓            MLX     ";
const LINK: &str = r#"{"status":"offline","issues":["notLoggedIn"],"peers":[],"deviceIdentifier":"dev1","deviceName":"mac-studio"}"#;

/// The only question that starts nothing, beside those for versions and help.
fn daemon_status(state: &State) -> i32 {
    if state.fault_at("unknown", "daemon").is_some() {
        eprintln!("error: unknown command 'daemon'");
        return 1;
    }
    match state.fault("not_running") {
        Some(_) => println!("LM Studio is not running"),
        None => {
            let version = state
                .fault("version")
                .unwrap_or_else(|| "0.4.25+1".to_owned());
            println!("LM Studio v{version} is running (PID: 4711)");
        }
    }
    0
}

fn list(models: &[Value]) -> i32 {
    println!("{}", Value::Array(models.to_vec()));
    0
}

fn ls(state: &State) -> i32 {
    let mut models = state.models();
    if state.fault("odd_rows").is_some() {
        models.insert(0, json!({"type": "llm", "modelKey": "unread", "path": 7}));
    }
    if state.fault("by_files").is_some() {
        let home = std::path::PathBuf::from(std::env::var_os("HOME").unwrap());
        let folder = home.join(".lmstudio/models");
        let is_there = |m: &Value| folder.join(m["path"].as_str().unwrap_or("?")).is_file();
        models.retain(is_there);
    }
    list(&models)
}

fn ps(state: &State) -> i32 {
    if state.fault("ps_garbage").is_some() {
        println!("LM Studio is updating");
        return 0;
    }
    let mut loaded = state.loaded();
    if state.fault("odd_rows").is_some() {
        loaded.insert(0, json!({"type": "decision", "modelKey": "gate"}));
        loaded.insert(
            0,
            json!({"type": "llm", "identifier": "odd", "modelKey": 7}),
        );
    }
    for model in &mut loaded {
        let Some(context) = model["contextLength"].as_f64() else {
            continue;
        };
        if state.fault("odd_rows").is_some() {
            model["contextLength"] = json!(context);
            model.as_object_mut().unwrap().shift_remove("format");
        }
        let name = model["identifier"].as_str().unwrap().to_owned();
        if state.fault_at("busy", &name).is_some() {
            model["status"] = json!("generating");
        }
    }
    if state.fault("no_parallel").is_some() {
        for model in &mut loaded {
            model.as_object_mut().unwrap().shift_remove("parallel");
        }
    }
    list(&loaded)
}

/// An unknown identifier is told on standard error, and the exit code is 0 all the same.
fn unload(state: &State, args: &[&str]) -> i32 {
    let mut loaded = state.loaded();
    match args {
        ["--all" | "-a"] => {
            let count = loaded.len();
            for model in &loaded {
                let identifier = model["identifier"].as_str().unwrap_or_default().to_owned();
                state.engine("unload", &[identifier]).unwrap();
            }
            state.set_loaded(&[]);
            eprintln!(
                "Unloaded {count} model{}.",
                if count == 1 { "" } else { "s" }
            );
            0
        }
        [identifier] | ["--", identifier] => {
            let before = loaded.len();
            let same = loaded.iter().filter(|m| m["identifier"] == **identifier);
            if same.count() > 1 {
                // One of them is on a linked device.
                eprintln!("? Multiple models found. Select one to unload |");
                return 1;
            }
            loaded.retain(|m| m["identifier"] != **identifier);
            if loaded.len() == before {
                eprintln!(
                    "Model Not Found\n\nCannot find a model with the identifier \"{identifier}\".\n\nTo see a list of loaded models, run:\n\n    lms ps"
                );
                return 0;
            }
            if state.fault_at("unload_ignored", identifier).is_none() {
                state.engine("unload", &[(*identifier).to_owned()]).unwrap();
                state.set_loaded(&loaded);
            }
            eprintln!("Model \"{identifier}\" unloaded.");
            0
        }
        _ => {
            eprintln!("error: unexpected arguments");
            1
        }
    }
}

/// Downloads whatever `later.json` holds for this address, as far as it is there.
fn get(state: &State, args: &[&str]) -> i32 {
    let Some(name) = args.iter().find(|a| !a.starts_with('-')) else {
        return 1;
    };
    let mut models = state.models();
    let wanted = state.later(name);
    if wanted.is_empty() {
        eprintln!("Error: No staff picks match \"{name}\".");
        return 1;
    }
    models.extend(wanted);
    state.set_models(&models);
    eprintln!("Finished downloading.");
    0
}

fn server_status(state: &State) -> i32 {
    match state.port() {
        Some(port) if state.fault("server_down").is_none() => {
            println!("{}", json!({"running": true, "port": port}));
        }
        Some(port) => println!("{}", json!({"running": false, "port": port})),
        None => println!("{}", json!({"running": false})),
    }
    0
}

fn server_start(state: &State) -> i32 {
    if state.fault("server_dead").is_some() {
        eprintln!("Error: Failed to start the server.");
        return 1;
    }
    state.clear_fault("server_down");
    eprintln!(
        "Success! Server is now running on port {}",
        state.port().unwrap_or(1234)
    );
    0
}

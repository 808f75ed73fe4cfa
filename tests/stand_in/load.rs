//! `lms load`, with its traps: fuzzy keys, estimates that exit 0, duplicates, silent contexts.

use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::state::State;

/// The flags that `--help` shows; `--local` is hidden.
pub(crate) const SHOWN: [&str; 7] = [
    "--gpu",
    "--context-length",
    "--parallel",
    "--ttl",
    "--identifier",
    "--estimate-only",
    "--yes",
];

#[derive(Default)]
struct Load {
    key: Option<String>,
    identifier: Option<String>,
    context: Option<u64>,
    parallel: Option<u64>,
    ttl: Option<u64>,
    gpu: Option<String>,
    yes: bool,
    local: bool,
    estimate_only: bool,
}

/// As commander reads them: `--flag value` and `--flag=value`, and `--` before a key.
fn parse(state: &State, args: &[&str]) -> Result<Load, String> {
    let mut load = Load::default();
    let mut rest = args.iter().copied();
    let mut options = true;
    while let Some(arg) = rest.next() {
        if options && arg == "--" {
            options = false;
            continue;
        }
        if !options || !arg.starts_with('-') {
            if load.key.replace(arg.to_owned()).is_some() {
                return Err(
                    "error: too many arguments for 'load'. Expected 1 argument but got 2."
                        .to_owned(),
                );
            }
            continue;
        }
        let (flag, given) = match arg.split_once('=') {
            Some((flag, value)) if arg.starts_with("--") => (flag, Some(value)),
            _ => (arg, None),
        };
        let mut value = || {
            given
                .or_else(|| rest.next())
                .map(str::to_owned)
                .ok_or(format!("error: option '{flag}' argument missing"))
        };
        match flag {
            "-y" | "--yes" => load.yes = true,
            "--local" | "--parallel" if state.fault_at("unknown", flag).is_some() => {
                return Err(format!("error: unknown option '{flag}'"));
            }
            "--local" => load.local = true,
            "--estimate-only" => load.estimate_only = true,
            "--identifier" => load.identifier = Some(value()?),
            "--gpu" => load.gpu = Some(ratio(value()?)?),
            "-c" | "--context-length" => load.context = Some(count(flag, &value()?)?),
            "--parallel" => load.parallel = Some(count(flag, &value()?)?),
            "--ttl" => load.ttl = Some(count(flag, &value()?)?),
            _ => return Err(format!("error: unknown option '{flag}'")),
        }
    }
    Ok(load)
}

fn count(flag: &str, text: &str) -> Result<u64, String> {
    text.parse().ok().filter(|n| *n >= 1).ok_or(format!(
        "error: option '{flag}' argument '{text}' is invalid. Not a number"
    ))
}

fn ratio(text: String) -> Result<String, String> {
    let number = text.parse::<f64>().is_ok_and(|r| (0.0..=1.0).contains(&r));
    if number || text == "max" || text == "off" {
        Ok(text)
    } else {
        Err(format!(
            "error: option '--gpu <offload-ratio>' argument '{text}' is invalid. Not a number"
        ))
    }
}

pub(crate) fn run(state: &State, args: &[&str]) -> i32 {
    let load = match parse(state, args) {
        Ok(load) => load,
        Err(error) => {
            eprintln!("{error}");
            return 1;
        }
    };
    let Some(key) = load.key.clone() else {
        return 1;
    };
    let Some(model) = resolve(state, &key) else {
        eprintln!(
            "Model not found\n\nNo model found that matches model key \"{key}\".\n\nTo see a list of all downloaded models, run:\n\n    lms ls"
        );
        return 1;
    };
    if load.estimate_only {
        estimate(state, &load, &model);
        return 0;
    }
    bring_up(state, &load, &model)
}

/// A key matches every key that holds its characters in this order; an exact one comes first.
fn resolve(state: &State, key: &str) -> Option<Value> {
    let holds = |name: &str| {
        let mut rest = name.chars();
        key.chars().all(|c| rest.any(|r| r == c))
    };
    let models = state.models();
    let name = |m: &Value| m["modelKey"].as_str().unwrap_or_default().to_owned();
    let mut matches: Vec<Value> = models.into_iter().filter(|m| holds(&name(m))).collect();
    matches.sort_by_key(|m| name(m) != key);
    if matches.len() > 1 {
        eprintln!(
            "W {} models match the provided model key on the same device. Loading the first one.",
            matches.len()
        );
    }
    matches.into_iter().next()
}

#[expect(clippy::cast_precision_loss, reason = "printed with two decimals")]
fn estimate(state: &State, load: &Load, model: &Value) {
    let decimal = state.fault("estimate_gb").is_some();
    let bytes = model["sizeBytes"].as_u64().unwrap();
    let extra = state
        .fault("estimate_extra")
        .and_then(|e| e.parse::<u64>().ok())
        .unwrap_or(0);
    let size = (bytes + extra) as f64;
    let text = if decimal {
        format!("{:.2} GB", size / 1e9)
    } else {
        format!("{:.2} GiB", size / f64::from(1 << 30))
    };
    let text = if state.fault("ansi").is_some() {
        format!("\u{1b}[33m{text}\u{1b}[39m")
    } else {
        text
    };
    eprintln!("Model: {}", model["modelKey"].as_str().unwrap());
    if let Some(context) = load.context {
        eprintln!("Context Length: {context}");
    }
    eprintln!("Estimated GPU Memory:   {text}\nEstimated Total Memory: {text}\n");
    if state.fault("estimate_refused").is_some() {
        eprintln!(
            "Estimate: This model will fail to load based on your resource guardrails settings."
        );
    } else {
        eprintln!("Estimate: This model may be loaded based on your resource guardrails settings.");
    }
}

fn bring_up(state: &State, load: &Load, model: &Value) -> i32 {
    let key = model["modelKey"].as_str().unwrap();
    let wanted = load.identifier.clone().unwrap_or_else(|| key.to_owned());
    let fault = |name: &str| {
        let value = state.fault_at(name, &wanted);
        // A fault that happens once is over when it has happened.
        if value.as_deref() == Some("once") {
            state.clear_fault(&format!("{name}@{wanted}=once"));
        }
        value
    };
    let mut loaded = state.loaded();
    // A linked device that has the model and is preferred gets the load.
    let device = fault("linked").filter(|_| !load.local);
    let taken = |name: &str| loaded.iter().any(|m| m["identifier"] == *name);
    if load.identifier.is_some() && taken(&wanted) && fault("duplicates").is_none() {
        eprintln!("Error: A model with the identifier \"{wanted}\" is already loaded.");
        return 1;
    }
    let identifier = if taken(&wanted) {
        format!("{wanted}:2")
    } else {
        wanted.clone()
    };
    progress(key, &fault("slow_load"));
    if fault("death").is_some() {
        std::process::abort();
    }
    let resident: u64 = loaded
        .iter()
        .map(|m| m["sizeBytes"].as_u64().unwrap())
        .sum();
    let needed = resident + model["sizeBytes"].as_u64().unwrap();
    if fault("out_of_memory").is_some() || needed > state.capacity() {
        eprintln!("Error: Model loading was stopped due to insufficient system resources.");
        return 1;
    }
    if fault("exit_0_failure").is_some() {
        eprintln!("Error: the engine went away");
        return 0;
    }
    let mut context = load.context.unwrap_or(4096);
    if model["format"] == "safetensors" && load.parallel != Some(1) {
        context = fault("auto_fit")
            .and_then(|c| c.parse().ok())
            .unwrap_or(context);
    }
    let instance = instance(model, load, (&identifier, context), device);
    let about = ["path", "identifier", "contextLength", "parallel"];
    let about = about.map(|name| {
        let value = &instance[name];
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    });
    if let Err(why) = state.engine("load", &about) {
        eprintln!("Error: {why}");
        return 1;
    }
    loaded.push(instance);
    state.set_loaded(&loaded);
    if fault("death_after").is_some() {
        std::process::abort();
    }
    eprintln!(
        "Model loaded successfully in 32.00ms.\n(11.28 GiB)\nTo use the model in the API/SDK, use the identifier \"{identifier}\"."
    );
    0
}

/// The row of `lms ps --json` for a model that is loaded.
fn instance(
    model: &Value,
    load: &Load,
    (identifier, context): (&str, u64),
    device: Option<String>,
) -> Value {
    let mut instance = model.clone();
    let row = instance.as_object_mut().unwrap();
    if let Some(device) = device {
        row.insert("deviceIdentifier".to_owned(), json!(device));
    }
    row.insert("identifier".to_owned(), json!(identifier));
    row.insert("ttlMs".to_owned(), json!(load.ttl.map(|s| s * 1000)));
    row.insert("lastUsedTime".to_owned(), Value::Null);
    row.insert("contextLength".to_owned(), json!(context));
    row.insert("status".to_owned(), json!("idle"));
    row.insert("queued".to_owned(), json!(0));
    row.insert("parallel".to_owned(), json!(load.parallel.unwrap_or(4)));
    instance
}

/// The animation of a load, which goes to standard output.
fn progress(key: &str, slow: &Option<String>) {
    use std::io::Write as _;
    let pause = slow.as_ref().and_then(|ms| ms.parse().ok()).unwrap_or(0);
    let mut stdout = std::io::stdout();
    for percent in [10, 50, 90] {
        let drawn = write!(
            stdout,
            "\u{1b}[?25l\rLoading {key} {percent}% \u{280b}\r\u{1b}[K"
        );
        if drawn.and_then(|()| stdout.flush()).is_err() {
            abandoned();
        }
        std::thread::sleep(Duration::from_millis(pause / 3));
    }
    let _ = writeln!(stdout, "\u{1b}[?25h");
}

/// That nobody reads the animation any more ends the command line, and not the load: LM Studio goes
/// on with it, by itself.
fn abandoned() -> ! {
    let mut itself = Command::new(std::env::current_exe().unwrap());
    itself.args(std::env::args_os().skip(1));
    itself.stdin(Stdio::null()).stdout(Stdio::null());
    itself.stderr(Stdio::null()).spawn().unwrap();
    std::process::exit(1)
}

//! Four hundred and more bad inputs through the program: each ends with exit code 2, one error and
//! a way out, and no panic.

use std::path::Path;
use std::process::Output;
use std::{env, fs};

use super::{files, places};
use crate::support::planner;

/// What stands in `{}` of a command line is a file or folder of the case's own.
pub(super) struct Case {
    pub(super) args: Vec<String>,
    /// Name and contents of the file that `{}` is, where one is written.
    pub(super) file: Option<(String, Vec<u8>)>,
    /// What is spoilt in it.
    pub(super) spoilt: String,
}

/// One of so many cases is tried, unless `PLANNER_LONG_TESTS` is set.
const SHORT: usize = 10;

#[test]
fn every_bad_input_has_one_error_with_a_way_out() {
    let mut cases = flags();
    cases.extend(files::cases());
    cases.extend(places::cases());
    assert!(cases.len() >= 400, "{}", cases.len());
    let every = if env::var_os("PLANNER_LONG_TESTS").is_some() {
        1
    } else {
        SHORT
    };
    let folder = tempfile::tempdir().unwrap();
    let wrong: Vec<String> = cases
        .iter()
        .step_by(every)
        .filter_map(|case| fault_of(case, folder.path()))
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of them:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// What is wrong with how a case ends.
fn fault_of(case: &Case, folder: &Path) -> Option<String> {
    let name = case.file.as_ref().map_or("none", |(name, _)| name.as_str());
    // One folder per case, which holds that file alone.
    let own = folder.join("case");
    fs::create_dir_all(&own).unwrap();
    let path = own.join(name);
    if let Some((_, bytes)) = &case.file {
        fs::write(&path, bytes).unwrap();
    }
    let shown = |arg: &String| {
        let folder = arg.replace("{dir}", own.to_str().unwrap());
        folder.replace("{}", path.to_str().unwrap())
    };
    let mut args: Vec<String> = case.args.iter().map(shown).collect();
    args.extend(["--format".to_owned(), "json".to_owned()]);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    // An answer that can't be saved is printed all the same.
    let answers = ["recommend", "report"].contains(&args[0]);
    let saves = |a: &&str| *a == "--out" || a.strip_prefix("--out=").is_some_and(|f| !f.is_empty());
    let answered = answers && args.iter().any(saves);
    let problem = problem_of(&planner(&args), answered);
    fs::remove_dir_all(&own).unwrap();
    problem.map(|p| format!("planner {} ({}): {p}", args.join(" "), case.spoilt))
}

fn problem_of(output: &Output, answered: bool) -> Option<String> {
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.code() != Some(2) {
        return Some(format!("exit {:?}: {errors}", output.status.code()));
    }
    if output.stdout.is_empty() == answered {
        return Some("an answer beside the error, or none where there is one".to_owned());
    }
    let Ok(said) = serde_json::from_str::<serde_json::Value>(&errors) else {
        return Some(format!("not one document: {errors}"));
    };
    let text = |key: &str| said[key].as_str().unwrap_or("").to_owned();
    let (error, hint) = (text("error"), text("hint"));
    if error.is_empty() || hint.trim().is_empty() {
        return Some(format!("no way out of: {error}"));
    }
    let twice = |words: &str| error.matches(words).count() > 1;
    if error.contains("hint:") || twice("(os error") {
        return Some(format!("badly put: {error}"));
    }
    None
}

pub(super) fn case(line: &str) -> Case {
    let words = shlex::split(line).unwrap();
    Case {
        args: words,
        file: None,
        spoilt: String::new(),
    }
}

/// Command lines that name nothing, contradict themselves, or hold what no value can be.
fn flags() -> Vec<Case> {
    const M: &str = "--machine m3-ultra-512gb";
    let mut lines: Vec<String> = Vec::new();
    let mut add = |line: String| lines.push(line);
    let bad_sizes = [
        "256", "256G", "abc", "''", "-5GiB", "0GiB", "1e30GiB", "nanGiB", "100PiB",
    ];
    for size in bad_sizes {
        for flag in ["--memory", "--wired-limit", "--reserve"] {
            add(format!("recommend {M} {flag}={size}"));
        }
        add(format!("fit gpt-oss-20b/gguf-mxfp4 {M} --memory={size}"));
        add(format!("fit --weights={size} {M}"));
        add(format!("whatif {{}} --wired-limit={size}"));
        add(format!("machines --memory={size}"));
    }
    for tokens in ["0", "-1", "1e6", "12x", "''", "99999999999", "20M"] {
        add(format!("recommend {M} --context={tokens}"));
        add(format!("fit gpt-oss-20b/gguf-mxfp4 {M} --context={tokens}"));
        add(format!("whatif {{}} --context={tokens}"));
        add(format!("bench x --depth={tokens}"));
    }
    for count in ["0", "-1", "1.5", "many", "''", "99999999999"] {
        for flag in ["--slots", "--models", "--ubatch"] {
            add(format!("recommend {M} {flag}={count}"));
        }
        add(format!("catalog gaps {M} --models={count}"));
        add(format!("bench x --concurrency={count}"));
    }
    for many in ["-1", "51", "x"] {
        add(format!("recommend {M} --alternatives={many}"));
    }
    for speed in ["nan", "-3", "0", "inf", "fast"] {
        add(format!("recommend {M} --min-tps={speed}"));
    }
    for seconds in ["-1", "nan", "0", "soon", "1e999"] {
        add(format!("recommend {M} --time-limit={seconds}"));
        add(format!("bench x --stall-limit={seconds}"));
        add(format!("bench x --soak={seconds}"));
    }
    for task in [
        "coed",
        "''",
        "code=0",
        "code=-1",
        "code=x",
        "code=nan",
        "code=inf",
        "xyzzy",
        "./none.toml",
    ] {
        add(format!("recommend {M} --task={task}"));
        add(format!("catalog gaps {M} --task={task}"));
        add(format!("report {M} --task={task}"));
    }
    for name in [
        "m3-ultra-512",
        "xyzzy",
        "''",
        "./none.toml",
        "M3 Ultra",
        "{dir}",
    ] {
        for command in [
            "recommend",
            "fit gpt-oss-20b/gguf-mxfp4",
            "report",
            "catalog gaps",
        ] {
            add(format!("{command} --machine '{name}'"));
        }
        add(format!("catalog list --fits '{name}'"));
    }
    for model in [
        "nope",
        "''",
        "gpt-oss-20b/nope",
        "gpt-oss",
        "/",
        "GPT-OSS-20B",
    ] {
        for flag in ["--pin", "--exclude"] {
            add(format!("recommend {M} {flag} '{model}'"));
        }
        add(format!("catalog show '{model}'"));
        add(format!("fit '{model}' {M}"));
        add(format!("fit --weights 10GiB --like '{model}' {M}"));
        add(format!("fit gpt-oss-20b/gguf-mxfp4 {M} --beside '{model}'"));
        add(format!("fit gpt-oss-20b/gguf-mxfp4 {M} --draft '{model}'"));
        add(format!("bench x --record --as '{model}'"));
    }
    for kv in ["q9_0", "''", "f16,", "q8_0,q8_0,q8_0", "q8-0"] {
        add(format!("recommend {M} --kv-type={kv}"));
        add(format!("whatif {{}} --kv-type={kv}"));
    }
    for (flag, value) in [
        ("--kv", "shared"),
        ("--flash-attention", "maybe"),
        ("--solver", "guess"),
        ("--engine", "mlxx"),
        ("--engine", "vllm"),
        ("--format", "yaml"),
        ("--color", "blue"),
        ("--campaign", "llm-mac-51"),
        ("--campaign", "''"),
        ("--catalog", "/nonexistent/folder"),
        ("--catalog", "/dev/null"),
    ] {
        add(format!("recommend {M} {flag}={value}"));
    }
    for line in [
        "recomend",
        "recommend now",
        "recommend --moddels 2",
        "recommend --models",
        "catalog",
        "catalog sho gpt-oss-20b",
        "catalog show",
        "explain",
        "whatif",
        "verify",
        "emit",
        "apply",
        "fit",
        "schema plam",
        "completions tcsh",
        "man nothing",
        "tasks nothing",
        "tasks cod",
        "recommend --kv-type f16,q8_0 --flash-attention off",
        "recommend --task code --task code",
        "recommend --models 1 --pin minimax-m2.1 --pin gpt-oss-20b",
        "recommend --machine m3-ultra-512gb --machine m3-ultra-512gb",
        "recommend --machine m3-ultra-512gb --reserve 512GiB",
        "recommend --machine m3-ultra-512gb --wired-limit 600GiB",
        "fit qwen3-coder-nextt",
        "fit mistral-large-3",
        "speed mistral-large-3",
        "fit hf:nothing",
        "fit hf:",
        "fit hf:a/b/c/d",
        "fit /nonexistent/model.gguf",
        "fit ./nowhere",
        "fit https://",
        "fit http://[",
        "fit x --weights 3GiB",
        "fit gpt-oss-20b/gguf-mxfp4 --engine mlx",
        "fit gpt-oss-20b/gguf-mxfp4 --mtp 0",
        "fit gpt-oss-20b/gguf-mxfp4 --mtp 3 --draft gpt-oss-20b",
        "fit gpt-oss-20b/gguf-mxfp4 --mmproj ./none",
        "fit --installed --models-folder /nonexistent",
        "fit --installed --models-folder {dir}",
        "fit gpt-oss-20b/gguf-mxfp4 --context 1M --machine m3-ultra-512gb",
        "fit gpt-oss-20b/gguf-mxfp4 --beside gpt-oss-20b/gguf-mxfp4@0",
        "catalog add hf:nothing",
        "catalog add ./none.gguf",
        "catalog add gpt-oss-20b",
        "catalog import",
        "catalog import ./none.json",
        "catalog import /dev/null",
        "catalog import {dir}",
        "bench --base-url nowhere",
        "bench --base-url http://127.0.0.1:1/v1",
        "bench x --runs 0",
        "bench x --runs 9999",
        "bench x --temperature nan",
        "bench x --lang fr",
        "bench --plan ./none.json",
        "bench x --loaded",
        "bench x --chip m99 --record",
        "report --out /dev/null/x --machine m3-ultra-512gb",
        "report --lang fr",
        "report --machine macbook-air-m1-8gb --campaign llm-mac-512",
        "status --via rest --port 1",
        "status --port 99999",
        "status --via carrier",
        "status --watch 0",
        "verify ./none.json",
        "explain ./none.json",
        "whatif ./none.json",
        "emit ./none.json --out x",
        "apply ./none.json",
        "apply",
        "apply --resume",
        "apply --undo",
        "apply x --resume",
        "emit --undo",
        "explain {dir}",
        "whatif {dir}",
        "emit {dir} --out x",
        "apply {dir}",
        "verify {dir}",
        "emit x --out y --install",
        "whatif x --new a",
        "whatif x --new a,weights=3GiB",
        "whatif x --new a,weights=x,like=gpt-oss-20b",
        "whatif x --new a,b=c,like=gpt-oss-20b",
        "whatif x --price m3-ultra-512gb",
        "whatif x --price m3-ultra-512gb=free",
        "recommend --emit",
    ] {
        add(line.to_owned());
    }
    lines.iter().map(|line| case(line)).collect()
}

//! Paths that lead nowhere, or to what is no such thing; and values that no flag takes.

use super::table::{Case, case};

const M: &str = "--machine m3-ultra-512gb";

/// Where a file is wanted: a name that is none, one below a file, an empty one, too long a one.
fn no_files() -> Vec<String> {
    let long = "x".repeat(300);
    [
        "./none",
        "/nonexistent/a",
        "/dev/null/a",
        "''",
        "{dir}/none",
        &long,
    ]
    .map(str::to_owned)
    .to_vec()
}

pub(super) fn cases() -> Vec<Case> {
    let mut lines: Vec<String> = Vec::new();
    let mut add = |line: String| lines.push(line);
    for file in no_files() {
        for command in ["explain", "whatif", "verify", "apply", "status"] {
            add(format!("{command} {file}"));
        }
        add(format!("emit {file} --out {{dir}}/out"));
        add(format!("catalog import {file}"));
        add(format!("bench --plan {file}"));
        add(format!("recommend {M} --catalog={file}"));
        add(format!("fit gpt-oss-20b/gguf-mxfp4 {M} --mmproj={file}"));
        add(format!("fit {M} --installed --models-folder={file}"));
    }
    // Where something is to be written: below a file, below what only the system may write.
    for place in ["/dev/null/a", "/proc/a/b", "''"] {
        add(format!("recommend {M} --task code --out={place}"));
        add(format!("report {M} --out={place}"));
        add(format!("catalog add gpt-oss-20b/gguf-mxfp4 --out={place}"));
        add(format!("man --dir={place}"));
    }
    for limit in ["1e400s", "-5m", "5y", "''", "m", "1d1"] {
        for flag in ["--first-token-limit", "--stall-limit", "--request-limit"] {
            add(format!("bench x {flag}={limit}"));
        }
        add(format!("apply x --ttl={limit}"));
    }
    for address in [
        "ftp://a/v1",
        "http://",
        "http://a b/v1",
        "''",
        "localhost",
        "http://127.0.0.1:99999/v1",
    ] {
        add(format!("bench x --base-url={address}"));
        add(format!("fit hf:a/b --endpoint={address}"));
    }
    for port in ["0", "65536", "-1", "http", "''"] {
        add(format!("status --via rest --port={port}"));
        add(format!("apply x --port={port}"));
    }
    for shell in ["''", "BASH", "tcsh"] {
        add(format!("completions {shell}"));
    }
    for document in ["''", "Plan", "plan.json"] {
        add(format!("schema {document}"));
    }
    for lang in ["''", "EN", "de"] {
        add(format!("report {M} --lang={lang}"));
        add(format!("bench x --lang={lang}"));
    }
    for new in [
        "''",
        "=",
        "a,like=gpt-oss-20b,weights=-1GB",
        "a,like=nope,weights=4GB",
        "a,weights=4GB,tps=nan,like=gpt-oss-20b",
    ] {
        add(format!("whatif {{}} --new={new}"));
    }
    for many in ["-1", "0.5", "99999999999999999999", "''", "two"] {
        add(format!("fit gpt-oss-20b/gguf-mxfp4 {M} --mtp={many}"));
        add(format!("bench x --runs={many}"));
        add(format!(
            "bench x --temperature={}",
            if many == "0.5" { "1e9" } else { many }
        ));
    }
    lines.iter().map(|line| case(line)).collect()
}

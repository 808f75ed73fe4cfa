//! Models behind HTTP, against a real server: one that serves ranges, one that ignores them, one
//! that drops, one that lies, one that leads elsewhere, one that refuses.

use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::readers::gguf_bytes::{File, array_of, count, tensor, text};
use crate::readers::recorded::{bytes, header, sparse};
use crate::web::{Reply, Request, Server, Sparse};

const TOKEN: &str = "hf_SecretSecretSecret";
const REPOSITORY: &str = "ada/Tiny-GGUF";

/// Runs planner against a hub at `endpoint`.
fn ask(endpoint: &str, args: &[&str], token: Option<&str>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_planner"));
    command
        .args(["fit", "--machine", "m3-ultra-512gb", "--endpoint", endpoint])
        .args(args)
        .env("HOME", "/nonexistent")
        .env("XDG_CONFIG_HOME", "/nonexistent")
        .env("NO_PROXY", "*")
        .env_remove("HF_TOKEN");
    if let Some(token) = token {
        command.env("HF_TOKEN", token);
    }
    let output = command.output().unwrap();
    let said = [&output.stdout[..], &output.stderr[..]].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(!said.contains(TOKEN), "the token was printed: {said}");
    output
}

fn answer(output: &Output) -> Value {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn error(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn file(name: &str) -> Sparse {
    Sparse {
        start: bytes(name),
        length: header(name).expected_bytes().unwrap().0,
    }
}

/// A repository with these files.
fn repository(files: Vec<(&'static str, Sparse)>) -> impl Fn(&Request) -> Option<Reply> + Clone {
    move |request| {
        if request.path == format!("/api/models/{REPOSITORY}/tree/main?recursive=true") {
            let list: Vec<Value> = files
                .iter()
                .map(
                    |(path, f)| json!({"type": "file", "oid": "0", "size": f.length, "path": path}),
                )
                .chain([json!({"type": "directory", "oid": "0", "size": 0, "path": "sub"})])
                .collect();
            return Some(Reply::of(200, Value::Array(list).to_string().as_bytes()));
        }
        let path = request
            .path
            .strip_prefix(&format!("/{REPOSITORY}/resolve/main/"))?;
        let (_, file) = files.iter().find(|(p, _)| *p == path)?;
        Some(match request.range() {
            Some((first, last)) => file.part(first, last),
            None => file.whole(),
        })
    }
}

fn not_found() -> Reply {
    Reply::of(404, b"")
}

fn one_model() -> Vec<(&'static str, Sparse)> {
    vec![("m-Q8_0.gguf", file("qwen3.8b"))]
}

const ASKED: &str = "hf:ada/Tiny-GGUF:Q8_0";

/// What the same file gives from disk.
fn local() -> Value {
    let path = sparse("qwen3.8b", "remote-local", "m-Q8_0.gguf");
    let output = ask(
        "http://127.0.0.1:1",
        &[path.to_str().unwrap(), "--format", "json"],
        None,
    );
    answer(&output)["memory"].clone()
}

#[test]
fn a_file_on_a_hub_is_sized_from_a_few_hundred_kilobytes() {
    let serves = repository(one_model());
    let server = Server::start(move |r| serves(r).unwrap_or_else(not_found));
    let output = ask(&server.address, &[ASKED, "--format", "json"], None);
    assert_eq!(answer(&output)["memory"], local());
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        told.starts_with("read ") && told.contains("requests from 127.0.0.1"),
        "{told}"
    );
    let asked = server.asked();
    let bytes: u64 = asked
        .iter()
        .filter_map(Request::range)
        .map(|(a, b)| b - a + 1)
        .sum();
    assert!(bytes <= 256 << 10, "{bytes} bytes");
    assert!(asked.iter().all(|r| r.header("authorization").is_none()));
}

#[test]
fn a_server_that_ignores_ranges_is_read_from_the_start() {
    let file = file("qwen3.8b");
    let serves = repository(one_model());
    let server = Server::start(move |r| match r.range() {
        Some(_) => file.whole(),
        None => serves(r).unwrap_or_else(not_found),
    });
    let output = ask(&server.address, &[ASKED, "--format", "json"], None);
    assert_eq!(answer(&output)["memory"], local());
}

#[test]
fn what_breaks_off_goes_on_where_it_broke_off() {
    let serves = repository(one_model());
    let cuts = AtomicUsize::new(0);
    let server = Server::start(move |r| {
        let mut reply = serves(r).unwrap_or_else(not_found);
        // The listing breaks off once, each part of the file after a third.
        if r.range().is_some() || cuts.fetch_add(1, Ordering::Relaxed) == 0 {
            reply.cut = Some((reply.length / 3).max(2000));
        }
        reply
    });
    let output = ask(&server.address, &[ASKED, "--format", "json"], None);
    assert_eq!(answer(&output)["memory"], local());
    let starts: Vec<u64> = server
        .asked()
        .iter()
        .filter_map(Request::range)
        .map(|(a, _)| a)
        .collect();
    assert!(
        starts.len() > 2 && starts.is_sorted_by(|a, b| a < b),
        "{starts:?}"
    );
}

/// What is answered instead of a part of a file.
type Lie = fn(&Sparse, u64, u64) -> Reply;

#[test]
fn a_server_that_lies_is_found_out() {
    let length = file("qwen3.8b").length;
    let lies: [(&str, Lie); 5] = [
        // A file that ends before its tensors do.
        ("lacks its last", |f, a, b| {
            Sparse {
                start: f.start.clone(),
                length: f.length / 2,
            }
            .part(a, b)
        }),
        // Announces more than it ever sends.
        ("before message length reached", |f, a, b| {
            let mut reply = f.part(a, b);
            (reply.length, reply.cut) = (b + 1 - a, Some(0));
            reply
        }),
        ("asked for bytes from", |f, a, b| f.part(a + 7, b + 7)),
        ("unreadable range", |f, a, b| {
            let mut reply = f.part(a, b);
            reply.headers = vec![("Content-Range", "bytes everything".to_owned())];
            reply
        }),
        ("changed while it was read", |f, a, b| {
            let mut reply = f.part(a, b).with("ETag", format!("\"{a}\""));
            reply.cut = Some(reply.length / 2);
            reply
        }),
    ];
    for (says, lie) in lies {
        let honest = file("qwen3.8b");
        let serves = repository(one_model());
        let server = Server::start(move |r| match r.range() {
            Some((first, last)) => lie(&honest, first, last),
            None => serves(r).unwrap_or_else(not_found),
        });
        let said = error(&ask(&server.address, &[ASKED], None));
        assert!(said.contains(says), "{says}: {said}");
    }
    assert!(length > 1 << 30);
}

#[test]
fn a_token_goes_to_its_own_host_and_nowhere_else() {
    let files = repository(one_model());
    let store = Server::start(move |r| {
        let mut inside = r.clone();
        inside.path = r.path.replacen("/store/", "/", 1);
        files(&inside).unwrap_or_else(not_found)
    });
    let serves = repository(one_model());
    let elsewhere = store.address.clone();
    let hub = Server::start(move |r| match r.range() {
        Some(_) => Reply::of(302, b"").with("Location", format!("{elsewhere}/store{}", r.path)),
        None => serves(r).unwrap_or_else(not_found),
    });
    let output = ask(&hub.address, &[ASKED, "--format", "json"], Some(TOKEN));
    assert_eq!(answer(&output)["memory"], local());
    let bearer = format!("Bearer {TOKEN}");
    assert!(
        hub.asked()
            .iter()
            .all(|r| r.header("authorization") == Some(&bearer))
    );
    let there = store.asked();
    assert!(!there.is_empty());
    assert!(
        there.iter().all(|r| r.header("authorization").is_none()),
        "{there:?}"
    );

    // An address of another host gets no token either.
    let address = format!(
        "{}/store/{REPOSITORY}/resolve/main/m-Q8_0.gguf",
        store.address
    );
    let output = ask(&hub.address, &[&address, "--format", "json"], Some(TOKEN));
    assert_eq!(answer(&output)["memory"], local());
    assert!(
        store
            .asked()
            .iter()
            .all(|r| r.header("authorization").is_none())
    );
}

#[test]
fn refusals_say_what_to_do() {
    for (status, token, says) in [
        (401, None, "a token in HF_TOKEN"),
        (403, Some(TOKEN), "does not open it"),
        (404, None, "check the spelling"),
        (500, None, "has trouble"),
    ] {
        let server = Server::start(move |_| Reply::of(status, b"no"));
        let said = error(&ask(&server.address, &[ASKED], token));
        assert!(said.contains(&format!("answered {status}")), "{said}");
        assert!(said.contains(says) && said.contains("hint:"), "{said}");
        let tries = if status == 500 { 4 } else { 1 };
        assert_eq!(server.asked().len(), tries, "{status}");
    }
    let round = Server::start(|r| Reply::of(302, b"").with("Location", r.path.clone()));
    let said = error(&ask(&round.address, &[ASKED], None));
    assert!(said.contains("more than 10 redirects"), "{said}");
    let said = error(&ask("http://127.0.0.1:1", &[ASKED], None));
    assert!(
        said.contains("127.0.0.1:1") && said.contains("--endpoint"),
        "{said}"
    );
    let said = error(&ask("http://127.0.0.1:1", &[ASKED], Some("two\nlines")));
    assert!(said.contains("characters that no token has"), "{said}");
}

#[test]
fn a_server_that_is_busy_is_asked_again() {
    let serves = repository(one_model());
    let asked = AtomicUsize::new(0);
    let server = Server::start(move |r| match asked.fetch_add(1, Ordering::Relaxed) % 2 {
        0 => Reply::of(429, b"").with("Retry-After", "0"),
        _ => serves(r).unwrap_or_else(not_found),
    });
    let output = ask(&server.address, &[ASKED, "--format", "json"], None);
    assert_eq!(answer(&output)["memory"], local());
}

#[test]
fn a_repository_offers_its_quantizations_each_sized() {
    let sized = |name: &str, length: u64| Sparse {
        start: bytes(name),
        length,
    };
    let serves = repository(vec![
        ("README.md", sized("qwen3.4b-tied", 10)),
        ("m-Q8_0.gguf", file("qwen3.8b")),
        (
            "m-BF16/m-BF16-00001-of-00002.gguf",
            sized("qwen3.8b", 300_000_000_000),
        ),
        (
            "m-BF16/m-BF16-00002-of-00002.gguf",
            sized("qwen3.8b", 300_000_000_000),
        ),
    ]);
    let server = Server::start(move |r| serves(r).unwrap_or_else(not_found));
    let all = answer(&ask(
        &server.address,
        &["hf:ada/Tiny-GGUF", "--format", "json"],
        None,
    ));
    let rows = all["models"].as_array().unwrap();
    let of = |i: usize| {
        (
            rows[i]["model"].as_str().unwrap(),
            rows[i]["verdict"].as_str().unwrap(),
        )
    };
    assert_eq!(rows.len(), 2);
    assert_eq!(of(0), ("Q8_0", "fits"));
    assert_eq!(of(1), ("BF16", "does_not_fit"));
    assert_eq!(rows[1]["weights_bytes"], 600_000_000_000_u64);
    let said = error(&ask(&server.address, &["hf:ada/Tiny-GGUF:Q8_1"], None));
    assert!(
        said.contains("did you mean `Q8_0`") && said.contains("it has Q8_0, BF16"),
        "{said}"
    );
    for bad in ["hf:ada", "hf:ada/..", "hf:a b/c", "ftp://x/y.gguf"] {
        ask(&server.address, &[bad], None)
            .status
            .code()
            .filter(|c| *c == 2)
            .unwrap();
    }
}

/// The vocabulary stands before the tensors and can't be stepped over, so it is read.
#[test]
fn a_long_vocabulary_is_read_in_growing_steps_within_a_bound() {
    let model = |words: u64| {
        let word = [&24_u64.to_le_bytes()[..], &[b'x'; 24]].concat();
        let words_there = usize::try_from(words.min(200_000)).unwrap();
        let file = File {
            keys: vec![
                text("general.architecture", "llama"),
                count("llama.block_count", 1),
                count("llama.context_length", 4096),
                count("llama.embedding_length", 64),
                count("llama.attention.head_count", 2),
                array_of("tokenizer.ggml.tokens", 8, words, &word.repeat(words_there)),
            ],
            tensors: vec![tensor("token_embd.weight", &[64, 8], 0, 0)],
            ..File::default()
        };
        let start = file.bytes();
        Sparse {
            length: start.len() as u64 + 2048,
            start,
        }
    };
    let serves = repository(vec![("m-Q8_0.gguf", model(200_000))]);
    let server = Server::start(move |r| serves(r).unwrap_or_else(not_found));
    let output = ask(&server.address, &[ASKED, "--format", "json"], None);
    assert_eq!(answer(&output)["memory"]["weights_bytes"], 2048);
    let parts = server.asked().iter().filter_map(Request::range).count();
    assert!(parts <= 8, "{parts} requests for 6.4 MB");

    // Announces words for ever: the bytes behind are zeros, empty words.
    let mut endless = model(20_000_000);
    let last_word = endless.start.iter().rposition(|b| *b == b'x').unwrap();
    endless.start.truncate(last_word + 1);
    endless.length = 400_000_000_000_000;
    let serves = repository(vec![("m-Q8_0.gguf", endless)]);
    let server = Server::start(move |r| serves(r).unwrap_or_else(not_found));
    let said = error(&ask(&server.address, &[ASKED], None));
    assert!(said.contains("does not end within 64"), "{said}");
}

#[test]
fn a_folder_on_a_hub_is_its_configuration_and_the_headers_of_its_files() {
    let config = json!({
        "model_type": "qwen3", "num_hidden_layers": 2, "hidden_size": 1024,
        "num_attention_heads": 16, "num_key_value_heads": 8, "head_dim": 128,
        "vocab_size": 1000, "max_position_embeddings": 32768,
        "quantization": {"group_size": 64, "bits": 4},
    });
    let plain = |bytes: &[u8]| Sparse {
        start: bytes.to_vec(),
        length: bytes.len() as u64,
    };
    let shard = |name: &str, size: u64| {
        let entry = json!({name: {"dtype": "U32", "shape": [size / 4], "data_offsets": [0, size]}});
        let table = entry.to_string();
        let start = [&(table.len() as u64).to_le_bytes()[..], table.as_bytes()].concat();
        Sparse {
            length: start.len() as u64 + size,
            start,
        }
    };
    let (a, b) = (
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
    );
    let index = json!({"weight_map": {"model.embed_tokens.weight": a, "lm_head.weight": b}});
    let serves = repository(vec![
        ("config.json", plain(config.to_string().as_bytes())),
        (
            "model.safetensors.index.json",
            plain(index.to_string().as_bytes()),
        ),
        (a, shard("model.embed_tokens.weight", 40_000_000_000)),
        (b, shard("lm_head.weight", 8_000_000_000)),
    ]);
    let server = Server::start(move |r| serves(r).unwrap_or_else(not_found));
    let one = answer(&ask(
        &server.address,
        &["hf:ada/Tiny-GGUF", "--format", "json"],
        None,
    ));
    assert_eq!(one["settings"]["engine"], "mlx");
    assert_eq!(one["memory"]["weights_bytes"], 48_000_000_000_u64);
}

#[test]
fn a_listing_in_pages_is_read_to_its_end() {
    let serves = repository(one_model());
    let server = Server::start(move |r| {
        if r.path.ends_with("recursive=true") {
            let next = r.path.replace("recursive=true", "recursive=true&cursor=2");
            return Reply::of(200, b"[]").with("Link", format!("<{next}>; rel=\"next\""));
        }
        let mut inside = r.clone();
        inside.path = r.path.replace("&cursor=2", "");
        serves(&inside).unwrap_or_else(not_found)
    });
    let output = ask(&server.address, &[ASKED, "--format", "json"], None);
    assert_eq!(answer(&output)["memory"], local());
}

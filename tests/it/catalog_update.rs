//! `planner catalog update`: a signed catalog in place of the binary's, and whatever may go wrong on
//! the way, after which the catalog in use must be whole.

use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::process::{Output, Stdio};
use std::thread;
use std::time::Duration;

use minisign::{KeyPair, SecretKey, SecretKeyBox};
use planner::catalog::bundle::Bundle;
use serde_json::{Value, json};

use crate::support::{Home, rounds, shipped_schema};
use crate::web::{Reply, Server};

const CATALOG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/catalog");
const KEY: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/data/catalog-key/planner-tests.pub"
);
/// Later than any entry of the catalog in planner.
const DAY: &str = "2099-01-31";

fn secret() -> SecretKey {
    let text = include_str!("../data/catalog-key/planner-tests.key");
    let key = SecretKeyBox::from_string(text).unwrap();
    key.into_unencrypted_secret_key().unwrap()
}

fn signature(key: &SecretKey, text: &str) -> String {
    let signed = minisign::sign(None, key, Cursor::new(text.as_bytes()), None, None);
    signed.unwrap().into_string()
}

fn file(name: &str) -> (String, String) {
    let text = fs::read_to_string(format!("{CATALOG}/{name}")).unwrap();
    (name.to_owned(), text)
}

/// A few models, which make a small catalog.
fn few() -> Vec<(String, String)> {
    [
        "engines.toml",
        "gpt-oss-20b.toml",
        "qwen3-8b.toml",
        "qwen3-4b.toml",
    ]
    .map(file)
    .into()
}

fn bundle(files: Vec<(String, String)>, serial: u64) -> String {
    let bundle = Bundle::of(files, serial, DAY).unwrap();
    serde_json::to_string_pretty(&bundle).unwrap()
}

impl Home {
    /// The document of a run that succeeds.
    fn answered(&self, args: &[&str]) -> Value {
        let output = self.run(&[args, &["--format", "json"]].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {said}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// A bundle with its signature, where it can be updated from.
    fn signed(&self, name: &str, text: &str) -> String {
        let path = self.at(name);
        fs::write(&path, text).unwrap();
        let beside = self.at(&format!("{name}.minisig"));
        fs::write(beside, signature(&secret(), text)).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn update(&self, from: &str, more: &[&str]) -> Output {
        let args = ["catalog", "update", "--from", from, "--key", KEY];
        self.run(&[&args, more].concat())
    }

    fn take(&self, serial: u64) {
        let from = self.signed(&format!("{serial}.bundle"), &bundle(few(), serial));
        let output = self.update(&from, &["--yes"]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
    }

    fn models(&self) -> Vec<String> {
        let list = self.answered(&["catalog", "list"]);
        let models = list["models"].as_array().unwrap().iter();
        models
            .map(|m| m["id"].as_str().unwrap().to_owned())
            .collect()
    }

    /// All files that updates wrote.
    fn kept(&self) -> Vec<(String, Vec<u8>)> {
        let Ok(folder) = fs::read_dir(self.at("data/planner/catalogs")) else {
            return Vec::new();
        };
        let paths = folder.map(|entry| entry.unwrap().path());
        let mut kept: Vec<(String, Vec<u8>)> = paths
            .map(|p| {
                (
                    p.file_name().unwrap().to_string_lossy().into(),
                    fs::read(&p).unwrap(),
                )
            })
            .filter(|(name, _): &(String, _)| name != "lock")
            .collect();
        kept.sort();
        kept
    }

    fn refused(&self, output: &Output, words: &str) {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(
            said.contains(words) && said.contains("hint:"),
            "{words}: {said}"
        );
    }
}

const FEW: [&str; 3] = ["gpt-oss-20b", "qwen3-4b", "qwen3-8b"];

#[test]
fn it_is_shown_as_a_difference_taken_and_gone_back_from() {
    let user = Home::new();
    let all = user.models();
    let own = user.at("config/planner/catalog");
    fs::create_dir_all(&own).unwrap();
    fs::write(own.join("mine.toml"), "extends = \"qwen3-8b\"\n").unwrap();
    let task = ["recommend", "--task", "code", "--machine", "m4-max-64gb"];
    let plan = user.answered(&[&task[..], &["--save", "evening"]].concat());
    let kept = plan["loadout"][0]["model"].as_str().unwrap();
    assert_eq!(plan["catalog_date"].as_str().map(str::len), Some(10));

    // Everything but the model of the saved plan, and a score more.
    let mut files: Vec<(String, String)> = fs::read_dir(CATALOG)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".toml") && *name != format!("{kept}.toml"))
        // What they say of other models need not be there.
        .filter(|name| !name.starts_with("published-") && name != "findings.toml")
        .filter(|name| name != "speculation.toml")
        .map(|name| file(&name))
        .collect();
    let (_, text) = files
        .iter_mut()
        .find(|(name, _)| name == "qwen3-8b.toml")
        .unwrap();
    text.push_str("\n[[scores]]\nbenchmark = \"GPQA Diamond\"\nscore = 61.5\nreporter = \"vendor\"\nreported_by = \"x\"\nsource = \"y\"\n");
    let text = bundle(files, 1);
    let from = user.signed("new.bundle", &text);
    let args = ["catalog", "update", "--from", &from, "--key", KEY];
    let check = user.answered(&[&args[..], &["--check"]].concat());
    assert_eq!(check["difference"]["removed"], json!([kept]));
    assert_eq!(check["difference"]["added"], json!([]));
    let changed = json!([{
        "model": "qwen3-8b",
        "facts": false,
        "variants": {"added": 0, "removed": 0},
        "measurements": {"added": 0, "removed": 0},
        "scores": {"added": 1, "removed": 0},
    }]);
    assert_eq!(check["difference"]["changed"], changed);
    assert_eq!((&check["taken"], user.kept().len()), (&json!(false), 0));
    let evening = &check["plans"][0];
    assert_eq!(evening["plan"], "evening");
    let now = format!("{kept}/{}", plan["loadout"][0]["variant"].as_str().unwrap());
    assert_eq!(evening["now"], json!([now]));

    // Nobody to ask: nothing is taken.
    user.refused(&user.run(&args), "no terminal to confirm on");
    assert!(user.kept().is_empty());
    let taken = user.answered(&[&args[..], &["--yes"]].concat());
    assert_eq!(taken["taken"], true);
    // The one in use is no news, and nothing is said of plans that were not looked at.
    let again = user.run(&args);
    let said = String::from_utf8_lossy(&again.stdout);
    assert!(
        again.status.success() && !said.contains("Saved plan"),
        "{said}"
    );
    let schema = shipped_schema("catalog-update");
    assert_eq!(schema, user.answered(&["schema", "catalog-update"]));
    assert!(jsonschema::is_valid(&schema, &taken));
    let after = user.answered(&task);
    assert_eq!(after["catalog_date"], DAY);
    let member = &after["loadout"][0];
    let then = [&member["model"], &member["variant"]]
        .map(|v| v.as_str().unwrap())
        .join("/");
    assert_eq!(evening["then"], json!([then]));
    let without: Vec<String> = all.iter().filter(|m| *m != kept).cloned().collect();
    assert_eq!(user.models(), without);

    let back = user.answered(&["catalog", "update", "--rollback", "--yes"]);
    assert_eq!(
        (&back["to"], &back["difference"]["added"]),
        (&check["from"], &json!([kept]))
    );
    assert_eq!(user.models(), all);
    assert_eq!(user.answered(&task)["loadout"], plan["loadout"]);
    user.refused(
        &user.run(&["catalog", "update", "--rollback", "--yes"]),
        "none to go back to",
    );
}

#[test]
fn what_is_not_signed_newer_and_whole_is_refused() {
    let user = Home::new();
    user.take(5);
    let whole = (user.kept(), user.models());
    assert_eq!(whole.1, FEW);
    let good = bundle(few(), 6);
    let refused = |name: &str, words: &str| {
        let from = user.at(name);
        let output = user.update(from.to_str().unwrap(), &["--yes"]);
        user.refused(&output, words);
        assert_eq!((user.kept(), user.models()), whole, "{name}");
    };
    // A byte of the bundle, of a signature, another key.
    user.signed("tampered", &good);
    fs::write(
        user.at("tampered"),
        good.replacen("qwen3-8b", "qwen3-9b", 1),
    )
    .unwrap();
    refused("tampered", "the signature does not hold");
    user.signed("cut", &good);
    fs::write(user.at("cut"), &good[..good.len() / 2]).unwrap();
    refused("cut", "the signature does not hold");
    let other = KeyPair::generate_unencrypted_keypair().unwrap();
    user.signed("other", &good);
    fs::write(user.at("other.minisig"), signature(&other.sk, &good)).unwrap();
    refused("other", "the signature does not hold");
    user.signed("garbled", &good);
    fs::write(user.at("garbled.minisig"), "untrusted comment: no\nRWQ\n").unwrap();
    refused("garbled", "not a signature of minisign");
    fs::write(user.at("alone"), &good).unwrap();
    refused("alone", "no signature beside it");
    // Signed, and all the same not to be taken.
    user.signed("older", &bundle(few(), 4));
    refused("older", "it is older");
    user.signed("twin", &bundle(few()[..3].to_vec(), 5));
    refused("twin", "another bundle with serial 5");
    let edited = |name: &str, edit: &dyn Fn(&mut Value)| {
        let mut value: Value = serde_json::from_str(&good).unwrap();
        edit(&mut value);
        user.signed(name, &value.to_string());
    };
    edited("early", &|b| b["date"] = json!("2020-01-01"));
    refused("early", "it is older");
    edited("newer", &|b| b["schema"] = json!(2));
    refused("newer", "schema version 2");
    for (n, path) in [
        "../x.toml",
        "/etc/x.toml",
        "a/b.toml",
        "..toml",
        "x",
        "X\u{202e}.toml",
    ]
    .iter()
    .enumerate()
    {
        edited(&format!("path-{n}"), &|b| {
            b["files"][0]["name"] = json!(path)
        });
        refused(&format!("path-{n}"), "can't be the name of a catalog file");
    }
    edited("digest", &|b| {
        b["files"][0]["sha256"] = json!("0".repeat(64))
    });
    refused("digest", "another length or SHA-256");
    edited("twice", &|b| b["files"][1] = b["files"][0].clone());
    refused("twice", "two of its files are called");
    // SHA-256 of nothing.
    let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let empty =
        |n: u32| json!({"name": format!("{n}.toml"), "bytes": 0, "sha256": nothing, "text": ""});
    edited("many", &|b| b["files"] = (0..4097).map(empty).collect());
    refused("many", "it has 4097 files");
    edited("more", &|b| b["also"] = json!(1));
    refused("more", "unknown field");
    // Text that no catalog holds.
    let hidden = |text: &str| {
        let mut files = few();
        files[2].1 = files[2]
            .1
            .replacen("publisher = \"Qwen", &format!("publisher = \"{text}"), 1);
        files
    };
    user.signed("hidden", &bundle(hidden("\\u202E"), 6));
    refused("hidden", "invisible characters");
    user.signed("broken", &bundle(hidden("\"\""), 6));
    refused("broken", "qwen3-8b.toml");
    user.refused(
        &user.run(&["catalog", "update", "--yes"]),
        "no place to update from",
    );
    user.refused(
        &user.run(&["catalog", "update", "--yes", "--from", "x"]),
        "no release key yet",
    );
    // After all that, the good one.
    user.take(6);
}

#[test]
fn a_download_that_breaks_off_changes_nothing() {
    let user = Home::new();
    let text = bundle(few(), 1);
    let signed = signature(&secret(), &text);
    let long = text.len() as u64;
    let server = Server::start(move |request| match request.path.as_str() {
        "/good" | "/cut" => {
            let mut reply = Reply::of(200, text.as_bytes());
            reply.cut = (request.path == "/cut").then_some(long / 2);
            reply
        }
        "/short" => Reply::of(200, &text.as_bytes()[..text.len() / 2]),
        path if path.ends_with(".minisig") => Reply::of(200, signed.as_bytes()),
        _ => Reply::of(404, b""),
    });
    for (path, words) in [
        ("cut", "can't fetch"),
        ("short", "the signature does not hold"),
        ("none", "answered 404"),
    ] {
        let from = format!("{}/{path}", server.address);
        user.refused(&user.update(&from, &["--yes"]), words);
        assert!(user.kept().is_empty(), "{path}");
    }
    let from = format!("{}/good", server.address);
    assert!(user.update(&from, &["--yes"]).status.success());
    assert_eq!(user.models(), FEW);
    // Nothing was sent but the request for the two files.
    let asked = server.asked();
    let paths: Vec<&str> = asked.iter().map(|r| r.path.as_str()).collect();
    assert_eq!(paths[paths.len() - 2..], ["/good", "/good.minisig"]);
    assert!(asked.iter().all(|r| r.header("authorization").is_none()));
}

#[test]
fn a_folder_that_cannot_be_written_changes_nothing() {
    let user = Home::new();
    let from = user.signed("new.bundle", &bundle(few(), 1));
    fs::create_dir_all(user.at("data/planner")).unwrap();
    fs::write(user.at("data/planner/catalogs"), "a file").unwrap();
    let all = user.models();
    let output = user.update(&from, &["--yes"]);
    user.refused(&output, "catalogs");
    assert_eq!(user.models(), all);
}

#[test]
fn two_at_once_leave_one_of_them() {
    let user = Home::new();
    user.take(1);
    // One that has begun to write holds the other off.
    let lock = fs::File::create(user.at("data/planner/catalogs/lock")).unwrap();
    lock.lock().unwrap();
    let from = user.signed("2.bundle", &bundle(few(), 2));
    user.refused(
        &user.update(&from, &["--yes"]),
        "another `planner catalog update`",
    );
    drop(lock);
    let both = [2, 3].map(|serial| {
        let from = user.signed(&format!("{serial}.bundle"), &bundle(few(), serial));
        let args = ["catalog", "update", "--yes", "--key", KEY, "--from", &from];
        let mut command = user.command(&args);
        command.stderr(Stdio::null()).stdout(Stdio::null());
        command.spawn().unwrap()
    });
    let done = both.map(|mut child| child.wait().unwrap().code());
    assert!(
        done.contains(&Some(0)) && done.iter().all(|c| matches!(c, Some(0 | 2))),
        "{done:?}"
    );
    assert_eq!(user.models(), FEW);
    let record: Value = record(&user.at(""));
    let taken = record["taken"].as_array().unwrap();
    // Each that is named is there, and nothing else.
    assert_eq!(user.kept().len(), taken.len() + 1);
}

fn record(home: &Path) -> Value {
    let path = home.join("data/planner/catalogs/editions.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn killed_in_the_middle_it_is_the_old_one_or_the_new_one() {
    let user = Home::new();
    user.take(1);
    let mut files = few();
    files.pop();
    let rounds = rounds(6, 60);
    for round in 0..rounds {
        let serial = u64::from(round) + 2;
        let files = if round % 2 == 0 { files.clone() } else { few() };
        let from = user.signed("next.bundle", &bundle(files, serial));
        let args = ["catalog", "update", "--yes", "--key", KEY, "--from", &from];
        let mut command = user.command(&args);
        command.stderr(Stdio::null()).stdout(Stdio::null());
        let mut child = command.spawn().unwrap();
        thread::sleep(Duration::from_millis(u64::from(400 * round / rounds)));
        child.kill().unwrap();
        child.wait().unwrap();
        let models = user.models();
        assert!(
            models == FEW || models == FEW[..2] || models == [FEW[0], FEW[2]],
            "{models:?}"
        );
    }
    // What was left behind goes with the next.
    fs::write(user.at("data/planner/catalogs/77.json"), "{").unwrap();
    user.take(1000);
    let taken = record(&user.at(""))["taken"].as_array().unwrap().len();
    assert!(taken <= 3);
    // What was being written is left for a minute, lest another writes it.
    let mut kept = user.kept();
    kept.retain(|(name, _)| name.ends_with(".json"));
    assert_eq!(kept.len(), taken + 1);
}

#[test]
fn one_that_is_damaged_is_named_and_the_binarys_is_used() {
    let user = Home::new();
    let all = user.models();
    user.take(1);
    user.take(2);
    fs::write(user.at("data/planner/catalogs/2.json"), "{\"files\": {").unwrap();
    let output = user.run(&["catalog", "list", "--format", "json"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.contains("the catalog update 2 of"),
        "{said}"
    );
    let list: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(list["models"].as_array().unwrap().len(), all.len());
    assert!(
        user.run(&["catalog", "update", "--rollback", "--yes"])
            .status
            .success()
    );
    assert_eq!(user.models(), FEW);
    // Behind that there is one more, and behind the one in planner itself none is offered.
    let back = user.run(&["catalog", "update", "--rollback", "--yes"]);
    let said = String::from_utf8_lossy(&back.stderr);
    assert!(
        back.status.success() && said.contains("in use now"),
        "{said}"
    );
    assert!(!said.contains("--rollback"), "{said}");
}

#[test]
fn a_bundle_is_made_of_folders_and_an_old_catalog_says_so() {
    let user = Home::new();
    let folder = user.at("fleet");
    fs::create_dir(&folder).unwrap();
    let text = file("qwen3-8b.toml").1;
    let old = text
        .lines()
        .filter(|l| !l.contains("date = ") && !l.starts_with("released"));
    fs::write(
        folder.join("qwen3-8b.toml"),
        format!(
            "released = \"2020-02-03\"\n{}\n",
            old.collect::<Vec<_>>().join("\n")
        ),
    )
    .unwrap();
    let (folder, out) = (folder.to_str().unwrap(), user.at("fleet.bundle"));
    let out = out.to_str().unwrap();
    let made = user.run(&[
        "catalog", "bundle", folder, "--out", out, "--serial", "7", "--date", DAY,
    ]);
    let said = String::from_utf8_lossy(&made.stderr);
    assert!(
        made.status.success() && said.contains("minisign -Sm"),
        "{said}"
    );
    let bundle = Bundle::read(&fs::read_to_string(out).unwrap()).unwrap();
    assert_eq!(
        (bundle.serial, bundle.date.as_str(), bundle.files.len()),
        (7, DAY, 1)
    );
    let value: Value = serde_json::to_value(&bundle).unwrap();
    let schema = shipped_schema("catalog-bundle");
    assert_eq!(schema, user.answered(&["schema", "catalog-bundle"]));
    assert!(jsonschema::is_valid(&schema, &value));

    let alone = ["--no-shipped-catalog", "--catalog", folder];
    let rank = user.run(&[&["catalog", "rank", "--task", "code"], &alone[..]].concat());
    let (text, said) = (
        String::from_utf8_lossy(&rank.stdout),
        String::from_utf8_lossy(&rank.stderr),
    );
    assert!(text.ends_with("Catalog of 2020-02-03.\n"), "{text}");
    assert!(said.contains("2491 days old"), "{said}");
}

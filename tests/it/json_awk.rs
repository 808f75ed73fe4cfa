//! The scripts' JSON reader, in every awk of this machine, against a real JSON parser.

use std::process::{Command, Stdio};

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::cases;

const READER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/emit/templates/json.awk");

/// macOS has `original-awk` as `awk`; the others are what Linux machines have.
fn awks() -> Vec<Vec<&'static str>> {
    let all = [
        vec!["awk"],
        vec!["gawk"],
        vec!["mawk"],
        vec!["original-awk"],
        vec!["busybox", "awk"],
    ];
    let runs = |awk: &Vec<&str>| {
        let tried = Command::new(awk[0])
            .args(&awk[1..])
            .arg("BEGIN { exit 0 }")
            .stderr(Stdio::null())
            .status();
        tried.is_ok_and(|s| s.success())
    };
    all.into_iter().filter(runs).collect()
}

fn ask(awk: &[&str], json: &str, want: &str, name: &str, value: &str) -> String {
    use std::io::Write as _;
    let mut child = Command::new(awk[0])
        .args(&awk[1..])
        .args(["-f", READER])
        .env("LC_ALL", "C")
        .env("want", want)
        .env("name", name)
        .env("value", value)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(json.as_bytes())
        .unwrap();
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}

/// Text of the characters that JSON and shells trip over. No NUL, which no shell can hold.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\""),
        Just("\\"),
        Just("\n"),
        Just("\t"),
        Just("\u{1}"),
        Just("\u{7f}"),
        Just("é"),
        Just("模"),
        Just("{"),
        Just("}"),
        Just("["),
        Just("]"),
        Just(","),
        Just(":"),
        Just("/"),
        Just(" "),
        Just("null"),
        Just("u0041"),
        Just("x"),
    ];
    proptest::collection::vec(piece, 0..9).prop_map(|p| p.concat())
}

proptest! {
    #![proptest_config(cases(24, 1000))]

    #[test]
    fn every_value_is_read_as_a_parser_reads_it(names in proptest::collection::vec(text(), 1..4), path in text(), pretty: bool) {
        let list: Vec<Value> = names.iter().enumerate().map(|(i, n)| json!({
            "identifier": n, "deviceIdentifier": null, "sizeBytes": 130_025_542_816_u64 + i as u64,
            "quantization": {"name": path, "bits": 4}, "variants": ["a", n], "vision": false,
        })).collect();
        let list = Value::Array(list);
        let json = if pretty { format!("{list:#}\n") } else { list.to_string() };
        for awk in awks() {
            let last = names.len() - 1;
            let get = |path: &str| ask(&awk, &json, "get", path, "");
            prop_assert_eq!(&get(&format!("{last}.identifier")), &names[last], "{:?}", awk);
            prop_assert_eq!(get(&format!("{last}.sizeBytes")), (130_025_542_816_u64 + last as u64).to_string());
            prop_assert_eq!(&get("0.quantization.name"), &path);
            prop_assert_eq!(get("0.deviceIdentifier"), "");
            prop_assert_eq!(&get("0.variants.1"), &names[0]);
            prop_assert_eq!(get("0.vision"), "false");
            let same: String = names.iter().enumerate().filter(|(_, n)| **n == names[last]).map(|(i, _)| format!("{i}\n")).collect();
            prop_assert_eq!(ask(&awk, &json, "find", "identifier", &names[last]), same);
        }
    }
}

#[test]
fn a_path_is_below_a_repository_and_not_beside_it() {
    let json = json!([{"path": "a/b/c.gguf"}, {"path": "a/b"}, {"path": "a/b-long/c.gguf"}, {"x": {"path": "a/b/d"}}]);
    for awk in awks() {
        assert_eq!(
            ask(&awk, &json.to_string(), "below", "path", "a/b"),
            "0\n1\n3.x\n",
            "{awk:?}"
        );
        assert_eq!(
            ask(&awk, &json.to_string(), "each", "path", ""),
            "0\n1\n2\n3.x\n",
            "{awk:?}"
        );
    }
}

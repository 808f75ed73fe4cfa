//! `study next`: what to measure in so many hours, beside `catalog gaps` and `speed`, which say what a
//! measurement could change and how fast a model is.

use std::fs;

use planner::campaign::StudyFile;
use planner::catalog::Catalog;
use serde_json::Value;

use crate::studio::{Studio, gguf, words};
use crate::support::{shipped_schema, stdout};

const ASKED: [&str; 4] = ["--task", "code", "--machine", "m4-max-64gb"];

fn json(args: &[&str]) -> Value {
    serde_json::from_str(&stdout(&[args, &["--format", "json"]].concat())).unwrap()
}

fn next(studio: &Studio, more: &[&str]) -> Value {
    let args = [&["study", "next", "--format", "json"], &ASKED[..], more].concat();
    let output = studio.planner(&args);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| {
        panic!("{e}: {}", words(&output));
    });
    let schema = shipped_schema("study-next");
    assert!(jsonschema::is_valid(&schema, &answer), "{answer:#}");
    let found = !answer["measure"].as_array().unwrap().is_empty();
    assert_eq!(output.status.code(), Some(i32::from(!found)));
    answer
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn most(row: &Value) -> f64 {
    let parts = ["download_seconds", "load_seconds", "measure_seconds_most"];
    parts.iter().map(|part| number(&row[*part])).sum()
}

fn rows(answer: &Value, of: &str) -> Vec<Value> {
    answer[of].as_array().unwrap().clone()
}

/// Gains in steps and seconds of a choice of rows, by their bits.
fn sums(all: &[Value], mask: usize) -> (f64, f64) {
    let of = all.iter().enumerate().filter(|(n, _)| mask >> n & 1 == 1);
    of.fold((0.0, 0.0), |(gain, seconds), (_, row)| {
        ((gain + number(&row["gain"])), seconds + most(row).ceil())
    })
}

#[test]
fn it_keeps_to_the_hours_and_no_other_choice_gains_more() {
    let studio = Studio::new();
    let gaps = json(&[&["catalog", "gaps"], &ASKED[..]].concat());
    let gaps = gaps["gaps"].as_array().unwrap();
    assert!(gaps.len() > 2, "{gaps:?}");
    let mut partly = 0;
    for hours in ["0.02", "0.5", "1", "2", "4", "24"] {
        let answer = next(&studio, &["--hours", hours]);
        let allowed = hours.parse::<f64>().unwrap() * 3600.0;
        assert!(number(&answer["seconds_most"]) <= allowed);
        assert!(answer["seconds_expected"].as_f64() <= answer["seconds_most"].as_f64());
        let (measure, left) = (rows(&answer, "measure"), rows(&answer, "left_out"));
        let all = [measure.clone(), left.clone()].concat();
        assert_eq!(all.len(), gaps.len());
        for row in &all {
            let gap = gaps
                .iter()
                .find(|g| g["variant"] == row["variant"])
                .unwrap();
            assert_eq!(gap["gain"], row["gain"]);
        }
        let best = (0..1_usize << all.len())
            .map(|mask| sums(&all, mask))
            .filter(|(_, seconds)| *seconds <= allowed)
            .fold(0.0, |best: f64, (gain, _)| best.max(gain));
        let picked: f64 = measure.iter().map(|row| number(&row["gain"])).sum();
        // Gains count in steps of a score.
        assert!((picked - best).abs() < 1e-4, "{hours}: {picked} {best}");
        partly += usize::from(!measure.is_empty() && !left.is_empty());
    }
    assert!(partly > 0);
}

#[test]
fn what_is_on_the_disk_is_not_downloaded_and_the_rest_at_the_speed_given() {
    let studio = Studio::new();
    let variant = "qwen3-coder-next/gguf-q4_k_m";
    let catalog = Catalog::embedded().unwrap();
    let of = |name: &str| catalog.find(name).unwrap().1.unwrap().weights_bytes.0;
    let row = |answer: &Value| {
        let all = [rows(answer, "measure"), rows(answer, "left_out")].concat();
        all.into_iter()
            .find(|row| row["variant"] == variant)
            .unwrap()
    };
    let here = row(&next(&studio, &[]));
    assert_eq!(
        (&here["on_disk"], &here["download_bytes"]),
        (&Value::from(true), &Value::from(0))
    );
    let stranger = gguf(
        "stranger",
        "x/Stranger-GGUF/Stranger-Q8_0.gguf",
        "Q8_0",
        20_000_000_000,
    );
    studio.state().set_models(&[stranger]);
    let slow = next(&studio, &["--download-speed", "10MB/s", "--hours", "100"]);
    assert_eq!(slow["download_speed_assumed"], false);
    let away = row(&slow);
    assert_eq!(away["download_bytes"], of(variant));
    #[expect(clippy::cast_precision_loss, reason = "a size for a time")]
    let seconds = of(variant) as f64 / 10e6;
    assert!((number(&away["download_seconds"]) - seconds).abs() < 1e-6 * seconds);
    assert_eq!(next(&studio, &[])["download_speed_assumed"], true);
}

/// The seconds of the requests lie between those of an engine that keeps all that it has read and of one
/// that reads everything again, by the speeds that `speed` tells.
#[test]
fn requests_take_as_long_as_their_speeds_say() {
    let studio = Studio::new();
    let answer = next(&studio, &["--hours", "100"]);
    for row in rows(&answer, "measure") {
        let variant = row["variant"].as_str().unwrap();
        let at = ["--depth", "0,4096,32768", "--streams", "1,2"];
        let speeds = json(&[&["speed", variant, "--machine", "m4-max-64gb"], &at[..]].concat());
        let speed = |depth: u32, streams: u32, figure: &str| {
            let mut all = speeds["rows"].as_array().unwrap().iter();
            let row = all.find(|r| r["depth_tokens"] == depth && r["streams"] == streams);
            number(&row.unwrap()[figure])
        };
        let decode = |depth, streams| speed(depth, streams, "decode_tokens_per_second");
        let read = |depth: u32| f64::from(depth) / speed(depth, 1, "prefill_tokens_per_second");
        // Three runs of the five tests, the warm-up and the cross-check, two rounds of streams.
        let tests = (3.0 * 3500.0 + 500.0 + 3.0 * 256.0 + 3.0 * 128.0) / decode(0, 1);
        let mut least = tests + 3.0 * 256.0 / decode(0, 2);
        let mut most = least;
        for depth in [4096, 32_768] {
            let written = 6.0 * 128.0 / decode(depth, 1) + 3.0 * 256.0 / decode(depth, 2);
            least += written + 9.0 * read(depth);
            most += written + (9.0 + 3.0 + 3.0 * 2.0) * read(depth) * 1.1;
        }
        let told = number(&row["measure_seconds"]);
        assert!(
            0.9 * least < told && told < 1.2 * most,
            "{variant}: {least} {told} {most}"
        );
    }
}

#[test]
fn the_study_that_it_writes_is_one() {
    let studio = Studio::new();
    let place = studio.path("study.toml");
    let path = place.to_str().unwrap();
    let args = [&["study", "next", "--out", path], &ASKED[..]].concat();
    let mut command = studio.command(env!("CARGO_BIN_EXE_planner"));
    let output = command.args(&args).env("COLUMNS", "80").output().unwrap();
    assert!(output.status.success(), "{}", words(&output));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        text.contains("assumed") && text.contains("planner study run"),
        "{text}"
    );
    assert!(text.lines().all(|l| l.chars().count() <= 80), "{text}");
    let study = StudyFile::parse("study.toml", &fs::read_to_string(&place).unwrap()).unwrap();
    let picked = rows(&next(&studio, &[]), "measure");
    let picked: Vec<&str> = picked
        .iter()
        .map(|r| r["variant"].as_str().unwrap())
        .collect();
    assert_eq!(study.variants, picked);
    assert_eq!((study.task.as_str(), study.runs), ("code", 3));
}

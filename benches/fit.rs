//! How long a model file of 400 GB takes to be answered for: the header read, the question asked
//! with everything that it advises. The file is sparse: a true header, and no weights behind it.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a benchmark"
)]

use std::fs::{self, File};
use std::hint::black_box;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use criterion::{Criterion, criterion_group, criterion_main};
use planner::fit::{Question, fit, from_gguf};
use planner::machine::{Machine, Profiles};
use planner::memory::limits::Limits;
use planner::memory::{Engine, Settings};
use planner::model::gguf;
use planner::units::Bytes;

const LENGTH: u64 = 404_000_000_000;

fn sparse() -> PathBuf {
    let header = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/llama-cpp/deepseek-v3.q4_k_m.gguf-header");
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench-fit.gguf");
    fs::copy(header, &path).unwrap();
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(LENGTH).unwrap();
    path
}

fn answer(c: &mut Criterion) {
    let path = sparse();
    let profiles = Profiles::embedded().unwrap();
    let machines: Vec<Machine> = profiles
        .machines
        .iter()
        .map(|p| Machine::from_profile(p, &profiles.chips).unwrap())
        .collect();
    let small = profiles.machine("m4-max-128gb").unwrap();
    let small = Machine::from_profile(small, &profiles.chips).unwrap();
    let limits = Limits::of(&small);
    c.bench_function("a GGUF file of 400 GB, read and answered for", |b| {
        b.iter(|| {
            let file = BufReader::new(File::open(&path).unwrap());
            let header = gguf::read(file).unwrap();
            let model = from_gguf::model("model", &[header], Bytes(LENGTH)).unwrap();
            black_box(fit(Question {
                subject: &model.subject,
                settings: &Settings::lm_studio(Engine::LlamaCpp, 131_072),
                machine: &small,
                limits: &limits,
                pace: None,
                engines: &[],
                beside: &[],
                machines: &machines,
                table: true,
            }))
        });
    });
}

criterion_group!(benches, answer);
criterion_main!(benches);

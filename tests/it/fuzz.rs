//! The targets of `fuzz/` on a stable toolchain: its seeds, changed at random. A panic is told with
//! the bytes that led to it.

use std::fs;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

#[path = "../../fuzz/targets.rs"]
mod targets;

/// SplitMix64 (Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).unwrap()
    }
}

/// Pieces that readers decide by.
const PIECES: [&[u8]; 16] = [
    b"null",
    b"-1",
    b"1e999",
    b"18446744073709551615",
    b"\"\"",
    b"[]",
    b"{}",
    b"\x1b[2J",
    b"\n",
    b"\\u0000",
    b"\xe2\x80\xae",
    b"\xff\xff\xff\xff\xff\xff\xff\x7f",
    b"\x00\x00\x00\x00",
    b": ",
    b"- ",
    b"# planner: from here\n",
];

fn changed(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = seeds[random.below(seeds.len())].clone();
    for _ in 0..=random.below(6) {
        let at = random.below(bytes.len() + 1);
        let to = (at + random.below(1 + bytes.len() / 4)).min(bytes.len());
        match random.below(7) {
            0 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            1 if at < bytes.len() => bytes[at] = random.next().to_le_bytes()[0],
            2 => drop(bytes.drain(at..to)),
            3 => drop(bytes.splice(at..at, PIECES[random.below(PIECES.len())].iter().copied())),
            4 => {
                let copy = bytes[at..to].to_vec();
                bytes.splice(at..at, copy);
            }
            5 => {
                let other = &seeds[random.below(seeds.len())];
                let from = random.below(other.len());
                bytes.truncate(at);
                bytes.extend(&other[from..]);
            }
            _ => bytes.truncate(to),
        }
        bytes.truncate(1 << 16);
    }
    bytes
}

fn fuzz(name: &str, target: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/seeds")
        .join(name);
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    paths.sort();
    let seeds: Vec<Vec<u8>> = paths.iter().map(|p| fs::read(p).unwrap()).collect();
    let seconds = std::env::var("PLANNER_FUZZ_SECONDS")
        .ok()
        .and_then(|s| s.parse().ok());
    let began = Instant::now();
    // Another course each time it runs long; always the same where somebody waits.
    let start = seconds.map_or(7, |_| u64::from(std::process::id()));
    let mut random = Random(start);
    let mut tried = 0_u64;
    let more = |tried: u64| match seconds {
        Some(seconds) => began.elapsed() < Duration::from_secs(seconds),
        None => tried < 300,
    };
    let mut next = seeds.iter().cloned();
    while more(tried) {
        let bytes = next.next().unwrap_or_else(|| changed(&seeds, &mut random));
        let done = catch_unwind(AssertUnwindSafe(|| target(&bytes)));
        assert!(done.is_ok(), "{name} panics on {}", bytes.escape_ascii());
        tried += 1;
    }
    if seconds.is_some() {
        let took = began.elapsed().as_secs_f64();
        let _ = writeln!(std::io::stderr(), "{name}: {tried} inputs in {took:.0} s");
    }
}

#[test]
fn gguf_files() {
    fuzz("gguf", targets::any_gguf);
}

#[test]
fn safetensors_files() {
    fuzz("safetensors", targets::any_safetensors);
}

#[test]
fn configurations() {
    fuzz("config_json", targets::any_config);
}

#[test]
fn answers_of_lm_studio_and_macos() {
    fuzz("answers", targets::any_answer);
}

#[test]
fn documents_of_planner() {
    fuzz("documents", targets::any_document);
}

#[test]
fn files_of_a_user() {
    fuzz("files", targets::any_file);
}

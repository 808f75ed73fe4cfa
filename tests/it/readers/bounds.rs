//! No bytes make a reader panic, or allocate more than a fixed bound: random bytes, real headers
//! with bytes changed, and headers that announce far more than they hold.
//!
//! Counts every allocation of the thread that reads; other tests run on threads of their own.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::path::PathBuf;

use super::gguf_bytes::{File, array_of, tensor};
use planner::fit::{Subject, from_folder, from_gguf};
use planner::memory::{Engine, KvType, Settings};
use planner::model::{FolderWeights, config_json, gguf, safetensors, safetensors_index};
use planner::units::Bytes;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::support::cases;

thread_local! {
    static LIVE: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

#[expect(
    unsafe_code,
    reason = "an allocator cannot be written without; it only counts"
)]
// SAFETY: every call is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let live = LIVE.get().wrapping_add(layout.size());
        LIVE.set(live);
        PEAK.set(PEAK.get().max(live));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // What another thread allocated may be freed here.
        LIVE.set(LIVE.get().saturating_sub(layout.size()));
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Most bytes that were alive at once during `work`, beyond those alive before it.
fn peak(work: impl FnOnce()) -> usize {
    let before = LIVE.get();
    PEAK.set(before);
    work();
    PEAK.get() - before
}

/// Asks everything that a caller asks of a GGUF file.
fn read_gguf(reader: impl Read + Seek, length: u64) {
    let Ok(header) = gguf::read(reader) else {
        return;
    };
    let _ = header.truncation(Bytes(length));
    let parts = [header];
    let Ok(tensors) = gguf::join(&parts) else {
        return;
    };
    if let Ok(reading) = gguf::architecture(&parts) {
        let _ = gguf::weights(&tensors, reading.architecture.layers, true);
    }
    if let Ok(model) = from_gguf::model("any", &parts, Bytes(length)) {
        asked(&model.subject);
    }
}

/// Computes everything that is told of a model, at settings as large as they can be given.
fn asked(subject: &Subject) {
    for engine in Engine::ALL {
        let settings = Settings {
            slots: 1023,
            ubatch: 65_536,
            flash_attention: false,
            swa_full: true,
            kv_unified: false,
            kv_type_k: KvType::F32,
            kv_type_v: KvType::F32,
            ..Settings::lm_studio(engine, 16 << 20)
        };
        let _ = subject.ledger(&settings).total();
    }
}

fn read_all(bytes: &[u8]) {
    read_gguf(Cursor::new(bytes), bytes.len() as u64);
    if let Ok(header) = safetensors::read(Cursor::new(bytes)) {
        let _ = FolderWeights::of(&header.tensors, 4);
    }
    let _ = safetensors_index::Index::read(bytes);
    let _ = config_json::read(bytes, None);
    if let Ok(model) = from_folder::model("any", bytes, &[]) {
        asked(&model.subject);
    }
}

/// A file that goes on with zeros for as long as it says: 400 GB that nobody has to store.
struct Sparse {
    start: Vec<u8>,
    position: u64,
    length: u64,
}

impl Read for Sparse {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let left = self.length.saturating_sub(self.position);
        let count = out.len().min(usize::try_from(left).unwrap());
        for byte in &mut out[..count] {
            let at = usize::try_from(self.position).unwrap();
            *byte = self.start.get(at).copied().unwrap_or(0);
            self.position += 1;
        }
        Ok(count)
    }
}

impl Seek for Sparse {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        let position = match to {
            SeekFrom::Start(n) => i128::from(n),
            SeekFrom::End(n) => i128::from(self.length) + i128::from(n),
            SeekFrom::Current(n) => i128::from(self.position) + i128::from(n),
        };
        self.position = u64::try_from(position).map_err(std::io::Error::other)?;
        Ok(self.position)
    }
}

const FILE: u64 = 400_000_000_000;

fn sparse(start: Vec<u8>) -> usize {
    peak(|| {
        read_gguf(
            Sparse {
                start,
                position: 0,
                length: FILE,
            },
            FILE,
        )
    })
}

fn real_headers() -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/llama-cpp");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "gguf-header"));
    paths.sort();
    paths
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect()
}

/// Bytes that say much in little room: counts and lengths at the edges of their types.
fn edges() -> impl Strategy<Value = Vec<u8>> {
    let edge = prop_oneof![
        Just(vec![0xff; 8]),
        Just(vec![0; 8]),
        Just((1_u64 << 63).to_le_bytes().to_vec()),
        Just(0x7fff_ffff_u32.to_le_bytes().to_vec()),
        any::<[u8; 8]>().prop_map(Vec::from),
        any::<u8>().prop_map(|byte| vec![byte]),
    ];
    edge.boxed()
}

const MIB: usize = 1 << 20;

#[test]
fn readers_never_panic_and_stay_within_their_bounds() {
    let config = Config {
        failure_persistence: None,
        ..cases(400, 20_000)
    };
    let mut runner = TestRunner::new(config);
    // Random bytes, plain and behind the beginnings that readers look for.
    let starts: &[&[u8]] = &[
        b"",
        b"GGUF\x03\0\0\0",
        b"\x40\0\0\0\0\0\0\0{",
        b"{\"model_type\":",
    ];
    let random = (
        0..starts.len(),
        proptest::collection::vec(any::<u8>(), 0..2048),
    );
    let outcome = runner.run(&random, |(start, tail)| {
        let bytes = [starts[start], &tail].concat();
        let most = peak(|| read_all(&bytes));
        prop_assert!(most < MIB, "{most} bytes");
        Ok(())
    });
    outcome.unwrap();

    // Real headers with a few places overwritten, whole or cut short.
    let headers = real_headers();
    assert!(headers.len() >= 11);
    let places = proptest::collection::vec((any::<prop::sample::Index>(), edges()), 1..6);
    let mutated = (
        0..headers.len(),
        places,
        any::<prop::sample::Index>(),
        any::<bool>(),
    );
    let outcome = runner.run(&mutated, |(header, places, cut, whole)| {
        let mut bytes = headers[header].clone();
        for (at, edge) in places {
            // Half of the places lie in the metadata, which is a small part of the header.
            let range = if edge.len() == 1 {
                bytes.len()
            } else {
                1500.min(bytes.len())
            };
            let at = at.index(range);
            let end = (at + edge.len()).min(bytes.len());
            bytes[at..end].copy_from_slice(&edge[..end - at]);
        }
        if !whole {
            bytes.truncate(cut.index(bytes.len()));
        }
        let most = peak(|| read_all(&bytes));
        prop_assert!(most < 2 * MIB, "{most} bytes");
        Ok(())
    });
    outcome.unwrap();

    // The real headers in front of 400 GB.
    for header in headers {
        let most = sparse(header);
        assert!(most < 2 * MIB, "{most} bytes");
    }
    // Announced and apparently there: the file is long enough for all of it.
    let key = |raw: Vec<u8>| {
        File {
            keys: vec![raw],
            ..File::default()
        }
        .header_bytes()
    };
    let text = [
        8_u32.to_le_bytes().as_slice(),
        &(300_u64 << 30).to_le_bytes(),
    ]
    .concat();
    let liars = [
        key(array_of("k", 4, 1 << 35, &[])),
        key(array_of("k", 8, 1 << 35, &[])),
        key([&1_u64.to_le_bytes()[..], b"k", &text].concat()),
        File {
            counts: Some((262_144, 65_536)),
            ..File::default()
        }
        .header_bytes(),
        File {
            counts: Some((262_144, 0)),
            ..File::default()
        }
        .header_bytes(),
        File {
            counts: Some((1 << 34, 1 << 33)),
            ..File::default()
        }
        .header_bytes(),
        File {
            tensors: vec![tensor("x", &[1 << 40], 0, 0)],
            ..File::default()
        }
        .header_bytes(),
    ];
    for (i, liar) in liars.into_iter().enumerate() {
        let most = sparse(liar);
        assert!(most < MIB, "liar {i}: {most} bytes");
    }
}

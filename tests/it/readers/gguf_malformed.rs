//! Every way in which a GGUF file can be wrong, and the error that it gets.
use std::io::Cursor;

use super::gguf_bytes::{File, U32, array_of, count, tensor, text, value};
use planner::fault::Hinted as _;
use planner::model::gguf;
use planner::model::gguf::{GgufError, Header, LAYOUTS, TensorType, Value};
use planner::units::Bytes;

fn read(bytes: &[u8]) -> Result<Header, GgufError> {
    gguf::read(Cursor::new(bytes))
}

fn small() -> File {
    File {
        keys: vec![
            text("general.architecture", "llama"),
            count("llama.block_count", 2),
        ],
        tensors: vec![
            tensor("token_embd.weight", &[64, 8], 0, 0),
            tensor("x", &[256], 12, 2048),
        ],
        ..File::default()
    }
}

#[test]
fn a_small_file_is_read_in_both_versions() {
    for version in [2, 3] {
        let file = File { version, ..small() };
        let header = read(&file.bytes()).unwrap();
        assert_eq!(header.version, version);
        assert_eq!(
            header.metadata.text("general.architecture"),
            Ok(Some("llama"))
        );
        assert_eq!(header.metadata.count("llama.block_count"), Ok(Some(2)));
        assert_eq!(header.tensors[1].bytes, Some(Bytes(144)));
        assert_eq!(header.data_offset % 32, 0);
        assert_eq!(
            header.expected_bytes(),
            Some(Bytes(header.data_offset + 2048 + 144))
        );
    }
}

#[test]
fn every_shorter_beginning_says_that_the_download_is_not_complete() {
    let bytes = small().bytes();
    let end = small().header_bytes().len();
    for length in 0..end {
        let error = read(&bytes[..length]).unwrap_err();
        let GgufError::HeaderTruncated {
            at, needed, left, ..
        } = error
        else {
            panic!("{length} bytes: {error}");
        };
        assert!(
            needed > left && at + left == length as u64,
            "{length} bytes: {error}"
        );
    }
    assert!(read(&bytes[..end]).is_ok());
}

/// `(what is wrong, the file, what the error says)`
fn malformed() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let version = |version| File { version, ..small() }.bytes();
    let counts = |tensors, keys| {
        File {
            counts: Some((tensors, keys)),
            ..small()
        }
        .bytes()
    };
    let key = |key: Vec<u8>| {
        File {
            keys: vec![key],
            ..File::default()
        }
        .bytes()
    };
    let one = |tensor: Vec<u8>| {
        File {
            tensors: vec![tensor],
            ..File::default()
        }
        .bytes()
    };
    let two = |a: Vec<u8>, b: Vec<u8>| {
        File {
            tensors: vec![a, b],
            ..File::default()
        }
        .bytes()
    };
    let aligned = |raw: Vec<u8>| key(value("general.alignment", U32, &raw));
    let long = |name: u64| {
        let mut key = name.to_le_bytes().to_vec();
        key.extend([b'k'; 32]);
        key
    };
    const HUGE: u64 = 1 << 63;
    vec![
        ("magic", b"GGML\x03\0\0\0".to_vec(), "not a GGUF file"),
        (
            "error page",
            b"<!DOCTYPE html><html>".to_vec(),
            "not an error page",
        ),
        ("version 0", version(0), "version 0 is not supported"),
        ("version 1", version(1), "version 1 is not supported"),
        ("version 4", version(4), "version 4 is not supported"),
        ("big-endian 3", version(3_u32.swap_bytes()), "is big-endian"),
        ("big-endian 2", version(2_u32.swap_bytes()), "is big-endian"),
        (
            "2^63 tensors",
            counts(HUGE, 0),
            "announces 9223372036854775808 tensors",
        ),
        (
            "2^63 keys",
            counts(0, HUGE),
            "announces 9223372036854775808 keys",
        ),
        ("2^64-1 of both", counts(u64::MAX, u64::MAX), "announces"),
        (
            "more keys than bytes",
            counts(0, 60_000),
            "the download is not complete",
        ),
        (
            "more tensors than bytes",
            counts(200_000, 0),
            "the download is not complete",
        ),
        ("key of 2^63 bytes", key(long(HUGE)), "more than the 65535"),
        (
            "key past the end",
            key(long(60_000)),
            "the download is not complete",
        ),
        ("empty key", key(count("", 1)), "empty or not UTF-8"),
        (
            "key not UTF-8",
            key(value_raw(b"\xff\xfe", U32, &[0; 4])),
            "empty or not UTF-8",
        ),
        (
            "value type 13",
            key(value("k", 13, &[0; 8])),
            "`k` has the unknown value type 13",
        ),
        (
            "text of 2^63 bytes",
            key(value("k", 8, &HUGE.to_le_bytes())),
            "not complete",
        ),
        (
            "array of arrays",
            key(array_of("k", 9, 1, &[0; 64])),
            "`k` is an array of arrays",
        ),
        (
            "array of type 99",
            key(array_of("k", 99, 1, &[0; 64])),
            "unknown value type 99",
        ),
        (
            "2^63 numbers",
            key(array_of("k", 4, HUGE, &[0; 64])),
            "not complete",
        ),
        (
            "2^61 numbers of 8 bytes",
            key(array_of("k", 10, 1 << 61, &[0; 64])),
            "not complete",
        ),
        (
            "2^61 texts",
            key(array_of("k", 8, 1 << 61, &[0; 64])),
            "not complete",
        ),
        (
            "text in an array past the end",
            key(array_of("k", 8, 1, &u64::MAX.to_le_bytes())),
            "not complete",
        ),
        ("a key twice", two_keys(), "the key `k` stands twice"),
        (
            "alignment 0",
            aligned(vec![0; 4]),
            "`general.alignment` is 0",
        ),
        (
            "alignment 24",
            aligned(vec![24, 0, 0, 0]),
            "`general.alignment` is 24",
        ),
        (
            "alignment as text",
            key(text("general.alignment", "32")),
            "not a whole number",
        ),
        (
            "5 dimensions",
            one(tensor("x", &[1; 5], 0, 0)),
            "`x` has 5 dimensions",
        ),
        (
            "2^32-1 dimensions",
            one(ranked(u32::MAX)),
            "dimensions, more than 4",
        ),
        (
            "dimensions overflow",
            one(tensor("x", &[1 << 40, 1 << 40], 0, 0)),
            "impossible shape",
        ),
        (
            "a negative dimension",
            one(tensor("x", &[HUGE], 0, 0)),
            "impossible shape",
        ),
        (
            "bytes overflow",
            one(tensor("x", &[1 << 62], 0, 0)),
            "impossible shape",
        ),
        (
            "overflow of an unknown type",
            one(tensor("x", &[u64::MAX, 2], 77, 0)),
            "impossible shape",
        ),
        (
            "a row of half a block",
            one(tensor("x", &[255, 2], 12, 0)),
            "for its type q4_K",
        ),
        (
            "a tensor twice",
            two(tensor("x", &[8], 0, 0), tensor("x", &[8], 0, 32)),
            "`x` stands twice",
        ),
        (
            "first tensor not at 0",
            one(tensor("x", &[8], 0, 32)),
            "starts at offset 32",
        ),
        (
            "overlap",
            two(tensor("x", &[64], 0, 0), tensor("y", &[8], 0, 128)),
            "should start at 256",
        ),
        (
            "hole",
            two(tensor("x", &[8], 0, 0), tensor("y", &[8], 0, 64)),
            "should start at 32",
        ),
        (
            "offset 2^64-1",
            two(tensor("x", &[8], 0, 0), tensor("y", &[8], 0, u64::MAX)),
            "starts at offset",
        ),
        (
            "after an unknown type, unaligned",
            two(tensor("x", &[8], 77, 0), tensor("y", &[8], 0, 33)),
            "offset 33",
        ),
        (
            "tensor name of 64 bytes",
            one(tensor(&"x".repeat(64), &[8], 0, 0)),
            "more than the 63",
        ),
        (
            "tensor without name",
            one(tensor("", &[8], 0, 0)),
            "empty or not UTF-8",
        ),
        (
            "the end of the data beyond 2^63",
            two(
                tensor("x", &[(1 << 61) - 8], 0, 0),
                tensor("y", &[1 << 60], 0, (1 << 63) - 32),
            ),
            "impossible shape",
        ),
    ]
}

fn value_raw(key: &[u8], kind: u32, raw: &[u8]) -> Vec<u8> {
    let mut bytes = (key.len() as u64).to_le_bytes().to_vec();
    bytes.extend(key);
    bytes.extend(kind.to_le_bytes());
    bytes.extend(raw);
    bytes
}

fn two_keys() -> Vec<u8> {
    File {
        keys: vec![count("k", 1), count("k", 1)],
        ..File::default()
    }
    .bytes()
}

fn ranked(rank: u32) -> Vec<u8> {
    let mut bytes = value_raw(b"x", rank, &[0; 64]);
    bytes.truncate(40);
    bytes
}

#[test]
fn each_malformed_file_gets_its_own_error() {
    for (what, bytes, says) in malformed() {
        let error = read(&bytes).expect_err(what);
        let told = format!("{error}; {}", error.hint().unwrap());
        assert!(told.contains(says), "{what}: {told}");
    }
}

#[test]
fn an_unknown_tensor_type_leaves_sizes_unknown_and_nothing_else() {
    let file = File {
        tensors: vec![
            tensor("a", &[64], 0, 0),
            tensor("b", &[3], 77, 256),
            tensor("c", &[8], 0, 512),
        ],
        ..small()
    };
    let header = read(&file.bytes()).unwrap();
    assert_eq!(header.tensors[1].kind, TensorType(77));
    assert_eq!(header.tensors[1].kind.to_string(), "type 77");
    assert_eq!(header.tensors[1].bytes, None);
    assert_eq!(header.tensor_bytes(), None);
    assert_eq!(
        header.expected_bytes(),
        Some(Bytes(header.data_offset + 512 + 32))
    );
    let tensors: Vec<_> = header.tensors.iter().collect();
    let error = gguf::weights(&tensors, 2, false).unwrap_err();
    assert_eq!(
        (error.tensor.as_str(), error.kind.as_str()),
        ("b", "type 77")
    );
}

#[test]
fn a_vocabulary_is_counted_and_not_kept() {
    let mut words = Vec::new();
    for word in ["a", "bc", ""] {
        words.extend((word.len() as u64).to_le_bytes());
        words.extend(word.as_bytes());
    }
    let file = File {
        keys: vec![
            array_of("tokenizer.ggml.tokens", 8, 3, &words),
            array_of("flags", 7, 3, &[1, 0, 2]),
            array_of("scores", 6, 2, &[0; 8]),
            value("big", 10, &u64::MAX.to_le_bytes()),
            value("negative", 5, &(-1_i32).to_le_bytes()),
        ],
        ..File::default()
    };
    let metadata = read(&file.bytes()).unwrap().metadata;
    assert_eq!(
        metadata.get("tokenizer.ggml.tokens"),
        Some(&Value::Skipped { length: 3 })
    );
    assert_eq!(metadata.list("flags"), Ok(Some(vec![1, 0, 1])));
    assert_eq!(metadata.get("scores"), Some(&Value::Skipped { length: 2 }));
    assert!(metadata.count("big").is_err() && metadata.count("negative").is_err());
    assert_eq!(metadata.per_layer("flags", 3), Ok(Some(vec![1, 0, 1])));
    assert!(
        metadata
            .per_layer("flags", 4)
            .unwrap_err()
            .to_string()
            .contains("lists 3 layers of 4")
    );
}

/// Elements and bytes per block as the `gguf` Python package prints them (`GGML_QUANT_SIZES` of
/// gguf-py/gguf/constants.py in github.com/ggml-org/llama.cpp).
#[test]
fn block_sizes_are_those_of_the_reference_package() {
    let reference = "0:1:4 1:1:2 2:32:18 3:32:20 6:32:22 7:32:24 8:32:34 9:32:36 10:256:84 \
        11:256:110 12:256:144 13:256:176 14:256:210 15:256:292 16:256:66 17:256:74 18:256:98 \
        19:256:50 20:32:18 21:256:110 22:256:82 23:256:136 24:1:1 25:1:2 26:1:4 27:1:8 28:1:8 \
        29:256:56 30:1:2 34:256:54 35:256:66 39:32:17 40:64:36 41:128:18 42:64:18";
    let ours: Vec<String> = LAYOUTS
        .iter()
        .map(|l| format!("{}:{}:{}", l.number, l.block_elements, l.block_bytes))
        .collect();
    assert_eq!(
        ours.join(" "),
        reference.split_whitespace().collect::<Vec<_>>().join(" ")
    );
}

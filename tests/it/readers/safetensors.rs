//! Safetensors files and indexes, right and wrong.
use std::io::Cursor;

use planner::fault::Hinted as _;
use planner::model::FolderWeights;
use planner::model::safetensors;
use planner::model::safetensors::{Header, SafetensorsError};
use planner::model::safetensors_index::Index;
use planner::units::Bytes;

fn file(header: &str, data: usize) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.resize(bytes.len() + data, 0);
    bytes
}

fn read(header: &str, data: usize) -> Result<Header, SafetensorsError> {
    safetensors::read(Cursor::new(file(header, data)))
}

#[test]
fn tensors_come_in_the_order_of_their_data() {
    // Written by hand after the example of the format's description.
    let header = read(
        r#"{"__metadata__":{"format":"mlx"},
            "lm_head.weight":{"dtype":"BF16","shape":[4,2],"data_offsets":[32,48]},
            "model.embed_tokens.weight":{"dtype":"U32","shape":[4,2],"data_offsets":[0,32]},
            "new":{"dtype":"F5_E2","shape":[3],"data_offsets":[48,50]}}   "#,
        50,
    )
    .unwrap();
    let names: Vec<&str> = header.tensors.iter().map(|t| t.name.as_str()).collect();
    assert_eq!(
        names,
        ["model.embed_tokens.weight", "lm_head.weight", "new"]
    );
    assert_eq!(header.tensor_bytes(), Bytes(50));
    assert_eq!(header.truncation(Bytes(header.data_offset + 50)), None);
    let truncation = header.truncation(Bytes(header.data_offset + 40)).unwrap();
    assert_eq!(truncation.missing, Bytes(10));
    assert_eq!(truncation.first, ["lm_head.weight", "new"]);
    let weights = FolderWeights::of(&header.tensors, 1);
    assert_eq!(
        (weights.total, weights.vocabulary_rows),
        (Bytes(50), Some(4))
    );
    assert!(weights.has_output);
}

#[test]
fn parts_that_see_or_predict_are_counted_apart() {
    let tensor = |name: &str, start: u64| safetensors::Tensor {
        name: name.to_owned(),
        kind: "U8".to_owned(),
        shape: vec![8],
        start,
        bytes: Bytes(8),
    };
    let names = [
        "model.layers.60.mlp.up_proj.weight",
        "model.layers.61.eh_proj.weight",
        "mtp.fc.weight",
        "vision_tower.layers.70.weight",
        "language_model.model.embed_tokens.weight",
    ];
    let tensors: Vec<_> = names
        .iter()
        .zip(0..)
        .map(|(name, i)| tensor(name, i * 8))
        .collect();
    let weights = FolderWeights::of(&tensors, 61);
    assert_eq!((weights.total, weights.senses), (Bytes(40), Bytes(8)));
    assert_eq!(weights.prediction, Bytes(16));
    assert!(!weights.has_output);
}

#[test]
fn each_malformed_file_gets_its_own_error() {
    let long = |length: u64| length.to_le_bytes().to_vec();
    let entry = |name: &str, kind: &str, shape: &str, offsets: &str| {
        format!(r#""{name}":{{"dtype":"{kind}","shape":{shape},"data_offsets":{offsets}}}"#)
    };
    let one = |kind: &str, shape: &str, offsets: &str| {
        file(&format!("{{{}}}", entry("x", kind, shape, offsets)), 64)
    };
    let two = |a: &str, b: &str| {
        let (a, b) = (entry("a", "U8", "[8]", a), entry("b", "U8", "[8]", b));
        file(&format!("{{{a},{b}}}"), 64)
    };
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("nothing", vec![], "8 bytes are needed and 0 are there"),
        (
            "seven bytes",
            vec![0; 7],
            "8 bytes are needed and 7 are there",
        ),
        (
            "length past the end",
            long(100),
            "108 bytes are needed and 8 are there",
        ),
        (
            "length 2^63",
            long(1 << 63),
            "9223372036854775808 bytes, more than the 100000000",
        ),
        (
            "length over the limit",
            long(100_000_001),
            "more than the 100000000",
        ),
        (
            "GGUF",
            b"GGUF\x03\0\0\0\0\0\0\0".to_vec(),
            "more than the 100000000",
        ),
        ("no JSON", file("hello", 0), "not a table of tensors"),
        ("a list", file("[]", 0), "not a table of tensors"),
        ("text after it", file("{} {}", 0), "trailing characters"),
        (
            "no offsets",
            file(r#"{"x":{"dtype":"U8","shape":[1]}}"#, 1),
            "missing field `data_offsets`",
        ),
        (
            "a field twice",
            file(r#"{"x":{"dtype":"U8","dtype":"U8"}}"#, 1),
            "duplicate field",
        ),
        (
            "a tensor twice",
            file(&format!("{{{0},{0}}}", entry("x", "U8", "[1]", "[0,1]")), 1),
            "`x` stands twice",
        ),
        (
            "negative offset",
            one("U8", "[1]", "[-1,0]"),
            "invalid value",
        ),
        (
            "offset 2^64",
            one("U8", "[1]", "[0,18446744073709551616]"),
            "not a table",
        ),
        ("crossed offsets", one("U8", "[8]", "[8,0]"), "starts at 8"),
        (
            "crossed at the start",
            two("[0,8]", "[8,0]"),
            "takes -8 bytes",
        ),
        ("too many bytes", one("U8", "[8]", "[0,9]"), "takes 9 bytes"),
        (
            "shape overflow",
            one("F32", "[4294967296,4294967296]", "[0,8]"),
            "takes 8 bytes",
        ),
        ("half a byte", one("F4", "[3]", "[0,2]"), "takes 2 bytes"),
        (
            "17 dimensions",
            one("U8", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]", "[0,1]"),
            "at most 16",
        ),
        ("overlap", two("[0,8]", "[4,12]"), "`b` starts at 4"),
        ("hole", two("[0,8]", "[9,17]"), "should start at 8"),
        (
            "hole at the start",
            one("U8", "[8]", "[1,9]"),
            "should start at 0",
        ),
    ];
    for (what, bytes, says) in cases {
        let error = safetensors::read(Cursor::new(bytes))
            .expect_err(what)
            .to_string();
        assert!(error.contains(says), "{what}: {error}");
    }
}

#[test]
fn an_index_names_its_shards_and_never_leads_out_of_its_folder() {
    let index = Index::read(
        br#"{"metadata":{"total_size":1.5e3},"weight_map":{"b":"m-00002-of-00002.safetensors",
            "a":"m-00001-of-00002.safetensors","c":"m-00001-of-00002.safetensors"}}"#,
    )
    .unwrap();
    assert_eq!(index.total, Some(Bytes(1500)));
    assert_eq!(
        index.shards(),
        [
            "m-00001-of-00002.safetensors",
            "m-00002-of-00002.safetensors"
        ]
    );
    for name in [
        "../x", "/etc/x", "a/b", "C:x", "..", "", "a\\\\b", "a\\u0000",
    ] {
        let text = format!(r#"{{"weight_map":{{"a":"{name}"}}}}"#);
        let error = Index::read(text.as_bytes()).expect_err(name);
        let hint = error.hint().unwrap_or_default().to_string();
        assert!(hint.contains("do not trust"), "{name}: {error}: {hint}");
    }
    assert!(
        Index::read(b"{}")
            .unwrap_err()
            .to_string()
            .contains("weight_map")
    );
}

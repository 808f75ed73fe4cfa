//! What we read from true-shape headers against what the files and llama.cpp itself say.
use planner::model::gguf;
use planner::model::gguf::{Reading, Tensor};
use planner::model::{AttentionLayers, CacheShape, Experts, RecurrentLayers};
use planner::units::Bytes;

use super::recorded::{header, rows};

fn reading(name: &str) -> Reading {
    gguf::architecture(&[header(name)]).unwrap()
}

/// The sizes of the published files, and the weights that llama.cpp's own planner counted on GPU
/// and CPU with its Metal allocation code, in MiB with two decimals.
const SIZES: &[(&str, u64, f64, f64)] = &[
    ("minimax-m2.1.q4_k_m", 138_334_147_744, 131_595.98, 329.70),
    ("minimax-m2.1.q4_k_s", 130_025_542_816, 123_672.28, 329.70),
    ("minimax-m2.1.q8_0", 243_128_635_552, 231_242.73, 622.76),
    ("qwen3-coder-next.q4_k_m", 48_483_113_120, 46_070.13, 166.92),
    ("qwen3-coder-next.q6_k", 65_522_729_120, 62_243.86, 243.43),
    ("qwen3-coder-next.q8_0", 84_806_320_288, 80_562.26, 315.30),
    ("llama-3.3-70b.q4_k_m", 42_512_575_296, 39_979.48, 563.62),
    ("gemma-3-27b.q4_k_m", 16_540_174_656, 15_773.89, 1_102.77),
    ("gpt-oss-20b.mxfp4", 12_428_363_200, 11_265.76, 586.82),
    ("gpt-oss-120b.mxfp4", 63_872_030_784, 60_326.25, 586.82),
    ("deepseek-v3.q4_k_m", 404_488_918_976, 385_253.52, 497.11),
];

#[test]
fn file_sizes_and_weights_are_those_of_the_real_files() {
    for &(name, file_bytes, gpu_mib, cpu_mib) in SIZES {
        let header = header(name);
        assert_eq!(header.expected_bytes(), Some(Bytes(file_bytes)), "{name}");
        assert_eq!(header.truncation(Bytes(file_bytes)), None, "{name}");
        let architecture = reading(name).architecture;
        let tensors: Vec<&Tensor> = header.tensors.iter().collect();
        let weights =
            gguf::weights(&tensors, architecture.layers, architecture.tied_embeddings).unwrap();
        let mib = |bytes: Bytes| bytes.gib() * 1024.0;
        assert!(
            (mib(weights.gpu) - gpu_mib).abs() < 0.005_001,
            "{name} gpu {}",
            mib(weights.gpu)
        );
        assert!(
            (mib(weights.cpu) - cpu_mib).abs() < 0.005_001,
            "{name} cpu {}",
            mib(weights.cpu)
        );
        assert_eq!(weights.total, header.tensor_bytes().unwrap(), "{name}");
        assert_eq!(
            weights.gpu.0 + weights.cpu.0,
            weights.total.0 + weights.both.0,
            "{name}"
        );
        assert_eq!(weights.prediction, Bytes::ZERO, "{name}");
    }
}

/// The sizes in the table come from the program that wrote the headers.
#[test]
fn every_header_gives_the_size_of_its_file() {
    for row in rows("headers.tsv") {
        let header = header(&row["header"]);
        let file_bytes: u64 = row["file_bytes"].parse().unwrap();
        let expected = header.expected_bytes().unwrap().0;
        // Writers pad the last tensor, or do not.
        let padded = expected.next_multiple_of(header.alignment);
        assert!(
            file_bytes == expected || file_bytes == padded,
            "{row:?}: {expected}"
        );
        assert_eq!(header.truncation(Bytes(file_bytes)), None, "{row:?}");
    }
}

#[test]
fn a_download_that_goes_on_is_told_with_its_first_missing_tensors() {
    let header = header("gpt-oss-20b.mxfp4");
    let truncation = header.truncation(Bytes(12_428_363_199)).unwrap();
    assert_eq!(truncation.missing, Bytes(1));
    assert_eq!(truncation.tensors, 1);
    assert_eq!(truncation.first, ["blk.23.ffn_up_exps.bias"]);
    let truncation = header.truncation(Bytes(28_833)).unwrap();
    assert_eq!(truncation.tensors, 459);
    assert_eq!(truncation.first[0], "token_embd.weight");
    assert_eq!(truncation.expected, Bytes(12_428_363_200));
}

fn full(layers: u32, kv_heads: u64, length: u64) -> AttentionLayers {
    let cache = CacheShape::Full {
        kv_heads,
        key_length: length,
        value_length: length,
    };
    AttentionLayers { layers, cache }
}

fn sliding(layers: u32, window: u32, kv_heads: u64, length: u64) -> AttentionLayers {
    let (key_length, value_length) = (length, length);
    AttentionLayers {
        layers,
        cache: CacheShape::Sliding {
            window,
            kv_heads,
            key_length,
            value_length,
        },
    }
}

#[test]
fn layers_are_those_of_the_published_configurations() {
    let minimax = reading("minimax-m2.1.q4_k_s").architecture;
    assert_eq!((minimax.layers, minimax.embedding_length), (62, 3072));
    assert_eq!((minimax.vocabulary, minimax.query_heads), (200_064, 48));
    assert_eq!(
        minimax.experts,
        Some(Experts {
            total: 256,
            used: 8
        })
    );
    assert_eq!(minimax.attention, [full(62, 8, 128)]);
    assert!(minimax.recurrent.is_empty() && !minimax.tied_embeddings);

    let gemma = reading("gemma-3-27b.q4_k_m").architecture;
    assert_eq!(
        gemma.attention,
        [sliding(52, 1024, 16, 128), full(10, 16, 128)]
    );
    assert!(gemma.tied_embeddings);

    let gpt_oss = reading("gpt-oss-120b.mxfp4").architecture;
    assert_eq!(
        gpt_oss.attention,
        [sliding(18, 128, 8, 64), full(18, 8, 64)]
    );

    let llama = reading("llama-3.3-70b.q4_k_m");
    assert_eq!(llama.architecture.attention, [full(80, 8, 128)]);
    assert_eq!(llama.context_length, Some(131_072));
    assert_eq!(llama.architecture.experts, None);

    let deepseek = reading("deepseek-v3.q4_k_m").architecture;
    let latent = CacheShape::Latent {
        rank: 512,
        rope_length: 64,
        index_length: 0,
    };
    assert_eq!(
        deepseek.attention,
        [AttentionLayers {
            layers: 61,
            cache: latent
        }]
    );

    // 548,864 numbers of 4 bytes in 36 layers are the 75.375 MiB that llama.cpp logs.
    let coder = reading("qwen3-coder-next.q6_k").architecture;
    assert_eq!(coder.attention, [full(12, 2, 256)]);
    let state = RecurrentLayers {
        layers: 36,
        convolution_elements: 24_576,
        state_elements: 524_288,
    };
    assert_eq!(coder.recurrent, [state]);
}

#[test]
fn known_architectures_are_recognised_without_notes() {
    for &(name, ..) in SIZES {
        let reading = reading(name);
        assert!(reading.recognised, "{name}");
        assert!(reading.notes.is_empty(), "{name}");
    }
}

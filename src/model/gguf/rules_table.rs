//! What llama.cpp knows of each architecture beyond its file: one row each, with its source.
//!
//! Sources are files of github.com/ggml-org/llama.cpp as packed in llama-cpp-python 0.3.36 (PyPI).
//! Rows are found by the exact value of `general.architecture`.

use super::rules::{Indexer, Keeps, Recurrent, Rule, WindowLayers, WindowLength};

const PLAIN: Rule = Rule {
    keeps: Keeps::Cache,
    window: WindowLayers::None,
    window_length: WindowLength::HeaderOrNone,
    window_only_at: None,
    recurrent: Recurrent::None,
    no_groups: false,
    lightning: false,
    indexer: Indexer::None,
    compressed: false,
    own_cache: None,
    shared_at_end: false,
    keeps_prediction: false,
    router: false,
    loops: false,
    lengths_always: false,
    source: "src/llama-model.cpp",
};

const fn every(period: u32, length: WindowLength, source: &'static str) -> Rule {
    Rule {
        window: WindowLayers::Every {
            period,
            full_first: false,
        },
        window_length: length,
        source,
        ..PLAIN
    }
}

const fn every_full_first(period: u32, length: WindowLength, source: &'static str) -> Rule {
    Rule {
        window: WindowLayers::Every {
            period,
            full_first: true,
        },
        window_length: length,
        source,
        ..PLAIN
    }
}

const fn listed(length: WindowLength, source: &'static str) -> Rule {
    Rule {
        window: WindowLayers::Listed,
        window_length: length,
        source,
        ..PLAIN
    }
}

const fn recurrent(recurrent: Recurrent, source: &'static str) -> Rule {
    Rule {
        recurrent,
        source,
        ..PLAIN
    }
}

const fn indexed(indexer: Indexer, source: &'static str) -> Rule {
    Rule {
        indexer,
        source,
        ..PLAIN
    }
}

const fn nothing(source: &'static str) -> Rule {
    Rule {
        keeps: Keeps::Nothing,
        source,
        ..PLAIN
    }
}

use Indexer as I;
use Recurrent as R;
use WindowLength as W;

/// Architectures of which the header does not say all.
#[rustfmt::skip]
const SPECIAL: &[(&str, Rule)] = &[
    // Windows.
    ("afmoe", every(4, W::HeaderOrNone, "src/models/afmoe.cpp")),
    ("cohere2", every(4, W::Header, "src/models/cohere2.cpp")),
    ("cohere2moe", every_full_first(4, W::Header, "src/models/cohere2moe.cpp")),
    ("exaone-moe", every(4, W::HeaderOr(128), "src/models/exaone-moe.cpp")),
    (
        "exaone4",
        Rule { window_only_at: Some(64), ..every(4, W::HeaderOr(4096), "src/models/exaone4.cpp") },
    ),
    ("gemma2", every(2, W::HeaderOr(4096), "src/models/gemma2.cpp")),
    ("gemma3", every(6, W::HeaderOrNone, "src/models/gemma3.cpp")),
    ("gemma3n", Rule { own_cache: Some(20), ..every(5, W::Header, "src/models/gemma3n.cpp") }),
    ("gemma4", Rule { shared_at_end: true, ..listed(W::Header, "src/models/gemma4.cpp") }),
    ("gpt-oss", every(2, W::Header, "src/models/openai-moe.cpp")),
    ("granite_swa", listed(W::Header, "src/models/granite-swa.cpp")),
    ("laguna", every_full_first(4, W::HeaderOrNone, "src/models/laguna.cpp")),
    ("llama4", every(4, W::FixedUnlessZero(8192), "src/models/llama4.cpp")),
    ("maple", listed(W::Header, "src/models/maple.cpp")),
    ("mellum", every(4, W::HeaderOrNone, "src/models/mellum.cpp")),
    ("mimo2", listed(W::Header, "src/models/mimo2.cpp")),
    ("muse-glimmer", every(4, W::Header, "src/models/muse-glimmer.cpp")),
    ("olmo2", every(4, W::HeaderOrNone, "src/models/olmo2.cpp")),
    ("plamo3", every(8, W::HeaderOrNone, "src/models/plamo3.cpp")),
    ("smallthinker", every_full_first(4, W::FixedIfHeader(4096), "src/models/smallthinker.cpp")),
    ("spark2_5", listed(W::Header, "src/models/spark2-5.cpp")),
    ("step35", listed(W::Header, "src/models/step35.cpp")),
    ("dflash", listed(W::HeaderOrNone, "src/models/dflash.cpp")),
    // phi3 carries a window in its header and the engine switches it off.
    ("phi3", Rule { source: "src/models/phi3.cpp", ..PLAIN }),
    // Sparse attention.
    ("deepseek32", indexed(I::All, "src/llama-model.cpp (create_memory)")),
    ("glm-dsa", indexed(I::TypesOrByContext, "src/models/glm-dsa.cpp")),
    ("hy_v4", Rule { keeps_prediction: true, ..indexed(I::TypesIfTopK, "src/models/hy-v4.cpp") }),
    (
        "minimax-m3",
        Rule {
            keeps_prediction: true,
            ..indexed(I::AfterDenseWithValues, "src/llama-kv-cache-msa.cpp")
        },
    ),
    ("dots3note", Rule { indexer: I::Types, ..listed(W::Header, "src/models/dots3note.cpp") }),
    (
        "deepseek4",
        Rule {
            window: WindowLayers::AllAttention,
            window_length: W::Header,
            compressed: true,
            keeps_prediction: true,
            source: "src/llama-kv-cache-dsv4.cpp",
            ..PLAIN
        },
    ),
    // Recurrent and hybrid.
    ("mamba", Rule { no_groups: true, ..recurrent(R::All, "src/models/mamba.cpp") }),
    ("mamba2", recurrent(R::All, "src/models/mamba2.cpp")),
    ("rwkv6", recurrent(R::All, "src/models/rwkv6.cpp")),
    ("rwkv6qwen2", recurrent(R::All, "src/models/rwkv6qwen2.cpp")),
    ("rwkv7", recurrent(R::All, "src/models/rwkv7.cpp")),
    ("arwkv7", recurrent(R::All, "src/models/arwkv7.cpp")),
    ("falcon-h1", recurrent(R::AllBesideAttention, "src/models/falcon-h1.cpp")),
    ("jamba", hybrid(true, "src/models/jamba.cpp")),
    ("granitehybrid", hybrid(false, "src/models/granite-hybrid.cpp")),
    ("plamo2", Rule { lengths_always: true, ..hybrid(false, "src/models/plamo2.cpp") }),
    ("kimi-linear", hybrid(false, "src/models/kimi-linear.cpp")),
    ("kimi-k3", hybrid(false, "src/models/kimi-k3.cpp")),
    ("bailingmoe3", hybrid(false, "src/models/bailingmoe3.cpp")),
    ("lfm2moe", hybrid(false, "src/models/lfm2moe.cpp")),
    (
        "lfm2",
        Rule { window: WindowLayers::AllAttention, ..hybrid(false, "src/models/lfm2.cpp") },
    ),
    (
        "glm5-next",
        Rule {
            indexer: I::TypesOrAll,
            keeps_prediction: false,
            ..hybrid(false, "src/models/glm5-next.cpp")
        },
    ),
    ("nemotron_h", nemotron_h()),
    ("nemotron_h_moe", nemotron_h()),
    ("qwen3next", recurrent(R::Interval(4), "src/models/qwen3next.cpp")),
    ("qwen35", recurrent(R::Interval(4), "src/models/qwen35.cpp")),
    ("qwen35moe", recurrent(R::Interval(4), "src/models/qwen35moe.cpp")),
    (
        "qwen4exp",
        Rule { indexer: I::BesideValues, ..recurrent(R::Interval(4), "src/models/qwen4exp.cpp") },
    ),
    (
        "minimax-01",
        Rule { lightning: true, ..recurrent(R::Interval(8), "src/models/minimax-01.cpp") },
    ),
    // Odd ones.
    ("graniteswitch", Rule { router: true, source: "src/models/granite-switch.cpp", ..PLAIN }),
    ("nanbeige", Rule { loops: true, source: "src/models/nanbeige.cpp", ..PLAIN }),
    // Nothing is kept between calls.
    ("bert", nothing("src/llama-model.cpp (create_memory)")),
    ("modern-bert", nothing("src/llama-model.cpp (create_memory)")),
    ("nomic-bert", nothing("src/llama-model.cpp (create_memory)")),
    ("nomic-bert-moe", nothing("src/llama-model.cpp (create_memory)")),
    ("neo-bert", nothing("src/llama-model.cpp (create_memory)")),
    ("jina-bert-v2", nothing("src/llama-model.cpp (create_memory)")),
    ("jina-bert-v3", nothing("src/llama-model.cpp (create_memory)")),
    ("eurobert", nothing("src/llama-model.cpp (create_memory)")),
    ("wavtokenizer-dec", nothing("src/llama-model.cpp (create_memory)")),
    ("gemma-embedding", nothing("src/llama-model.cpp (create_memory)")),
    ("dream", nothing("src/llama-model.cpp (create_memory)")),
    ("llada", nothing("src/llama-model.cpp (create_memory)")),
    ("llada-moe", nothing("src/llama-model.cpp (create_memory)")),
    ("rnd1", nothing("src/llama-model.cpp (create_memory)")),
    // A draft head that works on its target's cache.
    ("gemma4-assistant", nothing("src/llama-model.cpp (create_memory)")),
];

const fn hybrid(no_groups: bool, source: &'static str) -> Rule {
    Rule {
        recurrent: Recurrent::WithoutKvHeads,
        no_groups,
        // The engine's default filter asks only whether a layer is recurrent.
        keeps_prediction: true,
        source,
        ..PLAIN
    }
}

const fn nemotron_h() -> Rule {
    Rule {
        recurrent: Recurrent::WithoutKvHeadsAndFeedForward,
        keeps_prediction: true,
        source: "src/models/nemotron-h.cpp",
        ..PLAIN
    }
}

/// Architectures with keys and values for every token in every layer; `src/llama-arch.cpp`
/// (`LLM_ARCH_NAMES`) names them and none of their files in `src/models/` says otherwise.
#[rustfmt::skip]
const ORDINARY: &[&str] = &[
    "apertus", "arcee", "arctic", "baichuan", "bailingmoe", "bailingmoe2", "bitnet", "bloom",
    "chameleon", "chatglm", "codeshell", "cogvlm", "command-r", "dbrx", "deci", "deepseek",
    "deepseek2", "deepseek2-ocr", "dots1", "eagle3", "ernie4_5", "ernie4_5-moe", "exaone",
    "falcon", "gemma", "glm4", "glm4moe", "gpt2", "gptneox", "granite", "granitemoe", "grok",
    "grovemoe", "hrm_text", "hunyuan-dense", "hunyuan-moe", "hunyuan_vl", "hy_v3", "internlm2",
    "jais", "jais2", "llama", "llama-embed", "maincoder", "minicpm", "minicpm3", "minimax-m2",
    "mistral3", "mistral4", "mpt", "nemotron", "olmo", "olmoe", "openelm", "orion", "paddleocr",
    "pangu-embedded", "phi2", "phimoe", "plamo", "plm", "pockettts", "qwen", "qwen2", "qwen2moe",
    "qwen2vl", "qwen3", "qwen3moe", "qwen3tts", "qwen3vl", "qwen3vlmoe", "refact", "seed_oss",
    "smollm3", "stablelm", "starcoder", "starcoder2", "t5", "t5encoder", "talkie", "xverse",
];

/// The row of an architecture; `None` for one that we do not know.
pub(super) fn rule(architecture: &str) -> Option<Rule> {
    let special = SPECIAL.iter().find(|(name, _)| *name == architecture);
    special
        .map(|(_, rule)| *rule)
        .or_else(|| ORDINARY.contains(&architecture).then_some(PLAIN))
}

/// The rule for an architecture that we do not know: keys and values for every token.
pub(super) const UNKNOWN: Rule = PLAIN;

"""Figures of models and architectures, each with its public source, as GGUF keys.

`layers` may be fewer than the published model's: a whole number of periods, so that every kind of
layer is there and the header stays small. Everything else is as published. Sources that name a
configuration class give that class's default values, which are not always a published model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

TRANSFORMERS = "https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/models"
LLAMA_CPP = "https://github.com/ggml-org/llama.cpp"
SLIME = "https://github.com/THUDM/slime/blob/main/scripts/models"


def config(module: str) -> str:
    """Where a configuration class of transformers is."""
    return f"{TRANSFORMERS}/{module}/configuration_{module}.py"


@dataclass
class Model:
    """One header: the architecture's name in GGUF, its keys, and what kind each layer is."""

    name: str
    architecture: str
    title: str
    source: str
    keys: dict[str, object]
    tensors: dict[str, list[int]] = field(default_factory=dict)
    kind: Callable[[int], str] = lambda i: "all"

    @property
    def sliding(self) -> bool:
        return "attention.sliding_window" in self.keys or self.architecture in ("llama4", "gemma2")


def base(layers: int, context: int, width: int, ff: object, heads: object, kv: object, vocab: int,
         head: int = 0, value: int = 0, **more: object) -> dict[str, object]:
    """The keys that almost every architecture has. `more` uses `__` for `.`."""
    keys: dict[str, object] = {
        "block_count": layers, "context_length": context, "embedding_length": width, "feed_forward_length": ff,
        "attention.head_count": heads, "attention.head_count_kv": kv, "vocab_size": vocab,
        "attention.layer_norm_rms_epsilon": 1e-6}
    if head:
        keys |= {"attention.key_length": head, "attention.value_length": value or head}
    return keys | {k.replace("__", "."): v for k, v in more.items()}


def untied(keys: dict[str, object]) -> dict[str, list[int]]:
    """The output matrix of a model whose embeddings are not tied."""
    return {"output.weight": [keys["embedding_length"], keys["vocab_size"]]}


MODELS: list[Model] = []


def add(name: str, architecture: str, source: str, keys: dict[str, object], *, tied: bool = False,
        kind: Callable[[int], str] = lambda i: "all", optional: dict[str, list[int]] | None = None) -> None:
    tensors = ({} if tied else untied(keys)) | (optional or {})
    MODELS.append(Model(name, architecture, name, source, keys, tensors, kind))


def by(pattern: object) -> Callable[[int], str]:
    """The kind of a layer is its entry in a list."""
    entries = list(pattern)
    return lambda i: str(entries[i])


def moe(experts: int, used: int, width: int, shared: int = 0, **more: object) -> dict[str, object]:
    """Keys of a mixture of experts."""
    keys: dict[str, object] = {"expert_count": experts, "expert_used_count": used, "expert_feed_forward_length": width}
    if shared:
        keys["expert_shared_count"] = shared
    return keys | more


def experts(kinds: list[str], total: int, width: int, ff: int, shared: int = 0) -> dict[str, list[int]]:
    """The experts' tensors, for loaders that do not insist on them."""
    out: dict[str, list[int]] = {}
    for kind in kinds:
        out |= {f"blk.<{kind}>.ffn_gate_inp.weight": [width, total],
                f"blk.<{kind}>.ffn_gate_exps.weight": [width, ff, total],
                f"blk.<{kind}>.ffn_up_exps.weight": [width, ff, total],
                f"blk.<{kind}>.ffn_down_exps.weight": [ff, width, total]}
        if shared:
            out |= {f"blk.<{kind}>.ffn_gate_shexp.weight": [width, shared],
                    f"blk.<{kind}>.ffn_up_shexp.weight": [width, shared],
                    f"blk.<{kind}>.ffn_down_shexp.weight": [shared, width]}
    return out


def ffn(kinds: list[str], width: int, ff: int) -> dict[str, list[int]]:
    """A dense feed-forward's tensors, for loaders that do not insist on them."""
    out: dict[str, list[int]] = {}
    for kind in kinds:
        out |= {f"blk.<{kind}>.ffn_gate.weight": [width, ff], f"blk.<{kind}>.ffn_up.weight": [width, ff],
                f"blk.<{kind}>.ffn_down.weight": [ff, width]}
    return out


def delta_net(kind: str, width: int, qkv: int, value: int) -> dict[str, list[int]]:
    """The projections of a gated delta-net layer, which the loader does not insist on."""
    return {f"blk.<{kind}>.attn_qkv.weight": [width, qkv], f"blk.<{kind}>.attn_gate.weight": [width, value]}


def indexer(kinds: list[str], width: int, q_rank: int, heads: int, length: int) -> dict[str, list[int]]:
    """The tensors of a sparse indexer, which the loader does not insist on."""
    out: dict[str, list[int]] = {}
    for kind in kinds:
        out |= {f"blk.<{kind}>.indexer.k_norm.weight": [length], f"blk.<{kind}>.indexer.k_norm.bias": [length],
                f"blk.<{kind}>.indexer.proj.weight": [width, heads], f"blk.<{kind}>.indexer.attn_k.weight": [width, length],
                f"blk.<{kind}>.indexer.attn_q_b.weight": [q_rank, heads * length]}
    return out


def draft(width: int, query: int, kv: int, out: int) -> dict[str, list[int]]:
    """A multi-token-prediction layer without its feed-forward: the engine passes it over unless asked."""
    names = {"post_attention_norm.weight": [width], "attn_q.weight": [width, query], "attn_k.weight": [width, kv],
             "attn_v.weight": [width, kv], "attn_output.weight": [out, width], "nextn.eh_proj.weight": [2 * width, width],
             "nextn.enorm.weight": [width], "nextn.hnorm.weight": [width], "nextn.shared_head_norm.weight": [width]}
    return {f"blk.<mtp>.{name}": shape for name, shape in names.items()}


def mla(q_rank: int, rank: int, rope: int, key: int, value: int) -> dict[str, object]:
    """Keys of multi-head latent attention, as conversion writes them."""
    keys: dict[str, object] = {
        "attention.kv_lora_rank": rank, "attention.key_length": rank + rope, "attention.value_length": rank,
        "attention.key_length_mla": key + rope, "attention.value_length_mla": value, "rope.dimension_count": rope}
    return keys | ({"attention.q_lora_rank": q_rank} if q_rank else {})


def ssm(conv: int, inner: int, state: int, rank: int, groups: int) -> dict[str, object]:
    """Keys of a state-space layer."""
    keys: dict[str, object] = {"ssm.conv_kernel": conv, "ssm.inner_size": inner, "ssm.state_size": state,
                               "ssm.time_step_rank": rank}
    return keys | ({"ssm.group_count": groups} if groups else {})


def dense() -> None:
    """Plain attention, every layer the same."""
    add("qwen3.8b", "qwen3", "https://huggingface.co/Qwen/Qwen3-8B/blob/main/config.json",
        base(36, 40960, 4096, 12288, 32, 8, 151936, 128))
    add("qwen3.4b-tied", "qwen3", "https://huggingface.co/Qwen/Qwen3-4B/blob/main/config.json",
        base(36, 40960, 2560, 9728, 32, 8, 151936, 128), tied=True)
    add("llama.3.1-8b", "llama", "https://huggingface.co/meta-llama/Llama-3.1-8B/blob/main/config.json",
        base(32, 131072, 4096, 14336, 32, 8, 128256, rope__dimension_count=128))
    add("phi3.mini-4k", "phi3", config("phi3"), base(32, 4096, 3072, 8192, 32, 32, 32064),
        optional={"blk.<*>.attn_qkv.weight": [3072, 9216]})
    # A window in the file that the engine does not use.
    add("phi3.window-ignored", "phi3", config("phi3") + " with sliding_window 2047 as in Phi-3-mini-4k-instruct",
        base(8, 4096, 3072, 8192, 32, 32, 32064, attention__sliding_window=2047),
        optional={"blk.<*>.attn_qkv.weight": [3072, 9216]})
    add("mistral3.8b", "mistral3", config("ministral3"), base(34, 262144, 4096, 14336, 32, 8, 131072, 128))
    add("seed_oss.36b", "seed_oss", config("seed_oss"), base(64, 524288, 4096, 27648, 80, 8, 155136, 128))
    add("smollm3.3b", "smollm3", config("smollm3"), base(36, 32768, 2048, 11008, 16, 4, 128256), tied=True)
    add("olmo2.7b", "olmo2", config("olmo2"), base(32, 4096, 4096, 11008, 32, 32, 50304))
    add("ernie4_5.0.3b", "ernie4_5", config("ernie4_5"), base(18, 131072, 1024, 3072, 16, 2, 103424, 128), tied=True)
    add("hunyuan-dense.defaults", "hunyuan-dense", config("hunyuan_v1_dense"),
        base(8, 32768, 4096, 11008, 32, 32, 290943))
    add("exaone4.defaults-no-window", "exaone4", config("exaone4"), base(32, 65536, 4096, 16384, 32, 32, 102400))


def mixtures() -> None:
    """Plain attention, with experts."""
    add("qwen3moe.30b-a3b.8-layers", "qwen3moe", "https://huggingface.co/Qwen/Qwen3-30B-A3B/blob/main/config.json",
        base(8, 40960, 2048, 6144, 32, 4, 151936, 128) | moe(128, 8, 768))
    add("qwen3moe.235b-a22b.8-layers", "qwen3moe", "https://huggingface.co/Qwen/Qwen3-235B-A22B/blob/main/config.json",
        base(8, 40960, 4096, 12288, 64, 4, 151936, 128) | moe(128, 8, 1536))
    # The last block is the multi-token-prediction layer.
    add("glm4moe.4.5-air", "glm4moe", config("glm4_moe"),
        base(47, 131072, 4096, 10944, 96, 8, 151552, 128) | moe(128, 8, 1408, 1)
        | {"leading_dense_block_count": 1, "nextn_predict_layers": 1},
        kind=lambda i: "dense" if i == 0 else "mtp" if i == 46 else "moe",
        optional={"blk.<*>.attn_norm.weight": [4096], "blk.<mtp>.attn_q.bias": [12288], "blk.<mtp>.attn_k.bias": [1024],
                  "blk.<mtp>.attn_v.bias": [1024], "blk.<mtp>.exp_probs_b.bias": [128],
                  "blk.<moe>.exp_probs_b.bias": [128]}
        | draft(4096, 12288, 1024, 12288) | experts(["mtp"], 128, 4096, 1408, 1408))
    add("ernie4_5-moe.21b-a3b", "ernie4_5-moe", config("ernie4_5_moe"),
        base(28, 131072, 2560, 12288, 20, 4, 103424, 128) | moe(64, 6, 1536, 2)
        | {"leading_dense_block_count": 1, "interleave_moe_layer_step": 1, "expert_shared_feed_forward_length": 3072},
        tied=True, kind=lambda i: "dense" if i == 0 else "moe", optional=experts(["moe"], 64, 2560, 1536, 3072))
    add("hunyuan-moe.defaults", "hunyuan-moe", config("hunyuan_v1_moe") + ", 8 experts",
        base(8, 32768, 4096, 11008, 32, 32, 290943) | moe(8, 2, 3072) | {"expert_shared_feed_forward_length": 3072},
        tied=True)


def windows() -> None:
    """Sliding windows."""
    add("gemma2.2b", "gemma2", config("gemma2"),
        base(26, 8192, 2304, 9216, 8, 4, 256000, 256, attention__sliding_window=4096), tied=True)
    add("gemma2.no-window-key", "gemma2", config("gemma2") + ", window left out of the file",
        base(4, 8192, 2304, 9216, 8, 4, 256000, 256), tied=True)
    for name, layers, width, ff, heads, kv in (("4b", 34, 2560, 10240, 8, 4), ("12b", 48, 3840, 15360, 16, 8)):
        add(f"gemma3.{name}", "gemma3", f"https://huggingface.co/google/gemma-3-{name}-it/blob/main/config.json",
            base(layers, 131072, width, ff, heads, kv, 262208, 256, attention__sliding_window=1024), tied=True)
    add("gemma3.no-window", "gemma3", config("gemma3") + ", no window: 1b before the window key, text-only files",
        base(6, 32768, 2304, 9216, 8, 4, 262208, 256), tied=True)
    pattern = [(i + 1) % 6 != 0 for i in range(60)]
    gemma4 = {"attention.key_length": 512, "attention.value_length": 512, "attention.key_length_swa": 256,
              "attention.value_length_swa": 256, "rope.dimension_count": 512, "rope.dimension_count_swa": 256}
    for name, layers, width, ff, heads, kv, kv_full, extra in (
            ("31b", 60, 5376, 21504, 32, 16, 4, {}),
            ("12b", 48, 3840, 15360, 16, 8, 1, {}),
            ("26b-a4b", 30, 2816, 2112, 16, 8, 2, moe(128, 8, 704))):
        heads_kv = [kv if pattern[i] else kv_full for i in range(layers)]
        source = {"12b": "https://github.com/zackshen/gguf/issues/21"}.get(
            name, f"{SLIME}/gemma4-{name.upper()}.sh, and https://huggingface.co/google/gemma-4-{name}-it")
        add(f"gemma4.{name}", "gemma4", source,
            base(layers, 262144, width, ff, heads, heads_kv, 262144) | gemma4 | extra
            | {"attention.sliding_window": 1024, "attention.sliding_window_pattern": pattern[:layers],
               "attention.shared_kv_layers": 0, "embedding_length_per_layer_input": 0},
            tied=True, kind=by("swa" if p else "full" for p in pattern),
            optional={f"blk.<{k}>.ffn_gate_inp.weight": [width, 128] for k in ("swa", "full")} if extra else {})
    add("gemma4.e4b-shared-kv", "gemma4", "https://github.com/ollama/ollama/issues/18123",
        base(42, 131072, 2560, 10240, 8, 2, 262144) | gemma4
        | {"attention.sliding_window": 512, "attention.sliding_window_pattern": pattern[:42],
           "attention.shared_kv_layers": 18, "embedding_length_per_layer_input": 256},
        tied=True, kind=by(("swa" if p else "full") + (" shared" if i >= 24 else "") for i, p in enumerate(pattern)))
    add("gemma3n.e4b", "gemma3n", config("gemma3n"),
        base(35, 32768, 2048, 16384, 8, 2, 262400, 256)
        | {"attention.sliding_window": 512, "embedding_length_per_layer_input": 256, "altup.active_idx": 0,
           "altup.num_inputs": 4, "attention.shared_kv_layers": 15,
           "attention.sliding_window_pattern": [(i + 1) % 5 != 0 for i in range(35)]}, tied=True)
    add("llama4.scout.8-layers", "llama4", config("llama4"),
        base(8, 131072, 5120, 16384, 40, 8, 202048, 128) | moe(16, 1, 8192) | {"interleave_moe_layer_step": 1})
    add("cohere2.defaults", "cohere2", config("cohere2"),
        base(8, 8192, 8192, 22528, 64, 64, 256000, attention__sliding_window=4096, logit_scale=0.0625,
             attention__layer_norm_epsilon=1e-5), tied=True)
    # The engine uses a window in this architecture only when there are 64 layers.
    add("exaone4.64-layers", "exaone4", config("exaone4") + ", 64 layers as EXAONE-4.0-32B",
        base(64, 131072, 4096, 16384, 32, 8, 102400, attention__sliding_window=4096,
             attention__sliding_window_pattern=[(i + 1) % 4 != 0 for i in range(64)]))
    add("exaone4.30-layers-window-key", "exaone4", config("exaone4") + ", 30 layers and a window in the file",
        base(30, 65536, 4096, 16384, 32, 8, 102400, attention__sliding_window=4096))
    add("olmo2.3-7b", "olmo2", config("olmo3"),
        base(32, 65536, 4096, 11008, 32, 32, 50304, attention__sliding_window=4096,
             attention__sliding_window_pattern=[(i + 1) % 4 != 0 for i in range(32)]))
    # A third of the layers are full with 64 heads; the others have 96 and a window.
    step = [i % 4 != 0 for i in range(12)]
    add("step35.3.5-flash.12-layers", "step35", config("step3p7")
        + ", window 512 and 96 heads on windowed layers as Step-3.5-Flash",
        base(12, 262144, 4096, 11264, [96 if s else 64 for s in step], 8, 128896, 128) | moe(288, 8, 1280)
        | {"attention.sliding_window": 512, "attention.sliding_window_pattern": step, "leading_dense_block_count": 3,
           "expert_shared_feed_forward_length": 1280},
        kind=lambda i: ("swa" if step[i] else "full") + (" dense" if i < 3 else ""),
        optional=experts(["swa", "full"], 288, 4096, 1280, 1280) | ffn(["swa dense", "full dense"], 4096, 11264))
    mimo = [i % 6 != 0 for i in range(13)]
    add("mimo2.v2-flash.13-layers", "mimo2", config("mimo_v2_flash")
        + ", 8 KV heads on windowed layers",
        base(13, 131072, 4096, 16384, 64, [8 if s else 4 for s in mimo], 152576, 192, 128) | moe(256, 8, 2048)
        | {"attention.sliding_window": 128, "attention.sliding_window_pattern": mimo},
        kind=lambda i: ("swa" if mimo[i] else "full") + (" dense" if i == 0 else ""),
        optional=experts(["swa", "full"], 256, 4096, 2048) | ffn(["full dense"], 4096, 16384))


def window_rules() -> None:
    """How the engine decides which layers have a window: the rules that a file can bend, on small files."""
    def small(**more: object) -> dict[str, object]:
        return base(8, 131072, 2304, 9216, 8, 4, 65536, 256, **more)

    uneven = [True, False, True, True, False, False, True, False]
    note = ", 8 layers and a small vocabulary, "
    # The pattern is a list of layers or a period; both hold against the architecture's own period.
    add("rule.gemma3-list", "gemma3", config("gemma3") + note + "an uneven list of windowed layers",
        small(attention__sliding_window=1024, attention__sliding_window_pattern=uneven), tied=True)
    add("rule.gemma3-period-3", "gemma3", config("gemma3") + note + "a period of 3",
        small(attention__sliding_window=1024, attention__sliding_window_pattern=3), tied=True)
    add("rule.gemma3-window-0", "gemma3", config("gemma3") + note + "a window of 0", small(attention__sliding_window=0),
        tied=True)
    add("rule.gemma2-list", "gemma2", config("gemma2") + note + "an uneven list of windowed layers",
        small(attention__sliding_window=4096, attention__sliding_window_pattern=uneven), tied=True)
    add("rule.olmo2-window-no-pattern", "olmo2", config("olmo3") + note + "a window and no pattern",
        small(attention__sliding_window=4096))
    # The window is 8192 whatever the key says, unless it says 0.
    add("rule.llama4-window-4096", "llama4", config("llama4") + note + "a window of 4096",
        small(attention__sliding_window=4096) | moe(16, 1, 8192) | {"interleave_moe_layer_step": 1})
    add("rule.llama4-window-0", "llama4", config("llama4") + note + "a window of 0",
        small(attention__sliding_window=0) | moe(16, 1, 8192) | {"interleave_moe_layer_step": 1})
    # Architectures that do not know the key ignore it.
    add("rule.qwen3-window-ignored", "qwen3", config("qwen3") + note + "a window",
        small(attention__sliding_window=4096), tied=True)
    add("rule.llama-window-ignored", "llama", config("mistral") + note + "a window, as Mistral-7B-v0.1",
        small(attention__sliding_window=4096, rope__dimension_count=256))
    # Recurrent layers by list instead of by interval; another interval.
    linear = ssm(4, 4096, 128, 32, 16) | {"rope.dimension_sections": [11, 11, 10, 0], "rope.dimension_count": 64}
    listed = [True, False, True, True, False, True, True, False]
    add("rule.qwen35-list", "qwen35", config("qwen3_5") + note + "an uneven list of recurrent layers",
        small() | linear | {"attention.recurrent_layers": listed}, kind=by(listed),
        optional=delta_net("True", 2304, 8192, 4096))
    add("rule.qwen35-interval-2", "qwen35", config("qwen3_5") + note + "full attention on every second layer",
        small() | linear | {"full_attention_interval": 2}, kind=lambda i: str(i % 2),
        optional=delta_net("0", 2304, 8192, 4096))
    # Layers without any attention keep nothing.
    heads = [8, 8, 0, 0, 8, 0, 8, 8]
    add("rule.deci-no-attention", "deci", config("llama") + note + "layers without heads, as Llama-3_3-Nemotron-Super-49B",
        small(rope__dimension_count=256) | {"attention.head_count": heads, "attention.head_count_kv": [h // 2 for h in heads]},
        kind=by(heads))
    # Latent attention as files of early 2025 have it, without the keys of its compressed form.
    add("rule.deepseek2-uncompressed", "deepseek2", config("deepseek_v2") + note + "no key_length_mla: full K and V",
        base(8, 163840, 2048, 10944, 16, 16, 65536, 192, 128) | moe(64, 6, 1408, 2)
        | {"attention.kv_lora_rank": 512, "attention.q_lora_rank": 1536, "rope.dimension_count": 64,
           "leading_dense_block_count": 1}, kind=lambda i: "dense" if i < 1 else "moe")


def latent() -> None:
    """Multi-head latent attention, with and without an indexer."""
    add("deepseek2.kimi-k2.8-layers", "deepseek2", "https://huggingface.co/moonshotai/Kimi-K2-Instruct/blob/main/config.json",
        base(8, 131072, 7168, 18432, 64, 1, 163840) | mla(1536, 512, 64, 128, 128) | moe(384, 8, 2048, 1)
        | {"leading_dense_block_count": 1}, kind=lambda i: "dense" if i < 1 else "moe")
    add("deepseek2.glm-4.7-flash", "deepseek2", config("glm4_moe_lite"),
        base(47, 202752, 2048, 10240, 20, 1, 154880) | mla(768, 512, 64, 192, 256) | moe(64, 4, 1536, 1)
        | {"leading_dense_block_count": 1}, kind=lambda i: "dense" if i < 1 else "moe")
    add("deepseek32.v3.2.8-layers", "deepseek32", config("deepseek_v32"),
        base(8, 163840, 7168, 18432, 128, 1, 129280) | mla(1536, 512, 64, 128, 128) | moe(256, 8, 2048, 1)
        | {"leading_dense_block_count": 3, "expert_gating_func": 2, "attention.indexer.head_count": 64,
           "attention.indexer.key_length": 128, "attention.indexer.top_k": 2048},
        kind=lambda i: "dense" if i < 3 else "moe")
    add("glm-dsa.5.9-layers", "glm-dsa", config("glm_moe_dsa"),
        base(9, 202752, 6144, 12288, 64, 1, 154880) | mla(2048, 512, 64, 192, 256) | moe(256, 8, 2048, 1)
        | {"leading_dense_block_count": 3, "nextn_predict_layers": 1, "attention.indexer.head_count": 32,
           "attention.indexer.key_length": 128, "attention.indexer.top_k": 2048},
        kind=lambda i: "dense" if i < 3 else "mtp" if i == 8 else "moe",
        optional={"blk.<*>.attn_norm.weight": [6144]} | indexer(["dense", "moe"], 6144, 2048, 32, 128))
    types = [True, True, True, False, False, False, True, False]
    add("glm-dsa.shared-indexers", "glm-dsa", config("glm_moe_dsa") + ", indexer_types full on some layers",
        base(8, 1048576, 6144, 12288, 64, 1, 154880) | mla(2048, 512, 64, 192, 256) | moe(256, 8, 2048, 1)
        | {"leading_dense_block_count": 3, "attention.indexer.head_count": 32, "attention.indexer.key_length": 128,
           "attention.indexer.top_k": 2048, "attention.indexer.types": types},
        kind=lambda i: ("dense" if i < 3 else "moe") + ("" if types[i] else " shared"),
        optional=indexer(["dense", "moe"], 6144, 2048, 32, 128))
    add("minimax-m3.8-layers", "minimax-m3", config("minimax_m3_vl"),
        base(8, 524288, 6144, 12288, 64, 4, 200064, 128) | moe(128, 4, 3072, 1)
        | {"leading_dense_block_count": 3, "expert_gating_func": 2, "attention.indexer.head_count": 4,
           "attention.indexer.key_length": 128, "attention.indexer.top_k": 16, "attention.indexer.block_size": 128,
           "attention.indexer.local_blocks": 1, "rope.dimension_count": 64},
        kind=lambda i: "dense" if i < 3 else "moe")
    ratios = [0, 0] + [4 if i % 2 == 0 else 128 for i in range(8)]
    add("deepseek4.v4-flash.10-layers", "deepseek4", config("deepseek_v4"),
        base(10, 1048576, 4096, 2048, 64, 1, 129280, 512) | moe(256, 6, 2048, 1)
        | {"attention.q_lora_rank": 1024, "attention.sliding_window": 128, "expert_weights_scale": 1.5,
           "expert_weights_norm": True, "swiglu_clamp_exp": [10.0] * 10, "attention.indexer.head_count": 64,
           "attention.indexer.key_length": 128, "attention.indexer.top_k": 512, "attention.output_group_count": 8,
           "attention.output_lora_rank": 1024, "attention.compress_rope_freq_base": 160000.0,
           "hyper_connection.count": 4, "hyper_connection.sinkhorn_iterations": 20, "hyper_connection.epsilon": 1e-6,
           "hash_layer_count": 3, "attention.compress_ratios": ratios, "expert_gating_func": 4,
           "rope.dimension_count": 64},
        kind=lambda i: f"{ratios[i]} {i < 3}")


def hybrids() -> None:
    """Recurrent layers, alone or between attention layers."""
    full = ["full" if (i + 1) % 4 == 0 else "linear" for i in range(64)]
    sections = {"rope.dimension_sections": [11, 11, 10, 0], "rope.dimension_count": 64, "full_attention_interval": 4}
    add("qwen35.27b", "qwen35", "https://github.com/Indras-Mirror/llama.cpp-turboq-mtp/issues/18",
        base(65, 262144, 5120, 17408, 24, 4, 248320, 256) | ssm(4, 6144, 128, 48, 16) | sections
        | {"nextn_predict_layers": 1}, kind=by(full + ["mtp"]),
        optional={"blk.<*>.attn_norm.weight": [5120], "blk.<mtp>.attn_q_norm.weight": [256],
                  "blk.<mtp>.attn_k_norm.weight": [256]} | delta_net("linear", 5120, 10240, 6144)
        | draft(5120, 12288, 1024, 6144) | ffn(["mtp"], 5120, 17408))
    add("qwen35moe.35b-a3b.12-layers", "qwen35moe", config("qwen3_5_moe"),
        base(12, 262144, 2048, 512, 16, 2, 248320, 256) | ssm(4, 4096, 128, 32, 16) | sections
        | moe(256, 8, 512) | {"expert_shared_feed_forward_length": 512}, kind=by(full),
        optional=delta_net("linear", 2048, 8192, 4096))
    # What 149.06 MiB of state over 36 layers needs: 64 value heads of 128.
    add("qwen35moe.64-value-heads.8-layers", "qwen35moe", config("qwen3_5_moe") + ", linear_num_value_heads 64",
        base(8, 262144, 3072, 1024, 32, 2, 248320, 256) | ssm(4, 8192, 128, 64, 16) | sections
        | moe(256, 8, 1024) | {"expert_shared_feed_forward_length": 1024}, kind=by(full),
        optional=delta_net("linear", 3072, 12288, 8192))
    nano = "MEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEMEM*EMEMEMEME"
    add("nemotron_h_moe.nano-30b-a3b", "nemotron_h_moe",
        f"{SLIME}/nemotron-nano-30B-A3B.sh and {LLAMA_CPP}/issues/20570",
        base(52, 1048576, 2688, [1856 if c == "E" else 0 for c in nano], 32, [2 if c == "*" else 0 for c in nano],
             131072, 128, attention__layer_norm_epsilon=1e-5, rope__dimension_count=84)
        | ssm(4, 4096, 128, 64, 8) | moe(128, 6, 1856, 1) | {"expert_shared_feed_forward_length": 3712},
        kind=by(nano), optional={"blk.<M>.ssm_conv1d.bias": [6144]})
    dense_pattern = "M-M-M*-M-M*-"
    add("nemotron_h.defaults.12-layers", "nemotron_h", config("nemotron_h"),
        base(12, 131072, 4096, [21504 if c == "-" else 0 for c in dense_pattern], 32,
             [8 if c == "*" else 0 for c in dense_pattern], 131072, 128, attention__layer_norm_epsilon=1e-5)
        | ssm(4, 8192, 128, 128, 8), kind=by(dense_pattern),
        optional={"blk.<M>.ssm_conv1d.bias": [10240]})
    granite = [8 if i % 10 == 5 else 0 for i in range(20)]
    add("granitehybrid.4.0-h-small.20-layers", "granitehybrid", "https://github.com/ollama/ollama/issues/12982",
        base(20, 1048576, 4096, 768, 32, granite, 100352) | ssm(4, 8192, 128, 128, 1) | moe(72, 10, 768)
        | {"expert_shared_feed_forward_length": 1536}, tied=True, kind=by(granite),
        optional={"blk.<0>.ssm_conv1d.bias": [8448], "blk.<0>.ffn_gate_exps.weight": [4096, 768, 72],
                  "blk.<8>.ffn_gate_exps.weight": [4096, 768, 72]})
    jamba = [8 if i % 8 == 4 else 0 for i in range(16)]
    add("jamba.v0.1.16-layers", "jamba", config("jamba"),
        base(16, 262144, 4096, 14336, 32, jamba, 65536) | ssm(4, 8192, 16, 256, 0) | {"expert_count": 16, "expert_used_count": 2},
        kind=lambda i: f"{jamba[i]} {'moe' if i % 2 else 'dense'}",
        optional={f"blk.<{n} moe>.ffn_gate_inp.weight": [4096, 16] for n in (0, 8)})
    lfm = [0, 0, 8, 0, 0, 8, 0, 0, 8, 0, 8, 0, 8, 0, 8, 0]
    add("lfm2.1.2b", "lfm2", "https://github.com/gpustack/gguf-parser-go/issues/31",
        base(16, 128000, 2048, 8192, 32, lfm, 65536, shortconv__l_cache=3), tied=True, kind=by(lfm))
    add("lfm2moe.defaults.16-layers", "lfm2moe", config("lfm2_moe") + ", layer pattern of LFM2-1.2B",
        base(16, 128000, 2048, 7168, 32, lfm, 65536, shortconv__l_cache=3) | moe(32, 4, 1792)
        | {"leading_dense_block_count": 2, "expert_gating_func": 2}, tied=True,
        kind=lambda i: f"{lfm[i]} {'dense' if i < 2 else 'moe'}")
    add("falcon-h1.defaults.8-layers", "falcon-h1", config("falcon_h1"),
        base(8, 131072, 4096, 14336, 32, 8, 128000, 128) | ssm(4, 1024, 256, 128, 1),
        optional={"blk.<*>.ssm_conv1d.bias": [1536], "blk.<*>.ssm_norm.weight": [1024, 1]})
    for name, layers, width in (("130m", 24, 768), ("2.8b", 64, 2560)):
        add(f"mamba.{name}", "mamba", f"https://huggingface.co/state-spaces/mamba-{name}-hf/blob/main/config.json",
            base(layers, 1048576, width, 0, 0, 0, 50280) | ssm(4, 2 * width, 16, -(-width // 16), 0), tied=True)
    add("mamba2.defaults.16-layers", "mamba2", config("mamba2"),
        base(16, 1048576, 4096, 0, 0, 0, 32768) | ssm(4, 8192, 128, 128, 8))
    add("rwkv6.finch-1b6", "rwkv6", f"{LLAMA_CPP}/blob/master/conversion/rwkv.py",
        base(24, 1048576, 2048, 7168, 0, 0, 65536, attention__layer_norm_epsilon=1e-5)
        | {"wkv.head_size": 64, "time_mix_extra_dim": 32, "time_decay_extra_dim": 64, "rescale_every_n_layers": 6},
        optional={"blk.<*>.time_mix_lerp_fused.weight": [2048, 1, 1, 5]})
    add("rwkv7.2.9b", "rwkv7", f"{LLAMA_CPP}/blob/master/conversion/rwkv.py",
        base(32, 1048576, 2560, 10240, 0, 0, 65536, attention__layer_norm_epsilon=1e-5)
        | {"wkv.head_size": 64, "attention.decay_lora_rank": 96, "attention.iclr_lora_rank": 96,
           "attention.value_residual_mix_lora_rank": 64, "attention.gate_lora_rank": 320},
        kind=lambda i: "first" if i == 0 else "all")
    kimi = [1 if (i + 1) % 4 == 0 or i == 26 else 0 for i in range(27)]
    add("kimi-linear.48b-a3b", "kimi-linear", config("kimi_linear"),
        base(27, 1048576, 2304, 9216, 32, kimi, 163840) | mla(0, 512, 64, 128, 128) | moe(256, 8, 1024, 1)
        | {"leading_dense_block_count": 1, "expert_gating_func": 2, "ssm.conv_kernel": 4, "kda.head_dim": 128},
        kind=lambda i: f"{kimi[i]} {i == 0}")


def loaders() -> None:
    """Architectures whose loader knows more than the file: small files whose figures are no published model's."""
    def small(name: str, architecture: str, file: str, more: dict[str, object], layers: int = 8,
              kind: Callable[[int], str] = lambda i: "all") -> None:
        add(f"rule.{name}", architecture, f"{LLAMA_CPP}/blob/master/src/models/{file}.cpp, figures made up to be small",
            base(layers, 131072, 1024, 2048, 16, 4, 32768, 128) | more, kind=kind)

    small("afmoe", "afmoe", "afmoe", {"attention.sliding_window": 2048} | moe(16, 4, 512, 1)
          | {"leading_dense_block_count": 2, "expert_gating_func": 2, "expert_weights_scale": 2.5},
          kind=lambda i: "dense" if i < 2 else "moe")
    small("exaone-moe", "exaone-moe", "exaone-moe", {"attention.sliding_window": 128} | moe(16, 4, 512, 1)
          | {"leading_dense_block_count": 1, "expert_gating_func": 2, "expert_weights_scale": 2.5},
          kind=lambda i: "dense" if i == 0 else "moe")
    small("smallthinker", "smallthinker", "smallthinker", {"attention.sliding_window": 1024} | moe(16, 4, 512)
          | {"expert_gating_func": 2})
    small("mellum", "mellum", "mellum", {"attention.sliding_window": 1024} | moe(16, 4, 512))
    small("plamo3", "plamo3", "plamo3", {"attention.sliding_window": 2048})
    small("nanbeige-loops", "nanbeige", "nanbeige", {"num_loops": 2})
    # The last block is the multi-token-prediction layer, which the main context leaves out.
    small("bailingmoe2-prediction", "bailingmoe2", "bailingmoe2", moe(16, 4, 512, 1)
          | {"leading_dense_block_count": 1, "nextn_predict_layers": 1, "expert_shared_feed_forward_length": 512,
             "expert_gating_func": 2, "expert_weights_scale": 2.5},
          layers=9, kind=lambda i: "dense" if i == 0 else "mtp" if i == 8 else "moe")


dense()
loaders()
mixtures()
windows()
window_rules()
latent()
hybrids()

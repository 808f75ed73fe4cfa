"""A second, independent implementation of llama.cpp's context memory, from a file's own keys.

It says what each layer keeps and adds it up; it never looks at the engine's log. Rules that the
file does not carry are the architecture's own in llama.cpp (`src/models/*.cpp`, `load_arch_hparams`;
`src/llama-model.cpp`, `create_memory`; `src/llama-hparams.cpp`): they are in the tables below.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from pathlib import Path

import gguf

from engine import BLOCKS, Settings

# Sliding windows where the file does not say which layers have one: every n-th layer is full.
PERIOD = {"gemma2": 2, "gemma3": 6, "gemma3n": 5, "gpt-oss": 2, "cohere2": 4, "llama4": 4, "exaone4": 4, "olmo2": 4}
# Windows that the architecture sets when the file does not.
WINDOW = {"gemma2": 4096, "exaone4": 4096, "llama4": 8192}
# The architectures that have windows at all; any other ignores the key.
WINDOWED = {*PERIOD, "gemma4", "step35", "mimo2"}
RECURRENT = {"mamba", "mamba2", "rwkv6", "rwkv7"}
# A layer without KV heads is recurrent.
NO_HEADS_IS_RECURRENT = {"jamba", "granitehybrid", "lfm2", "lfm2moe", "kimi-linear", "glm5-next"}
INTERVAL = {"qwen3next", "qwen35", "qwen35moe", "qwen4exp"}


@dataclass
class Layers:
    """What each layer keeps: elements of K and V for each token, or of state for each sequence."""

    full: list[tuple[int, int]] = field(default_factory=list)
    window: list[tuple[int, int]] = field(default_factory=list)
    index: list[tuple[int, int]] = field(default_factory=list)
    latent: bool = False
    state: int = 0
    n_swa: int = 0
    # The widest V where layers differ, else 0: what a transposed V cache is padded to.
    widest_v: int = 0
    # DeepSeek V4: each layer's compression (0, 4 or 128), the width of its one head and of the indexer's.
    ratios: tuple[int, ...] = ()
    head: int = 0
    index_head: int = 0


class Header:
    """The keys of a GGUF file."""

    def __init__(self, path: Path) -> None:
        reader = gguf.GGUFReader(path)
        self.fields = {name: f.contents() for name, f in reader.fields.items()}
        self.arch = self.fields["general.architecture"]
        self.tensors = {t.name for t in reader.tensors}

    def get(self, key: str, default=0):
        return self.fields.get(f"{self.arch}.{key}", default)

    def per_layer(self, key: str, layers: int, default=0) -> list:
        value = self.get(key, default)
        return list(value) if isinstance(value, list) else [value] * layers


@functools.cache
def layers_of(path: Path) -> Layers:
    """What the layers of a file keep."""
    h = Header(path)
    arch, count = h.arch, h.get("block_count")
    trunk = count - h.get("nextn_predict_layers")
    heads = h.per_layer("attention.head_count", count)
    kv_heads = h.per_layer("attention.head_count_kv", count, heads[0])
    width = h.get("embedding_length")
    head = width // heads[0] if heads[0] else 0
    key, value = h.get("attention.key_length", head), h.get("attention.value_length", head)
    key_swa, value_swa = h.get("attention.key_length_swa", key), h.get("attention.value_length_swa", value)
    swa, out = windows(h, count), Layers()
    out.n_swa = 8192 if arch == "llama4" else h.get("attention.sliding_window", WINDOW.get(arch, 0))
    if arch == "deepseek4":
        return Layers(n_swa=out.n_swa, ratios=tuple(h.get("attention.compress_ratios")[:trunk]), head=key,
                      index_head=h.get("attention.indexer.key_length"))
    recurrent = recurrent_layers(h, count, kv_heads)
    latent = bool(h.get("attention.key_length_mla")) and bool(h.get("attention.value_length_mla"))
    with_kv = count - h.get("attention.shared_kv_layers") if arch == "gemma4" else 20 if arch == "gemma3n" else count
    ff = h.per_layer("feed_forward_length", count)
    widths_v = set()
    for i in range(count):
        k = kv_heads[i] * (key_swa if swa[i] else key)
        v = 0 if latent else kv_heads[i] * (value_swa if swa[i] else value)
        widths_v.add(v)
        if i >= trunk:
            continue
        if recurrent[i] and not (arch.startswith("nemotron_h") and ff[i]):
            out.state += state(h, heads[0])
        attends = arch == "falcon-h1" or not recurrent[i]
        if arch in RECURRENT or not attends or i >= with_kv or (arch.startswith("nemotron_h") and ff[i]):
            continue
        (out.window if swa[i] else out.full).append((k, v))
        if indexed(h, i):
            # The indexer is a cache of one head; only where attention is latent has it no V. Pooled
            # keys lie beside what they are pooled from, and beside its weights.
            wide = h.get("attention.indexer.key_length") * (3 if h.get("attention.indexer.kpool") else 1)
            out.index.append((2 * wide, 0) if arch == "qwen4exp" else (wide, 0 if latent else value))
    # The n-gram convolution of the layers that have one.
    streams = h.get("hyper_connection.count") * width
    out.state += len(h.get("ple.layers", [])) * (h.get("ple.conv_kernel") - 1) * h.get("ple.ngram_size") * streams
    out.latent = latent
    out.widest_v = max(widths_v) if len(widths_v) > 1 else 0
    return out


def windows(h: Header, count: int) -> list[bool]:
    """Which layers have a window."""
    if h.arch == "exaone4" and count != 64:
        return [False] * count
    if h.arch not in WINDOWED or not h.get("attention.sliding_window", WINDOW.get(h.arch, 0)):
        return [False] * count
    pattern = h.get("attention.sliding_window_pattern", PERIOD.get(h.arch, 0))
    if isinstance(pattern, list):
        return [bool(p) for p in pattern]
    return [pattern > 0 and i % pattern < pattern - 1 for i in range(count)]


def recurrent_layers(h: Header, count: int, kv_heads: list[int]) -> list[bool]:
    """Which layers keep a state."""
    trunk = count - h.get("nextn_predict_layers")
    if h.arch in RECURRENT or h.arch == "falcon-h1":
        return [True] * count
    if h.arch in INTERVAL:
        if listed := h.get("attention.recurrent_layers", None):
            return [bool(x) for x in listed]
        interval = h.get("full_attention_interval", 4)
        return [i < trunk and (i + 1) % interval != 0 for i in range(count)]
    if h.arch in NO_HEADS_IS_RECURRENT or h.arch.startswith("nemotron_h"):
        return [n == 0 for n in kv_heads]
    return [False] * count


def state(h: Header, heads: int) -> int:
    """Elements that a recurrent layer keeps for one sequence."""
    width = h.get("embedding_length")
    if wkv := h.get("wkv.head_size"):
        return h.get("token_shift_count", 2) * width + width * wkv
    if cache := h.get("shortconv.l_cache"):
        return width * (cache - 1)
    conv = h.get("ssm.conv_kernel")
    if kda := h.get("kda.head_dim"):
        return 3 * (conv - 1) * heads * kda + kda * kda * heads
    inner, depth, groups = h.get("ssm.inner_size"), h.get("ssm.state_size"), h.get("ssm.group_count")
    return (conv - 1) * (inner + 2 * groups * depth) + depth * inner


def indexed(h: Header, layer: int) -> bool:
    """Whether the layer has an indexer of its own, with its keys."""
    if not h.get("attention.indexer.key_length"):
        return False
    if h.arch == "minimax-m3":
        return layer >= h.get("leading_dense_block_count")
    types = h.get("attention.indexer.types", None)
    return bool(types[layer]) if types else True


def compressed(layers: Layers, asked: Settings) -> tuple[int, int]:
    """DeepSeek V4: a window on every layer, compressed keys of the rest, all per sequence even when unified."""
    cells = pad(asked.context) if asked.kv_unified else pad(pad(asked.context) // asked.slots)
    ubatch = min(asked.context, 2048, asked.ubatch)
    window = cells if asked.swa_full else pad(min(cells, layers.n_swa + ubatch))
    by_4, by_128 = (pad(-(-cells // ratio)) for ratio in (4, 128))
    few, many = layers.ratios.count(4), layers.ratios.count(128)
    head, index = elements(layers.head, asked.kv_k), elements(layers.index_head, asked.kv_k)
    kept = (len(layers.ratios) * window + few * by_4 + many * by_128) * head + few * by_4 * index
    # Keys and their scores, f32; the ratio of 4 works on overlapping blocks of twice its length and width.
    state = 2 * (few * 8 * 2 * (layers.head + layers.index_head) + many * 128 * layers.head)
    return asked.slots * kept, asked.slots * state * 4


def pad(n: int, to: int = 256) -> int:
    return -(-n // to) * to


def elements(count: int, kind: str) -> int:
    """Bytes of `count` elements of a cache type."""
    size, block = BLOCKS[kind]
    return count * size // block


def context_memory(path: Path, asked: Settings) -> tuple[int, int]:
    """KV cache (indexer keys with it) and recurrent state, in bytes."""
    layers = layers_of(path)
    if layers.ratios:
        return compressed(layers, asked)
    n_ctx = pad(asked.context)
    streams = 1 if asked.kv_unified else asked.slots
    cells = n_ctx if asked.kv_unified else pad(n_ctx // asked.slots)
    ubatch = min(asked.context, 2048, asked.ubatch)
    kept = pad(min(cells, layers.n_swa * (asked.slots if asked.kv_unified else 1) + ubatch))
    if asked.swa_full:
        kept = cells
    transposed = asked.flash_attention == "off"
    total = 0
    for of, size in ((layers.full, cells), (layers.window, kept)):
        for k, v in of:
            if transposed and layers.widest_v and not layers.latent:
                # Even a layer without heads gets it.
                v = layers.widest_v
            total += size * streams * (elements(k, asked.kv_k) + elements(v, asked.kv_v))
    for k, v in layers.index:
        total += cells * streams * (elements(k, asked.kv_k) + elements(v, asked.kv_v))
    return total, asked.slots * layers.state * 4

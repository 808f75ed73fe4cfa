#!/usr/bin/env python3
"""Context memory of models of the shipped catalog at their full size, as llama.cpp plans it.

    catalog.py [--only TEXT,TEXT] [--jobs N]

Builds a header of each model's true shape in a temporary folder, asks the engine, and writes
`tests/data/llama-cpp/catalog.tsv`. Prints the parameters of each shape, to be held against the
published total. The headers are not kept: they are large, and the figures say all.
"""

from __future__ import annotations

import argparse
import csv
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import gguf

import engine
import headers
import run
from engine import Settings
from models import Model, base, by, delta_net, experts, ffn, flash_next, glm_flash, mla, moe, ssm, untied
from sparse import DATA

RECORD = DATA / "catalog.tsv"
COLUMNS = ["model", *run.SETTINGS, "kv_cache_bytes", "recurrent_state_bytes", "engine"]
SETTINGS = [Settings(32768, 1), Settings(33000, 4), Settings(131072, 4, True), Settings(262144, 4, True),
            Settings(131072, 1, False, "q8_0", "q8_0")]
SHAPES: list[Model] = []


def shape(name: str, architecture: str, keys: dict[str, object], *, kind=lambda i: "all", tied: bool = False,
          optional: dict[str, list[int]] | None = None) -> None:
    """One model of the catalog, by its id there; its sources are in its catalog file."""
    tensors = ({} if tied else untied(keys)) | (optional or {})
    SHAPES.append(Model(name, architecture, name, f"catalog/{name}.toml", keys, tensors, kind))


def named(model: Model, name: str) -> Model:
    """A model that the headers have too, under its id in the catalog."""
    return replace(model, name=name, title=name)


def plain() -> None:
    """Keys and values of every token, or of a window."""
    shape("devstral-small-2-24b", "mistral3", base(40, 393216, 5120, 32768, 32, 8, 131072, 128, rope__dimension_count=128))
    shape("devstral-2-123b", "mistral3", base(88, 262144, 12288, 28672, 96, 8, 131072, 128, rope__dimension_count=128))
    shape("granite-4.1-30b", "granite",
          base(64, 131072, 4096, 32768, 32, 8, 100352, 128, rope__dimension_count=128, logit_scale=16.0,
               embedding_scale=12.0, residual_scale=0.22, attention__scale=0.0078125), tied=True)
    shape("command-a-03-2025", "cohere2",
          base(64, 262144, 12288, 36864, 96, 8, 256000, 128, attention__sliding_window=4096, logit_scale=0.25,
               attention__layer_norm_epsilon=1e-5), tied=True)
    for name, total, step in (("llama-4-scout", 16, 1), ("llama-4-maverick", 128, 2)):
        shape(name, "llama4",
              base(48, 1048576, 5120, 16384, 40, 8, 202048, 128) | moe(total, 1, 8192) | {"interleave_moe_layer_step": step},
              kind=lambda i, step=step: "moe" if (i + 1) % step == 0 else "dense")
    window = [i % 4 != 0 for i in range(45)]
    shape("step-3.5-flash", "step35",
          base(45, 262144, 4096, 11264, [96 if w else 64 for w in window], 8, 128896, 128) | moe(288, 8, 1280)
          | {"attention.sliding_window": 512, "attention.sliding_window_pattern": window, "leading_dense_block_count": 3,
             "expert_shared_feed_forward_length": 1280},
          kind=lambda i: ("swa" if window[i] else "full") + (" dense" if i < 3 else ""),
          optional=experts(["swa", "full"], 288, 4096, 1280, 1280) | ffn(["swa dense", "full dense"], 4096, 11264))


def sparse_and_latent() -> None:
    """Latent, indexed and compressed keys."""
    shape("mistral-small-4", "mistral4",
          base(36, 1048576, 4096, 12288, 32, 1, 131072) | mla(1024, 256, 64, 64, 128) | moe(128, 4, 2048, 1)
          | {"leading_dense_block_count": 0})
    shape("mistral-large-3", "deepseek2",
          base(61, 294912, 7168, 16384, 128, 1, 131072) | mla(1536, 512, 64, 128, 128) | moe(128, 4, 4096, 1)
          | {"leading_dense_block_count": 3}, kind=lambda i: "dense" if i < 3 else "moe")
    shape("minimax-m3", "minimax-m3",
          base(60, 1048576, 6144, 12288, 64, 4, 200064, 128) | moe(128, 4, 3072, 1)
          | {"leading_dense_block_count": 3, "expert_gating_func": 2, "attention.indexer.head_count": 4,
             "attention.indexer.key_length": 128, "attention.indexer.top_k": 16, "attention.indexer.block_size": 128,
             "attention.indexer.local_blocks": 1, "rope.dimension_count": 64},
          kind=lambda i: "dense" if i < 3 else "moe")
    flash = [0, 0] + [4 if i % 2 == 0 else 128 for i in range(41)]
    pro = [128, 128] + [4 if i % 2 == 0 else 128 for i in range(59)]
    for name, ratios, width, ff, heads, total, q_rank, top_k, groups, scale in (
            ("deepseek-v4-flash", flash, 4096, 2048, 64, 256, 1024, 512, 8, 1.5),
            ("deepseek-v4-pro", pro, 7168, 3072, 128, 384, 1536, 1024, 16, 2.5)):
        shape(name, "deepseek4",
              base(len(ratios), 1048576, width, ff, heads, 1, 129280, 512) | moe(total, 6, ff, 1)
              | {"attention.q_lora_rank": q_rank, "attention.sliding_window": 128, "expert_weights_scale": scale,
                 "expert_weights_norm": True, "swiglu_clamp_exp": [10.0] * len(ratios), "attention.indexer.head_count": 64,
                 "attention.indexer.key_length": 128, "attention.indexer.top_k": top_k,
                 "attention.output_group_count": groups, "attention.output_lora_rank": 1024,
                 "attention.compress_rope_freq_base": 160000.0, "hyper_connection.count": 4,
                 "hyper_connection.sinkhorn_iterations": 20, "hyper_connection.epsilon": 1e-6, "hash_layer_count": 3,
                 "attention.compress_ratios": ratios, "expert_gating_func": 4, "rope.dimension_count": 64},
              kind=lambda i, ratios=ratios: f"{ratios[i]} {i < 3}")


def hybrids() -> None:
    """Recurrent layers between attention layers."""
    full = ["full" if (i + 1) % 4 == 0 else "linear" for i in range(64)]
    sections = {"rope.dimension_sections": [11, 11, 10, 0], "rope.dimension_count": 64, "full_attention_interval": 4}
    shape("qwen3.8-27b", "qwen35",
          base(64, 262144, 5120, 17408, 24, 4, 248320, 256) | ssm(4, 6144, 128, 48, 16) | sections, kind=by(full),
          optional=delta_net("linear", 5120, 10240, 6144))
    SHAPES.append(named(flash_next(48), "qwen3.8-flash-next"))
    SHAPES.append(named(glm_flash(45), "glm-5.3-flash"))
    granite = [8 if i % 10 == 5 else 0 for i in range(40)]
    shape("granite-4.0-h-small", "granitehybrid",
          base(40, 1048576, 4096, 768, 32, granite, 100352) | ssm(4, 8192, 128, 128, 1) | moe(72, 10, 768)
          | {"expert_shared_feed_forward_length": 1536}, tied=True, kind=by(granite),
          optional={"blk.<0>.ssm_conv1d.bias": [8448], "blk.<0>.ffn_gate_exps.weight": [4096, 768, 72],
                    "blk.<8>.ffn_gate_exps.weight": [4096, 768, 72]})
    ultra = ("MEMEMEM*EMEMEM*EMEMEMEM*EMEMEMEM*EMEMEM*EMEMEMEM*EMEMEMEM*EMEMEM*EMEMEMEM*EMEMEMEM*EMEMEM*"
             "EMEMEMEM*EMEMEMEME")
    shape("nemotron-3-ultra-550b-a55b", "nemotron_h_moe",
          base(108, 262144, 8192, [5120 if c == "E" else 0 for c in ultra], 64, [2 if c == "*" else 0 for c in ultra],
               131072, 128, attention__layer_norm_epsilon=1e-5, rope__dimension_count=128)
          | ssm(4, 16384, 128, 256, 8) | moe(512, 22, 5120, 1)
          | {"expert_shared_feed_forward_length": 10240, "moe_latent_size": 2048}, kind=by(ultra),
          optional={"blk.<M>.ssm_conv1d.bias": [18432]})
    kimi = [1 if i % 4 == 3 or i == 92 else 0 for i in range(93)]
    shared = {"ffn_gate_shexp.weight": [7168, 6144], "ffn_up_shexp.weight": [7168, 6144], "ffn_down_shexp.weight": [6144, 7168]}
    shape("kimi-k3", "kimi-k3",
          base(93, 1048576, 7168, 33792, 96, kimi, 163840) | mla(1536, 512, 64, 128, 128) | moe(896, 16, 3072, 2)
          | {"leading_dense_block_count": 1, "expert_gating_func": 2, "ssm.conv_kernel": 4, "kda.head_dim": 128,
             "kda.gate_lower_bound": -5.0, "expert_latent_length": 3584, "moe_latent_size": 3584, "attn_res.block_size": 12,
             "activation.situ_beta": 4.0, "activation.situ_linear_beta": 25.0},
          kind=lambda i: f"{kimi[i]} {i == 0}",
          optional={f"blk.<{k} False>.{n}": s for k in (0, 1) for n, s in shared.items()}
          | {"blk.<1 False>.attn_q_a.weight": [7168, 1536], "blk.<1 False>.attn_q_a_norm.weight": [1536],
             "blk.<1 False>.attn_q_b.weight": [1536, 18432]})


def parameters(path: Path) -> tuple[int, int]:
    """All parameters of a header, and those that work on one token (no embedding table)."""
    def count(tensor: gguf.ReaderTensor) -> int:
        total = 1
        for n in tensor.shape:
            total *= int(n)
        return total

    reader = gguf.GGUFReader(path)
    total = sum(count(t) for t in reader.tensors)
    return total, total - sum(count(t) for t in reader.tensors if "_exps." in t.name or "token_embd" in t.name)


def record(model: Model) -> list[dict[str, object]]:
    """The engine's answers for one model."""
    with tempfile.TemporaryDirectory(prefix="catalog-") as folder:
        _, file_bytes = headers.learn(model, Path(folder))
        path = Path(folder) / (model.name + ".gguf")
        os.truncate(path, file_bytes)
        total, active = parameters(path)
        print(f"{model.name}: {total:,} parameters, {active:,} without experts and embeddings", flush=True)
        lines = []
        for s in SETTINGS:
            answer = engine.run(path, s)
            if answer.error:
                raise headers.Refused(f"{model.name}: {answer.error}")
            asked = {name: int(v) if isinstance(v := getattr(s, name), bool) else v for name in run.SETTINGS}
            lines.append({"model": model.name, **asked, "kv_cache_bytes": answer.kv_cache_bytes,
                          "recurrent_state_bytes": answer.recurrent_state_bytes, "engine": engine.version()})
        return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    plain()
    sparse_and_latent()
    hybrids()
    todo = [m for m in SHAPES if any(part in m.name for part in asked.only.split(","))]
    with ThreadPoolExecutor(asked.jobs) as pool:
        made = [line for lines in pool.map(record, todo) for line in lines]
    done = {m.name for m in todo}
    kept = [line for line in run.read_record(RECORD) if line["model"] not in done]
    with RECORD.open("w", newline="") as out:
        table = csv.DictWriter(out, COLUMNS, delimiter="\t", lineterminator="\n")
        table.writeheader()
        table.writerows(sorted([*kept, *made], key=lambda line: (line["model"], int(line["context"]), line["kv_k"])))


if __name__ == "__main__":
    main()

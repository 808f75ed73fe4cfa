"""Small models of random weights that llama.cpp's server loads, each of another architecture.

They answer in letters and never end by themselves: what is asked for is what is generated.
"""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np

VOCABULARY = 3 + 256 + 26 + 1
EXPERTS, USED, EXPERT_WIDTH = 8, 2, 256
WINDOW = 512


def write(path: Path, architecture: str = "llama", name: str = "tiny-random", layers: int = 8, width: int = 256,
          heads: int = 8, kv_heads: int = 4, kind: str = "F32", seed: int = 20261125, without: str = "") -> None:
    """Writes a model; a tensor whose name ends with `without` is left out, as after a broken conversion."""
    random = np.random.default_rng(seed)
    out = gguf.GGUFWriter(str(path), architecture)
    out.add_name(name)
    out.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0 if kind == "Q8_0" else gguf.LlamaFileType.ALL_F32)
    out.add_context_length(32768)
    out.add_embedding_length(width)
    out.add_block_count(layers)
    out.add_feed_forward_length(width * 4)
    out.add_head_count(heads)
    out.add_head_count_kv(kv_heads)
    out.add_key_length(width // heads)
    out.add_value_length(width // heads)
    out.add_layer_norm_rms_eps(1e-5)
    out.add_rope_dimension_count(width // heads)
    vocabulary(out)
    if architecture == "gemma3":
        out.add_sliding_window(WINDOW)
    if architecture == "qwen3moe":
        out.add_expert_count(EXPERTS)
        out.add_expert_used_count(USED)
        out.add_expert_feed_forward_length(EXPERT_WIDTH)

    def matrix(tensor: str, *shape: int) -> None:
        values = (random.standard_normal(shape) * 0.3).astype(np.float32)
        if tensor == "output.weight":
            # Letters alone: half a character of bytes would come late, and the token of the end would end it.
            values[: 3 + 256] = 0
            values[-1] = 0
        if tensor.endswith(without) and without:
            return
        if kind == "F32":
            out.add_tensor(tensor, values)
        else:
            of = gguf.GGMLQuantizationType[kind]
            out.add_tensor(tensor, gguf.quants.quantize(values, of), raw_dtype=of)

    def ones(tensor: str, length: int = width) -> None:
        out.add_tensor(tensor, np.ones(length, np.float32))

    matrix("token_embd.weight", VOCABULARY, width)
    ones("output_norm.weight")
    matrix("output.weight", VOCABULARY, width)
    head = width // heads
    for block in (f"blk.{i}." for i in range(layers)):
        norms = {"gemma3": ("post_attention_norm", "post_ffw_norm")}.get(architecture, ())
        for norm in ("attn_norm", "ffn_norm", *norms):
            ones(f"{block}{norm}.weight")
        if architecture in ("gemma3", "qwen3moe"):
            ones(f"{block}attn_q_norm.weight", head)
            ones(f"{block}attn_k_norm.weight", head)
        for part, rows, columns in (("attn_q", width, width), ("attn_k", kv_heads * head, width),
                                    ("attn_v", kv_heads * head, width), ("attn_output", width, width)):
            matrix(f"{block}{part}.weight", rows, columns)
        if architecture == "qwen3moe":
            # The router is never quantized.
            out.add_tensor(f"{block}ffn_gate_inp.weight", random.standard_normal((EXPERTS, width)).astype(np.float32))
            shapes = (("gate_exps", EXPERTS, EXPERT_WIDTH, width), ("up_exps", EXPERTS, EXPERT_WIDTH, width),
                      ("down_exps", EXPERTS, width, EXPERT_WIDTH))
        else:
            shapes = (("gate", width * 4, width), ("up", width * 4, width), ("down", width, width * 4))
        for part, *shape in shapes:
            matrix(f"{block}ffn_{part}.weight", *shape)
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()


def vocabulary(out: gguf.GGUFWriter) -> None:
    """Bytes, letters and a space."""
    letters = [chr(97 + i).encode() for i in range(26)]
    tokens = [b"<unk>", b"<s>", b"</s>", *[b"<0x%02X>" % i for i in range(256)], *letters, "\u2581".encode()]
    out.add_vocab_size(len(tokens))
    out.add_tokenizer_model("llama")
    out.add_token_list(tokens)
    out.add_token_scores([-float(i) for i in range(len(tokens))])
    out.add_token_types([gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL,
                         *[gguf.TokenType.BYTE] * 256, *[gguf.TokenType.NORMAL] * 27])
    out.add_bos_token_id(1)
    out.add_eos_token_id(2)
    out.add_unk_token_id(0)
    out.add_chat_template("{% for m in messages %}{{ m['content'] }}\n{% endfor %}")

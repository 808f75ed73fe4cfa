#!/usr/bin/env python3
"""Writes true-shape GGUF headers of architectures, without weights and without a tokenizer.

    headers.py [--only TEXT,TEXT] [--jobs N]

The figures come from public configurations (see `models.py`). The tensor table is learned from the
engine: it names the first tensor that it misses and the shape that it expects, until it accepts the
file. So names and shapes are the engine's own. One type per tensor: f32 for norms and small
parameters, q8_0 for matrices. This module never writes tensor data.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import gguf
import numpy as np

import engine
import models
import sparse
from engine import Settings
from models import Model

MISSING = re.compile(r"(?:missing tensor '([^']+)'|tensor '([^']+)' not found)")
SHAPE = re.compile(r"tensor '([^']+)' has wrong shape; expected ([0-9, ]+), got")
ALIGNMENT = 32


class Refused(Exception):
    """The engine does not take the header, for a reason that is not a missing tensor."""


def tensor_type(name: str, shape: list[int]) -> gguf.GGMLQuantizationType:
    """f32 for vectors and what the engine keeps in f32 anyway; q8_0 for matrices."""
    small = any(part in name for part in ("norm", "ssm_conv1d", "ssm_a", "ssm_d.", "shortconv.conv", "ffn_gate_inp",
                                          "time_mix_", "hc_", "_conv1d", "rope_"))
    if "tid2eid" in name:
        return gguf.GGMLQuantizationType.I32
    if len(shape) < 2 or shape[0] % 32 or small:
        return gguf.GGMLQuantizationType.F32
    return gguf.GGMLQuantizationType.Q8_0


def tensor_bytes(kind: gguf.GGMLQuantizationType, shape: list[int]) -> int:
    block, size = gguf.GGML_QUANT_SIZES[kind]
    return int(np.prod([int(n) for n in shape], dtype=object)) // block * size


def write(path: Path, model: Model, tensors: dict[str, list[int]]) -> tuple[int, int]:
    """Writes the header; gives its length and the length of the whole file."""
    writer = gguf.GGUFWriter(path, model.architecture)
    writer.add_string("general.name", model.title)
    writer.add_string("tokenizer.ggml.model", "no_vocab")
    for key, value in model.keys.items():
        key = f"{model.architecture}.{key}"
        if isinstance(value, bool):
            writer.add_bool(key, value)
        elif isinstance(value, int):
            writer.add_uint32(key, value)
        elif isinstance(value, float):
            writer.add_float32(key, value)
        elif isinstance(value, str):
            writer.add_string(key, value)
        elif isinstance(value, models.Wide):
            writer.add_key_value(key, list(value), gguf.GGUFValueType.ARRAY, sub_type=gguf.GGUFValueType.UINT64)
        else:
            writer.add_array(key, list(value))
    data = 0
    for name, shape in tensors.items():
        kind = tensor_type(name, shape)
        size = tensor_bytes(kind, shape)
        # The writer takes numpy's order of dimensions, and a quantized row as its bytes.
        dims = list(reversed(shape))
        if kind is gguf.GGMLQuantizationType.I32:
            writer.add_tensor_info(name, dims, np.dtype(np.int32), size)
        elif kind is not gguf.GGMLQuantizationType.F32:
            block, block_bytes = gguf.GGML_QUANT_SIZES[kind]
            dims[-1] = dims[-1] // block * block_bytes
            writer.add_tensor_info(name, dims, np.dtype(np.uint8), size, raw_dtype=kind)
        else:
            writer.add_tensor_info(name, dims, np.dtype(np.float32), size)
        data += -(-size // ALIGNMENT) * ALIGNMENT
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    writer.close()
    length = path.stat().st_size
    padded = -(-length // ALIGNMENT) * ALIGNMENT
    with path.open("r+b") as out:
        out.truncate(padded)
    return padded, padded + data


class Table:
    """The tensor table as far as the engine has told it: by kind of layer, so that layers share."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.plain: dict[str, list[int]] = {}
        self.layers: dict[tuple[str, str], list[int]] = {}
        # What the engine takes but does not ask for: `blk.<kind>.` is every layer of a kind, `<*>` of all.
        kinds = {model.kind(i) for i in range(model.keys["block_count"])}
        for name, shape in model.tensors.items():
            if found := re.fullmatch(r"blk\.<(.+)>\.(.+)", name):
                for kind in kinds if found[1] == "*" else [found[1]]:
                    self.layers[kind, found[2]] = shape
            else:
                self.plain[name] = shape
        self.single: dict[str, list[int]] = {}

    def names(self) -> dict[str, list[int]]:
        out = dict(self.plain)
        for i in range(self.model.keys["block_count"]):
            kind = self.model.kind(i)
            for (of, suffix), shape in self.layers.items():
                name = f"blk.{i}.{suffix}"
                if of == kind:
                    out[name] = self.single.get(name, shape)
        return out | self.single

    def split(self, name: str) -> tuple[str, str] | None:
        found = re.fullmatch(r"blk\.(\d+)\.(.+)", name)
        return (self.model.kind(int(found[1])), found[2]) if found else None

    def learn(self, name: str, shape: list[int]) -> None:
        key = self.split(name)
        if key is None:
            self.plain[name] = shape
        else:
            self.layers[key] = shape

    def has(self, name: str) -> bool:
        return name in self.names()


def learn(model: Model, folder: Path) -> tuple[int, int]:
    """Asks the engine until it accepts the header; gives header and file length."""
    table, path = Table(model), folder / (model.name + ".gguf")
    seen: dict[str, list[int]] = {}
    cut_short = 0
    for _ in range(900):
        header_bytes, file_bytes = write(path, model, table.names())
        with path.open("r+b") as out:
            out.truncate(file_bytes)
        log = engine.run_raw(path, Settings(context=512))
        if missing := MISSING.search(log):
            name = missing[1] or missing[2]
            if table.has(name):
                raise Refused(f"{name} is there and still missing")
            suffix = name.split(".", 2)[-1]
            table.learn(name, seen.get(suffix, [1]))
            continue
        if shape := SHAPE.search(log):
            expected = [int(n) for n in shape[2].split(",") if n.strip()]
            while len(expected) > 1 and expected[-1] == 1:
                expected.pop()
            name = shape[1]
            if table.names().get(name) == expected:
                raise Refused(f"{name}: {expected} is not accepted")
            seen[name.split(".", 2)[-1]] = expected
            table.learn(name, expected)
            continue
        answer = engine.read_log(log)
        if answer.error.startswith(engine.NO_REASON):
            # The engine's log thread may have died before the lines that matter.
            cut_short += 1
            if cut_short < 12:
                continue
        if answer.error:
            errors = re.findall(r" E [^\n]*|[^\n]*GGML_ASSERT[^\n]*|[^\n]*not found[^\n]*", log)
            raise Refused(" | ".join(e.strip() for e in errors[:2]) or answer.error)
        return header_bytes, file_bytes
    raise Refused("too many tensors")


def make(model: Model) -> sparse.Header | str:
    """Makes one header file in the data folder, or says why not."""
    with tempfile.TemporaryDirectory(prefix="headers-") as name:
        folder = Path(name)
        try:
            header_bytes, file_bytes = learn(model, folder)
        except (Refused, engine.Inexact) as reason:
            print(f"refused: {model.name}: {reason}", file=sys.stderr, flush=True)
            return str(reason)
        header = sparse.Header(model.name, model.architecture, model.keys["block_count"],
                               model.keys["context_length"], model.sliding, header_bytes, file_bytes, model.source)
        print(f"{header.name}: {header_bytes} bytes of {file_bytes}", flush=True)
        header.path.write_bytes((folder / (model.name + ".gguf")).open("rb").read(header_bytes))
        return header


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    todo = [m for m in models.MODELS if any(part in m.name for part in asked.only.split(","))]
    with ThreadPoolExecutor(asked.jobs) as pool:
        made = list(pool.map(make, todo))
    headers = {h.name: h for h in sparse.read_headers()}
    failed = 0
    for model, result in zip(todo, made):
        if isinstance(result, str):
            failed += 1
        else:
            headers[result.name] = result
    sparse.write_headers(list(headers.values()))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

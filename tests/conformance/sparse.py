"""Model files without weights: a true header, then nothing up to the true size.

A sparse file of 400 GB takes as much disk as its header. This module never reads tensor data.
"""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data" / "llama-cpp"
HEADERS = DATA / "headers.tsv"
SUFFIX = ".gguf-header"


@dataclass(frozen=True)
class Header:
    """One line of `headers.tsv`."""

    name: str
    architecture: str
    layers: int
    context: int
    sliding: bool
    header_bytes: int
    file_bytes: int
    source: str

    @property
    def path(self) -> Path:
        return DATA / (self.name + SUFFIX)

    def unfold(self, folder: Path) -> Path:
        """Writes the sparse file."""
        target = folder / (self.name + ".gguf")
        if not target.exists():
            target.write_bytes(self.path.read_bytes())
            os.truncate(target, self.file_bytes)
        return target


def read_headers() -> list[Header]:
    """All headers, in the order of the file."""
    with HEADERS.open(newline="") as lines:
        return [Header(r["header"], r["architecture"], int(r["layers"]), int(r["context"]), r["sliding"] == "1",
                       int(r["header_bytes"]), int(r["file_bytes"]), r["source"])
                for r in csv.DictReader(lines, delimiter="\t")]


def write_headers(headers: list[Header]) -> None:
    """Writes `headers.tsv`, sorted by name."""
    with HEADERS.open("w", newline="") as out:
        table = csv.writer(out, delimiter="\t", lineterminator="\n")
        table.writerow(["header", "architecture", "layers", "context", "sliding", "header_bytes", "file_bytes", "source"])
        for h in sorted(headers, key=lambda h: h.name):
            table.writerow([h.name, h.architecture, h.layers, h.context, int(h.sliding), h.header_bytes,
                            h.file_bytes, h.source])

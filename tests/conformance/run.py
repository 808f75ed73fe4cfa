#!/usr/bin/env python3
"""Holds planner's context memory against real llama.cpp, byte for byte.

    run.py                    run engine and planner side by side, print a table, exit 1 on a difference
    run.py --recorded         compare planner with the recorded figures; needs no engine
    run.py --record           run the engine and write the record
    run.py --record-draft             run the engine with multi-token prediction on, and write that record
    run.py --formulas         compare the second implementation in formulas.py with the record

Options: `--planner PATH` (default `planner`), `--only TEXT,TEXT` (headers whose name holds one), `--jobs N`,
`--every N` (each N-th case only; a different one of each header's matrix from header to header).
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import engine
import sparse
from engine import Answer, Settings
from sparse import DATA, Header

RECORD = DATA / "memory.tsv"
REFUSED = DATA / "refused.tsv"
DRAFT = DATA / "draft.tsv"
SETTINGS = ["context", "slots", "kv_unified", "kv_k", "kv_v", "flash_attention", "ubatch", "swa_full"]
COLUMNS = ["header", *SETTINGS, "n_ctx", "kv_cache_bytes", "recurrent_state_bytes", "compute_bytes_cpu",
           "kv_cells", "kv_layers", "swa_cells", "swa_layers", "index_cells", "index_layers", "engine"]


def matrix(header: Header) -> list[Settings]:
    """The settings that a header is asked with: each choice alone, and those that interact."""
    out = []
    contexts = [c for c in (4096, 33000, 131072) if c <= max(header.context, 33000)]
    slots = [(1, False), (4, True), (4, False)]
    for context in contexts:
        out += [Settings(context, n, unified) for n, unified in slots]
    # An odd context, smaller than a window or a ubatch; and more slots than pages of 256.
    out += [Settings(1000, 4, False), Settings(1000, 3, True), Settings(300, 1, False), Settings(512, 4, False)]
    for kv_k, kv_v in (("q8_0", "q8_0"), ("q8_0", "q4_0")):
        out += [Settings(contexts[-1], 1, False, kv_k, kv_v), Settings(33000, 4, True, kv_k, kv_v)]
    out += [Settings(4096, 1, ubatch=2048)]
    out += [Settings(33000, n, unified, ubatch=2048) for n, unified in slots[1:]]
    out += [Settings(33000, 4, False, "q8_0", "q4_0", ubatch=2048)]
    out += [Settings(33000, 1, flash_attention="off"), Settings(33000, 4, True, flash_attention="off")]
    out += [Settings(33000, 4, False, "q8_0", "f16", flash_attention="off")]
    if header.sliding:
        out += [Settings(33000, n, unified, swa_full=True) for n, unified in slots]
        out += [Settings(33000, 4, True, "q8_0", "q4_0", ubatch=2048, swa_full=True)]
    return out


def row(header: Header, settings: Settings, answer: Answer, version: str) -> dict[str, object]:
    """One line of the record."""
    def total(kind: str, what: str) -> object:
        caches = answer.of(kind)
        return sum(getattr(c, what) for c in caches) if caches else ""

    def cells(kind: str) -> object:
        sizes = {c.cells * c.streams for c in answer.of(kind)}
        return "+".join(str(s) for s in sorted(sizes)) if sizes else ""

    out: dict[str, object] = {"header": header.name}
    out |= {name: int(v) if isinstance(v := getattr(settings, name), bool) else v for name in SETTINGS}
    out |= {"n_ctx": answer.n_ctx, "kv_cache_bytes": answer.kv_cache_bytes,
            "recurrent_state_bytes": answer.recurrent_state_bytes, "compute_bytes_cpu": answer.compute_bytes_cpu or ""}
    for kind in ("kv", "swa", "index"):
        out |= {f"{kind}_cells": cells(kind), f"{kind}_layers": total(kind, "layers")}
    return out | {"engine": version}


def settings_of(line: dict[str, str]) -> Settings:
    """The settings of a recorded line."""
    return Settings(int(line["context"]), int(line["slots"]), line["kv_unified"] == "1", line["kv_k"], line["kv_v"],
                    line["flash_attention"], int(line["ubatch"]), line["swa_full"] == "1")


def read_record(path: Path = RECORD) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def write_record(path: Path, columns: list[str], rows: list[dict[str, object]], done: set[str]) -> int:
    """Writes new lines, and keeps those of headers that were not asked this time."""
    kept = [r for r in read_record(path) if r["header"] not in done]
    order = {h.name: i for i, h in enumerate(sparse.read_headers())}
    lines = sorted((r for r in [*rows, *kept] if r["header"] in order), key=lambda r: order[str(r["header"])])
    with path.open("w", newline="") as out:
        table = csv.DictWriter(out, columns, delimiter="\t", lineterminator="\n")
        table.writeheader()
        table.writerows(lines)
    return len(lines)


def ask_planner(planner: str, model: Path, settings: Settings) -> tuple[int, int] | str:
    """What planner says: KV cache and recurrent state in bytes, or why it gave no figure."""
    command = [planner, "fit", str(model), "--format", "json", "--engine", "llama.cpp",
               "--machine", "m3-ultra-512gb", "--context", str(settings.context), "--beyond-trained", "--slots", str(settings.slots),
               "--kv", "unified" if settings.kv_unified else "split",
               "--kv-type", f"{settings.kv_k},{settings.kv_v}",
               "--flash-attention", settings.flash_attention, "--ubatch", str(settings.ubatch)]
    if settings.swa_full:
        command.append("--swa-full")
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=60)
    except OSError as reason:
        sys.exit(f"cannot run `{planner}`: {reason.strerror}; build it, and name it with --planner")
    try:
        memory = json.loads(done.stdout)["memory"]
        return memory["kv_cache_bytes"], memory["recurrent_state_bytes"]
    except (json.JSONDecodeError, KeyError, TypeError):
        return f"exit {done.returncode}: {(done.stderr or done.stdout).strip()[:200]}"


def ask_engine(case: tuple[Header, Settings], folder: Path) -> Answer:
    """What the engine plans; a log that cannot be read to the byte counts as no answer."""
    header, settings = case
    try:
        return engine.run(header.unfold(folder), settings)
    except engine.Inexact as reason:
        return Answer(error=f"not exact: {reason}")


def parallel(jobs: int, work, items):
    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(work, items))


def record(headers: list[Header], folder: Path, jobs: int) -> int:
    """Runs the engine over the matrix and writes what it keeps, and what it refuses."""
    version = engine.version()
    cases = [(h, s) for h in headers for s in matrix(h)]

    def work(case: tuple[Header, Settings]) -> dict[str, object] | str:
        answer = ask_engine(case, folder)
        return answer.error or row(*case, answer, version)

    rows, refused = [], []
    for (header, settings), result in zip(cases, parallel(jobs, work, cases)):
        if isinstance(result, str):
            refused.append({c: v for c, v in row(header, settings, Answer(), version).items()
                            if c in ("header", *SETTINGS, "engine")} | {"reason": result})
        else:
            rows.append(result)
    done = {h.name for h in headers}
    count = write_record(RECORD, COLUMNS, rows, done)
    write_record(REFUSED, ["header", *SETTINGS, "reason", "engine"], refused, done)
    print(f"{count} lines in {RECORD.name}; {len(refused)} cases refused by the engine")
    return 0


def record_draft(headers: list[Header], folder: Path, jobs: int) -> int:
    """Runs the engine with the model's own multi-token-prediction layer drafting."""
    settings = [Settings(8192, 1, draft=3), Settings(8192, 4, True, draft=3), Settings(8192, 4, draft=1),
                Settings(8192, 4, True, "q8_0", "q8_0", draft=2)]
    cases = [(h, s) for h in headers if h.name in ("qwen35.27b", "glm4moe.4.5-air") for s in settings]
    rows = []
    for (header, asked), answer in zip(cases, parallel(jobs, lambda c: ask_engine(c, folder), cases)):
        if answer.error or answer.draft is None:
            print(f"refused: {header.name} {asked}: {answer.error or 'no draft context'}", file=sys.stderr)
            return 1
        rows.append(row(header, asked, answer, engine.version())
                    | {"draft_tokens": asked.draft, "draft_kv_cache_bytes": answer.draft.kv_cache_bytes})
    columns = ["header", *SETTINGS, "draft_tokens", "n_ctx", "kv_cache_bytes", "recurrent_state_bytes",
               "draft_kv_cache_bytes", "engine"]
    rows = [{c: r[c] for c in columns} for r in rows]
    print(f"{write_record(DRAFT, columns, rows, {r['header'] for r in rows})} lines in {DRAFT.name}")
    return 0


def compare(cases: list[tuple[Header, Settings, tuple[int, int]]], ask, jobs: int) -> int:
    """Prints a table of every case, and 1 if any differs."""
    print("\t".join(["result", "header", *SETTINGS, "kv_expected", "kv_got", "state_expected", "state_got"]))
    wrong = 0
    for (header, settings, expected), got in zip(cases, parallel(jobs, ask, cases)):
        same = got == expected
        wrong += not same
        values = [str(int(v) if isinstance(v := getattr(settings, n), bool) else v) for n in SETTINGS]
        kv, state = got if isinstance(got, tuple) else (got, "")
        print("\t".join(["same" if same else "DIFFERS", header.name, *values,
                         str(expected[0]), str(kv), str(expected[1]), str(state)]))
    print(f"{len(cases) - wrong} of {len(cases)} cases are the same to the byte", file=sys.stderr)
    return 1 if wrong or not cases else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--record", action="store_true")
    mode.add_argument("--record-draft", action="store_true")
    mode.add_argument("--recorded", action="store_true")
    mode.add_argument("--formulas", action="store_true")
    parser.add_argument("--planner", default="planner")
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--every", type=int, default=1)
    asked = parser.parse_args()
    headers = [h for h in sparse.read_headers() if any(part in h.name for part in asked.only.split(","))]
    with tempfile.TemporaryDirectory(prefix="conformance-") as name:
        folder = Path(name)
        for header in headers:
            header.unfold(folder)
        if asked.record:
            return record(headers, folder, asked.jobs)
        if asked.record_draft:
            return record_draft(headers, folder, asked.jobs)
        by_name = {h.name: h for h in headers}
        if asked.recorded or asked.formulas:
            cases = [(by_name[r["header"]], settings_of(r),
                      (int(r["kv_cache_bytes"]), int(r["recurrent_state_bytes"])))
                     for r in read_record() if r["header"] in by_name][::asked.every]
        else:
            todo = [(h, s) for h in headers for s in matrix(h)][::asked.every]
            answers = parallel(asked.jobs, lambda c: ask_engine(c, folder), todo)
            cases = [(h, s, (a.kv_cache_bytes, a.recurrent_state_bytes))
                     for (h, s), a in zip(todo, answers) if not a.error]
        if asked.formulas:
            import formulas
            return compare(cases, lambda c: formulas.context_memory(c[0].unfold(folder), c[1]), asked.jobs)
        return compare(cases, lambda c: ask_planner(asked.planner, c[0].unfold(folder), c[1]), asked.jobs)


if __name__ == "__main__":
    sys.exit(main())

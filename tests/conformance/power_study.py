#!/usr/bin/env python3
"""Power that goes off under studies, at moments that nobody chose.

    power_study.py --planner target/debug/planner --lms target/debug/stand-in-lms --engine VENV --work target/power

The world is that of `study.py`: a hub, LM Studio's stand-in, a real llama-server behind each load. Models, results and
what planner keeps of its own lie on the disk of `power.py`. A cut ends planner, `lms` and all engines, LM Studio starts
anew with nothing loaded, and of the disk there is what had been made to stay. Then the same command goes on.

Held: no model, row, journal or report is half there; in the end every model is measured and reported, and nothing of the
study is loaded.

Needs root.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path

from hub import digest
from power import Machine, own_mounts, run
from study import BROKEN, MODELS, World

# Moments of a study fall within so many seconds of its start.
MOMENT_SECONDS = 6.0


class Powered:
    """A study's world on a disk that power can go off under."""

    def __init__(self, given: argparse.Namespace, work: Path) -> None:
        self.world, self.machine = World(given, work), Machine(work, 1 << 32)
        self.bound = {self.machine.at / "xdg": work / "studio/xdg", self.machine.at / "models": self.world.models}
        shutil.copytree(self.world.models, self.machine.at / "models")
        shutil.copytree(work / "studio/xdg", self.machine.at / "xdg")
        self.bind()
        self.results, self.file = self.machine.at / "results", self.machine.at / "study.toml"
        for name in MODELS:
            self.world.run(given.planner.resolve(), "catalog", "add", f"hf:tiny/{name}-GGUF:Q8_0", "--id", name.lower())
        self.world.run(work / "studio/bin/lms", "load", "--identifier=mine", "--yes", "--", "stranger")
        variants = json.dumps([f"{name.lower()}/gguf-q8_0" for name in MODELS])
        self.file.write_text(f'variants = {variants}\nruns = 0\ndepths = [0]\nchip = "m3-ultra"\nlanguage = "en"\n')
        os.sync()
        self.command = [str(given.planner.resolve()), "study", "run", str(self.file), "--out", str(self.results), "--yes",
                        "--format", "json", "--machine", "m3-ultra-512gb", "--limit", "2MB/s",
                        "--base-url", f"http://127.0.0.1:{self.world.server.port}/v1"]

    def bind(self) -> None:
        for real, seen in self.bound.items():
            run("mount", "--bind", real, seen)

    def start(self) -> subprocess.Popen:
        return subprocess.Popen(self.command, env=self.world.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                cwd=self.world.work)

    def cut(self, process: subprocess.Popen) -> None:
        self.machine.stop()
        process.kill()
        # What planner has started ends as well.
        for pid, args in processes():
            if str(self.world.work / "studio/bin/lms") in args:
                subprocess.run(["kill", "-KILL", pid], check=False, stderr=subprocess.DEVNULL)
        process.communicate()
        self.world.server.end()
        self.world.forget_loaded()
        self.end()
        self.machine.start()
        self.bind()

    def end(self) -> None:
        for seen in self.bound.values():
            run("umount", seen)
        self.machine.end()

    def half_there(self) -> list[str]:
        """What has its own name and is not whole."""
        wrong = []
        for repository, sha in self.world.hub.sha256.items():
            path = self.world.models / repository / self.world.hub.repositories[repository].name
            if path.exists() and digest(path) != sha:
                wrong.append(str(path))
        for path in [*self.results.rglob("*.json"), *self.machine.at.joinpath("xdg/planner").rglob("*.json")]:
            if not readable(path, json.loads):
                wrong.append(str(path))
        wrong += [str(p) for p in self.machine.at.joinpath("xdg/planner/catalog").glob("*.toml")
                  if not readable(p, tomllib.loads)]
        page = self.results / "report/report.html"
        if page.exists() and not page.read_text().rstrip().endswith("</html>"):
            wrong.append(str(page))
        return wrong


def readable(path: Path, read) -> bool:
    try:
        return bool(read(path.read_text()))
    except ValueError:
        return False


def processes() -> list[tuple[str, str]]:
    listed = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,args="], capture_output=True, text=True, check=True)
    return [(line.split()[0], line) for line in listed.stdout.splitlines()]


def one(powered: Powered, cuts: int, chance: random.Random, seen: dict[str, int]) -> list[str]:
    """A study, cut off so many times; what does not hold."""
    wrong = []
    for _ in range(cuts):
        process = powered.start()
        time.sleep(chance.uniform(0.1, MOMENT_SECONDS))
        over = process.poll() is not None
        powered.cut(process)
        journal = powered.results / "study.json"
        rows = json.loads(journal.read_text())["variants"] if journal.exists() else []
        at = "over" if over else next((row["stage"] for row in rows if row["stage"] not in ("done", "failed")), "between")
        seen[at] = seen.get(at, 0) + 1
        wrong += powered.half_there()
    process = powered.start()
    out, errors = process.communicate(timeout=900)
    if process.returncode != 1:
        return [*wrong, f"it ended with {process.returncode}: {errors}"]
    stages = {row["variant"].split("/")[0]: row["stage"] for row in json.loads(out)["variants"]}
    if stages != {name.lower(): "failed" if name == BROKEN else "done" for name in MODELS}:
        wrong.append(f"{stages}")
    recorded = powered.world.rows()
    wrong += [f"{name}: nothing is recorded" for name in MODELS if name != BROKEN and not recorded.get(name.lower())]
    if not (powered.results / "report/report.html").exists():
        wrong.append("there is no report")
    if [row[0] for row in powered.world.loaded()] not in ([], ["mine"]):
        wrong.append(f"loaded in the end: {powered.world.loaded()}")
    return wrong + powered.half_there()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("planner", "lms", "engine", "work"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--studies", type=int, default=6)
    parser.add_argument("--cuts", type=int, default=10)
    given = parser.parse_args()
    own_mounts()
    chance, wrong, seen = random.Random(18), [], {}
    for study in range(given.studies):
        work = given.work.resolve() / f"study-{study}"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        powered = Powered(given, work)
        try:
            found = one(powered, given.cuts, chance, seen)
        finally:
            powered.world.server.end()
            powered.end()
        print(f"study {study}: cut off {given.cuts} times, {len(found)} wrong; cuts met {seen}", flush=True)
        wrong += [f"study {study}: {line}" for line in found]
        shutil.rmtree(work, ignore_errors=True)
    for line in wrong:
        print(f"WRONG: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

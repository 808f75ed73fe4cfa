#!/usr/bin/env python3
"""Power that goes off under downloads: what was not on the disk is gone, and the system starts anew.

    power.py --planner target/debug/planner --work target/power [--cuts 6]

Downloads run at once into a file system of their own, an ext4 in a file. A cut stops that file system without a
last write (EXT4_IOC_SHUTDOWN, without its log), kills every process, and mounts it again, which replays its log: what a
disk holds after a power loss. The system's start, which planner knows a record of an earlier one by, is another one
each time (a /proc/stat of its own, in a mount namespace). Then each download is looked at, and goes on.

Held: nothing is visible under its own name that is not whole; what planner says that it keeps really is on the
disk; of what had come, no more is thrown away than comes within a few seconds, and in the end the file is the hub's.

Needs root.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import random
import shutil
import struct
import subprocess
import sys
import time
from pathlib import Path

from hub import Hub, digest

EXT4_IOC_SHUTDOWN, WITHOUT_LOG = 0x8004587D, 2
AT_ONCE = 10
FILE_BYTES = 200 << 20
BYTES_PER_SECOND = 1_000_000
# What was thrown away of a download by one cut, of its file: so slow a download of so large a file.
LOST_SHARE = 0.02


def run(*command: str | Path) -> None:
    subprocess.run([str(c) for c in command], check=True, stdout=subprocess.DEVNULL)


def own_mounts() -> None:
    """Begins anew where what is mounted is seen by nobody else, and gone with this process."""
    if not os.environ.get("PLANNER_OWN_MOUNTS"):
        os.environ["PLANNER_OWN_MOUNTS"] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable, *sys.argv])


class Machine:
    """A disk that power can go off under."""

    def __init__(self, work: Path, size: int) -> None:
        self.image, self.at, self.stat = work / "disk.img", work / "disk", work / "stat"
        self.started = int(time.time()) - 1000
        self.at.mkdir()
        with self.image.open("wb") as image:
            image.truncate(size)
        run("mkfs.ext4", "-q", self.image)
        self.start()

    def start(self) -> None:
        """The system starts, at another time than before."""
        self.started += 17
        lines = Path("/proc/stat").read_text().splitlines()
        lines = [f"btime {self.started}" if line.startswith("btime ") else line for line in lines]
        self.stat.write_text("\n".join(lines) + "\n")
        run("mount", "--bind", self.stat, "/proc/stat")
        run("mount", "-o", "loop", self.image, self.at)

    def stop(self) -> None:
        """From here on nothing is written any more."""
        folder = os.open(self.at, os.O_RDONLY)
        fcntl.ioctl(folder, EXT4_IOC_SHUTDOWN, struct.pack("I", WITHOUT_LOG))
        os.close(folder)

    def cut(self, processes: list[subprocess.Popen]) -> None:
        """The power goes off, and comes back."""
        self.stop()
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()
        self.end()
        self.start()

    def end(self) -> None:
        run("umount", self.at)
        run("umount", "/proc/stat")


class Download:
    """One of them: a model, a models folder, and what planner remembers."""

    def __init__(self, number: int, disk: Path, planner: Path, hub: Hub) -> None:
        self.name, self.planner = f"tiny/Model-{number}-GGUF", planner
        self.models, self.state = disk / f"{number}/models", disk / f"{number}/state"
        self.file = hub.repositories[self.name]
        self.env = {**os.environ, "HF_ENDPOINT": hub.address, "XDG_STATE_HOME": str(self.state), "NO_PROXY": "*"}

    def command(self, *more: str) -> list[str]:
        return [str(self.planner), "get", f"hf:{self.name}", "--format", "json", "--models-folder", str(self.models), *more]

    def start(self) -> subprocess.Popen:
        limit = f"{BYTES_PER_SECOND // 1_000_000}MB/s"
        return subprocess.Popen(self.command("--limit", limit, "--connections", "3"), env=self.env,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def answer(self, *more: str) -> dict:
        done = subprocess.run(self.command(*more), env=self.env, capture_output=True, text=True, timeout=900)
        if done.returncode:
            raise SystemExit(f"{self.name}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)["models"][0]["files"][0]

    def part(self) -> Path:
        owner, name = self.name.split("/")
        return self.models / owner / f".planner-get-{name}" / f"{self.file.name}.part"

    def spans(self, record: str) -> list[tuple[int, int]]:
        path = self.part().with_name(f"{self.part().name}.{record}.json")
        try:
            return [(s["start"], s["end"]) for s in json.loads(path.read_text())["here"]]
        except (OSError, ValueError):
            return []

    def came(self) -> int:
        """Bytes that the system has taken, by what is recorded before a cut."""
        return sum(end - start for start, end in self.spans("latest"))

    def is_whole(self) -> bool:
        return (self.models / self.name / self.file.name).exists()

    def same(self, spans: list[tuple[int, int]]) -> bool:
        """Whether these bytes are the hub's."""
        with self.part().open("rb") as here, self.file.open("rb") as there:
            for start, end in spans:
                here.seek(start)
                there.seek(start)
                if here.read(end - start) != there.read(end - start):
                    return False
        return True

    def visible(self) -> list[Path]:
        files = [p for p in self.models.rglob("*") if p.is_file()]
        return [p for p in files if not any(part.startswith(".") for part in p.relative_to(self.models).parts)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--planner", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--cuts", type=int, default=6)
    parser.add_argument("--seed", type=int, default=18)
    given = parser.parse_args()
    own_mounts()
    work = given.work.resolve()
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    chance = random.Random(given.seed)
    file = work / "Model-Q8_0.gguf"
    file.write_bytes(chance.randbytes(FILE_BYTES))
    hub = Hub({f"tiny/Model-{n}-GGUF": file for n in range(AT_ONCE)})
    # Planner leaves a gibibyte free.
    machine = Machine(work, AT_ONCE * FILE_BYTES + (2 << 30))
    all_of_them = [Download(n, machine.at, given.planner.resolve(), hub) for n in range(AT_ONCE)]
    wrong, moments, most_lost, lost_together = [], 0, 0, 0
    longest = FILE_BYTES / BYTES_PER_SECOND / given.cuts
    try:
        for cut in range(given.cuts):
            processes = [download.start() for download in all_of_them]
            time.sleep(chance.uniform(0.3, 1.6) * longest)
            came = [download.came() for download in all_of_them]
            machine.cut(processes)
            for download, before in zip(all_of_them, came):
                if download.is_whole():
                    continue
                moments += 1
                if download.visible():
                    wrong.append(f"cut {cut}: {download.visible()} is visible")
                kept = download.answer("--dry-run")["kept_bytes"]
                spans = download.spans("durable")
                if kept != sum(end - start for start, end in spans):
                    wrong.append(f"cut {cut}: {kept} bytes are kept, which is not what stays on the disk")
                if spans and not download.same(spans):
                    wrong.append(f"cut {cut}: what is kept of {download.name} is not the hub's")
                lost = max(0, before - kept)
                most_lost, lost_together = max(most_lost, lost), lost_together + lost
                if lost > LOST_SHARE * FILE_BYTES:
                    wrong.append(f"cut {cut}: {lost} bytes of {download.name} are thrown away")
                print(f"cut {cut}\t{download.name}\t{before} had come\t{kept} are kept\t{lost} lost", flush=True)
        for download in all_of_them:
            if not download.is_whole():
                got = download.answer()
                if got["kept_bytes"] + got["received_bytes"] != FILE_BYTES:
                    wrong.append(f"{download.name}: {got}")
            if digest(download.visible()[0]) != digest(file) or len(download.visible()) != 1:
                wrong.append(f"{download.name} is not the hub's")
    finally:
        machine.end()
        shutil.rmtree(work, ignore_errors=True)
    print(f"{moments} moments; at most {most_lost} bytes lost, {most_lost / FILE_BYTES:.2%} of the file "
          f"or {most_lost / BYTES_PER_SECOND:.1f} s; {lost_together / max(moments, 1) / FILE_BYTES:.2%} on average")
    for line in wrong:
        print(f"WRONG: {line}", file=sys.stderr)
    return 1 if wrong or moments < given.cuts * AT_ONCE // 2 else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""A long session of planner's screen beside the stand-in for LM Studio: does it grow, does it miss anything?

    screen_long.py --planner target/debug/planner --lms target/debug/stand-in-lms [--minutes 10] [--times 6]

In tmux, with a clock that runs `--times` as fast (libfaketime), a loaded plan is watched. Again and again somebody else
loads a model and unloads it: each has to be seen. Between, sliders move, models are filtered and asked about, panes
change. Memory is what the system says of the process. Ends with 1 where a change was not seen, or where the last third
of the session has more than 4 MB and 3 % more memory than the second.
"""

from __future__ import annotations

import argparse
import glob
import json
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from stand_in import Studio, model
from terminal import Terminal

STRANGER = model("stranger", "x/Stranger-GGUF/Stranger-Q8_0.gguf", "Q8_0", 2_000_000_000)
ASKED = ["--task", "code", "--machine", "macbook-air-m4-16gb"]
FILTERS = ("qwen", "gpt", "gemma", "glm")
MOST_BYTES, MOST_SHARE = 4 << 20, 0.03


def screen(studio: Studio, times: float) -> Terminal:
    """The screen, with its clock so many times as fast."""
    named = {"PLANNER_MACHINE": ASKED[3], "PLANNER_TASKS": "code"}
    if times != 1:
        [library] = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
        named |= {"FAKETIME": f"+0 x{times:g}", "LD_PRELOAD": library}
    return Terminal([str(studio.planner)], studio.environment | named, 100, 30)


def planned(studio: Studio) -> None:
    """Has the plan's own model on the disk, beside a stranger."""
    command = [str(studio.planner), "recommend", *ASKED, "--format", "json"]
    done = subprocess.run(command, env=studio.environment, capture_output=True, text=True, check=True)
    [entry] = json.loads(done.stdout)["loadout"]
    repository = entry["repository"].replace("https://huggingface.co/", "")
    file = f"{repository}/{(entry['files'] or 'model.gguf').replace('*', '')}"
    studio.install(model("planned", file, entry["quantization"], entry["memory"]["weights_bytes"]), STRANGER)


def lms(studio: Studio, *words: str) -> None:
    command = [str(studio.state.parent / "bin/lms"), *words]
    subprocess.run(command, env=studio.environment, capture_output=True, check=True)


def load_the_plan(terminal: Terminal) -> None:
    terminal.until("Keep ")
    terminal.press("s", "day", "Enter")
    terminal.until("saved as day")
    terminal.press("n")
    terminal.until("1 day")
    terminal.press("1")
    terminal.until("Change what is loaded?")
    terminal.press("y")
    terminal.until("exactly the plan is loaded")


def drift(studio: Studio, terminal: Terminal) -> list[float]:
    """Somebody loads another model, and unloads it: how long each took to be seen."""
    lms(studio, "load", "--identifier=stranger", "--context-length=8192", "--yes", "--", "stranger")
    seen = [terminal.until("Not as planned")]
    lms(studio, "unload", "stranger")
    return [*seen, terminal.until("exactly the plan is loaded")]


def busy(terminal: Terminal, turn: int) -> None:
    """What a user does between."""
    terminal.press("p")
    terminal.until("Keep ")
    for key in ("Down", "Right", "Right", "Left", "Left", "Up"):
        terminal.press(key)
        time.sleep(0.2)
    terminal.until("solving", there=False)
    terminal.press("m")
    terminal.until("Quality")
    before = ["BSpace"] * len(FILTERS[turn % 4 - 1])
    terminal.press("/", *before, FILTERS[turn % 4], "Enter")
    time.sleep(0.3)
    terminal.press("Enter")
    time.sleep(0.5)
    # Where the clock runs fast, so does the time that an answer may take: there may be none to "why not".
    terminal.until("looking at", there=False)
    terminal.press("Escape")
    time.sleep(0.5)
    for key in ("b", "?", "Escape", "n"):
        terminal.press(key)
        time.sleep(0.4)


def session(studio: Studio, given: argparse.Namespace) -> int:
    terminal = screen(studio, given.times)
    try:
        load_the_plan(terminal)
        began, samples, waits, turn = time.monotonic(), [], [], 0
        while time.monotonic() - began < given.minutes * 60:
            waits += drift(studio, terminal)
            if turn % 3 == 0:
                busy(terminal, turn // 3)
                terminal.until("exactly the plan is loaded")
            samples.append(terminal.memory())
            turn += 1
            time.sleep(1)
        return verdict(samples, waits, given)
    finally:
        terminal.end()


def verdict(samples: list[int], waits: list[float], given: argparse.Namespace) -> int:
    third = len(samples) // 3
    parts = [statistics.median(samples[n * third:(n + 1) * third]) for n in range(3)]
    print(f"{given.minutes:g} minutes at {given.times:g} times the speed: {len(waits)} changes, all seen, "
          f"after {statistics.median(waits):.1f} s (at most {max(waits):.1f})")
    print("memory, median of each third: " + ", ".join(f"{part / 1e6:.1f} MB" for part in parts)
          + f"; at most {max(samples) / 1e6:.1f}")
    growth = parts[2] - parts[1]
    return int(growth > max(MOST_BYTES, MOST_SHARE * parts[1]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("planner", "lms"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--times", type=float, default=6)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio(Path(folder), given.planner.resolve(), given.lms.resolve())
        planned(studio)
        raise SystemExit(session(studio, given))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""The same three questions to planner's screen and to llmfit's: keys pressed, seconds to the answer, and what is shown.

    pip install llmfit==1.1.17
    beside_llmfit.py --planner target/release/planner --llmfit $(which llmfit)

For a MacBook Pro M3 Max with 128 GB, which both know by name. A letter of a name is a key too. Seconds count from the
start of the program for the first question, and from the first key for the others, to the answer on the screen.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

from terminal import Terminal

MODEL = "gpt-oss-120b"
SMALLER = "For          MacBook Pro M3 Max, 64 GB"
PLANNER = [
    ("What should be loaded for coding?", [], "For          MacBook Pro M3 Max, 128 GB"),
    (f"Does {MODEL} fit, how fast is it, and is it better?", ["m", "/", *MODEL, "Enter", "Enter"], f"Why not {MODEL}"),
    # Machines stand in the order of their memory: on until the asked one is reached.
    ("And with 64 GB?", ["Escape", "p", "End", "Up", "Up", ("Right", SMALLER)], SMALLER),
]
# Memory and, apart from it, what of it is the GPU's.
SIXTY_FOUR = [*["BSpace"] * 5, "6", "4"]
LLMFIT = [
    (PLANNER[0][0], ["U", "a", "Down", "Space", "Escape", "Enter"], "Score Breakdown"),
    (PLANNER[1][0], ["Escape", "U", "a", "Escape", "/", *MODEL, "Enter", "Enter"], "Score Breakdown"),
    (PLANNER[2][0], ["Escape", "S", *SIXTY_FOUR, "Tab", *SIXTY_FOUR, "Enter"], "64.0 GB total"),
]


def pressed(terminal: Terminal, keys: list) -> int:
    """Presses keys one by one; how many there were. One with a text is pressed, and answered, until that shows."""
    count = 0
    for key in keys:
        if isinstance(key, str):
            terminal.press(key)
            count += 1
            time.sleep(0.05)
            continue
        again, text = key
        while text not in terminal.shown():
            terminal.press(again)
            count += 1
            time.sleep(0.25)
            terminal.until("solving", there=False)
            if count > 150:
                raise SystemExit(f"{again} never leads to {text}\n{terminal.shown()}")
    return count


def asked(name: str, words: list[str], environment: dict[str, str], questions: list) -> None:
    began = time.monotonic()
    terminal = Terminal(words, environment, 120, 50)
    try:
        for at, (question, keys, answer) in enumerate(questions):
            if at:
                began = time.monotonic()
            elif keys:
                terminal.until("Models (")
            count = pressed(terminal, keys)
            terminal.until(answer, 60)
            seconds = time.monotonic() - began
            time.sleep(0.5)
            print(f"\n-- {name}: {question} {count} keys, {seconds:.1f} s\n{terminal.shown()}")
    finally:
        terminal.end()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("planner", "llmfit"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        own = {"HOME": home, "XDG_CONFIG_HOME": home, "PATH": os.environ["PATH"]}
        asked("planner", [str(given.planner.resolve())], own | {"PLANNER_MACHINE": "macbook-pro-m3-max-128gb"}, PLANNER)
        asked("llmfit", [str(given.llmfit.resolve()), "--profile", "apple-m3-max-128gb"], own, LLMFIT)


if __name__ == "__main__":
    main()

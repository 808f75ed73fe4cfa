"""A program in tmux: keys in, and what the terminal shows."""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from pathlib import Path


class Terminal:
    """A terminal with one program in it."""

    def __init__(self, words: list[str], environment: dict[str, str], columns: int, rows: int) -> None:
        # A server that was told to end is still there for a moment: each has a name of its own.
        self.socket = f"planner-{os.getpid()}-{time.monotonic_ns()}"
        settings = [f"{name}={value}" for name, value in environment.items()]
        self.tmux("new-session", "-d", "-s", "screen", "-x", str(columns), "-y", str(rows),
                  shlex.join(["exec", "env", *settings, *words]))
        self.process = int(self.tmux("display", "-p", "-t", "screen", "#{pane_pid}"))

    def tmux(self, *words: str) -> str:
        command = ["tmux", "-L", self.socket, "-f", "/dev/null", *words]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"tmux {words[0]}: {done.stderr}")
        return done.stdout

    def press(self, *keys: str) -> None:
        self.tmux("send-keys", "-t", "screen", *keys)

    def shown(self) -> str:
        return self.tmux("capture-pane", "-p", "-t", "screen")

    def until(self, text: str, seconds: float = 30, *, there: bool = True) -> float:
        """Waits until the screen says it, or no more; after how long."""
        began = time.monotonic()
        while (text in (shown := self.shown())) != there:
            if time.monotonic() - began > seconds:
                raise SystemExit(f"after {seconds} s {'not' if there else 'still'} on the screen: {text}\n{shown}")
            time.sleep(0.05)
        return time.monotonic() - began

    def memory(self) -> int:
        """Bytes in memory that are the process's."""
        [line] = [row for row in Path(f"/proc/{self.process}/status").read_text().splitlines() if "VmRSS" in row]
        return int(line.split()[1]) * 1024

    def end(self) -> None:
        subprocess.run(["tmux", "-L", self.socket, "kill-server"], capture_output=True, check=False)

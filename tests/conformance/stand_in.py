"""A folder with the stand-in for LM Studio, which scripts of this folder drive planner beside."""

from __future__ import annotations

import json
import os
from pathlib import Path

CODER = "Qwen/Qwen3-Coder-Next-GGUF/Qwen3-Coder-Next-Q4_K_M.gguf"
MINIMAX = "unsloth/MiniMax-M2.1-GGUF/Q4_K_S/MiniMax-M2.1-Q4_K_S-00001-of-00003.gguf"


def model(key: str, path: str, quantization: str, size: int) -> dict:
    """A row of `lms ls --json`."""
    return {
        "type": "llm", "modelKey": key, "format": "gguf", "displayName": key, "publisher": "p", "path": path,
        "sizeBytes": size, "indexedModelIdentifier": path, "deviceIdentifier": None, "architecture": "a",
        "quantization": {"name": quantization, "bits": 4}, "vision": False, "trainedForToolUse": True,
        "maxContextLength": 262144,
    }


class Studio:
    """LM Studio and its user's home, in a folder."""

    def __init__(self, folder: Path, planner: Path, lms: Path) -> None:
        self.state, self.planner = folder / "state", planner
        for sub in ("bin", "state", "home/.lmstudio/.internal", "xdg"):
            (folder / sub).mkdir(parents=True)
        (folder / "bin/lms").symlink_to(lms)
        self.install(model("minimax-m2.1@q4_k_s", MINIMAX, "Q4_K_S", 130_032_000_000),
                     model("qwen3-coder-next", CODER, "Q4_K_M", 48_485_000_000))
        self.environment = {
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "HOME": str(folder / "home"),
            "XDG_CONFIG_HOME": str(folder / "xdg"), "XDG_STATE_HOME": str(folder / "xdg/state"),
            "XDG_DATA_HOME": str(folder / "xdg/data"), "STAND_IN_LMS": str(self.state),
        }

    def loaded(self) -> list[str]:
        path = self.state / "loaded.json"
        return sorted(row["modelKey"] for row in json.loads(path.read_text())) if path.exists() else []

    def install(self, *rows: dict) -> None:
        """What is on the disk, in place of what was."""
        (self.state / "models.json").write_text(json.dumps(rows))

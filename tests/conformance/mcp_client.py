#!/usr/bin/env python3
"""Has the official MCP client ask planner's tools, in both ways that the protocol knows to begin and to ask back.

    mcp_client.py --planner target/debug/planner --lms target/debug/stand-in-lms --plan plan.json

The client holds each structured answer against the tool's own schema itself. `plan.json` is for the study's two
models (`recommend --campaign llm-mac-512 --task code --task general --machine m3-ultra-512gb`), which the stand-in
for `lms` has on its disk.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
from pathlib import Path

from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.types import ElicitResult

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


class World:
    """A folder with the stand-in for LM Studio."""

    def __init__(self, folder: Path, planner: Path, lms: Path) -> None:
        self.state, self.planner = folder / "state", planner
        for sub in ("bin", "state", "home/.lmstudio/.internal", "xdg"):
            (folder / sub).mkdir(parents=True)
        (folder / "bin/lms").symlink_to(lms)
        rows = [model("minimax-m2.1@q4_k_s", MINIMAX, "Q4_K_S", 130_032_000_000),
                model("qwen3-coder-next", CODER, "Q4_K_M", 48_485_000_000)]
        (self.state / "models.json").write_text(json.dumps(rows))
        self.environment = {
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "HOME": str(folder / "home"),
            "XDG_CONFIG_HOME": str(folder / "xdg"), "XDG_STATE_HOME": str(folder / "xdg/state"),
            "XDG_DATA_HOME": str(folder / "xdg/data"), "STAND_IN_LMS": str(self.state),
        }

    def loaded(self) -> list[str]:
        path = self.state / "loaded.json"
        return sorted(row["modelKey"] for row in json.loads(path.read_text())) if path.exists() else []

    def client(self, mode: str, answer: str, asked: list[str]) -> Client:
        async def elicit(_context: object, params: object) -> ElicitResult:
            asked.append(params.message)
            return ElicitResult(action=answer, content={} if answer == "accept" else None)

        server = StdioServerParameters(command=str(self.planner), args=["mcp"], env=self.environment)
        return Client(server, mode=mode, elicitation_callback=elicit)


async def document(client: Client, tool: str, arguments: dict) -> dict:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, (tool, result.content)
    assert result.structured_content is not None, tool
    return result.structured_content


async def error(client: Client, tool: str, arguments: dict) -> str:
    result = await client.call_tool(tool, arguments)
    assert result.is_error, (tool, result.structured_content)
    return result.content[0].text


async def story(world: World, plan: str, mode: str) -> None:
    """An agent looks around, is refused, applies with consent, and takes it back."""
    asked: list[str] = []
    async with world.client(mode, "decline", asked) as client:
        assert "nothing was changed" in await error(client, "apply", {"plan": plan, "any_machine": True})
        assert len(asked) == 1 and world.loaded() == [], (asked, world.loaded())
    asked.clear()
    async with world.client(mode, "accept", asked) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert len(tools) == 8 and tools["apply"].annotations.destructive_hint, list(tools)
        made = await document(client, "recommend", {"tasks": ["code"], "machine": "m4-max-64gb", "name": "mine"})
        best = made["loadout"][0]
        why = await document(client, "explain", {"plan": "mine", "why_not": "gpt-oss-120b", "time_limit_seconds": 5})
        assert why["why_not"]["model"] == "gpt-oss-120b"
        assert (await document(client, "whatif", {"plan": "mine", "agents": [3]}))["scenarios"]
        name = f"{best['model']}/{best['variant']}"
        fit = await document(client, "fit", {"model": name, "machine": "m4-max-64gb", "context": 8192,
                                             "beside_loaded": True})
        assert fit["verdict"] == "fits", fit["verdict"]
        assert (await document(client, "models", {"task": "code"}))["models"]
        assert (await document(client, "machines", {"words": ["m4", "max"]}))["machines"]
        assert "did you mean `tasks`" in await error(client, "recommend", {"taks": ["code"]})
        assert (await document(client, "status", {}))["loaded"] == []
        done = await document(client, "apply", {"plan": plan, "any_machine": True})
        assert done["outcome"] == "applied" and len(world.loaded()) == 2, (done, world.loaded())
        assert (await document(client, "status", {"plan": plan}))["drift"] == []
        back = await document(client, "apply", {"undo": True})
        assert back["outcome"] == "rolled_back" and world.loaded() == [], (back, world.loaded())
        assert len(asked) == 2 and "load" in asked[0], asked


async def two_at_once(world: World) -> None:
    """Two clients have a plan of the same name each, and do not see the other's."""
    async with world.client("auto", "decline", []) as one, world.client("legacy", "decline", []) as other:
        asked = [("m4-max-64gb", one), ("m3-ultra-512gb", other)]
        plans = await asyncio.gather(*(document(c, "recommend", {"tasks": ["code"], "machine": m}) for m, c in asked))
        answers = await asyncio.gather(*(document(c, "whatif", {"agents": [2]}) for _, c in asked))
        for plan, answer in zip(plans, answers):
            mine = [f"{e['model']}/{e['variant']}" for e in plan["loadout"]]
            assert [m["variant"] for m in answer["current"]["members"]] == mine, (mine, answer["current"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("planner", "lms", "plan"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    given = parser.parse_args()
    for mode in ("legacy", "auto"):
        with tempfile.TemporaryDirectory() as folder:
            world = World(Path(folder), given.planner.resolve(), given.lms.resolve())
            asyncio.run(story(world, str(given.plan.resolve()), mode))
            asyncio.run(two_at_once(world))
        print(f"{mode}: every tool answers by its schema; refused, applied with consent, taken back; two at once")


if __name__ == "__main__":
    main()

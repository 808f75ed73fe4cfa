#!/usr/bin/env python3
"""Has the official MCP client ask planner's tools, over standard input and over HTTP, in both ways that the protocol
knows to begin and to ask back; and knocks at the door of the HTTP server without what lets one in.

    mcp_client.py --planner target/debug/planner --lms target/debug/stand-in-lms --plan plan.json

The client holds each structured answer against the tool's own schema itself. `plan.json` is for the study's two
models (`recommend --campaign llm-mac-512 --task code --task general --machine m3-ultra-512gb`), which the stand-in
for `lms` has on its disk.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import re
import signal
import stat
import subprocess
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.types import ElicitResult

from stand_in import Studio

NONSENSE = [
    ("recommend", {"taks": ["code"]}, "did you mean `tasks`"),
    ("recommend", {"tasks": ["cod"]}, "did you mean `code`"),
    ("recommend", {"tasks": ["code"], "reserve": "24"}, "argument `reserve` of `recommend`"),
    ("fit", {"model": "qwen3-coder-nxt/gguf-q4_k_m"}, "qwen3-coder-nxt"),
    ("explain", {"plan": "never"}, "saved plan not found: `never`"),
    ("machines", {"words": ["cray"]}, "no machine is like that"),
    ("apply", {"plan": "x", "undo": True}, "one of `plan`, `undo` and `resume`"),
]


def user(answer: str, asked: list[str]) -> object:
    """Who is asked, and always says the same."""
    async def elicit(_context: object, params: object) -> ElicitResult:
        asked.append(params.message)
        return ElicitResult(action=answer, content={} if answer == "accept" else None)

    return elicit


class Piped(Studio):
    """The stand-in, and a server for each client, over standard input."""

    @contextlib.asynccontextmanager
    async def client(self, mode: str, answer: str, asked: list[str]) -> AsyncIterator[Client]:
        server = StdioServerParameters(command=str(self.planner), args=["mcp"], env=self.environment)
        async with Client(server, mode=mode, elicitation_callback=user(answer, asked)) as client:
            yield client


class Served(Studio):
    """The stand-in, and one server for all clients, over HTTP."""

    def __init__(self, folder: Path, planner: Path, lms: Path) -> None:
        super().__init__(folder, planner, lms)
        command = [str(planner), "mcp", "--http", "0"]
        self.server = subprocess.Popen(command, env=self.environment, stderr=subprocess.PIPE, text=True)
        said = self.server.stderr.readline()
        self.url = re.search(r"http://[^ ,]+", said)[0]
        kept = Path(re.search(r"token in (\S+);", said)[1])
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600, kept
        self.token = kept.read_text().strip()

    @contextlib.asynccontextmanager
    async def client(self, mode: str, answer: str, asked: list[str]) -> AsyncIterator[Client]:
        headers = {"Authorization": f"Bearer {self.token}"}
        async with httpx2.AsyncClient(headers=headers, timeout=120) as http:
            transport = streamable_http_client(self.url, http_client=http)
            async with Client(transport, mode=mode, elicitation_callback=user(answer, asked)) as client:
                yield client


async def document(client: Client, tool: str, arguments: dict) -> dict:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, (tool, result.content)
    assert result.structured_content is not None, tool
    return result.structured_content


async def error(client: Client, tool: str, arguments: dict) -> str:
    result = await client.call_tool(tool, arguments)
    assert result.is_error, (tool, result.structured_content)
    return result.content[0].text


async def story(world: Studio, plan: str, mode: str) -> None:
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
        for tool, arguments, wrong in NONSENSE:
            said = await error(client, tool, arguments)
            assert wrong in said and "hint: " in said, said
        assert (await document(client, "status", {}))["loaded"] == []
        done = await document(client, "apply", {"plan": plan, "any_machine": True})
        assert done["outcome"] == "applied" and len(world.loaded()) == 2, (done, world.loaded())
        assert (await document(client, "status", {"plan": plan}))["drift"] == []
        back = await document(client, "apply", {"undo": True})
        assert back["outcome"] == "rolled_back" and world.loaded() == [], (back, world.loaded())
        assert len(asked) == 2 and "load" in asked[0], asked


async def two_at_once(world: Studio) -> None:
    """Two clients have a plan that neither named, and do not get the other's; one whose protocol has no sessions gives
    the name that it was told."""
    async with world.client("auto", "decline", []) as one, world.client("legacy", "decline", []) as other:
        async def both(client: Client, machine: str) -> tuple[dict, dict]:
            made = await client.call_tool("recommend", {"tasks": ["code"], "machine": machine})
            await asyncio.sleep(0.5)
            name = re.search(r"This plan is `([^`]+)`", made.content[0].text)[1]
            told = client.protocol_version >= "2026-07-28" and isinstance(world, Served)
            assert (name != "plan") == told, (name, client.protocol_version)
            plan = {"plan": name} if told else {}
            return made.structured_content, await document(client, "whatif", plan | {"agents": [2]})

        for plan, answer in await asyncio.gather(both(one, "m4-max-64gb"), both(other, "m3-ultra-512gb")):
            mine = [f"{e['model']}/{e['variant']}" for e in plan["loadout"]]
            assert [m["variant"] for m in answer["current"]["members"]] == mine, (mine, answer["current"])


def knock(world: Served) -> None:
    """What is answered to those who lack the token, come from somebody's page, or say too much."""
    begin = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "0"}}}
    right = {"Authorization": f"Bearer {world.token}", "Accept": "application/json, text/event-stream"}
    port = httpx2.URL(world.url).port
    for code, change in [
        (200, {}),
        (200, {"Origin": f"http://127.0.0.1:{port}"}),
        (401, {"Authorization": ""}),
        (401, {"Authorization": "Bearer wrong"}),
        (401, {"Authorization": f"Bearer {world.token}x"}),
        (401, {"Authorization": f"Basic {world.token}"}),
        (403, {"Origin": "https://example.com"}),
        (403, {"Origin": f"http://127.0.0.1:{port + 1}"}),
        (403, {"Origin": "null"}),
        (403, {"Host": "rebound.example"}),
        (403, {"Host": f"rebound.example:{port}"}),
    ]:
        got = httpx2.post(world.url, json=begin, headers=right | change)
        assert got.status_code == code, (change, got)
    assert "Bearer" in httpx2.post(world.url, json=begin).headers["www-authenticate"]
    assert httpx2.post(world.url + "x", json=begin, headers=right).status_code == 404
    assert httpx2.post(world.url, content=b"x" * (2 << 20), headers=right | {
        "Content-Type": "application/json"}).status_code == 413


async def left_open(world: Served) -> None:
    """The server ends in order while a client is there."""
    with contextlib.suppress(Exception):  # What a client makes of it is its own.
        async with world.client("legacy", "decline", []) as client:
            await client.list_tools()
            world.server.send_signal(signal.SIGINT)
            await asyncio.to_thread(world.server.wait, 20)
    assert world.server.poll() == 0, (world.server.poll(), world.server.stderr.read())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("planner", "lms", "plan"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    given = parser.parse_args()
    for kind in (Piped, Served):
        for mode in ("legacy", "auto"):
            with tempfile.TemporaryDirectory() as folder:
                world = kind(Path(folder), given.planner.resolve(), given.lms.resolve())
                asyncio.run(story(world, str(given.plan.resolve()), mode))
                asyncio.run(two_at_once(world))
                if isinstance(world, Served):
                    knock(world)
                    asyncio.run(left_open(world))
            transport = "HTTP" if kind is Served else "standard input"
            print(f"{transport}, {mode}: every tool answers by its schema; refused, applied with consent, taken back; "
                  "two at once")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Lets `planner bench --quality` ask a real, small model through llama.cpp's own server.

    quality.py --planner target/debug/planner --model smollm2.gguf

How many tasks so small a model passes is its own affair. What has to hold: every task is answered, tokens are the
server's count, a second run at temperature 0 comes to the same, and what is judged passed and failed agrees with
reading the recorded answers again here.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CONTEXT = 8192


def serve(model: str) -> None:
    """Serves until it is killed; the first line that it prints is its address."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = model
    params.model_alias = {"smollm2"}
    params.n_ctx = CONTEXT
    params.n_parallel = 1
    params.warmup = False
    params.use_jinja = True
    params.cpuparams.n_threads = 1
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    time.sleep(3600)


def ask(planner: str, address: str, out: Path) -> dict:
    command = [planner, "bench", "--quality", "--base-url", f"{address}/v1", "--max-tokens", "512",
               "--out", str(out), "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1800)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def judge(first: dict, second: dict) -> list[str]:
    """What does not hold."""
    wrong = []
    tasks = first["models"][0]["tasks"]
    for task in tasks:
        print(f"{task['task']:<24}\t{task['outcome']:<12}\t{task['completion_tokens']}\t{task['seconds']}\t{task['why'] or ''}"[:160])
        if task["outcome"] == "unanswered":
            wrong.append(f"{task['task']}: {task['why']}")
        if task["outcome"] in ("passed", "failed") and not 1 <= (task["completion_tokens"] or 0) <= 512:
            wrong.append(f"{task['task']}: {task['completion_tokens']} tokens")
        # What is no JSON here was judged no JSON there; `answer` is whole below 400 characters.
        if "is no JSON" in (task["why"] or "") and len(task["answer"] or "") < 400:
            try:
                json.loads(task["answer"].encode().decode("unicode_escape").strip().removeprefix("```json").removesuffix("```"))
                wrong.append(f"{task['task']} is JSON: {task['answer']}")
            except ValueError:
                pass
    if len(tasks) != 16:
        wrong.append(f"{len(tasks)} tasks")
    # What 16k tokens take does not fit, and is said to.
    left = [t["task"] for t in tasks if t["outcome"] == "left_out"]
    if "needle/after-16k" not in left or not any(t.startswith("needle/") and t not in left for t in (x["task"] for x in tasks)):
        wrong.append(f"left out: {left}")
    again = {t["task"]: t["outcome"] for t in second["models"][0]["tasks"]}
    changed = [t["task"] for t in tasks if again[t["task"]] != t["outcome"]]
    if changed:
        wrong.append(f"another outcome at temperature 0: {changed}")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--planner", default="planner")
    parser.add_argument("--model", help="a GGUF file of SmolLM2")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        serve(args.serve)
        return 0
    server = subprocess.Popen([sys.executable, __file__, "--serve", args.model], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True)
    try:
        address = server.stdout.readline().strip()
        if not address:
            print("the server did not start", file=sys.stderr)
            return 1
        with tempfile.TemporaryDirectory() as folder:
            runs = [ask(args.planner, address, Path(folder) / f"{n}.json") for n in (1, 2)]
    finally:
        server.kill()
        server.wait()
    wrong = judge(*runs)
    print(runs[0]["models"][0]["summary"])
    for line in wrong:
        print(f"WRONG: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

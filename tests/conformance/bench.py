#!/usr/bin/env python3
"""Holds `planner bench` against a real server: llama.cpp's own, with a small model of random weights.

    bench.py --planner target/debug/planner      measure, print planner's figures beside the server's, exit 1 where
                                                 they contradict each other
    bench.py --quiet-machine ...                 exit 1 also where times differ by more than a quiet machine explains

The server times every request itself (`timings`). Its prompt time is the time to the first token less what the
connection and the client add; its decode speed leaves nothing out. On a machine that is busy with other things the
first token comes to a client as late as the system lets it, so there it is only held from below: no client can have
a token that the server had not made. The table prints every difference.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import tiny

# Medians over the requests of a run. Decode is both sides' count over both sides' time, busy or not.
DECODE_PERCENT = 5.0
# The rest on a quiet machine.
FIRST_TOKEN_PERCENT = 5.0
# Prompts of this many tokens and more that the server had to read; shorter ones tell its latency.
PREFILL_TOKENS = 256
PREFILL_PERCENT = 10.0
# A first token within this of the server's is right whatever its share: a connection and a thread take about that.
FIRST_TOKEN_SECONDS = 0.010


def serve(model: str) -> None:
    """Serves until it is killed; the first line that it prints is its address."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = model
    params.model_alias = {"tiny-random"}
    params.n_ctx = 8192
    params.n_parallel = 4
    params.kv_unified = True
    params.warmup = False
    params.cpuparams.n_threads = 1
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    time.sleep(3600)


def rows(result: dict) -> list[tuple[str, str, float, float]]:
    """(request, figure, planner's, server's) of every request that has both."""
    out = []
    for r in result["models"][0]["requests"]:
        ours, theirs = r["figures"], r["figures"]["server"] or {}
        what = f"{r['series']} {r['test']} run {r['run']}"
        if r["depth_tokens"] is not None:
            what += f" depth {r['figures']['prompt_tokens']}"
        if r["concurrency"] > 1:
            # The server's prompt time leaves out the wait for the other streams' prompts.
            what += f" stream {r['stream']} of {r['concurrency']}"
        read = (r["figures"]["prompt_tokens"] or 0) - (r["figures"]["cached_tokens"] or 0)
        if r["concurrency"] == 1 and read >= PREFILL_TOKENS and ours["prefill_tokens_per_second"] and theirs.get("prefill_tokens_per_second"):
            out.append((f"{what} ({read} read)", "prefill_tokens_per_second", ours["prefill_tokens_per_second"],
                        theirs["prefill_tokens_per_second"]))
        for figure in ("time_to_first_token_seconds", "decode_tokens_per_second"):
            alone = r["concurrency"] == 1 or figure == "decode_tokens_per_second"
            if alone and r["max_tokens"] > 1 and ours[figure] is not None and theirs.get(figure):
                out.append((what, figure, ours[figure], theirs[figure]))
    return out


# A first token may be seen this much before the server says it was made: both clocks are rounded.
EARLIER_SECONDS = 0.002


def early(table: list[tuple[str, str, float, float]]) -> list[str]:
    """First tokens that planner says it had before the server had read the prompt."""
    return [f"{what}: a first token after {ours:.4f} s, which the server made after {theirs:.4f} s"
            for what, figure, ours, theirs in table
            if figure == "time_to_first_token_seconds" and ours < theirs - EARLIER_SECONDS]


def judge(result: dict, quiet: bool) -> list[str]:
    """What does not hold."""
    wrong = []
    table = rows(result)
    print(f"{'request':<42}\t{'figure':<28}\tplanner\tserver\tdifference")
    for what, figure, ours, theirs in table:
        print(f"{what:<42}\t{figure:<28}\t{ours:.4f}\t{theirs:.4f}\t{(ours / theirs - 1) * 100:+.2f} %")
    for figure, most in (("decode_tokens_per_second", DECODE_PERCENT), ("time_to_first_token_seconds", FIRST_TOKEN_PERCENT),
                         ("prefill_tokens_per_second", PREFILL_PERCENT)):
        pairs = [(a, b) for _, f, a, b in table if f == figure]
        percent = [(a / b - 1) * 100 for a, b in pairs]
        middle = statistics.median(percent)
        apart = statistics.median(a - b for a, b in pairs)
        print(f"{figure}: median {middle:+.2f} %, {min(percent):+.2f} to {max(percent):+.2f} % over {len(pairs)} requests")
        near = figure.startswith("time") and abs(apart) <= FIRST_TOKEN_SECONDS
        held = quiet or figure.startswith("decode")
        if held and abs(middle) > most and not near:
            wrong.append(f"{figure} differs by {middle:+.2f} %")
    wrong += early(table)
    for r in result["models"][0]["requests"]:
        if r["outcome"] != "measured" and r["max_tokens"] > 1:
            wrong.append(f"{r['series']} {r['test']}: {r['problem']}")
        # A model that never ends by itself gives exactly what was asked for.
        if r["figures"]["completion_tokens"] != r["max_tokens"]:
            wrong.append(f"{r['figures']['completion_tokens']} tokens of {r['max_tokens']}")
    warm = [r["figures"] for r in result["models"][0]["requests"] if r["series"] == "warm"]
    if not warm or any(f["cached_tokens"] < 0.8 * (f["prompt_tokens"] - 1024) for f in warm):
        wrong.append("a warm prompt was not kept")
    for depth in result["models"][0]["summary"]["depths"]:
        if depth["depth_tokens"] and abs(depth["prompt_tokens"]["median"] / depth["depth_tokens"] - 1) > 0.1:
            wrong.append(f"aimed at {depth['depth_tokens']} tokens and sent {depth['prompt_tokens']}")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--planner", default="planner")
    parser.add_argument("--quiet-machine", action="store_true", help="hold times from above too")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        serve(args.serve)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "tiny.gguf"
        tiny.write(model)
        server = subprocess.Popen([sys.executable, __file__, "--serve", str(model)], stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, text=True)
        try:
            address = server.stdout.readline().strip()
            if not address:
                print("the server did not start", file=sys.stderr)
                return 1
            command = [args.planner, "bench", "--base-url", f"{address}/v1", "--lang", "en", "--runs", "1",
                       "--depth", "0,1k", "--streams", "2", "--out", folder, "--format", "json"]
            done = subprocess.run(command, capture_output=True, text=True, timeout=900)
        finally:
            server.kill()
            server.wait()
    if done.returncode not in (0, 1):
        print(done.stderr, file=sys.stderr)
        return 1
    wrong = judge(json.loads(done.stdout), args.quiet_machine)
    for line in wrong:
        print(f"WRONG: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""planner beside the real `lms`: see README.md."""

import argparse
import pathlib
import sys
import tempfile
import traceback

from checks import ONE_BY_ONE, Bench
from loops import flaky, installs_killed, killed
from world import World


def main():
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--planner", required=True)
    args.add_argument("--build", required=True, help="the folder that build.mjs wrote")
    args.add_argument("--applies", type=int, default=200, help="applies beside failing readings")
    args.add_argument("--kills", type=int, default=60, help="kills of an apply, and as many of an install")
    args.add_argument("--seed", type=int, default=1)
    args.add_argument("--only", help="these checks alone, by their names with commas between")
    args.add_argument("--keep", help="a folder for the world, kept afterwards")
    args.add_argument("--sdk", choices=["lms", "lms-npm"], help="with this SDK alone")
    args = args.parse_args()
    failed = 0
    for at, sdk in enumerate([args.sdk] if args.sdk else ["lms", "lms-npm"]):
        with tempfile.TemporaryDirectory() as folder:
            failed += beside(args, sdk, pathlib.Path(args.keep or folder) / sdk, at)
    return 1 if failed else 0


def beside(args, sdk, folder, at):
    world = World(args.build, args.planner, folder, sdk)
    failed = 0
    try:
        world.start()
        plan = folder / "plan.json"
        made = world.plan("recommend", "--campaign", "llm-mac-512", "--task", "code", "--task", "general",
                          "--machine", "m3-ultra-512gb", "--out", plan)
        if made.returncode != 0:
            raise RuntimeError(made.stderr)
        bench = Bench(world, plan)
        for check in ONE_BY_ONE:
            failed += one(args, sdk, check.__name__, lambda: check(bench))
        # The many share both SDKs between them.
        sdks = 1 if args.sdk else 2
        many = [(flaky, args.applies), (killed, args.kills), (installs_killed, args.kills)]
        for loop, rounds in many:
            share = len(range(at, rounds, sdks))
            failed += one(args, sdk, loop.__name__, lambda: loop(bench, share, args.seed + 1000 * at, tell))
    finally:
        world.stop()
    return failed


def tell(text):
    print(text, flush=True)


def one(args, sdk, name, check):
    if args.only and name not in args.only.split(","):
        return 0
    try:
        failures, summary = check() or ([], "")
    except Exception:  # noqa: BLE001 - whatever it was, the others are still asked
        tell(traceback.format_exc())
        failures, summary = [name], ""
    tell(f"{'FAIL' if failures else 'ok'}\t{sdk}\t{name}\t{summary}{f' wrong: {failures}' if failures else ''}")
    return len(failures)


if __name__ == "__main__":
    sys.exit(main())

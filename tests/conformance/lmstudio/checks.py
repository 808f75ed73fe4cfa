"""What planner does with the real `lms`, each held against the server's own account."""

import json
import os
import pathlib
import signal
import time

from world import row, words

KEYS = {"minimax-m2.1": "minimax-m2.1@q4_k_s", "qwen3-coder-next": "qwen3-coder-next"}
STRANGER = ("stranger", "stranger", 8192, 2, 600)
LINKED = "linked-mac"


class Bench:
    """A plan of two models, what is on disk for it, and what it should come to."""

    def __init__(self, world, plan):
        self.world, self.path = world, pathlib.Path(plan)
        self.entries = json.loads(self.path.read_text())["loadout"]
        self.planned = sorted((e["identifier"], KEYS[e["identifier"]], e["settings"]["context"],
                               e["settings"]["slots"], None) for e in self.entries)
        first = self.planned[0]
        self.mess = sorted([(first[0], first[1], 4096, 4, None), (f"{first[0]}:2", *first[1:]), STRANGER])
        self.befores = [[], [STRANGER], self.mess, sorted([first, STRANGER])]
        self.models = [
            row("qwen3-coder-next-extra-long", "x/qwen3-coder-next-extra-long-GGUF/Q4_K_M.gguf", "Q4_K_M", 48_485_000_000),
            *(self.on_disk(e) for e in self.entries),
            row("stranger", "x/Stranger-GGUF/Stranger-Q8_0.gguf", "Q8_0", 20_000_000_000),
        ]
        world.control(models=self.models)

    def on_disk(self, entry, **more):
        folder = entry["repository"].removeprefix("https://huggingface.co/")
        file = entry["files"].replace("*", "model-", 1).replace("*", ".gguf")
        return row(KEYS[entry["identifier"]], f"{folder}/{file}", entry["quantization"],
                   entry["memory"]["weights_bytes"], **more)

    def apply(self, *more, **how):
        goal = more if more and more[0] in ("--undo", "--resume") else (self.path, "--any-machine", *more)
        return self.world.plan("apply", *goal, "--yes", **how)


def expect(seen, wanted, ended=None):
    if seen != wanted:
        raise AssertionError(f"{seen}\n  instead of {wanted}{'' if ended is None else chr(10) + words(ended)}")


def contains(text, *pieces):
    for piece in pieces:
        if piece not in text:
            raise AssertionError(f"`{piece}` is not in:\n{text}")


# ---- One after another --------------------------------------------------------------------------

def there_and_back(b):
    """apply, status, verify, apply again, undo; the server agrees at each step."""
    w = b.world
    w.reset(b.mess)
    dry = b.apply("--dry-run")
    contains(words(dry), "context 4096, not 196608", "a second copy", "not in the plan", "LM Studio estimates 45.2 GiB")
    expect((dry.returncode, w.loaded(), w.log("load", "unload")), (0, b.mess, []), dry)
    done = b.apply()
    expect((done.returncode, w.loaded()), (0, b.planned), done)
    for ask in ("status", "verify"):
        told = w.plan(ask, b.path)
        expect(told.returncode, 0, told)
        contains(words(told), "exactly the plan is loaded")
    changes = len(w.log())
    again = b.apply()
    expect((again.returncode, len(w.log())), (0, changes), again)
    undone = b.apply("--undo")
    expect((undone.returncode, w.loaded()), (0, b.mess), undone)
    drifted = w.plan("verify", b.path)
    expect(drifted.returncode, 1, drifted)


def scripts(b):
    """launch.sh, verify.sh, unload.sh: from nothing started to the plan, a second time, and away."""
    w = b.world
    w.reset(b.mess)
    out = w.folder / "out put"
    expect(w.plan("emit", b.path, "--out", out).returncode, 0)
    first = w.run("sh", out / "launch.sh")
    expect((first.returncode, w.loaded()), (0, b.planned), first)
    changes = len(w.log())
    again = w.run("sh", out / "launch.sh")
    expect((again.returncode, len(w.log())), (0, changes), again)
    expect(w.run("sh", out / "verify.sh").returncode, 0)
    w.control(faults={"refused": b.planned[1][0]}, instances=[])
    w.control(load=[{"key": "stranger", "identifier": "stranger", "context": 8192, "parallel": 2, "ttlMs": 600_000}])
    failed = w.run("sh", out / "launch.sh")
    expect((failed.returncode, w.loaded()), (1, [STRANGER]), failed)
    w.control(faults={})
    expect(w.run("sh", out / "launch.sh", "--keep-others").returncode, 0)
    gone = w.run("sh", out / "unload.sh")
    expect((gone.returncode, w.loaded()), (0, [STRANGER]), gone)


def a_load_that_fails(b):
    """Out of memory, and a model that does not load: what was before is loaded again."""
    for faults in ({"capacity": 100_000_000_000}, {"refused": "qwen3-coder-next"}, {"refused": "minimax-m2.1"}):
        b.world.reset([STRANGER], faults)
        ended = b.apply("--format", "json")
        report = json.loads(ended.stdout)
        expect((ended.returncode, report["outcome"], b.world.loaded()), (1, "rolled_back", [STRANGER]), ended)
        wanted = "insufficient system resources" if "capacity" in faults else "Failed to load the model"
        contains(report["error"], wanted)


def busy(b):
    """Nobody's answer is cut off."""
    b.world.reset([STRANGER], {"busy": "stranger"})
    ended = b.apply()
    expect((ended.returncode, b.world.loaded()), (2, [STRANGER]), ended)
    contains(words(ended), "it is answering a request")


def beside_linked(b, theirs, check):
    """A linked device has the same models on disk, is preferred, and has one of them loaded."""
    w = b.world
    far = [b.on_disk(e, deviceIdentifier=LINKED) for e in b.entries]
    peers = [{"deviceIdentifier": LINKED, "deviceName": "mac-mini", "status": "connected"}]
    there = (theirs, b.planned[0][1], 8192, 4, None)
    w.control(models=[*b.models, *far])
    try:
        w.reset([STRANGER, (*there, LINKED)], preferred=LINKED, peers=peers)
        check(w, there)
        expect(w.loaded(LINKED), [there])
    finally:
        w.control(models=b.models)


def linked(b):
    """Loads stay here, what the other device has stays there, and `status` tells of it."""
    def check(w, there):
        done = b.apply()
        expect((done.returncode, w.loaded()), (0, b.planned), done)
        told = w.plan("status", b.path)
        expect(told.returncode, 0, told)
        contains(words(told), f"`{there[0]}` is loaded on the linked device {LINKED}")
        undone = b.apply("--undo")
        expect((undone.returncode, w.loaded()), (0, [STRANGER]), undone)

    beside_linked(b, "theirs", check)


def linked_by_the_same_name(b):
    """`lms unload` would ask which of two: so nothing is begun that could not be taken back."""
    def check(w, there):
        refused = b.apply()
        expect((refused.returncode, w.loaded(), w.log("load", "unload")), (2, [STRANGER], []), refused)
        contains(words(refused), there[0], LINKED)

    beside_linked(b, b.planned[0][0], check)


def started(b):
    """Nothing runs: what only looks starts nothing, and `apply` has `lms` start llmster."""
    w = b.world
    w.reset()
    w.stop()
    w.installed_daemon()
    try:
        looked = w.plan("doctor")
        contains(words(looked), "neither LM Studio nor llmster is running")
        expect(w.running(), False)
        done = b.apply()
        # What was started has no models: by then it runs, and says so.
        contains(words(done), "is not installed")
        expect((done.returncode, w.running()), (2, True), done)
        w.control(models=b.models)
        expect((b.apply().returncode, w.loaded()), (0, b.planned))
    finally:
        w.run(w.folder / "bin/lms", "daemon", "down")
        w.stop()
        (w.studio / ".internal/llmster-install-location.json").unlink()
        w.start()
        w.control(models=b.models)


def interrupted(b):
    """Ctrl-C while a model loads: what was before is loaded again, and the load does not come in later."""
    w = b.world
    # To planner alone, and as a terminal tells all that run in it: by Ctrl-C, and when it is closed.
    for whom, what in ((os.kill, signal.SIGINT), (os.killpg, signal.SIGINT), (os.killpg, signal.SIGHUP)):
        w.reset([STRANGER], {"load_ms": 15_000})
        begun = w.begin(w.planner, "apply", b.path, "--any-machine", "--yes")
        wait_for(w, "load")
        time.sleep(1)
        w.control(faults={"load_ms": 50})
        whom(begun.pid, what)
        said, _ = begun.communicate(timeout=120)
        w.settle()
        contains(said, "what was loaded before is loaded again")
        expect((whom.__name__, what.name, begun.returncode, w.loaded()), (whom.__name__, what.name, 1, [STRANGER]))


def killed_while_loading(b):
    """kill -9 while a model loads: the way on waits until that load has come to its end."""
    w = b.world
    for way, end in (("--undo", [STRANGER]), ("--resume", b.planned)):
        w.reset([STRANGER], {"load_ms": 15_000})
        begun = w.begin(w.planner, "apply", b.path, "--any-machine", "--yes")
        wait_for(w, "load")
        time.sleep(1)
        w.control(faults={"load_ms": 50})
        begun.kill()
        begun.communicate()
        ended = b.apply(way)
        w.settle()
        expect((ended.returncode, w.loaded()), (0, end), ended)


def wait_for(w, kind):
    for _ in range(1200):
        if w.log(kind):
            return
        time.sleep(0.05)
    raise RuntimeError(f"no {kind} happened")


ONE_BY_ONE = [there_and_back, scripts, a_load_that_fails, busy, linked, linked_by_the_same_name, started, interrupted,
              killed_while_loading]

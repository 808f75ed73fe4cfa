"""Many applies beside failing readings, and many that are killed."""

import json
import random
import time

from checks import STRANGER, expect
from world import calls, killed_at, traced, words

#: How a reading fails: an error as the answer, a connection that goes away, an application that
#: seems not to run. Each with this probability.
SHARE = 0.12
KINDS = [{"error": SHARE}, {"drop": SHARE}, {"status": SHARE}, {"error": SHARE / 3, "drop": SHARE / 3, "status": SHARE / 3}]


def flaky(b, rounds, seed, tell):
    """Every apply ends in the plan or in what was before, and says which."""
    ends, failures = {}, []
    for n in range(rounds):
        faults, before = KINDS[n % len(KINDS)], b.befores[n // len(KINDS) % len(b.befores)]
        b.world.reset(before, {**faults, "load_ms": 20}, seed=seed + n)
        ended = b.apply("--format", "json")
        b.world.control(faults={})
        now = b.world.loaded()
        try:
            outcome = json.loads(ended.stdout)["outcome"]
        except ValueError:
            outcome = "refused"
        ends[outcome] = ends.get(outcome, 0) + 1
        wanted = {0: b.planned, 1: sorted(before), 2: sorted(before)}.get(ended.returncode)
        if now != wanted or outcome not in ("applied", "unchanged", "rolled_back", "refused"):
            failures.append(n)
            tell(f"round {n} {faults} before {before}: exit {ended.returncode} {outcome}\n  {now}\n{words(ended)}\n  {b.world.log()}")
    return failures, f"{rounds} applies: {ends}"


def killed(b, rounds, seed, tell):
    """kill -9 at a random moment; then `--resume` ends in the plan, `--undo` in what was before."""
    rng, failures, ends = random.Random(seed), [], {}
    apply, log = (b.world.planner, "apply", b.path, "--any-machine", "--yes"), b.world.folder / "calls"
    b.world.reset(b.mess)
    expect(b.world.run(*traced(log), *apply).returncode, 0)
    steps = calls(log)
    for n in range(rounds):
        way = ("--resume", "--undo")[n // 2 % 2]
        faults = {"load_ms": rng.choice([50, 600, 2500, 8000]), "abandoned": rng.choice(["finished", "cancelled"]),
                  "shown_early": rng.random() < 0.5}
        if n // 4 % 2:
            faults.update(rng.choice(KINDS))
        before = rng.choice([b.mess, b.mess, [STRANGER]])
        b.world.reset(before, faults, seed=seed + n)
        if n % 2:
            step = (n // 2) * len(steps) // max(rounds // 2, 1)
            moment = f"at call {step} of {len(steps)}, {steps[step]}"
            begun = b.world.begin(*killed_at(steps[step], log), *apply)
            said, _ = begun.communicate()
        else:
            # So many changes in, and then some: every step is met, and what lies between them.
            changes, pause = n // 2 % 7, rng.uniform(0, 2)
            moment = f"after {changes} changes and {pause:.1f} s"
            begun = b.world.begin(*apply)
            while begun.poll() is None and len(b.world.log("load", "unload")) < changes:
                time.sleep(0.02)
            time.sleep(pause)
            begun.kill()
            said, _ = begun.communicate()
        # Loads that the way on asks for are quick, so that it is the slow one which comes late.
        b.world.control(faults={**faults, "load_ms": 50})
        at = len(b.world.log())
        end = go_on(b, way, before)
        ends[end[0]] = ends.get(end[0], 0) + 1
        if end[1] is not None:
            failures.append(n)
            heard = b.world.log()
            tell(f"kill {n} {moment}, {faults}, before {before}, {way}: {end[1]}\n{said}  {heard[:at]}\n  then {heard[at:]}")
    return failures, f"{rounds} kills: {ends}"


def go_on(b, way, before):
    """What it came to, and what is wrong with that. Readings that fail may stop a way on, which is
    then gone again; they may not let it end anywhere else."""
    w = b.world
    journal = w.state_folder / "planner/apply.json"
    phase = json.loads(journal.read_text())["phase"] if journal.is_file() else None
    if phase not in ("applying", "rolling_back"):
        ended = b.apply(way)
        w.settle()
        now = w.loaded()
        if phase is None:
            right = ended.returncode == 2 and now == sorted(before)
            return "before it began", None if right else f"{now}\n{words(ended)}"
        wanted = sorted(before) if way == "--undo" and ended.returncode == 0 else b.planned if phase == "applied" else sorted(before)
        return f"after it was {phase}", None if now == wanted else f"{now}\n{words(ended)}"
    tries = 0
    while True:
        tries += 1
        ended = b.apply(way)
        if ended.returncode == 0 or tries == 6:
            break
        # A way on that failed went back, where a fresh start is what is left.
        phase = json.loads(journal.read_text())["phase"]
        if way == "--resume" and phase == "rolled_back":
            w.settle()
            now = w.loaded()
            return "resumed and put back", None if now == sorted(before) else f"put back: {now}\n{words(ended)}"
        if way == "--undo" and phase == "rolled_back":
            break
    time.sleep(0.2)
    w.settle()
    now = w.loaded()
    wanted = b.planned if way == "--resume" else sorted(before)
    label = "resumed" if way == "--resume" else "undone"
    if now != wanted or ended.returncode != 0:
        return f"{label} wrong", f"exit {ended.returncode} after {tries} tries: {now}\n{words(ended)}"
    return (label if tries == 1 else f"{label} at another try"), None


def installs_killed(b, rounds, seed, tell):
    """kill -9 of `emit --install`; `emit --undo` brings back every byte, and so does a second run."""
    rng, failures, ends = random.Random(seed), [], {}
    folder = b.world.studio / ".internal/user-concrete-model-default-config"
    kept = folder / "Qwen/Qwen3-Coder-Next-GGUF" / (b.on_disk(b.entries[0])["path"].split("/")[-1] + ".json")
    kept.parent.mkdir(parents=True, exist_ok=True)
    old = '{"preset":"","operation":{"fields":[]},"load":{"fields":[{"key":"llm.load.contextLength","value":4096},{"key":"mine","value":1}]},"later":2}'
    install = ("emit", b.path, "--install", "--yes")

    def files():
        inside = (p for p in b.world.studio.rglob("*") if p.is_file() and p.suffix == ".json")
        named = {str(p.relative_to(b.world.studio)): p.read_text() for p in inside}
        return {n: t for n, t in named.items() if "default-config" in n or "config-presets" in n}

    kept.write_text(old)
    b.world.reset()
    before, log = files(), b.world.folder / "calls"
    whole = b.world.run(*traced(log), b.world.planner, *install)
    steps, installed = calls(log), files()
    expect((whole.returncode, installed != before), (0, True), whole)
    expect((b.world.plan("emit", "--undo").returncode, files()), (0, before))
    for n in range(rounds):
        b.world.reset((), rng.choice(KINDS) if n % 2 else {}, seed=seed + n)
        step = n * len(steps) // rounds
        said = words(b.world.run(*killed_at(steps[step], log), b.world.planner, *install))
        left = files()
        kind = "before" if left == before else "installed" if left == installed else "between"
        ends[kind] = ends.get(kind, 0) + 1
        if n % 3 == 0:
            b.world.control(faults={})
            again = b.world.plan(*install)
            if (again.returncode, files()) != (0, installed):
                failures.append(n)
                tell(f"install {n}: not finished by a second run\n{words(again)}")
        b.world.plan("emit", "--undo")
        if files() != before:
            failures.append(n)
            tell(f"install {n} killed at call {step} of {len(steps)}, {steps[step]} ({kind}): {sorted(set(files().items()) ^ set(before.items()))}\n{said}")
            for name in set(files()) - set(before):
                (b.world.studio / name).unlink()
            kept.write_text(old)
    return failures, f"{rounds} kills of an install, at {len(steps)} calls: {ends}"

"""A model that no node holds whole, brought up over three by the files that planner emits alone.

The hosts are those of fleet.py: network namespaces, with llama.cpp's own server on the head and its RPC
server on the others. The model is small and random, and the nodes have so little memory that each
holds a few of its layers. What is held: layers and bytes of each node are the plan's, the answer is
that of one server that holds all of it, and whichever node is killed, the model is down until it is
started again.

    python3 tests/conformance/shards.py --planner target/debug/planner --engine DIR --work DIR

DIR as for fleet.py, with a Vulkan device that is a processor (mesa-vulkan-drivers) for the head, whose
part lies on a GPU. Needs root, for namespaces.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError

from fleet import NODES, PORT, World, asked, run, tiny

LAYERS, WIDTH, HEADS, INNER, CONTEXT = 9, 512, 8, 2048, 8192
# So much of each node's memory is for models.
ROOM_MIB = 92

CATALOG = """
id = "tiny"
name = "Tiny"
publisher = "planner"
repository = "https://huggingface.co/planner/tiny"
released = "2026-01-01"
license = "mit"
parameters_total = {parameters}
parameters_active = {parameters}
context_length = {context}
sources = ["made by the test"]

[architecture]
name = "llama"
layers = {layers}
embedding_length = {width}
vocabulary = {vocabulary}
query_heads = {heads}
attention = [{{ layers = {layers}, cache = {{ kind = "full", kv_heads = 1, key_length = {head}, value_length = {head} }} }}]

[[variants]]
id = "gguf-f16"
engine = "llama.cpp"
quantization = "F16"
weights_bytes = {bytes}
cpu_weights_bytes = {embedding}
size = "exact"
repository = "https://huggingface.co/planner/tiny"
files = "tiny*.gguf"
source = "made by the test"

[[scores]]
benchmark = "MMLU-Pro"
score = 70.0
reporter = "vendor"
reported_by = "the test"
source = "made by the test"
"""


def planned(planner, world):
    """The plan of a catalog of this one model, and its files."""
    import gguf

    path = world.work / "models/planner/tiny/tiny.gguf"
    path.parent.mkdir(parents=True)
    vocabulary = tiny(path, "tiny", 1, LAYERS, WIDTH, HEADS, 1, INNER, CONTEXT, "float16")
    sizes = {t.name: int(t.n_bytes) for t in gguf.GGUFReader(path).tensors}
    values = sum(int(t.n_elements) for t in gguf.GGUFReader(path).tensors)
    catalog = world.work / "catalog"
    catalog.mkdir()
    (catalog / "tiny.toml").write_text(CATALOG.format(
        parameters=values, context=CONTEXT, layers=LAYERS, width=WIDTH, vocabulary=vocabulary, heads=HEADS,
        head=WIDTH // HEADS, bytes=sum(sizes.values()), embedding=sizes["token_embd.weight"]))
    node = (
        '[[nodes]]\nname = "{}"\nchip = "m4-pro"\nmemory = "4GiB"\nreserve = "{}MiB"\naddress = "{}"\n'
        'port = {}\nmodels = "{}"\n'
    )
    # The first node is joined to both others, which makes it the head.
    link = '[[links]]\nbetween = ["node-1", "{}"]\nkind = "ethernet10"\n'
    fleet = world.work / "fleet.toml"
    fleet.write_text("".join(
        [node.format(n, 4096 - ROOM_MIB, a, PORT, world.work / "models") for n, a in zip(NODES, world.addresses())]
        + [link.format(n) for n in NODES[1:]]))
    path = world.work / "plan.json"
    run(planner, "recommend", "--no-shipped-catalog", "--catalog", catalog, "--fleet", fleet, "--task", "chat",
        "--engine", "llama.cpp", "--out", path, stdout=subprocess.DEVNULL)
    folder = world.work / "fleet"
    run(planner, "emit", path, "--server", "llama.cpp", "--out", folder, stdout=subprocess.DEVNULL)
    return json.loads(path.read_text()), folder


def mib(log, what, device):
    """The last figure that the engine told of a buffer of a device."""
    told = re.findall(rf"{re.escape(device)}\S* {what} buffer size = *([0-9.]+) MiB", log)
    return float(told[-1]) if told else None


def main():
    arguments = argparse.ArgumentParser()
    for name in ("planner", "engine", "work"):
        arguments.add_argument(f"--{name}", type=Path, required=True)
    given = arguments.parse_args()
    work = given.work.resolve()
    shutil.rmtree(work, ignore_errors=True)
    world = World(work, given.engine.resolve())
    wrong = []
    alone = None

    def held(what, is_so, more=""):
        print(f"{'same' if is_so else 'DIFFERS'}\t{what}")
        if not is_so:
            wrong.append(what)
            print(more, file=sys.stderr)

    def answer_of(url):
        try:
            return asked(url, "tiny")[0]
        except (URLError, OSError) as error:
            return error

    try:
        world.up()
        plan, folder = planned(given.planner.resolve(), world)
        entry = plan["loadout"][0]
        shards = entry["shards"]
        address = dict(zip(NODES, world.addresses()))
        held("the model lies on all three nodes, the first one last", [s["node"] for s in shards][-1] == "node-1"
             and sorted(s["node"] for s in shards) == NODES, shards)
        for node in NODES:
            # The head finds the name of its GPU itself. The engine tells of its buffers at that level alone.
            of_head = "export GGML_VK_VISIBLE_DEVICES=0 LLAMA_ARG_LOG_VERBOSITY=5\n"
            env = of_head if node == "node-1" else "export PLANNER_GPU=CPU\n"
            (work / address[node] / "env").write_text(env)
        code, said = world.script(folder / "preflight.sh")
        held("nothing stands in the way", code == 0, said)
        code, said = world.script(folder / "launch.sh")
        held("every node has its part", code == 0, said)
        state = work / address["node-1"] / f".local/state/planner/router-{PORT}"
        log = (state / "log").read_text(errors="replace")
        for shard in shards:
            device = "Vulkan0" if shard is shards[-1] else f"RPC0[{address[shard['node']]}:{PORT + 1}]"
            lines = {line["line"]: line["bytes"] for line in shard["ledger"] if line["place"] == "gpu"}
            for what, line in (("model", "weights"), ("KV", "kv_cache")):
                told = mib(log, what, device)
                held(f"{shard['node']}: {shard['layers']} layers, {what} {told} MiB",
                     told is not None and abs(told - lines[line] / 2**20) < 0.006, lines)
            told = mib(log, "compute", device)
            held(f"{shard['node']}: its compute buffer is within the plan's",
                 told is not None and told <= lines["compute"] / 2**20, f"{told} {lines}")
        code, said = world.script(folder / "launch.sh")
        held("a second launch keeps all", code == 0 and said.count("keep ") == 3, said)

        model = work / "models/planner/tiny/tiny.gguf"
        alone = subprocess.Popen(
            [world.bin / "llama-server", "-m", model, "-c", str(entry["settings"]["context"]), "--port", "18099",
             "--alias", "tiny"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        head = f"http://{address['node-1']}:{PORT}"
        for _ in range(60):
            whole = answer_of("http://127.0.0.1:18099")
            if isinstance(whole, str):
                break
            time.sleep(1)
        parts = answer_of(head)
        held("the answer is that of one server with all layers", isinstance(whole, str) and whole == parts,
             f"{parts!r}, not {whole!r}")

        for loss in plan["losses"]:
            lost = loss["node"]
            is_head = lost == "node-1"
            name = f"router-{PORT}" if is_head else f"rpc-{PORT + 1}"
            pid = (work / address[lost] / ".local/state/planner" / name / "pid").read_text().strip()
            run("kill", "-KILL", pid)
            said_down = all(not t["served_by"] and "taken_over_by" not in t for t in loss["tasks"])
            answer = answer_of(head)
            held(f"{lost} killed: chat is down, as the plan says", said_down and not isinstance(answer, str), answer)
            code, said = world.script(folder / "launch.sh", lost)
            held(f"{lost} is back", code == 0, said)
            answer = answer_of(head)
            held(f"{lost} back: the same answer again", answer == parts, f"{answer!r}")
    finally:
        if alone:
            alone.kill()
        code, said = world.script(work / "fleet/stop.sh")
        held("the stop ends with 0", code == 0, said)
        world.down()
    left = subprocess.run(["ps", "-A", "-o", "args="], capture_output=True, text=True, check=True)
    left = [line for line in left.stdout.splitlines() if str(work) in line and "shards.py" not in line]
    held("no process is left", not left, "\n".join(left))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

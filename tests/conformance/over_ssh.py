#!/usr/bin/env python3
"""planner's status and apply of a fleet through the real OpenSSH: the client of this system, and a server of its own
for each node on a high port of loopback.

    over_ssh.py --planner target/debug/planner --lms target/debug/stand-in-lms

Keys of hosts and of the user are made for the run, in a folder that goes away. Three nodes have the stand-in for LM
Studio each; four more are in the way as nodes are: nothing listens, the key is another's, the host's key has changed, and
something accepts the connection and says nothing. Ends with 1 where anything is not as it should be.
"""

from __future__ import annotations

import argparse
import getpass
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from stand_in import Studio

NODES = ("studio-1", "studio-2", "studio-3")
FAULTY = ("gone", "stranger", "changed", "silent")
HINTS = {"gone": "Remote Login", "stranger": "ssh-copy-id", "changed": "compare its key", "silent": "awake"}


def check(holds: bool, what: str) -> None:
    print(f"{'same' if holds else 'DIFFERS'}\t{what}")
    if not holds:
        sys.exit(1)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def keygen(path: Path) -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    return path


class Node(Studio):
    """LM Studio of a node."""

    def instances(self) -> list[tuple[str, int]]:
        path = self.state / "loaded.json"
        rows = json.loads(path.read_text()) if path.exists() else []
        return sorted((m["identifier"], m["contextLength"]) for m in rows)

    def faults(self, text: str) -> None:
        (self.state / "faults").write_text(text)

    def load(self, identifier: str, key: str, context: int) -> None:
        words = [f"--identifier={identifier}", f"--context-length={context}", "--yes", "--", key]
        lms = self.state.parent / "bin/lms"
        subprocess.run([lms, "load", *words], env=self.environment, check=True, capture_output=True)

    def wait_for_load(self, identifier: str) -> None:
        calls = self.state / "calls"
        for _ in range(400):
            lines = calls.read_text().splitlines() if calls.exists() else []
            if any(f"--identifier={identifier}" in c and "--estimate-only" not in c for c in lines):
                return
            time.sleep(0.05)
        sys.exit(f"{identifier} was never loaded")


class Server:
    """sshd for one node, in which everything happens in that node's own world."""

    def __init__(self, folder: Path, environment: dict[str, str], authorized: Path) -> None:
        folder.mkdir()
        self.port = free_port()
        self.key = keygen(folder / "host")
        settings = [
            f"ListenAddress 127.0.0.1\nPort {self.port}\nHostKey {self.key}\nPidFile none",
            f"AuthorizedKeysFile {authorized}\nStrictModes no\nUsePAM no\nPermitRootLogin yes",
            "PasswordAuthentication no\nKbdInteractiveAuthentication no\nMaxStartups 100",
            "SetEnv " + " ".join(f"{name}={value}" for name, value in environment.items()),
        ]
        config = folder / "sshd_config"
        config.write_text("\n".join(settings) + "\n")
        self.log = folder / "log"
        command = ["/usr/sbin/sshd", "-D", "-f", config, "-E", self.log]
        self.process = subprocess.Popen(command)

    def known(self, name: str) -> str:
        return f"[127.0.0.1]:{self.port} {self.key.with_suffix('.pub').read_text().rsplit(' ', 1)[0]}\n"

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


class World:
    def __init__(self, folder: Path, planner: Path, lms: Path) -> None:
        self.folder, self.planner_path = folder, planner.resolve()
        user = keygen(folder / "user")
        keygen(folder / "nobody")
        authorized = user.with_suffix(".pub")
        self.studios, self.servers = {}, {}
        for name in NODES:
            studio = Node(folder / f"lms-{name}", self.planner_path, lms.resolve())
            self.studios[name] = studio
            self.servers[name] = Server(folder / name, studio.environment, authorized)
        self.silent = socket.create_server(("127.0.0.1", 0))
        self.gone = free_port()
        self.front(user)

    def front(self, user: Path) -> None:
        """The machine in front: its ssh has a configuration of its own."""
        first = self.servers["studio-1"].port
        other = self.servers["studio-2"].port
        ports = {name: server.port for name, server in self.servers.items()}
        ports |= {"gone": self.gone, "stranger": first, "changed": other, "silent": self.silent.getsockname()[1]}
        known = "".join(server.known(name) for name, server in self.servers.items())
        (self.folder / "known").write_text(known)
        (self.folder / "known-changed").write_text(
            self.servers["studio-1"].known("").replace(f":{first}]", f":{other}]").replace(f":{first} ", f":{other} ")
        )
        blocks = []
        for name, port in ports.items():
            key = self.folder / "nobody" if name == "stranger" else user
            hosts = self.folder / ("known-changed" if name == "changed" else "known")
            blocks.append(
                f"Host {name}\n  HostName 127.0.0.1\n  Port {port}\n  User {getpass.getuser()}\n  IdentityFile {key}\n"
                f"  IdentitiesOnly yes\n  UserKnownHostsFile {hosts}\n  StrictHostKeyChecking yes\n"
            )
        config = self.folder / "ssh_config"
        config.write_text("".join(blocks))
        wrapper = self.folder / "bin" / "ssh"
        wrapper.parent.mkdir()
        wrapper.write_text(f'#!/bin/sh\nexec /usr/bin/ssh -F {config} "$@"\n')
        wrapper.chmod(0o755)

    def command(self, line: str) -> tuple[list[str], dict[str, str]]:
        environment = os.environ | {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
        }
        return [str(self.planner_path), *line.split()], environment

    def planner(self, line: str) -> subprocess.CompletedProcess[str]:
        command, environment = self.command(line)
        return subprocess.run(command, env=environment, cwd=self.folder, capture_output=True, text=True)

    def plan(self) -> None:
        """The study's two models on two nodes, and the smaller again on a third."""
        text = "".join(f'[[nodes]]\nname = "{n}"\nprofile = "m3-ultra-512gb"\nhost = "{n}"\n' for n in NODES)
        (self.folder / "fleet.toml").write_text(text)
        faulty = "".join(f'[[nodes]]\nname = "{n}"\nprofile = "m3-ultra-512gb"\nhost = "{n}"\n' for n in FAULTY)
        (self.folder / "faulty.toml").write_text(text + faulty)
        two = text.rsplit("[[nodes]]", 1)[0]
        (self.folder / "two.toml").write_text(two)
        asked = "recommend --fleet two.toml --campaign llm-mac-512 --task code --task general --format json"
        done = self.planner(asked)
        check(done.returncode == 0, f"a plan of two nodes is made {done.stderr}")
        plan = json.loads(done.stdout)
        again = next(e for e in plan["loadout"] if e["node"] == "studio-1")
        plan["loadout"].append(again | {"node": "studio-3"})
        plan["nodes"].append(plan["nodes"][0] | {"name": "studio-3", "host": "studio-3"})
        (self.folder / "plan.json").write_text(json.dumps(plan))

    def loaded(self) -> list[list[tuple[str, int]]]:
        return [studio.instances() for studio in self.studios.values()]

    def faults(self, text: str) -> None:
        for studio in self.studios.values():
            studio.faults(text)

    def stop(self) -> None:
        for server in self.servers.values():
            server.stop()


PLANNED = [[("qwen3-coder-next", 262_144)], [("minimax-m2.1", 196_608)], [("qwen3-coder-next", 262_144)]]
BEFORE = [[("own", 8192)], [], []]
APPLY = "apply plan.json --any-machine --yes"


def reached_and_not(world: World) -> None:
    began = time.monotonic()
    done = world.planner("status faulty.toml --node-timeout 4 --format json")
    took = time.monotonic() - began
    report = json.loads(done.stdout)
    states = {n["node"]: n["state"] for n in report["nodes"]}
    check(done.returncode == 1, "a fleet with nodes that are not reached is no success")
    check(all(states[n] == "read" for n in NODES), f"three nodes are read: {states}")
    check(all(states[n] == "not_reached" for n in FAULTY), f"four are not reached: {states}")
    for node in report["nodes"]:
        if hint := HINTS.get(node["node"]):
            print(f"{node['node']}\t{node['error']}\t{node['hint']}")
            check(hint in node["hint"], f"{node['node']}: {hint}")
    check(took < 30, f"the silent one is given up: {took:.1f} s")
    memory = Path("/proc/meminfo").read_text().split()[1]
    check(report["nodes"][0]["physical_bytes"] == int(memory) * 1024, "memory is what the node says")


def there_and_back(world: World) -> None:
    done = world.planner(APPLY)
    check(done.returncode == 0, f"apply\n{done.stdout}{done.stderr}")
    check(world.loaded() == PLANNED, f"the plan is loaded: {world.loaded()}")
    status = world.planner("status plan.json")
    check(status.returncode == 0 and status.stdout.count("exactly its part") == 3, f"status\n{status.stdout}")
    print(status.stdout)
    undo = world.planner("apply --undo")
    check(undo.returncode == 0 and world.loaded() == BEFORE, f"undo: {world.loaded()} {undo.stderr}")
    world.studios["studio-2"].faults("out_of_memory@minimax-m2.1")
    failed = world.planner(APPLY)
    check(failed.returncode == 1 and world.loaded() == BEFORE, f"one fails, all go back: {world.loaded()}")
    world.faults("")


def killed(world: World) -> None:
    """The leash: what a killed apply began on a node ends there, and comes in at no later time."""
    for way, end in (("--undo", BEFORE), ("--resume", PLANNED)):
        for studio in world.studios.values():
            (studio.state / "calls").unlink(missing_ok=True)
        world.faults("slow_load=60000")
        command, environment = world.command(APPLY)
        child = subprocess.Popen(
            command, env=environment, cwd=world.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for studio, (identifier, _) in zip(world.studios.values(), sum(PLANNED, []), strict=True):
            studio.wait_for_load(identifier)
        child.send_signal(signal.SIGKILL)
        child.wait()
        world.faults("")
        began = time.monotonic()
        done = world.planner(f"apply {way}")
        took = time.monotonic() - began
        check(done.returncode == 0 and world.loaded() == end, f"{way}: {world.loaded()}\n{done.stderr}")
        check(took < 30, f"a load of a minute was ended, not waited for: {took:.1f} s")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--planner", type=Path, required=True)
    parser.add_argument("--lms", type=Path, required=True)
    given = parser.parse_args()
    # Its own folder for privileges, which the system's service would make.
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), given.planner, given.lms)
        try:
            world.plan()
            world.studios["studio-1"].load("own", "qwen3-coder-next", 8192)
            reached_and_not(world)
            there_and_back(world)
            killed(world)
        finally:
            world.stop()


if __name__ == "__main__":
    main()

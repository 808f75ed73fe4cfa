"""LM Studio's server with real engines behind it: each load starts llama.cpp's own server, each unload ends it.

Its command line is the stand-in (`stand_in.py`), which asks here for what an engine has to do. Chats go to the engine
that has the model, as LM Studio passes them on: without the engine's own timings, which are kept here instead.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from stand_in import Studio

# A load has to be done by then.
PATIENCE = 120


class Server:
    """The server, and its engines."""

    def __init__(self, studio: Studio, models: Path, engine: Path, work: Path) -> None:
        self.studio, self.models, self.engine, self.work = studio, models, engine, work
        self.running: dict[str, tuple[subprocess.Popen, int, Path]] = {}
        self.engines: list[subprocess.Popen] = []
        # Of every answer, what the engine says of it itself.
        self.answered: list[dict] = []
        self.starts: list[str] = []
        self.lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                outer.listed(self)

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.posted(self, body)

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.port = self.http.server_port
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        (studio.state / "port").write_text(str(self.port))
        ask = work / "ask-engine"
        ask.write_text(f"#!/bin/sh\nexec {sys.executable} {__file__} {self.port} \"$@\"\n")
        ask.chmod(0o755)
        (studio.state / "engine").write_text(str(ask))

    def end(self) -> None:
        """Ends every engine, those that are still loading as well."""
        for process in self.engines:
            process.kill()
            process.wait()
        self.running.clear()

    def load(self, path: str, identifier: str, context: str, slots: str) -> str:
        """Starts an engine; what it says where it does not come up."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        log = self.work / f"engine-{len(self.starts)}.log"
        self.starts.append(identifier)
        with log.open("wb") as out:
            process = subprocess.Popen(
                [self.engine / "llama-server", "--model", self.models / path, "--host", "127.0.0.1", "--port", str(port),
                 "--alias", identifier, "--ctx-size", context, "--parallel", slots, "--kv-unified", "--threads", "1",
                 "--device", "none", "--no-warmup"],
                stdout=out, stderr=out, env={**os.environ, "LD_LIBRARY_PATH": str(self.engine)})
        self.engines.append(process)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and process.poll() is None:
            try:
                if fetched(port, "GET", "/health").status == 200:
                    self.running[identifier] = (process, port, log)
                    return ""
            except OSError:
                pass
            time.sleep(0.02)
        process.kill()
        process.wait()
        errors = [line for line in log.read_text(errors="replace").splitlines() if " E " in line]
        return errors[0].split(" E ", 1)[1] if errors else f"the engine ended with {process.returncode}"

    def unload(self, identifier: str) -> None:
        if identifier in self.running:
            process, _, _ = self.running.pop(identifier)
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def loaded(self) -> list[dict]:
        return read(self.studio.state / "loaded.json")

    def listed(self, to: BaseHTTPRequestHandler) -> None:
        if to.path == "/v1/models":
            rows = [{"id": row["identifier"], "object": "model"} for row in self.loaded()]
            return say(to, 200, {"object": "list", "data": rows})
        if to.path == "/api/v1/models":
            return say(to, 200, {"models": [self.row(model) for model in read(self.studio.state / "models.json")]})
        return say(to, 404, {"error": {"message": "Unexpected endpoint or method."}})

    def row(self, model: dict) -> dict:
        instances = [
            {"id": row["identifier"], "config": {"context_length": row["contextLength"], "parallel": row["parallel"]}}
            for row in self.loaded() if row["modelKey"] == model["modelKey"]]
        return {"type": "llm", "key": model["modelKey"], "display_name": model["displayName"], "format": "gguf",
                "publisher": model["publisher"], "architecture": model["architecture"],
                "quantization": {"name": model["quantization"]["name"], "bits_per_weight": 8},
                "size_bytes": model["sizeBytes"], "params_string": None, "loaded_instances": instances,
                "max_context_length": model["maxContextLength"]}

    def posted(self, to: BaseHTTPRequestHandler, body: dict) -> None:
        if to.path == "/engine":
            if body["what"] == "unload":
                self.unload(*body["about"])
                return say(to, 200, {"problem": ""})
            return say(to, 200, {"problem": self.load(*body["about"])})
        known = self.running.get(body.get("model", ""))
        if not known or to.path not in ("/v1/chat/completions", "/api/v0/chat/completions"):
            return say(to, 404, {"error": {"message": "Unexpected endpoint or method."}})
        port = known[1]
        answer = fetched(port, "POST", "/v1/chat/completions", body)
        if body.get("stream"):
            return self.passed_on(to, body, answer)
        whole = json.loads(answer.read())
        if "timings" in whole:
            timings = self.kept(body, whole)
            if to.path.startswith("/api/v0/"):
                whole["stats"] = {"tokens_per_second": timings["predicted_per_second"],
                                  "time_to_first_token": timings["prompt_ms"] / 1000}
        return say(to, answer.status, whole)

    def passed_on(self, to: BaseHTTPRequestHandler, body: dict, answer) -> None:
        to.send_response(answer.status)
        to.send_header("Content-Type", answer.headers.get("Content-Type", "text/event-stream"))
        to.end_headers()
        # The last message has the timings; a message is a line.
        for line in answer:
            if b'"timings"' in line:
                message = json.loads(line.removeprefix(b"data: "))
                self.kept(body, message)
                line = b"data: " + json.dumps(message).encode() + b"\n"
            to.wfile.write(line)

    def kept(self, body: dict, message: dict) -> dict:
        """Keeps the engine's timings of a message, and takes them out of it."""
        timings = message.pop("timings")
        with self.lock:
            self.answered.append({"model": body["model"], "asked": body["max_tokens"], "log": self.running[body["model"]][2], **timings})
        return timings

    def environment(self) -> dict[str, str]:
        return {**os.environ, **self.studio.environment, "NO_PROXY": "*"}


def ended(answer: dict) -> float:
    """When an answer had ended, by the engine's own clock, which stands before each line of its log."""
    eval_time = rf"([0-9.]+) I .* \| +eval time = +{answer['predicted_ms']:.2f} ms / +{answer['predicted_n']} tokens"
    found = re.search(eval_time, answer["log"].read_text(errors="replace"))
    minutes, seconds, thousandths, millionths = (int(part) for part in found[1].split("."))
    return minutes * 60 + seconds + thousandths / 1e3 + millionths / 1e6


def read(path: Path) -> list[dict]:
    return json.loads(path.read_text()) if path.exists() else []


def say(to: BaseHTTPRequestHandler, status: int, answer: dict) -> None:
    text = json.dumps(answer).encode()
    to.send_response(status)
    to.send_header("Content-Type", "application/json")
    to.send_header("Content-Length", str(len(text)))
    to.end_headers()
    to.wfile.write(text)


def fetched(port: int, method: str, path: str, body: dict | None = None):
    connection = HTTPConnection("127.0.0.1", port, timeout=600)
    connection.request(method, path, None if body is None else json.dumps(body), {"Content-Type": "application/json"})
    return connection.getresponse()


def main() -> int:
    """What the stand-in for `lms` runs: `PORT load PATH IDENTIFIER CONTEXT SLOTS`, or `PORT unload IDENTIFIER`."""
    port, what, *about = sys.argv[1:]
    problem = json.loads(fetched(int(port), "POST", "/engine", {"what": what, "about": about}).read())["problem"]
    print(problem, file=sys.stderr)
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())

"""A hub as the public one answers: the files of a commit with their hashes, an address for each that leads to where
its bytes are, ranges. The line may break after every so many bytes."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub:
    """Repositories (`owner/name`) with files, which lie on this disk."""

    def __init__(self, repositories: dict[str, Path], breaks: dict[str, int] | None = None) -> None:
        self.repositories, self.breaks = repositories, breaks or {}
        of = {path: digest(path) for path in set(repositories.values())}
        self.sha256 = {name: of[path] for name, path in repositories.items()}
        # Bytes that were sent of each, and answers that broke.
        self.forget()
        self.lock = threading.Lock()
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                hub.answer(self)

            def handle(self) -> None:
                # A client that goes away is its own affair.
                with contextlib.suppress(OSError):
                    super().handle()

            do_HEAD = do_GET

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def forget(self) -> None:
        """Counts from here on."""
        self.sent = dict.fromkeys(self.repositories, 0)
        self.broken = dict.fromkeys(self.repositories, 0)

    def answer(self, to: BaseHTTPRequestHandler) -> None:
        path = to.path.split("?")[0]
        found = re.fullmatch(r"(/api/models|/signed)?/([^/]+/[^/]+)(.*)", path)
        kind, name, rest = found.groups() if found else ("", "", "")
        if name not in self.repositories:
            return say(to, 404, b"")
        file, sha = self.repositories[name], self.sha256[name]
        size = file.stat().st_size
        if kind == "/signed":
            return self.bytes_of(to, name)
        if kind and rest == "":
            return say(to, 200, json.dumps({"id": name, "sha": COMMIT}).encode())
        if kind and re.fullmatch(f"/tree/(main|{COMMIT})", rest):
            row = {"type": "file", "path": file.name, "size": size, "oid": "a" * 40,
                   "lfs": {"oid": sha, "size": size, "pointerSize": 135}}
            return say(to, 200, json.dumps([row]).encode())
        if not kind and re.fullmatch(f"/resolve/(main|{COMMIT})/{re.escape(file.name)}", rest):
            return say(to, 302, b"", Location=f"{self.address}/signed/{name}", **{
                "X-Repo-Commit": COMMIT, "X-Linked-Size": str(size), "X-Linked-ETag": f'"{sha}"'})
        return say(to, 404, b"")

    def bytes_of(self, to: BaseHTTPRequestHandler, name: str) -> None:
        length = self.repositories[name].stat().st_size
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", to.headers.get("Range") or "")
        first = int(asked[1]) if asked else 0
        last = min(int(asked[2] or length), length - 1) if asked else length - 1
        if first > last:
            return say(to, 416, b"")
        size = last + 1 - first
        more = {"Content-Range": f"bytes {first}-{last}/{length}"} if asked else {}
        head(to, 206 if asked else 200, size, ETag=f'"{self.sha256[name][:32]}"', **more)
        most = self.breaks.get(name, size)
        with self.lock:
            self.broken[name] += most < size
        with self.repositories[name].open("rb") as file:
            file.seek(first)
            left = min(most, size)
            while left and (block := file.read(min(left, 1 << 16))):
                to.wfile.write(block)
                left -= len(block)
                with self.lock:
                    self.sent[name] += len(block)
        if most < size:
            to.close_connection = True


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def head(to: BaseHTTPRequestHandler, status: int, length: int, **headers: str) -> None:
    to.send_response(status)
    for name, value in {"Content-Length": str(length), **headers}.items():
        to.send_header(name, value)
    to.end_headers()


def say(to: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
    head(to, status, len(body), **headers)
    if to.command != "HEAD":
        to.wfile.write(body)

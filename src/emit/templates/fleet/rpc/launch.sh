#!/bin/sh
# Starts llama.cpp's RPC server, bound to the node's address: another node loads a part of its model
# here. It has no password, and is not made for an open network.
#
#   ./launch.sh             do it; a second run changes nothing
#   ./launch.sh --dry-run   only say what would be done
#
# Exit code 0: it runs. 1: a dry run would not begin. 2: it could not start.

set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 2
# shellcheck source-path=SCRIPTDIR source=rpc.sh
. "$here/rpc.sh"

case ${1-} in
    --dry-run) dry_run=yes ;;
    '') dry_run=no ;;
    *) stop "unknown option $1: there is --dry-run" ;;
esac
PATH=$PATH:/opt/homebrew/bin:/usr/local/bin
command -v ggml-rpc-server >/dev/null || {
    warn "ggml-rpc-server is not on the path: llama.cpp has to be built with -DGGML_RPC=ON"
    exit 1
}
# The GPU as llama.cpp calls it, MTL0 on a Mac: the first that it lists, where none is named.
device=${PLANNER_GPU:-$(llama-server --list-devices 2>/dev/null </dev/null | sed -n 's/^ *\([A-Za-z]*[0-9][0-9]*\): .*/\1/p' | head -n 1)}
[ -n "$device" ] || stop "llama-server lists no GPU: PLANNER_GPU=... names it"
if runs; then
    say "keep     ggml-rpc-server at $host:$port"
    exit
fi
say "start    ggml-rpc-server at $host:$port on $device"
if [ "$dry_run" = yes ]; then
    say "a dry run: nothing was changed"
    exit
fi
nohup ggml-rpc-server -H "$host" -p "$port" -d "$device" >"$log" 2>&1 </dev/null &
echo $! >"$pid_file"
# Where it can't be bound it ends at once; whether it answers the node with the model finds out.
sleep 2
runs || stop "ggml-rpc-server ended: see $log"

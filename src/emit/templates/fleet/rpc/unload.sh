#!/bin/sh
# Ends the RPC server that ./launch.sh started, and with it the part of the model that lies here.
# Exit code 0: it does not run any more. 1: it does not end.

set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 2
# shellcheck source-path=SCRIPTDIR source=rpc.sh
. "$here/rpc.sh"

if ! runs; then
    rm -f "$pid_file"
    say "ggml-rpc-server does not run"
    exit
fi
kill "$pid" 2>/dev/null
left=15
while runs; do
    left=$((left - 1))
    [ "$left" -ne 5 ] || kill -KILL "$pid" 2>/dev/null
    [ "$left" -gt 0 ] || {
        warn "process $pid does not end"
        exit 1
    }
    sleep 1
done
rm -f "$pid_file"
say "no part of a model is here any more"

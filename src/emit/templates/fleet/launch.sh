#!/bin/sh
# Loads each node's part of the plan on it, one node after the other. A node on which something fails
# is put back to what it had; those before it keep their part, which ./stop.sh unloads.
#
#   ./launch.sh            do it; a second run changes nothing
#   ./launch.sh NODE       that node alone, once it is back
#
# Exit code 0: the whole plan is loaded. 1: a node failed.

set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 2
# shellcheck source-path=SCRIPTDIR source=fleet.sh
. "$here/fleet.sh"

only=${1-}
met=
failed=

load() {
    [ -z "$only" ] || [ "$only" = "$node" ] || return 0
    met=yes
    say "== $node"
    if copy && on_node "sh $there/$node/launch.sh" </dev/null; then
        return 0
    fi
    failed="$failed $node"
}

each_node load
[ -n "$met" ] || stop "no node of the plan is called $only"
[ -z "$failed" ] || {
    warn "failed:$failed; what the others loaded stays (./stop.sh unloads it)"
    exit 1
}
say "loaded; next: gateway/gateway.sh start, then ./health.sh"

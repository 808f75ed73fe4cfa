#!/bin/sh
# Ends the gateway, and unloads each node's part of the plan; what else is loaded there stays.
# Exit code 0: nothing of the plan is loaded any more. 1: a node could not be asked, or still has a part.

set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 2
# shellcheck source-path=SCRIPTDIR source=fleet.sh
. "$here/fleet.sh"

failed=

unload() {
    say "== $node"
    on_node "sh $there/$node/unload.sh" </dev/null || failed="$failed $node"
}

"$here/gateway/gateway.sh" stop || failed=" gateway"
each_node{{ "_back" if shards else "" }} unload
[ -z "$failed" ] || {
    warn "not stopped:$failed"
    exit 1
}

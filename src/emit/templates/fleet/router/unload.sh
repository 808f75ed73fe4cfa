#!/bin/sh
# Ends the server that ./launch.sh started, with all of its models.
# Exit code 0: it does not run any more. 1: it does not end.

set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 2
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$here/common.sh"
# shellcheck source-path=SCRIPTDIR source=router.sh
. "$here/router.sh"

if ! runs; then
    rm -f "$pid_file"
    say "llama-server does not run"
    exit
fi
end || {
    warn "$why"
    exit 1
}
say "no model of the plan is loaded"

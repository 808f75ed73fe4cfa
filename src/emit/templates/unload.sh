#!/bin/sh
# Unloads the models of the plan, and nothing else.
# Exit code 0: none of them is loaded any more. 1: one still is. 2: LM Studio can't be asked.

set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 2
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$here/common.sh"

start
for index in $(json "$work/ps.json" each identifier); do
    here "$work/ps.json" "$index" || continue
    get "$work/ps.json" "$index.identifier"
    name=$it
    in_plan "$name" || continue
    "$lms" unload -- "$name" </dev/null
done

still_loaded() {
    find_loaded "$identifier"
    [ -z "$found" ]
}
list ps || stop "\`lms ps --json\` gave no list"
each_model still_loaded || {
    warn "$identifier is still loaded"
    exit 1
}
say "no model of the plan is loaded"

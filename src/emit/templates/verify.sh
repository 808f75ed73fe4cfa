#!/bin/sh
# Says whether exactly the plan is loaded in LM Studio. Changes nothing.
# Exit code 0: it is. 1: it is not, and the lines say what differs. 2: LM Studio can't be asked.

set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 2
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$here/common.sh"

drift=no

check_model() {
    find_key || true # one that was removed from disk can still be loaded
    if verify_model; then
        say "ok       $identifier (context $context${slots:+, $slots slots})"
    else
        say "drift    $identifier: ${why# }"
        drift=yes
    fi
}

check_others() {
    for index in $(json "$work/ps.json" each identifier); do
        here_and_llm "$work/ps.json" "$index" || continue
        get "$work/ps.json" "$index.identifier"
        name=$it
        is_planned=no
        each_model is_it
        [ "$is_planned" = yes ] && continue
        say "drift    $name is loaded, and not in the plan"
        drift=yes
    done
}
is_it() { [ "$name" != "$identifier" ] || is_planned=yes; }

start
each_model check_model
check_others
verify_server || {
    say "drift    $why"
    drift=yes
}
[ "$drift" = no ] || exit 1
say "exactly the plan is loaded"

#!/bin/sh
# Asks every model of the plan on its node, and the gateway for every task, for one token each: a list
# of models says nothing of whether they answer.
#
#   ./health.sh            all of it
#   ./health.sh nodes      the nodes alone
#   ./health.sh gateway    the gateway alone
#
# Exit code 0: all answer. 1: something does not.

set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 2
# shellcheck source-path=SCRIPTDIR source=fleet.sh
. "$here/fleet.sh"

failed=

told() { # WHAT URL [KEY]
    if said=$(ask "$2" "$body" "${3-}"); then
        say "answers    $1"
    else
        say "SILENT     $1: $said"
        failed=yes
    fi
}
model() { told "$identifier on $node" "$url"; }
node() { each_model model; }
task() { told "$task at the gateway" "http://127.0.0.1:{{ gateway_port }}" "$key"; }

key_file=${XDG_STATE_HOME:-$HOME/.local/state}/planner/gateway.key
key=$(cat "$key_file" 2>/dev/null) || key=

case ${1-all} in
    all) each_node node && each_task task ;;
    nodes) each_node node ;;
    gateway) each_task task ;;
    *) stop "unknown word $1: there are nodes and gateway" ;;
esac
[ -z "$failed" ]

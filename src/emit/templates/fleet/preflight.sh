#!/bin/sh
# Says what would stand in the way of ./launch.sh, node by node, and what it would change there.
# Only the scripts of a node are put in place; nothing is loaded or unloaded.
# Exit code 0: nothing stands in the way. 1: something does.

set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 2
# shellcheck source-path=SCRIPTDIR source=fleet.sh
. "$here/fleet.sh"

failed=
versions=

wrong() {
    warn "$node: $*"
    failed="$failed $node"
}

check() {
    say "== $node ($target)"
    if ! on_node true </dev/null; then
        wrong "ssh does not get to $target without a password: turn on Remote Login there, and \`ssh-copy-id $target\`"
        return 0
    fi
    # A server that is bound to an address which the node does not have would not start.
    if ! on_node 'ifconfig 2>/dev/null || ip addr' </dev/null | grep -qwF "$address"; then
        wrong "it does not have the address $address: give its own in the fleet's file"
    fi
    # shellcheck disable=SC2016 # expanded on the node
{%- if lm_studio %}
    version_=$(on_node 'PATH=$PATH:$HOME/.lmstudio/bin; lms version' </dev/null 2>/dev/null | tail -n 1)
{%- else %}
    version_=$(on_node 'PATH=$PATH:/opt/homebrew/bin; llama-server --version' </dev/null 2>&1 | grep -i version | head -n 1)
{%- endif %}
    versions="$versions
$version_"
    copy || { wrong "its scripts can't be put into $there" && return 0; }
    on_node "sh $there/$node/launch.sh --dry-run" </dev/null || wrong "its part can't be loaded as things are"
    return 0
}

each_node check
different=$(printf '%s\n' "$versions" | sed '/^$/d' | sort -u | wc -l)
{%- if shards %}
[ "$different" -le 1 ] || {
    warn "llama.cpp has to be of the same build everywhere, for a model that is sharded:$versions"
    failed="$failed versions"
}
{%- else %}
[ "$different" -le 1 ] || say "note: {{ "LM Studio's command line" if lm_studio else "llama-server" }} is not of the same version everywhere:$versions"
{%- endif %}
[ -z "$failed" ] || {
    warn "in the way:$failed"
    exit 1
}
say "nothing stands in the way"

#!/bin/sh
# Starts llama.cpp's server with this node's part of the plan, bound to the node's address.
#
#   ./launch.sh             do it; a second run changes nothing
#   ./launch.sh --dry-run   only say what would be done
#
# Exit code 0: every model answers. 1: one does not, or a dry run would not begin. 2: it could not
# start.

set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 2
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$here/common.sh"
# shellcheck source-path=SCRIPTDIR source=router.sh
. "$here/router.sh"

# Puts the first file of the model in `identifier` into `path`.
find_path() {
    path=
    # shellcheck disable=SC2231 # `files` is a pattern
    for file_ in "$models/$repository"/$files; do
        [ -f "$file_" ] || continue
        path=$file_
        return
    done
}

# The plan's preset with the paths of the files that are here.
write_preset() {
    while IFS= read -r line; do
        case $line in
            '['*']')
                section=${line#?}
                section=${section%?}
                ;;
{%- if remote %}
            # The GPU of this node comes last, so that the output matrix lies here.
            'device = '*) line=${line%,*},$device ;;
{%- endif %}
            'hf-repo = '*)
                here_is=
                each_model find_section
                [ -z "$here_is" ] || line="model = $here_is"
                ;;
        esac
        printf '%s\n' "$line"
    done <"$here/engines/llama-server.ini" >"$preset.new"
}
find_section() {
    [ "$identifier" = "$section" ] || return 0
    find_path
    here_is=$path
    say "${path:+from     $identifier: }${path:-fetched  $identifier: not in $models/$repository}" >&2
}

# One token: a list of models says nothing of whether they answer. The first waits for the load.
check() {
    say "loading  $identifier"
    said=$(curl -fsS --max-time 3600 -H 'content-type: application/json' \
        -d "$body" "$url/v1/chat/completions" 2>&1 >/dev/null </dev/null) || {
        warn "$identifier does not answer: $said (see $log)"
        return 1
    }
}
{%- if remote %}

# Whether the RPC servers of the other nodes answer, and the GPU of this one is there: where one is not,
# llama.cpp would go on with the others. A server whose one place is taken does not answer at all.
sees_all() {
    llama-server --rpc {{ remote.rpc | sh }} --list-devices >"$state/devices" 2>&1 </dev/null &
    asked=$!
    left=30
    while kill -0 "$asked" 2>/dev/null; do
        left=$((left - 1))
        [ "$left" -gt 0 ] || kill -KILL "$asked" 2>/dev/null
        sleep 1
    done
    seen=$(grep -c '^ *RPC[0-9]' "$state/devices")
    [ "$seen" = {{ remote.count }} ] && grep -q "^ *$device:" "$state/devices"
}
{%- endif %}

case ${1-} in
    --dry-run) dry_run=yes ;;
    '') dry_run=no ;;
    *) stop "unknown option $1: there is --dry-run" ;;
esac
PATH=$PATH:/opt/homebrew/bin:/usr/local/bin
command -v llama-server >/dev/null || stop "llama-server is not on the path: \`brew install llama.cpp\`"
{%- if remote %}
# The GPU as llama.cpp calls it, MTL0 on a Mac: the first that it lists, where none is named.
device=${PLANNER_GPU:-$(llama-server --list-devices 2>/dev/null </dev/null | sed -n 's/^ *\([A-Za-z]*[0-9][0-9]*\): .*/\1/p' | head -n 1)}
[ -n "$device" ] || stop "llama-server lists no GPU: PLANNER_GPU=... names it"
{%- endif %}
write_preset
if runs && cmp -s "$preset.new" "$preset"; then
    say "keep     llama-server at $url"
else
    runs || ! answers || stop "something else answers at $url: end it first"
    say "start    llama-server at $url"
    if [ "$dry_run" = no ]; then
        ! runs || end || stop "$why"
{%- if remote %}
        sees_all || stop "not every RPC server of {{ remote.rpc }} answers, or $device is not here: see $state/devices"
{%- endif %}
        mv "$preset.new" "$preset"
        nohup llama-server --models-preset "$preset" --models-max "$models_max" \
            --host "$host" --port "$port" >"$log" 2>&1 </dev/null &
        echo $! >"$pid_file"
        left=120
        until answers; do
            runs || stop "llama-server ended: see $log"
            left=$((left - 1))
            [ "$left" -gt 0 ] || stop "llama-server does not answer: see $log"
            sleep 1
        done
    fi
fi
if [ "$dry_run" = yes ]; then
    say "a dry run: nothing was changed"
    exit
fi
each_body check || exit 1
say "the plan is loaded; clients find it at $url/v1"

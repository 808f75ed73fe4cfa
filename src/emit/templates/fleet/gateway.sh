#!/bin/sh
# Starts and stops LiteLLM, which gives every task one name and goes to what takes over when a node
# does not answer. It listens on this machine alone.
#
#   ./gateway.sh start | stop | status
#
# Exit code 0: done, or it runs. 1: it does not run, or does not end. 2: it can't be started.

set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 2
state=${XDG_STATE_HOME:-$HOME/.local/state}/planner
pid_file=$state/gateway.pid
log=$state/gateway.log
key_file=$state/gateway.key
port={{ gateway_port }}

say() { printf '%s\n' "$*"; }
stop() {
    printf 'error: %s\n' "$*" >&2
    exit 2
}

# LiteLLM does not start without a key that clients have to give: made once, for this user's eyes.
make_key() {
    [ ! -s "$key_file" ] || return 0
    (umask 077 && printf 'sk-%s\n' "$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')" >"$key_file")
}

# Whether the process that was started is still there: another may have got its number since.
runs() {
    pid=$(cat "$pid_file" 2>/dev/null) || return 1
    case $(ps -o command= -p "$pid" 2>/dev/null || ps -o args= -p "$pid" 2>/dev/null) in
        *litellm*) ;;
        *) return 1 ;;
    esac
}

answers() { curl -fsS --max-time 5 "http://127.0.0.1:$port/health/liveliness" >/dev/null 2>&1; }

start() {
    if runs; then
        say "the gateway runs already (process $pid)"
        return
    fi
    { mkdir -p "$state" && make_key; } || stop "$state can't be written"
    ! answers || stop "something else answers at 127.0.0.1:$port: end it first"
    command -v litellm >/dev/null || stop "litellm is not on the path: \`pip install 'litellm[proxy]'\` into an environment that is"
    # The prices of models elsewhere are not needed, and not fetched.
    LITELLM_MASTER_KEY=$(cat "$key_file") LITELLM_LOCAL_MODEL_COST_MAP=True nohup litellm --config "$here/litellm.yaml" \
        --host 127.0.0.1 --port "$port" >"$log" 2>&1 </dev/null &
    echo $! >"$pid_file"
    left=120
    until answers; do
        runs || stop "the gateway ended: see $log"
        left=$((left - 1))
        [ "$left" -gt 0 ] || stop "the gateway does not answer: see $log"
        sleep 1
    done
    say "the gateway answers at http://127.0.0.1:$port/v1; its API key is in $key_file"
}

end() {
    if ! runs; then
        rm -f "$pid_file"
        say "the gateway does not run"
        return
    fi
    kill "$pid" 2>/dev/null
    left=20
    while runs; do
        left=$((left - 1))
        [ "$left" -ne 5 ] || kill -KILL "$pid" 2>/dev/null
        [ "$left" -gt 0 ] || {
            say "the gateway does not end (process $pid)"
            exit 1
        }
        sleep 1
    done
    rm -f "$pid_file"
    say "the gateway ended"
}

case ${1-} in
    start) start ;;
    stop) end ;;
    status) runs && answers && say "the gateway answers (process $pid)" ;;
    *) stop "say start, stop or status" ;;
esac

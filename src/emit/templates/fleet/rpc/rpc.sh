# What this node's scripts share of llama.cpp's RPC server: where it answers, and which process it is.
# shellcheck shell=sh
# shellcheck disable=SC2034 # the variables are used by the scripts that read this file

# zsh splits no words unless it is told to be sh.
[ -z "${ZSH_VERSION-}" ] || emulate sh

# {{ part | comment }}
host={{ host | sh }}
port={{ port }}

say() { printf '%s\n' "$*"; }
warn() { printf '%s\n' "$*" >&2; }
stop() {
    warn "error: $*"
    exit 2
}

state=${XDG_STATE_HOME:-$HOME/.local/state}/planner/rpc-$port
mkdir -p "$state" || stop "$state can't be made"
pid_file=$state/pid
log=$state/log

# Whether the process that was started is still there: another may have got its number since.
runs() {
    pid=$(cat "$pid_file" 2>/dev/null) || return 1
    case $(ps -o args= -p "$pid" 2>/dev/null) in
        *ggml-rpc-server*"$host"*"$port"*) ;;
        *) return 1 ;;
    esac
}

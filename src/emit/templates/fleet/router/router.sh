# What this node's scripts share of llama.cpp's server: where it answers, and which process it is.
# shellcheck shell=sh
# shellcheck disable=SC2034 # the variables are used by the scripts that read this file

port={{ port }}
models_max={{ models | selectattr("gguf") | list | length }}
# Where the models' files lie; what is not there the server fetches itself.
models={{ models_folder | sh }}
[ -n "$models" ] || models=$HOME/.lmstudio/models

state=${XDG_STATE_HOME:-$HOME/.local/state}/planner/router-$port
mkdir -p "$state" || stop "$state can't be made"
pid_file=$state/pid
preset=$state/models.ini
log=$state/log
url=http://{{ url_host }}:$port

# Calls "$@" once per model, with what asks it for one token.
each_body() {
{%- for m in models %}
    identifier={{ m.identifier | sh }}
    body={{ ('{"model": ' ~ (m.identifier | json) ~ ', "max_tokens": 1, "messages": [{"role": "user", "content": "1"}]}') | sh }}
    "$@" || return
{%- endfor %}
}

# Whether the process that was started is still there: another may have got its number since.
runs() {
    pid=$(cat "$pid_file" 2>/dev/null) || return 1
    case $(ps -o args= -p "$pid" 2>/dev/null) in
        *"$preset"*) ;;
        *) return 1 ;;
    esac
}

answers() { curl -fsS --max-time 5 "$url/health" >/dev/null 2>&1; }

# Ends the server, and each model's process of it.
end() {
    children=$(ps -A -o pid=,ppid= | awk -v parent="$pid" '$2 == parent { print $1 }')
    kill "$pid" 2>/dev/null
    left=30
    while runs; do
        left=$((left - 1))
        [ "$left" -ne 5 ] || kill -KILL "$pid" 2>/dev/null
        [ "$left" -gt 0 ] || { why="process $pid does not end" && return 1; }
        sleep 1
    done
    for child in $children; do
        case $(ps -o args= -p "$child" 2>/dev/null) in
            *llama-server*) kill -KILL "$child" 2>/dev/null ;;
        esac
    done
    rm -f "$pid_file"
}

# What the scripts of this folder share: the plan's models, and the ways to ask LM Studio.
# shellcheck shell=sh
# shellcheck disable=SC2034 # the variables are used by the scripts that read this file

# zsh splits no words unless it is told to be sh.
[ -z "${ZSH_VERSION-}" ] || emulate sh

# ---- The plan -----------------------------------------------------------------------------------

# Calls "$@" once per model, the largest first, with the model's figures in these variables.
# An empty `key` is looked up in `lms ls --json`, by repository and files.
each_model() {
{%- for m in models %}

    # {{ m.title | comment }}
    number={{ loop.index }}
    identifier={{ m.identifier | sh }}
    key={{ m.key | sh }}
    repository={{ m.repository | sh }}
    files={{ m.files | sh }}
    quantization={{ m.quantization | sh }}
    tag={{ m.tag | sh }}
    bytes={{ m.bytes }}
    context={{ m.context }}
    slots={{ m.slots if not m.embedding }}
    gpu={{ m.gpu | sh }}
    ttl={{ m.ttl }}
    by_file={{ m.only_by_file | join(", ") | sh }}
    "$@" || return
{%- endfor %}
}

# What the models take by the plan's ledger, and the machine that it was made for.
machine={{ machine | sh }}
gpu_mib={{ gpu_mib }}
memory_bytes={{ memory_bytes }}
wired_limit_mib={{ wired_limit_mib }} # 0: the plan needs no other limit than the stock one
headroom_bytes={{ headroom_bytes }}

# Where LM Studio's server answers.
host={{ host | sh }}

# ---- Messages -----------------------------------------------------------------------------------

say() { printf '%s\n' "$*"; }
warn() { printf '%s\n' "$*" >&2; }
stop() { # nothing was changed
    warn "error: $*"
    exit 2
}

# ---- JSON, read by json.awk ---------------------------------------------------------------------

# json FILE get PATH | each NAME | find NAME VALUE | below NAME VALUE
json() { LC_ALL=C want=$2 name=$3 value=${4-} awk -f "${here:?}/json.awk" <"$1"; }

# get FILE PATH: puts a value into `it`. The dot keeps a newline at the end of a name.
get() {
    it=$(json "$1" get "$2" && printf .)
    it=${it%.}
}

# ---- LM Studio ----------------------------------------------------------------------------------

# Finds `lms`, and makes a folder for its answers that goes away at the end.
start() {
    lms=$(command -v lms) || lms=$HOME/.lmstudio/bin/lms
    [ -x "$lms" ] || stop "\`lms\` is not on the path: start LM Studio once, or run ~/.lmstudio/bin/lms bootstrap"
    work=$(mktemp -d) || stop "can't make a temporary folder"
    trap 'rm -rf "$work"' EXIT
    list ls || stop "\`lms ls --json\` gave no list"
    list ps || stop "\`lms ps --json\` gave no list"
}

# list ls|ps: what is installed or loaded now, into $work/ls.json or $work/ps.json. One failure
# decides nothing: it is tried three times.
list() {
    tries_=1
    until list_once "$1"; do
        [ "$tries_" -lt 3 ] || return
        tries_=$((tries_ + 1))
        sleep 1
    done
}
list_once() {
    "$lms" "$1" --json >"$work/$1.json" 2>"$work/said" </dev/null 9>&- || return
    case $(cat "$work/$1.json") in '['*) ;; *) return 1 ;; esac
}

# here FILE INDEX: on this machine, not on a linked one.
here() {
    get "$1" "$2.deviceIdentifier"
    [ -z "$it" ]
}

# here_and_llm FILE INDEX: a language model, and here. Embedding models that the plan does not name are
# no business of it.
here_and_llm() {
    get "$1" "$2.type"
    [ "$it" = llm ] && here "$1" "$2"
}

# Puts the index of the instance named $1 in ps.json into `found`; empty when it is not loaded.
find_loaded() {
    found=
    for i_ in $(json "$work/ps.json" find identifier "$1"); do
        if here "$work/ps.json" "$i_"; then found=$i_; fi
    done
}

# Finds the model in ls.json and sets `key`. Never guesses: none or several is an error, which
# goes into `why`.
find_key() {
    matches_=0
    for i_ in $(candidates); do
        if here "$work/ls.json" "$i_" && fits "$i_"; then
            matches_=$((matches_ + 1))
            at_=$i_
        fi
    done
    case $matches_ in
        1) ;;
        0) why="is not installed" && return 1 ;;
        *) why="matches $matches_ installed models" && return 1 ;;
    esac
    get "$work/ls.json" "$at_.sizeBytes"
    if [ -z "$key" ] && ! near "$it"; then
        why="is there with $it bytes instead of $bytes: is its download complete?"
        return 1
    fi
    get "$work/ls.json" "$at_.modelKey"
    key=$it
}

candidates() {
    if [ -n "$key" ]; then
        json "$work/ls.json" find modelKey "$key"
    elif [ -n "$repository" ]; then
        json "$work/ls.json" below path "$repository"
    else
        json "$work/ls.json" each modelKey
    fi
}

# Whether the entry is the model that is meant: by its file, else by quantization and size.
fits() {
    [ -z "$key" ] || return 0
    if [ -n "$repository" ]; then
        get "$work/ls.json" "$1.path"
        [ "$it" != "$repository" ] && [ -n "$files" ] || return 0 # MLX: a whole folder
        # shellcheck disable=SC2254 # `files` is a pattern
        case ${it#"$repository"/} in $files) return 0 ;; *) return 1 ;; esac
    fi
    get "$work/ls.json" "$1.quantization.name"
    [ "$(upper "$it")" = "$(upper "$quantization")" ] || return
    get "$work/ls.json" "$1.sizeBytes"
    near "$it"
}

upper() { printf '%s' "$1" | tr '[:lower:]' '[:upper:]'; }

# Within 3 % of the size that the plan counts.
near() {
    difference_=$((${1:-0} - bytes))
    [ $((${difference_#-} * 100)) -le $((bytes * 3)) ]
}

# What of the loaded instance at INDEX is not as planned, into `why`; empty when nothing is.
# What LM Studio does not report (older versions: slots) counts as right.
compare() {
    why=
    differs model "$key" "$1.modelKey"
    differs context "$context" "$1.contextLength"
    differs slots "$slots" "$1.parallel"
    get "$work/ps.json" "$1.ttlMs"
    [ "$it" = "${ttl:+${ttl}000}" ] || why="$why TTL ${it:-none} (ms), not ${ttl:-none}${ttl:+000};"
    why=${why%;}
    [ -z "$why" ]
}
differs() { # NAME WANTED PATH
    get "$work/ps.json" "$3"
    if [ -n "$it" ] && [ -n "$2" ] && [ "$it" != "$2" ]; then why="$why $1 $it, not $2;"; fi
}

# Checks the model of `each_model` in a fresh list of what is loaded.
verify_model() {
    list ps || { why="\`lms ps --json\` gave no list" && return 1; }
    find_loaded "$identifier"
    [ -n "$found" ] || { why="is not loaded" && return 1; }
    compare "$found"
}

# Whether the name $1 belongs to the plan: one of its identifiers, or a second copy (`:2`).
in_plan() {
    name_=$1
    is_other=yes
    each_model same_name
    [ "$is_other" = no ]
}
same_name() {
    if [ "$name_" = "$identifier" ] || is_copy "$name_"; then is_other=no; fi
}

# Whether $1 is the name of a second copy of `identifier`: LM Studio appends `:2`, `:3` and so on.
is_copy() {
    copy_=${1#"$identifier":}
    case $copy_ in
        "$1" | '' | *[!0-9]*) return 1 ;;
    esac
}

# ---- LM Studio's server -------------------------------------------------------------------------

# Sets `port`; fails when the server does not run.
server_port() {
    "$lms" server status --json >"$work/server.json" 2>/dev/null </dev/null 9>&- || return
    get "$work/server.json" port
    port=$it
    get "$work/server.json" running
    [ "$it" = true ] && [ -n "$port" ]
}

# fetch PATH: asks the server, with the token of LM_API_TOKEN where there is one.
fetch() {
    if [ -n "${LM_API_TOKEN-}" ]; then
        # Within quotes, curl reads a backslash and what follows it as one character.
        token_=$(printf '%s' "$LM_API_TOKEN" | sed 's/[\\"]/\\&/g')
        printf 'header = "Authorization: Bearer %s"\n' "$token_" |
            curl -fsS --max-time 20 --config - "http://$host:$port$1"
    else
        curl -fsS --max-time 20 "http://$host:$port$1"
    fi >"$work/answer.json" 2>"$work/said"
}

# Checks that the server offers every model of the plan, at its context.
verify_server() {
    command -v curl >/dev/null || { warn "not checked: the server (there is no curl)" && return 0; }
    server_port || { why="LM Studio's server does not run" && return 1; }
    if fetch /api/v1/models; then
        each_model served
    elif fetch /v1/models; then # before LM Studio 0.4.0
        each_model offered
    else
        why="LM Studio's server does not answer: $(cat "$work/said")"
        return 1
    fi
}
served() {
    at_=
    for i_ in $(json "$work/answer.json" find id "$identifier"); do
        case $i_ in *.loaded_instances.*) at_=$i_ ;; esac
    done
    [ -n "$at_" ] || { why="the server does not list $identifier" && return 1; }
    get "$work/answer.json" "$at_.config.context_length"
    [ "${it:-$context}" = "$context" ] || {
        why="the server has $identifier at context $it, not $context"
        return 1
    }
}
offered() {
    [ -n "$(json "$work/answer.json" find id "$identifier")" ] || {
        why="the server does not offer $identifier"
        return 1
    }
}

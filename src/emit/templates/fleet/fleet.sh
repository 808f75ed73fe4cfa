# What the scripts of this folder share: the fleet's nodes, and the way to each.
# shellcheck shell=sh
# shellcheck disable=SC2034 # the variables are used by the scripts that read this file

# zsh splits no words unless it is told to be sh.
[ -z "${ZSH_VERSION-}" ] || emulate sh

# Calls "$@" once per node that keeps something loaded, with its figures in these variables.
each_node() {
{%- for n in nodes %}

    # {{ n.machine | comment }}
    node={{ n.name | sh }}
    target={{ n.target | sh }}
    address={{ n.address | sh }}
    url={{ ("http://" ~ n.host ~ ":" ~ n.port) | sh }}
    "$@" || return
{%- endfor %}
}
{%- if shards %}

# The same the other way round: a model goes before the nodes that it is loaded onto.
each_node_back() {
{%- for n in nodes | reverse %}

    # {{ n.machine | comment }}
    node={{ n.name | sh }}
    target={{ n.target | sh }}
    address={{ n.address | sh }}
    url={{ ("http://" ~ n.host ~ ":" ~ n.port) | sh }}
    "$@" || return
{%- endfor %}
}
{%- endif %}

# Calls "$@" once per model of the node in `node`, with what asks it for one token.
each_model() {
    case $node in
{%- for n in nodes if n.models %}
        {{ n.name | sh }})
{%- for m in n.models %}
            identifier={{ m.identifier | sh }}
            body={{ m.body | sh }}
            "$@" || return
{%- endfor %}
            ;;
{%- endfor %}
    esac
}

# Calls "$@" once per task, with what asks the gateway for one token of it.
each_task() {
{%- for t in tasks %}
    task={{ t.id | sh }}
    body={{ t.body | sh }}
    "$@" || return
{%- endfor %}
}

# Where the scripts of a node lie on it, below its home.
there=.local/share/planner/fleet

say() { printf '%s\n' "$*"; }
warn() { printf '%s\n' "$*" >&2; }
stop() {
    warn "error: $*"
    exit 2
}

# on_node COMMAND: runs it on the node in `target`. Nothing is asked for: keys and ports are the
# business of ssh's own configuration.
on_node() {
    ssh -o BatchMode=yes -o ConnectTimeout=10 -- "$target" "$1"
}

# Puts the folder of the node in `node` in its place on it.
copy() {
    (cd -- "${here:?}" && COPYFILE_DISABLE=1 tar -cf - -- "$node") |
        on_node "mkdir -p $there && cd $there && rm -rf ./$node && tar -xf -"
}

# ask URL BODY [KEY]: whether a real completion of one token comes back. The key goes by standard
# input, where no list of processes shows it.
ask() {
    printf '%s\n' "${3:+header = \"Authorization: Bearer $3\"}" |
        curl -fsS --config - --max-time 300 -H 'content-type: application/json' -d "$2" \
            -o /dev/null "$1/v1/chat/completions" 2>&1
}

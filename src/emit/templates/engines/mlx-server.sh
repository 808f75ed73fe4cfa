#!/bin/sh
# The plan's MLX models on mlx-lm's own server, each on a port of its own, until this is interrupted.
# mlx_lm.server has no flag for a context or for slots: it takes what requests ask for, so the
# plan's figures are not enforced here, but for the memory of finished prompts, which has no limit
# of its own. Not verified: that each model starts.

pids=
finish() {
    trap '' INT TERM
    trap - EXIT
    # shellcheck disable=SC2086 # a list of numbers
    [ -z "$pids" ] || kill $pids 2>/dev/null
    wait
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
{%- for m in models if not m.gguf and not m.embedding %}

# {{ m.title | comment }}
mlx_lm.server --host 127.0.0.1 --port {{ 8080 + loop.index0 }} --model {{ m.repository | sh }}{% if m.prompt_cache_bytes is not none %} --prompt-cache-bytes {{ m.prompt_cache_bytes }}{% endif %}{% if m.template %} --chat-template-args {{ m.template | sh }}{% endif %} &
pids="$pids $!"
{%- endfor %}
wait

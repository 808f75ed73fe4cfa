#!/bin/sh
# Downloads what the plan needs and LM Studio does not have: by `planner get` where planner is
# installed, which goes on after a break and checks what came, else by `lms get`. What is there is
# skipped, so it can be run again after an interruption.
# Exit code 0: everything is there. 1: something is not. 2: it could not start.

set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 2
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$here/common.sh"

missing=
needed=0

check_model() {
    if find_key; then
        say "there    $identifier ($key)"
    elif [ -z "$repository" ]; then
        warn "$identifier $why, and the plan knows no repository of it: download it in LM Studio"
        failed=yes
    else
        say "missing  $identifier: $repository ${files:-} ($bytes bytes)"
        missing="$missing $number"
        needed=$((needed + bytes))
    fi
}

# The folder that LM Studio downloads to, and whether it has room.
check_disk() {
    home=$HOME/.lmstudio
    [ ! -d "$HOME/.cache/lm-studio" ] || home=$HOME/.cache/lm-studio
    [ ! -s "$HOME/.lmstudio-home-pointer" ] || home=$(cat "$HOME/.lmstudio-home-pointer")
    it=
    [ ! -f "$home/settings.json" ] || get "$home/settings.json" downloadsFolder
    folder=${it:-$home/models}
    [ -d "$folder" ] || folder=$HOME
    free=$(df -Pk "$folder" | awk 'NR == 2 { printf "%.0f", $4 * 1024 }')
    say "needed: $needed bytes; free in $folder: $free bytes"
    [ "$free" -gt "$needed" ] || stop "not enough room on the disk"
}

# by_planner NAME: fails where planner is not here, too old to download, or could not.
by_planner() {
    planner get --help >/dev/null 2>&1 </dev/null || return
    planner get "$1" </dev/null
}

fetch_model() {
    case " $missing " in *" $number "*) ;; *) return 0 ;; esac
    if [ "$gpu" = max ]; then # GGUF: one repository holds many quantizations
        by_planner "hf:$repository:$tag" ||
            "$lms" get "https://huggingface.co/$repository@$tag" --gguf --yes </dev/null
    else
        by_planner "hf:$repository" ||
            "$lms" get "https://huggingface.co/$repository" --mlx --yes </dev/null
    fi
    list ls
    find_key || {
        warn "$identifier $why. Run this again, or download it in LM Studio."
        failed=yes
    }
}

failed=no
start
each_model check_model
if [ -n "$missing" ]; then
    check_disk
    each_model fetch_model
fi
[ "$failed" = no ] || exit 1
say "every model of the plan is on this machine"

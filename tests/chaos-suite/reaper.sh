#!/bin/sh
# Ends all that the chaos suite has left when the suite itself is gone, however it went.
#
#   reaper.sh FOLDER        (waits until its input ends)
#
# What belongs to the suite names its folder: in the environment, on the command line, or as the working folder.
folder=$1
while read -r _; do :; done
pattern=$(mktemp)
printf '%s/' "$folder" >"$pattern"

# Until nothing is found twice: a process may be starting another one at this moment.
clean=0
while [ "$clean" -lt 2 ]; do
    found=no
    for process in /proc/[0-9]*; do
        pid=${process#/proc/}
        [ "$pid" != $$ ] || continue
        case $(readlink "$process/cwd" 2>/dev/null)/ in
            "$folder"/*) ;;
            *) grep -qsaF -f "$pattern" "$process/environ" "$process/cmdline" || continue ;;
        esac
        # A dead one that nobody has waited for is still listed.
        case $(sed -n 's/^State:[[:space:]]*//p' "$process/status" 2>/dev/null) in Z* | X* | '') continue ;; esac
        kill -KILL "$pid" 2>/dev/null && found=yes
    done
    if [ $found = no ]; then clean=$((clean + 1)); else clean=0; fi
    sleep 0.1
done
rm -f "$pattern"

while read -r _ place _; do
    case $place in "$folder"/*) umount -l "$place" ;; esac
done </proc/mounts
[ -e "$folder/keep" ] || rm -rf "$folder"

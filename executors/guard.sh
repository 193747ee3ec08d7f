#!/bin/sh
# Ends the scripts of a node when its lease runs out and nobody has prolonged it, because from then on their runs are given
# to other nodes. One per node; started by it, and it survives it.
#
#   guard.sh guard RUNS
#
# The folder RUNS is what is authoritative:
#
#   lease   "ENDS KILL_AT NODE:EPOCH PID IDENTITY ENDS:KILL_AT", written by the node whenever it has renewed its lease: when the
#           lease ends and when the scripts do, in hundredths of a second of the machine's uptime (elsewhere than on Linux:
#           since 1970), and the process that keeps it. Overwritten in place, because a full disk must not end scripts. A line
#           whose last word does not repeat the first two was being written when it was read, and does not count.
#   guard   "PID IDENTITY" of the guard. Whoever puts its name there last is the guard; one that finds another's leaves. So
#           two that were started at the same time are one after a second, and never none.
#   */claim, */child, */run.uid   of each run: see supervisor.sh. Scripts may have put anything in their place, to their own harm.
#   */fenced           made when a script is killed, here or by the node: why it ended so.
#
# What a failure leads to:
#   the node dies, hangs or is cut off   it does not prolong the lease, and its scripts end in time
#   this is killed                       the node finds no guard, starts another, and launches nothing before that
#   both are killed                      the scripts go on: only whoever may kill everything can do that
#   the machine (or VM) is paused        what would have been done meanwhile is done within a second after it goes on
#   a file cannot be read                what was read last counts
#
# It ends when the lease is over, no script is left, and the process that kept the lease has gone as well.

identity_of() { # PID, as in supervisor.sh
    if read -r stat 2>/dev/null <"/proc/$1/stat" && read -r boot 2>/dev/null </proc/sys/kernel/random/boot_id; then
        set -- ${stat##*)}
        echo "linux:$boot:${20}"
    else
        set -- $(TZ=UTC ps -o lstart= -p "$1")
        echo "ps:$*"
    fi
}

lives() { # PID IDENTITY; a zombie does not
    case $1 in
        '' | *[!0-9]*) return 1 ;;
    esac
    if [ -n "$boot_id" ]; then
        read -r stat 2>/dev/null <"/proc/$1/stat" || return 1
        set -- "$2" ${stat##*)}
        case $2 in
            [ZX]) return 1 ;;
        esac
        [ "$1" = "linux:$boot_id:${21}" ]
    else
        kill -s 0 "$1" && [ "$2" = "$(identity_of "$1")" ]
    fi
}

tell_time() { # sets now
    if [ -n "$boot_id" ] && read -r up rest </proc/uptime; then
        now=${up%.*}${up#*.}
    else
        now=$(date +%s)00
    fi
}

# After the kill, which must not depend on a disk. Not by ":", a special builtin: that would end the shell where the file cannot
# be made. For reading as well: so it does not wait if the script has made a pipe of this name.
note_fenced() { # DIRECTORY
    true 1<>"$1/fenced"
}

# The first line of a small file, in $line. Not of a pipe, which would be waited for, nor of one without an end.
read_note() { # FILE
    [ -f "$1" ] && line=$(head -c 300 "$1" | head -n 1) && [ -n "$line" ]
}

read_lease() { # sets kill_at, holder and holder_identity, or nothing
    read -r ends at tenure pid identity <"$runs/lease" && [ "${identity##* }" = "$ends:$at" ] || return
    kill_at=$at holder=$pid holder_identity=${identity% *}
}

# By what each run has noted. Its group dies with the script, and its supervisor records that.
end_noted() {
    for run in "$runs"/*/; do
        if read_note "$run/child"; then
            pid=${line%% *} identity=${line#* }
            if lives "$pid" "$identity"; then
                found=yes
                kill -s KILL -- "-$pid"
                kill -s KILL "$pid"
                note_fenced "$run"
            fi
        elif read_note "$run/claim" && lives "${line%% *}" "${line#* }"; then
            # No script yet.
            found=yes
            kill -s KILL "${line%% *}"
        fi
        end_user "$run"
    done
}

# By the user that the run has for itself alone: nothing escapes that. What forks faster than it is killed is stopped first.
end_user() { # DIRECTORY
    [ -n "$boot_id" ] && read_note "$1/run.uid" || return
    uid=$line
    case $uid in
        "$own_uid" | '' | *[!0-9]* | ? | ?? | ???) return ;;
    esac
    for signal in STOP KILL; do
        for file in $(grep -lsE "^Uid:.*[[:space:]]$uid([[:space:]]|\$)" /proc/[0-9]*/status); do
            pid=${file#/proc/}
            pid=${pid%/status}
            # A zombie is nobody's any more.
            read -r stat 2>/dev/null <"/proc/$pid/stat" || continue
            case ${stat##*) } in
                [ZX]*) continue ;;
            esac
            found=yes
            kill -s "$signal" "$pid"
            note_fenced "$1"
        done
    done
}

# By the mark that descendants inherit also when they leave the group. Only Linux shows it.
end_marked() {
    [ -n "$boot_id" ] || return
    for file in $(candidates); do
        run=$(tr '\0' '\n' <"$file" | sed -n 's/^GLUE_ORLEANS_RUN_ID=//p' | head -n 1)
        case $run in
            '' | *[!A-Za-z0-9_-]*) continue ;;
        esac
        # Another node's runs are in another folder. What is in this one may be unreadable, or gone: the script may do as it likes.
        if [ -d "$runs/$run" ]; then
            found=yes
            pid=${file#/proc/}
            kill -s KILL "${pid%/environ}"
            note_fenced "$runs/$run"
        fi
    done
}

candidates() {
    if [ -n "$grep_reads_on" ]; then
        grep -ls GLUE_ORLEANS_RUN_ID= /proc/[0-9]*/environ
    else
        echo /proc/[0-9]*/environ
    fi
}

look() {
    if read -r line <"$runs/guard"; then
        [ "$line" = "$me" ] || exit 0
    elif ! [ -d "$runs" ]; then
        exit 0
    fi
    read_lease
    tell_time
    if [ "$now" -lt "$kill_at" ]; then
        is_clean=
        return
    fi

    found=
    # Once all is gone, only what was being started at the very end could still come, and it has the mark.
    [ -n "$is_clean" ] || end_noted
    end_marked
    if [ -n "$found" ]; then
        is_clean=
    else
        is_clean=yes
        lives "$holder" "$holder_identity" || exit 0
    fi
}

guard() { # RUNS
    runs=$1
    exec 3>&1 </dev/null >/dev/null 2>/dev/null
    # A terminal, or whoever stops the node, does not mean the guard.
    trap '' HUP INT QUIT TERM PIPE
    read -r boot_id </proc/sys/kernel/random/boot_id
    own_uid=$(id -u)
    grep_reads_on=$(printf 'a\0b' | grep -q b && echo yes)
    is_clean=
    me="$$ $(identity_of $$)"
    if read -r pid identity <"$runs/guard" && lives "$pid" "$identity"; then
        echo "taken $pid" >&3
        exit 0
    fi
    if ! read_lease; then
        echo "failed there is no lease to watch" >&3
        exit 1
    fi
    if ! { echo "$me" >"$runs/guard.$$" && mv -f "$runs/guard.$$" "$runs/guard"; }; then
        echo "failed the runs folder cannot be written" >&3
        exit 1
    fi
    echo "guarding $$" >&3
    exec 3>&-
    while :; do
        look
        sleep 1
    done
}

# On one line, so that the shell has read all it will ever need: the file may be replaced while this runs.
"$@"; exit

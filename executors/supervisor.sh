#!/bin/sh
# Starts one run's script and records how it ended, so that the run survives its node.
#
#   supervisor.sh supervise RUN_ID TENURE PYTHON HERE UMASK PROGRAM [ARGUMENT...]      (in the run's directory)
#   supervisor.sh begin     RUN_ID TENURE UMASK PROGRAM [ARGUMENT...]                  (how `supervise` calls itself)
#
# PROGRAM may be prlimit or setpriv, which set the script's limits and user: what is done here has none, and is the node's.
# UMASK is the script's. TENURE, "NODE:EPOCH", is what ../lease (see guard.sh) has to vouch for when the script starts; "-" for a node without a lease.
#
# The run's directory is what is authoritative, never a node's memory:
#
#   claim   Who alone may start the script: "PID IDENTITY" of a supervisor, or a word by which a node has ruled every
#           start out. It comes into being by link(2), complete and at most once. A supervisor that finds one exits
#           without running anything, so starting supervisors twice, or after the node died half-way, is harmless.
#           What it was linked from, claim.PID, is left to the node to delete, if it is there to do so: a process less.
#   child   "PID IDENTITY" of the script, written by the process that then becomes the script. The script leads a
#           session and a process group of that number. Without its final newline it does not count.
#   stop    Written by a node before its first signal, if no exit is recorded: the exit is then the stop's doing.
#   exit    "pending", then "exited CODE". It is allocated before the launch and overwritten in place, because the
#           scripts that fill the disk are among those whose exit has to be recorded.
#
# An IDENTITY tells a process from a later one with the same pid: boot and start time. ProcessIdentity.cs computes the
# same text.
#
# What a failure leads to:
#   before the claim        the node reads "failed ..." or the end of the pipe, and reports that the launch failed
#   after it, before exit   (supervisor killed, machine down) nobody records an exit: whoever looks next sees a claim
#                           whose process is gone and "pending", ends what is left, and reports an unknown exit
#   the node dies           nothing happens here; the write to its pipe fails and is ignored
#
#   this is frozen          what goes on after the lease is over starts nothing
#
# Started with every signal at its default (NewSession.cs): a shell cannot undo that one is ignored, and the script would be.
# It forks no more than it must: each process more is a millisecond for which the script's first line waits.
# To the node's pipe (descriptor 3) goes one line: "started PID", "taken", "late", or "failed WHY".
# The script is run in the foreground: a shell does not let signals interrupt that wait, and does not make the script
# ignore SIGINT and SIGQUIT as it does for background commands.

identify() { # PID; sets identity
    if read -r stat 2>/dev/null <"/proc/$1/stat" && read -r boot 2>/dev/null </proc/sys/kernel/random/boot_id; then
        # The command's name, in parentheses, may itself contain spaces and parentheses: what counts follows the last.
        set -- ${stat##*)}
        identity="linux:$boot:${20}"
    else
        set -- $(LC_ALL=C TZ=UTC ps -o lstart= -p "$1")
        identity="ps:$*"
    fi
}

# Whether the node's lease lasts. A line that does not end as it begins was being written when it was read.
is_vouched_for() { # TENURE
    [ "$1" != - ] || return 0
    for try in 1 2 3; do
        if read -r ends kill_at tenure pid identity <../lease && [ "${identity##* }" = "$ends:$kill_at" ]; then
            if read -r up rest </proc/uptime; then now=${up%.*}${up#*.}; else now=$(date +%s)00; fi
            [ "$tenure" = "$1" ] && [ "$now" -lt "$kill_at" ]
            return
        fi
    done 2>/dev/null
    return 1
}

supervise() { # RUN_ID TENURE PYTHON HERE UMASK PROGRAM [ARGUMENT...]
    run_id=$1 placed_under=$2 python=$3 here=$4 mask=$5
    shift 5
    exec 3>&1 </dev/null >/dev/null 2>/dev/null
    umask 077
    set -- /bin/sh "$here/supervisor.sh" begin "$run_id" "$placed_under" "$mask" "$@"
    if command -v setsid >/dev/null; then
        set -- setsid "$@"
    else
        set -- "$python" "$here/session.py" "$@"
    fi
    # Handled, not ignored: a handler ends with exec, so the script gets the default. These only outlast the wait.
    trap : HUP INT QUIT TERM PIPE USR1 USR2 ALRM

    identify $$
    if ! echo "$$ $identity" >"claim.$$"; then
        echo "failed the run's directory cannot be written" >&3
        exit 1
    fi
    if ! is_vouched_for "$placed_under"; then
        rm -f "claim.$$"
        echo late >&3
        exit 1
    fi
    if ! ln "claim.$$" claim; then
        rm -f "claim.$$"
        if [ -e claim ]; then echo taken >&3; else echo "failed the claim cannot be linked" >&3; fi
        exit 1
    fi

    "$@"
    code=$?

    # What the script left behind in its group. It was just reaped, so its number cannot mean another group yet.
    # A script in a cage cannot have put anything else there.
    if [ -f child ] && if [ -f run.uid ]; then read -r child <child; else child=$(head -c 300 child); fi; then
        kill -s KILL -- "-${child%% *}"
    fi
    printf 'exited %-24s\n' "$code" 1<>exit
    exit 0
}

begin() { # RUN_ID TENURE UMASK PROGRAM [ARGUMENT...]
    GLUE_ORLEANS_RUN_ID=$1 placed_under=$2 mask=$3
    export GLUE_ORLEANS_RUN_ID
    shift 3
    identify $$
    if ! echo "$$ $identity" >child; then
        echo "failed the script's process cannot be recorded" >&3
        exit 125
    fi
    trap '' PIPE
    echo "started $$" >&3 2>/dev/null
    trap - PIPE
    if ! is_vouched_for "$placed_under"; then
        true >fenced
        exit 125
    fi
    # Before, not with, the last command: so a shell keeps no copies of descriptors that the script would inherit.
    exec >stdout.log 2>stderr.log 3>&-
    if [ -f run.uid ] && read -r uid <run.uid; then
        # Its own, so that it may open them by name (/dev/stderr); in a directory that is not, so that they stay what they are.
        chown "$uid:$uid" stdout.log stderr.log && cd work || exit 125
    fi
    umask "$mask"
    # A script's memory is nothing to be left on the disk.
    ulimit -c 0
    exec "$@"
}

# On one line, so that the shell has read all it will ever need: the file may be replaced while this runs.
"$@"; exit

#!/bin/sh
# What the runs of the chaos suite do: leave marks in a file of their own, work for a while, and end as they are told.
#
#   script.sh [--beats N] [--fails N] [--stubborn yes] [and whatever else Glue gives a script]
#
# --beats N: work for N times 0.2 s. --fails N: the first N attempts of the run fail. --stubborn yes: SIGTERM is ignored.
# A mark is a line: WHAT UPTIME [DETAIL], with the machine's uptime in seconds, the one clock that all here share.
beats=5 fails=0 stubborn=no
while [ $# -gt 1 ]; do
    case $1 in
        --beats) beats=$2 ;;
        --fails) fails=$2 ;;
        --stubborn) stubborn=$2 ;;
    esac
    shift 2
done

marks=$CHAOS_MARKS/$GLUE_ORLEANS_RUN_ID.$$
mark() {
    read -r up _ </proc/uptime
    echo "$1 $up $2" >>"$marks"
}

mark start "$CHAOS_NODE"
if [ "$stubborn" = yes ]; then
    trap 'mark signal' TERM
else
    trap 'mark signal; exit 143' TERM
fi

while [ "$beats" -gt 0 ]; do
    sleep 0.2
    mark beat
    beats=$((beats - 1))
done

case $GLUE_ORLEANS_RUN_ID in
    *_attempt_*) attempt=${GLUE_ORLEANS_RUN_ID##*_attempt_} ;;
    *) attempt=0 ;;
esac
if [ "$attempt" -lt "$fails" ]; then
    mark end 3
    exit 3
fi

# A job with a bookmark: how many runs it took, one more with each.
if [ -n "$GLUE_ORLEANS_BOOKMARK_COMMIT" ]; then
    echo "{\"after\":\"$GLUE_ORLEANS_RUN_ID\"}" >"$GLUE_ORLEANS_BOOKMARK_COMMIT.draft"
    mv "$GLUE_ORLEANS_BOOKMARK_COMMIT.draft" "$GLUE_ORLEANS_BOOKMARK_COMMIT"
fi
mark end 0

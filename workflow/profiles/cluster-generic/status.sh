#!/bin/sh
# One word on the job with the number $1: success, failed or running.
# squeue knows the waiting, the running and the lately finished; sacct, where there is accounting, all.
state=$(squeue --noheader --states=all --format=%T --jobs="$1" 2>/dev/null)
[ -n "$state" ] || state=$(sacct --allocations --noheader --parsable2 --format=State --jobs="$1" 2>/dev/null)
case "$state" in
    COMPLETED) echo success ;;
    # no answer does not mean that it ended: a second job would write the same files as the first
    "" | PENDING | CONFIGURING | RUNNING | COMPLETING | SUSPENDED | REQUEUED | RESIZING | STAGE_OUT) echo running ;;
    *) echo failed ;;
esac

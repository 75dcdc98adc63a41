#!/bin/sh
# Prints one word for the job with the number $1: success, failed or running.
# squeue knows pending, running and recently finished jobs; sacct, if there is accounting, knows all.
state=$(squeue --noheader --states=all --format=%T --jobs="$1" 2>/dev/null)
reason=$(squeue --noheader --states=PENDING --format=%r --jobs="$1" 2>/dev/null)
case "$reason" in
    # reasons that stay until the job requests something else: Snakemake would wait for ever
    PartitionConfig | PartitionTimeLimit | PartitionNodeLimit | BadConstraints | *Max*PerJob* | *Max*PerNode* | Invalid*)
        echo "Slurm job $1 can never start ($reason) and is cancelled: use --max-threads or --set-resources" >&2
        scancel "$1"
        echo failed
        exit
        ;;
esac
[ -n "$state" ] || state=$(sacct --allocations --noheader --parsable2 --format=State --jobs="$1" 2>/dev/null)
case "$state" in
    COMPLETED) echo success ;;
    # no answer does not mean that it finished: a second job would write the same files as the first
    "" | PENDING | CONFIGURING | RUNNING | COMPLETING | SUSPENDED | REQUEUED | RESIZING | STAGE_OUT) echo running ;;
    *) echo failed ;;
esac

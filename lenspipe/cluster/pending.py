"""Slurm jobs that can never start: the scheduler's reason is printed, and the job cancelled."""

import os
import re
import threading
import time
from pathlib import Path

from lenspipe.cluster import slurm

INTERVAL = 15  # seconds between two looks; a reason is believed at the second one

# Reasons of squeue (job_reason_codes of its manual) that stay until the job requests something else.
NEVER = re.compile(
    r"Partition(Config|TimeLimit|NodeLimit)|BadConstraints|(QOS|Assoc)Max\w*Per(Job|Node)\w*|MaxMemPerLimit"
    r"|QOSMin\w+|QOSTimeLimit|AssocTimeLimit|Invalid(QOS|Account)|(Account|QOS)NotAllowed|DependencyNeverSatisfied"
)
# Reasons that stay until a person changes something.
UNTIL_CHANGED = re.compile(
    r"JobHeld(Admin|User)|Partition(Down|Inactive)|ReqNodeNotAvail.*|Nodes required for job are .*"
)

REMEDIES = {
    "PartitionConfig": "it requests more CPUs or memory than any node has; add --max-threads or --set-resources",
    "PartitionTimeLimit": "it requests more minutes than the partition allows; add --set-resources {rule}:runtime=N",
    "PartitionNodeLimit": "it requests more than the partition allows; add --max-threads or --set-resources",
}
OTHER_REMEDY = "request something else with --set-resources {rule}:..., or ask the administrators"


def watch_in_background(notify):
    """Look at the queue every 15 s, as long as this process lives.

    Parameters
    ----------
    notify : callable
        Called with one line (str) for each job that can never start, before it is cancelled: Snakemake would wait
        for it without a word, also after SIGTERM. Called also for each that waits for a person; those stay.
    """
    threading.Thread(target=_watch, args=(notify,), daemon=True, name="pending jobs").start()


def _watch(notify):
    seen, reported = set(), set()
    while True:
        seen, reported = look(seen, reported, notify)
        time.sleep(INTERVAL)


def look(seen, reported, notify):
    """One look at the queue.

    Parameters
    ----------
    seen : set of (str, str)
        Jobs and reasons of the last look.
    reported : set of (str, str)
        Jobs and reasons that ``notify`` was called for.
    notify : callable

    Returns
    -------
    set of (str, str), set of (str, str)
        For the next look.
    """
    waiting = {}
    for number, reason, rule in _pending():
        if NEVER.fullmatch(reason) or UNTIL_CHANGED.fullmatch(reason):
            waiting[number, reason] = rule
    for number, reason in sorted(waiting.keys() & seen - reported):
        rule = waiting[number, reason]
        if NEVER.fullmatch(reason):
            remedy = REMEDIES.get(reason, OTHER_REMEDY).format(rule=rule)
            notify(f"{rule}: Slurm job {number} can never start ({reason}) and is cancelled: {remedy}")
            slurm.run("scancel", number)
        else:
            notify(f"{rule}: Slurm job {number} waits until someone changes something: {reason}")
    return set(waiting), reported | (waiting.keys() & seen)


def _pending():
    """Number, reason and rule of this folder's jobs that wait: those that Snakemake's Slurm plug-in submitted."""
    listed = slurm.run("squeue", "--noheader", f"--user={os.getuid()}", "--states=PENDING", "--format=%i|%r|%k|%Z")
    here = Path(os.getcwd()).resolve()
    for line in (listed or "").splitlines():
        number, reason, comment, folder = line.split("|", maxsplit=3)
        rule = re.match(r"rule_(.+?)(_wildcards_.*)?$", comment)
        if rule and Path(folder).resolve() == here:
            yield number, reason.strip("()"), rule[1]

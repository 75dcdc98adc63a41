#!/usr/bin/env bash
# A real Slurm of two nodes on this one machine, for tests: no systemd, no cgroups, no accounting; root or not.
#
#   slurm_local.sh up FOLDER      start munged, slurmctld and two slurmd; all their files are in FOLDER
#   slurm_local.sh down FOLDER    stop them
#
# Debian, Ubuntu: apt-get install slurm-wlm munge. Then: export SLURM_CONF=FOLDER/etc/slurm.conf PATH=FOLDER/bin:$PATH
set -euo pipefail

[ $# = 2 ] || { sed -n '2,7p' "$0"; exit 2; }
dir=$(realpath -m "$2")
nodes=2
host=$(hostname -s)
port=$((20000 + $$ % 10000)) # beside another test's Slurm
export SLURM_CONF=$dir/etc/slurm.conf

die() { echo "slurm_local: $*" >&2; exit 1; }

alive() { [ -s "$1" ] && kill -0 "$(cat "$1")" 2>/dev/null; }

wait_for() {  # seconds, what, command...
    local n=$1 what=$2; shift 2
    for _ in $(seq $((n * 5))); do "$@" >/dev/null 2>&1 && return 0; sleep 0.2; done
    die "$what did not come up within $n s; see $dir/log"
}

write_conf() {
    local mem i
    mem=$(($(awk '/MemTotal/ {print int($2/1024)}' /proc/meminfo) * 9 / 10 / nodes))
    # the nodes' size is what is written here, whatever this machine or OMP_NUM_THREADS makes of nproc
    cat <<CONF
SlurmdParameters=config_overrides
ClusterName=local
SlurmctldHost=$host(127.0.0.1)
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
AuthInfo=socket=$dir/run/munge.socket
CredType=cred/munge
SlurmctldPort=$port
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool.%n
SlurmctldPidFile=$dir/run/slurmctld.pid
SlurmdPidFile=$dir/run/slurmd.%n.pid
SlurmctldLogFile=$dir/log/slurmctld.log
SlurmdLogFile=$dir/log/slurmd.%n.log
AccountingStorageType=accounting_storage/none
MpiDefault=none
ReturnToService=2
# a container or a CI runner rarely lets us write cgroups
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
# so memory limits are kept by a look every 2 s
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=2
JobAcctGatherParams=OverMemoryKill
# squeue still knows finished jobs for so many seconds
MinJobAge=3600
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=2,bf_interval=2,sched_min_interval=0,batch_sched_delay=0
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
GresTypes=gpu
NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=2 RealMemory=$mem Gres=gpu:1
NodeName=n2 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=2 RealMemory=$mem
PartitionName=main Nodes=ALL Default=YES MaxTime=UNLIMITED State=UP
PartitionName=short Nodes=n2 MaxTime=30 State=UP
CONF
}

# The Slurm plug-in's job step calls srun without SLURM_CONF; this srun has it.
write_srun() {
    printf '#!/bin/sh\nSLURM_CONF=%s exec %s "$@"\n' "$SLURM_CONF" "$(command -v srun)" > "$dir/bin/srun"
    chmod +x "$dir/bin/srun"
}

start_munge() {
    (umask 077; head -c 1024 /dev/urandom > "$dir/etc/munge.key")
    munged --key-file="$dir/etc/munge.key" --socket="$dir/run/munge.socket" --pid-file="$dir/run/munged.pid" \
        --log-file="$dir/log/munged.log" --seed-file="$dir/run/munged.seed"
    wait_for 30 munged munge -n --socket="$dir/run/munge.socket"
}

all_up() { [ "$(sinfo --noheader --Node --states=idle --format=%N | sort -u | wc -l)" = "$nodes" ]; }

up() {
    local tool i
    for tool in munged slurmctld slurmd sbatch; do
        command -v $tool >/dev/null || die "$tool is missing: apt-get install slurm-wlm munge"
    done
    mkdir -p "$dir"/{etc,run,log,state,bin}
    chmod 755 "$dir" "$dir/run" # munge's clients come by this way
    write_conf > "$SLURM_CONF"
    # a GPU needs a device file; behind this one there is none
    echo "NodeName=n1 Name=gpu File=/dev/null" > "$dir/etc/gres.conf"
    write_srun
    start_munge
    slurmctld -f "$SLURM_CONF"
    wait_for 30 slurmctld scontrol ping
    for i in $(seq "$nodes"); do
        mkdir -p "$dir/spool.n$i"
        slurmd -N "n$i" -f "$SLURM_CONF"
    done
    wait_for 60 slurmd all_up
}

down() {
    local file pid
    for file in "$dir"/run/slurmd.*.pid "$dir"/run/{slurmctld,munged}.pid; do
        alive "$file" || continue
        pid=$(cat "$file")
        kill "$pid"
        for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.2; done
    done
}

case $1 in
    up) up ;;
    down) down ;;
    *) die "$1: say up or down" ;;
esac

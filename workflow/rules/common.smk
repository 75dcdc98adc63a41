from shlex import quote

# The store of real cutouts, by its manifest: other cutouts are another sky.
BACKGROUNDS = (
    [str(manifest_path(store_path(settings.population.backgrounds)))] if settings.population.backgrounds else []
)
BASELINES = baselines_of(settings.bands)
REQUESTS = requests_for_workflow(settings)


def each(option, files):
    """An option that is given once for each file."""
    return " ".join(f"{option} {quote(file)}" for file in files)


LEARNING = members_of(settings.train)  # by name, all members of committees


def trainings_by_method(trainings):
    """Names of the trainings whose answers stand in one table, by the table's method; the headline's first."""
    methods = {HEADLINE: []}
    for name, training in trainings.items():
        methods.setdefault(training.method, []).append(name)
    return methods


def modules_of_training(training):
    """Modules of the network and the task of a training: what its digest follows."""
    return [NETWORKS.module_of(training.network), TASKS.module_of(training.task)]


def files_of_start(training):
    """Files of the trained network that a training goes on from: none, unless its settings name one."""
    return [f"{training.start_from}/{file}" for file in ("weights.safetensors", "model.json") if training.start_from]


def modules_of_trainings(names):
    """Modules of several trainings."""
    return sorted({module for name in names for module in modules_of_training(LEARNING[name])})


def partition_of(rulename):
    """The Slurm partition of a rule's jobs; without a Slurm that runs them, one without limits."""
    if not workflow.non_local_exec_or_dryrun:
        return slurm.ANY
    chosen = workflow.resource_settings
    for given in (chosen.overwrite_resources.get(rulename), chosen.default_resources):
        if given and "slurm_partition" in given:
            return slurm.partition(given["slurm_partition"].raw)
    return slurm.partition()


def request_of(stage, wildcards):
    """What a stage requests; its name may contain wildcards of the rule."""
    return REQUESTS[stage.format(**wildcards)]


def cpus(stage):
    """CPUs that a stage requests, as far as a node of the partition has them."""
    return lambda wildcards, attempt, rulename: partition_of(rulename).cpus(request_of(stage, wildcards).cpus)


# A training on several nodes of a Slurm is a step with one task on each; Snakemake calls such a job an MPI job.
NODES = settings.execution.nodes
ON_NODES = {"nodes": NODES, "tasks": NODES, "mpi": "srun"} if NODES > 1 else {}


def start_on_nodes(wildcards, threads):
    """What starts a training's command on all its nodes; empty for one node."""
    return f"srun --nodes={NODES} --ntasks={NODES} --cpus-per-task={threads} --cpu-bind=q" if NODES > 1 else ""


def cpus_of_training(stage):
    """CPUs of a training: on one machine, trainings run side by side and share the cores."""

    def share(wildcards, attempt, rulename):
        requested, cores = cpus(stage)(wildcards, attempt, rulename), cores_of_this_machine()
        return min(requested, cores_of_each(len(LEARNING), cores)) if cores else requested

    return share


def threads_of_training(wildcards, threads):
    """Threads of a training that was given so many of the cores named on the command line: a machine may have fewer."""
    cores = cores_of_this_machine()
    return max(1, threads * usable_cores(cores) // cores) if cores else threads


def cores_of_this_machine():
    """Cores named on the command line; None where jobs go to nodes of a cluster, or this is such a job."""
    nodes = workflow.remote_exec or workflow.resource_settings.nodes
    return None if nodes else workflow.resource_settings.cores


def memory(stage):
    """MB that a stage requests, twice and three times as much at the retries, as far as a node has them."""

    def mem_mb(wildcards, threads, attempt, rulename):
        return partition_of(rulename).memory(request_of(stage, wildcards).memory(threads, attempt), threads)

    return mem_mb


def minutes(stage):
    """Minutes that a stage requests, twice and three times as many at the retries, within the partition's limit."""

    def runtime(wildcards, threads, attempt, rulename):
        return partition_of(rulename).runtime(request_of(stage, wildcards).runtime(threads, attempt))

    return runtime


HEADLINE_TRAININGS = trainings_by_method(LEARNING)[HEADLINE]
OTHER_METHODS = [method for method in trainings_by_method(LEARNING) if method != HEADLINE]
# What this run has that figures may need, and its figures.
AVAILABLE = [TWINS] * (TWINS in SPLITS)
AVAILABLE += [PREDICTED_KINDS] * any(tells_kinds(LEARNING[name].task) for name in HEADLINE_TRAININGS)
FIGURES = figures_of("explain", "diagnose", available=AVAILABLE)

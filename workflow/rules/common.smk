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

from shlex import quote

# The store of real cutouts, by its manifest: other cutouts are another sky.
BACKGROUNDS = (
    [str(manifest_path(store_path(settings.population.backgrounds)))] if settings.population.backgrounds else []
)
BASELINES = baselines_of(settings.bands)


def each(option, files):
    """An option that is given once for each file."""
    return " ".join(f"{option} {quote(file)}" for file in files)


def trainings_by_method(settings):
    """Names of the trainings whose answers stand in one table, by the table's method; the headline's first."""
    methods = {HEADLINE: []}
    for name, training in settings.train.items():
        methods.setdefault(training.method, []).append(name)
    return methods


def modules_of_training(training):
    """Modules of the network and the task of a training: what its digest follows."""
    return [NETWORKS.module_of(training.network), TASKS.module_of(training.task)]


def modules_of_trainings(settings, names):
    """Modules of several trainings."""
    return sorted({module for name in names for module in modules_of_training(settings.train[name])})


def growing(amount, per_thread=0):
    """A resource that a job asks for, and as much again with every retry."""
    return lambda wildcards, threads, attempt: (amount + per_thread * threads) * attempt


HEADLINE_TRAININGS = trainings_by_method(settings)[HEADLINE]
OTHER_METHODS = [method for method in trainings_by_method(settings) if method != HEADLINE]
# What this run has that figures may need, and its figures.
AVAILABLE = [TWINS] * (TWINS in SPLITS)
AVAILABLE += [PREDICTED_KINDS] * any(settings.train[name].task == "kind" for name in HEADLINE_TRAININGS)
FIGURES = figures_of("explain", "diagnose", available=AVAILABLE)

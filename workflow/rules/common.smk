from shlex import quote

# The store of real cutouts, by its manifest: other cutouts are another sky.
BACKGROUNDS = (
    [str(manifest_path(store_path(settings.population.backgrounds)))] if settings.population.backgrounds else []
)
BASELINES = baselines_of(settings.bands)
# What this run has that figures may need, and its figures.
AVAILABLE = [TWINS] * (TWINS in SPLITS) + [KINDS] * (settings.train.classifier.head == "kinds")
FIGURES = figures_of("explain", "diagnose", available=AVAILABLE)


def each(option, files):
    """An option that is given once for each file."""
    return " ".join(f"{option} {quote(file)}" for file in files)


def growing(amount, per_thread=0):
    """A resource that a job asks for, and as much again with every retry."""
    return lambda wildcards, threads, attempt: (amount + per_thread * threads) * attempt

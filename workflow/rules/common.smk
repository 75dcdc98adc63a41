from shlex import quote

# The store of real cutouts, by its manifest: other cutouts are another sky.
BACKGROUNDS = (
    [str(manifest_path(store_path(settings.population.backgrounds)))] if settings.population.backgrounds else []
)


def each(option, files):
    """An option that is given once for each file."""
    return " ".join(f"{option} {quote(file)}" for file in files)


def growing(amount, per_thread=0):
    """A resource that a job asks for, and as much again with every retry."""
    return lambda wildcards, threads, attempt: (amount + per_thread * threads) * attempt

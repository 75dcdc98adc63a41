from shlex import quote


def each(option, files):
    """An option that is given once for each file."""
    return " ".join(f"{option} {quote(file)}" for file in files)


def growing(amount, per_thread=0):
    """A resource that a job asks for, and as much again with every retry."""
    return lambda wildcards, threads, attempt: (amount + per_thread * threads) * attempt

def growing(amount, per_thread=0):
    """A resource that a job asks for, and as much again with every retry."""
    return lambda wildcards, threads, attempt: (amount + per_thread * threads) * attempt

"""Which of the named score thresholds is the strictest."""

import re

OF_A_RATE = re.compile(r"FPR (\S+) on (.+)")  # name of a threshold with a false-positive rate on some objects


def strictest_threshold(names):
    """Name (str) with the lowest false-positive rate, of ``names`` (iterable of str); score 0.5 if none has a rate."""
    rates = {name: float(match[1]) for name in names if (match := OF_A_RATE.fullmatch(name))}
    return min(rates, key=rates.get) if rates else "score 0.5"

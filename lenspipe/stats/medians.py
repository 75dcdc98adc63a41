"""Running medians: values in bins of something else."""

import numpy as np

from lenspipe.stats.weights import effective_size, quantiles_with_intervals, weighted_quantiles

FEWEST = 5  # objects of a bin that is given numbers
STANDARD = (0.15865, 0.84135)  # shares within one standard deviation of a Gaussian


def bins_of(x, edges):
    """Number of the bin of ``edges`` [bin + 1] that each of ``x`` [n] lies in: int array [n].

    The last bin holds its upper edge; -1 and the number of bins stand for values outside.
    """
    return np.digitize(x, [*edges[:-1], np.nextafter(edges[-1], np.inf)]) - 1


def median_and_spread(values, weight, fewest, confidence):
    """Weighted median with its interval, and the quantiles at 16 and 84 %.

    Parameters
    ----------
    values, weight : array [n]
    fewest : float
        Effective number of values below which there is no median.
    confidence : float
        Of the median's distribution-free interval, 0 to 1.

    Returns
    -------
    effective, median, low, high, p16, p84 : float
        The effective number; all others are NaN where too few are effective.
    """
    effective = effective_size(weight)
    if effective < fewest:
        return effective, *[np.nan] * 5
    median = quantiles_with_intervals(values, weight, [0.5], confidence)
    return effective, *(float(end[0]) for end in median), *weighted_quantiles(values, weight, STANDARD)

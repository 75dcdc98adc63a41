"""The Moffat profile's widths: of one exposure, and of a coadd's sum of several."""

import numpy as np

ITERATIONS = 8  # Newton's, from the mean width: the last changes nothing


def moffat_alpha(fwhm, beta):
    """Scale length of a Moffat profile, in the unit of fwhm."""
    return fwhm / (2 * np.sqrt(2 ** (1 / beta) - 1))


def effective_fwhm(fwhm, weights, beta):
    """Full width at half maximum of a weighted sum of Moffat profiles of one flux each.

    Solved by Newton's method for the radius r where sum(a_j (1 + (r/alpha_j)^2)^-beta) is half of sum(a_j), with the
    central brightnesses a_j = w_j / alpha_j^2.

    Parameters
    ----------
    fwhm, weights : array [..., exposure]
    beta : float

    Returns
    -------
    array [...], in the unit of fwhm
    """
    alpha = moffat_alpha(fwhm, beta)
    centre = weights / alpha**2
    r = (weights * fwhm).sum(axis=-1, keepdims=True) / weights.sum(axis=-1, keepdims=True) / 2
    for _ in range(ITERATIONS):
        x = 1 + (r / alpha) ** 2
        value = (centre * (x**-beta - 0.5)).sum(axis=-1, keepdims=True)
        slope = (centre * -2 * beta * r / alpha**2 * x ** (-beta - 1)).sum(axis=-1, keepdims=True)
        r = r - value / slope
    return 2 * r[..., 0]

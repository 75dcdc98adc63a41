"""Widths of Moffat profiles: of one exposure, and of a coadd as the sum of several exposures."""

import numpy as np

ITERATIONS = 8  # Newton steps from the mean width; the last one changes nothing


def moffat_alpha(fwhm, beta):
    """Scale length of a Moffat profile: array [...], in the unit of ``fwhm``, array [...]; exponent ``beta``, float."""
    return fwhm / (2 * np.sqrt(2 ** (1 / beta) - 1))


def effective_fwhm(fwhm, weights, beta):
    """Full width at half maximum of a weighted sum of Moffat profiles of equal flux.

    The half width is the radius r where sum(a_j (1 + (r/alpha_j)^2)^-beta) is half of sum(a_j), with the central
    brightnesses a_j = w_j / alpha_j^2. It is solved by Newton's method.

    Parameters
    ----------
    fwhm : array [..., exposure], arcsec
    weights : array [..., exposure]
        Weights of the exposures in the sum.
    beta : float
        Exponent of the profiles.

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

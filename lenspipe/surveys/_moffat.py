"""Widths of Moffat profiles: of one exposure, and of a coadd as the sum of several exposures."""

import numpy as np

FEWEST_STEPS, MOST_STEPS = 8, 100  # the former nearly always suffice; halving an interval to the last bit takes 53
CONVERGED = 1e-12  # relative


def moffat_alpha(fwhm, beta):
    """Scale length of a Moffat profile: array [...], in the unit of ``fwhm``, array [...]; exponent ``beta``, float."""
    return fwhm / (2 * np.sqrt(2 ** (1 / beta) - 1))


def effective_fwhm(fwhm, weights, beta):
    """Full width at half maximum of a weighted sum of Moffat profiles of equal flux.

    The half width is the radius r where sum(a_j (1 + (r/alpha_j)^2)^-beta) is half of sum(a_j), with the central
    brightnesses a_j = w_j / alpha_j^2. It lies between the half widths of the narrowest and of the widest exposure, and
    is solved by Newton's method; a step out of the interval that is known to hold it goes to its middle instead.

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
    low, high = (bound(fwhm, axis=-1, keepdims=True) / 2 for bound in (np.min, np.max))
    done = np.zeros(r.shape, bool)  # one by one, so that a width does not depend on the others in the array
    for step in range(MOST_STEPS):
        x = 1 + (r / alpha) ** 2
        value = (centre * (x**-beta - 0.5)).sum(axis=-1, keepdims=True)
        slope = (centre * -2 * beta * r / alpha**2 * x ** (-beta - 1)).sum(axis=-1, keepdims=True)
        low, high = np.where(value > 0, r, low), np.where(value > 0, high, r)
        there = r - value / slope
        inside = (there > low * (1 - CONVERGED)) & (there < high * (1 + CONVERGED))
        there = np.where(done, r, np.where(inside, there, (low + high) / 2))
        done |= (step + 1 >= FEWEST_STEPS) & (np.abs(there - r) <= CONVERGED * r)
        r = there
        if done.all():
            break
    return 2 * r[..., 0]

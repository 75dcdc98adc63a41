"""Posteriors of one number for each of many objects, whatever made them: a normal law, or a table of quantiles."""

import numpy as np
from scipy.special import ndtr, ndtri

GRID = np.linspace(-6, 6, 1201)  # standard deviations of a unit normal law, for moments


class Posterior:
    """Laws of one number for n objects, each a unit normal variable z that was bent: x(z) increases with z.

    Between the given quantiles, and beyond them, x is linear in z. So a normal law is exact however few its quantiles
    are, and tails fall off as those of a normal law.

    Parameters
    ----------
    levels : array [level]
        Increasing, between 0 and 1; two or more.
    quantiles : array [n, level]
        Of each object, increasing along the levels.

    Raises
    ------
    ValueError
        If quantiles do not increase.
    """

    def __init__(self, levels, quantiles):
        self.z, self.x = ndtri(np.asarray(levels, float)), np.asarray(quantiles, float)
        if not (np.diff(self.x, axis=1) > 0).all():
            raise ValueError("the quantiles do not increase with their levels")

    @classmethod
    def normal(cls, mean, sd):
        """Normal laws with ``mean`` and ``sd`` (arrays [n])."""
        z = np.array([-1.0, 1.0])
        return cls(ndtr(z), np.asarray(mean, float)[:, None] + np.asarray(sd, float)[:, None] * z)

    def _segment(self, place, values):
        """The line x(z) at ``values`` [n, m], which lie behind the knots ``place`` [n or 1, knot]: start and slope."""
        inner = place[:, 1:-1, None]
        k = (values[:, None, :] > inner).sum(axis=1)  # [n, m]
        start_z, start_x = self.z[k], np.take_along_axis(self.x, k, axis=1)
        slope = np.take_along_axis(np.diff(self.x, axis=1) / np.diff(self.z), k, axis=1)
        return start_z, start_x, slope

    def _bent(self, z):
        """x at ``z`` [n, m] or [1, m]."""
        z = np.broadcast_to(z, (len(self.x), z.shape[-1]))
        start_z, start_x, slope = self._segment(self.z[None], z)
        return start_x + slope * (z - start_z)

    def _straight(self, x):
        """z and dz/dx at ``x`` [n, m]."""
        start_z, start_x, slope = self._segment(self.x, x)
        return start_z + (x - start_x) / slope, 1 / slope

    def quantiles(self, levels):
        """Quantiles, array [n, level], at ``levels`` (array [level])."""
        return self._bent(ndtri(np.asarray(levels, float))[None])

    def standard(self, x):
        """The unit normal variable, array [n], that ``x`` (array [n]) is bent from: of a normal law (x - mean) / sd."""
        return self._straight(np.asarray(x, float)[:, None])[0][:, 0]

    def cdf(self, x):
        """Probability, array [n], of a value below ``x`` (array [n])."""
        return ndtr(self.standard(x))

    def log_prob(self, x):
        """Logarithm of the density, array [n], at ``x`` (array [n])."""
        z, slope = self._straight(np.asarray(x, float)[:, None])
        return (np.log(slope) - z**2 / 2 - np.log(2 * np.pi) / 2)[:, 0]

    def sample(self, count, rng):
        """Draws, array [n, count]; ``count`` is int, ``rng`` a numpy.random.Generator."""
        return self._bent(rng.normal(size=(len(self.x), count)))

    def mean(self):
        """Mean, array [n]."""
        return self._moments()[0]

    def sd(self):
        """Standard deviation, array [n]."""
        return self._moments()[1]

    def _moments(self):
        weight = np.exp(-(GRID**2) / 2)
        weight /= weight.sum()
        x = self._bent(GRID[None])
        mean = x @ weight
        return mean, np.sqrt((x - mean[:, None]) ** 2 @ weight)

"""How large is the Einstein radius? A law of the standardised radius, by one of the heads. Lenses only."""

from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
import torch
from scipy.special import ndtri

from lenspipe.columns import QUANTILE_LEVELS, QUANTILES, THETA_E_PRED, THETA_E_SIGMA
from lenspipe.stats.posterior import Posterior
from lenspipe.tasks import _widths
from lenspipe.tasks._heads import CONSTANT, HEADS, LOG_SIGMA, check_library, quantiles_of

# arcsec: a radius below zero, far outside the training range, is given as this, and quantiles in steps of it
LEAST = 1e-5
LOW, MEDIAN, HIGH = (QUANTILE_LEVELS.index(level) for level in (0.15865, 0.5, 0.84135))


@dataclass(frozen=True)
class Task:
    """See ``tasks._interface`` for what every task has. The target is (theta_E - mean) / sd.

    Attributes
    ----------
    mean, sd : float, arcsec
        Mean and standard deviation of the training radii.
    sigma_scale : dict of str to list
        Factors on the width of the law, as of ``tasks._widths.fit``, by the number of views whose outputs are combined;
        from validation.
    head : str
        The law: ``gaussian``, ``mixture`` or ``flow``.
    truth, metrics, output_shape, columns
        As of ``tasks._interface.Task``.
    """

    mean: float
    sd: float
    sigma_scale: dict = field(default_factory=dict)
    head: str = "gaussian"

    heads: ClassVar[tuple[str, ...]] = ("gaussian", "mixture", "flow")
    truth: ClassVar[tuple[str, ...]] = ("is_lens", "theta_E")
    metrics: ClassVar[tuple[str, ...]] = ("val_rmse", "val_bias")

    def __post_init__(self):
        check_library(self.head)
        if any(np.shape(fitted)[1:] != (2,) for fitted in self.sigma_scale.values()):
            raise ValueError("sigma_scale is not pairs of radius and factor")

    @property
    def output_shape(self):
        """Shape of a network's output for one object: tuple of int."""
        return (HEADS[self.head].numbers,)

    @property
    def columns(self):
        """Columns of a table of predictions: tuple of Column. A law that is not normal has quantiles too."""
        return (THETA_E_PRED, THETA_E_SIGMA, *(QUANTILES if self.head != "gaussian" else ()))

    @classmethod
    def fit(cls, truth, head="gaussian"):
        """The task with mean and standard deviation of the radii of ``truth`` (DataFrame of the training objects).

        ``head`` (str) is one of ``heads``.
        """
        radii = torch.from_numpy(radii_of(truth)).double()
        radii = radii[torch.isfinite(radii)]
        return cls(float(radii.mean()), float(radii.std()), head=head)

    def target(self, truth):
        """Standardised radius, float32 array [n], of ``truth`` (DataFrame [n]); NaN for non-lenses."""
        return torch.from_numpy(radii_of(truth)).sub_(self.mean).div_(self.sd).numpy()

    def loss(self, outputs, target):
        """Negative log-likelihood without the constant of a normal law (tensor).

        Of a normal law: (y - mu)^2 / (2 sigma^2) + ln sigma (Nix & Weigend 1994, eq. 2 of the ICNN proceedings paper).

        Parameters
        ----------
        outputs : tensor [n, output]
        target : tensor [n]
            Standardised.
        """
        return -(HEADS[self.head].log_prob(outputs, target) + CONSTANT).mean()

    def measure(self, outputs, target):
        """Root mean square and mean of predicted minus true, arcsec: dict of str to float.

        Parameters
        ----------
        outputs : tensor [n, output]
        target : tensor [n]
            Standardised.
        """
        error = (HEADS[self.head].mean(outputs) - target).double().numpy() * self.sd
        return {"val_rmse": float(np.sqrt(np.mean(error**2))), "val_bias": float(np.mean(error))}

    def answers(self, outputs):
        """Mean and standard deviation of the radius, and its quantiles unless the law is normal, arcsec.

        Parameters
        ----------
        outputs : array [view, n, output]

        Returns
        -------
        dict of str to array [n]
        """
        scale = self.sigma_scale.get(str(len(outputs)))
        if self.head == "gaussian":
            theta_E, sigma = self.radius(outputs)
            return {"theta_E_pred": theta_E, "theta_E_sigma": sigma * _widths.factors(scale, theta_E)}
        quantiles = self.quantiles(outputs)
        median = quantiles[:, MEDIAN, None]
        widened = median + _widths.factors(scale, median[:, 0])[:, None] * (quantiles - median)
        quantiles = np.maximum(widened, LEAST * np.arange(1, len(QUANTILE_LEVELS) + 1))
        law = Posterior(QUANTILE_LEVELS, quantiles)
        named = {column.name: values for column, values in zip(QUANTILES, quantiles.T, strict=True)}
        return {"theta_E_pred": law.mean(), "theta_E_sigma": law.sd()} | named

    def radius(self, outputs):
        """Einstein radius and its sigma by a normal law, not yet calibrated.

        Parameters
        ----------
        outputs : array [view, n, 2]
            Of several views of the same images, or several networks. Means are averaged; so are variances, since
            the errors share the image's noise, and the variance of the means is added (law of total variance).

        Returns
        -------
        theta_E, sigma : array [n], float64, arcsec
            A radius below zero, far outside the training range, is given as 0.
        """
        means = outputs[:, :, 0].astype(np.float64)
        log_sigma = np.clip(outputs[:, :, 1].astype(np.float64), *LOG_SIGMA)
        sigma = np.sqrt(np.exp(2 * log_sigma).mean(axis=0) + means.var(axis=0))
        return np.maximum(self.mean + self.sd * means.mean(axis=0), 0.0), self.sd * sigma

    def quantiles(self, outputs):
        """Quantiles of the Einstein radius at ``QUANTILE_LEVELS``, not yet calibrated: array [n, level], arcsec.

        Parameters
        ----------
        outputs : array [view, n, output]
            Of several views of the same images, whose quantiles are averaged: of normal laws, means and sigmas.
        """
        quantiles = quantiles_of(self.head, outputs, ndtri(QUANTILE_LEVELS)).mean(axis=0)
        steps = LEAST * np.arange(len(QUANTILE_LEVELS))  # quantiles of far outputs may be equal
        return self.mean + self.sd * quantiles + steps

    def calibrated(self, outputs, target):
        """The task with factors on the width of the law: 68.27 % of validation are within the central 68.27 %.

        Parameters
        ----------
        outputs : array [view, n, output]
            Of validation. The factor holds for answers from as many views.
        target : array [n]
            Standardised.
        """
        theta_E = self.mean + self.sd * target.astype(np.float64)
        if self.head == "gaussian":
            middle, sigma = self.radius(outputs)
            distance = np.abs(middle - theta_E) / sigma
        else:
            low, middle, high = self.quantiles(outputs)[:, [LOW, MEDIAN, HIGH]].T
            side = np.where(theta_E > middle, high - middle, middle - low)
            distance = np.abs(theta_E - middle) / side
        fitted = _widths.fit(middle, distance)
        return replace(self, sigma_scale=self.sigma_scale | {str(len(outputs)): fitted})


def radii_of(truth):
    """Einstein radius, float32 array [n], arcsec, of ``truth`` (DataFrame [n]); NaN for non-lenses.

    Raises
    ------
    ValueError
        Unless there are two lenses or more whose radii differ.
    """
    is_lens = truth["is_lens"].to_numpy(bool)
    theta_E = truth["theta_E"].to_numpy(np.float32)
    lenses = theta_E[is_lens]
    if len(lenses) < 2 or not np.isfinite(lenses).all() or not lenses.std() > 0:
        raise ValueError("needs two lenses or more with differing theta_E; check is_lens and theta_E")
    return np.where(is_lens, theta_E, np.float32(np.nan))

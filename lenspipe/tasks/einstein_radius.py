"""How large is the Einstein radius? Two outputs: mean and log sigma of the standardised radius. Lenses only."""

from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
import torch

from lenspipe.columns import THETA_E_PRED, THETA_E_SIGMA, Column

# Bounds on log sigma of the standardised target: a single outlier cannot break a training.
LOG_SIGMA = (-4.0, 2.0)
ONE_SIGMA = 0.6827  # share of a normal distribution within one standard deviation


@dataclass(frozen=True)
class Task:
    """See ``tasks._interface`` for what every task has. The target is (theta_E - mean) / sd.

    Attributes
    ----------
    mean, sd : float, arcsec
        Mean and standard deviation of the training radii.
    sigma_scale : dict of str to float
        Factor on sigma by the number of views whose outputs are combined; from validation.
    truth, metrics, output_shape, columns
        As of ``tasks._interface.Task``.
    """

    mean: float
    sd: float
    sigma_scale: dict = field(default_factory=dict)

    truth: ClassVar[tuple[str, ...]] = ("is_lens", "theta_E")
    metrics: ClassVar[tuple[str, ...]] = ("val_rmse", "val_bias")
    output_shape: ClassVar[tuple[int, ...]] = (2,)
    columns: ClassVar[tuple[Column, ...]] = (THETA_E_PRED, THETA_E_SIGMA)

    @classmethod
    def fit(cls, truth):
        """The task with mean and standard deviation of the radii of ``truth`` (DataFrame of the training objects)."""
        radii = torch.from_numpy(radii_of(truth)).double()
        radii = radii[torch.isfinite(radii)]
        return cls(float(radii.mean()), float(radii.std()))

    def target(self, truth):
        """Standardised radius, float32 array [n], of ``truth`` (DataFrame [n]); NaN for non-lenses."""
        return torch.from_numpy(radii_of(truth)).sub_(self.mean).div_(self.sd).numpy()

    def loss(self, outputs, target):
        """Gaussian negative log-likelihood without its constant (tensor).

        (y - mu)^2 / (2 sigma^2) + ln sigma: Nix & Weigend 1994, eq. 2 of the ICNN proceedings paper.

        Parameters
        ----------
        outputs : tensor [n, 2]
        target : tensor [n]
            Standardised.
        """
        mean, log_sigma = outputs[:, 0], outputs[:, 1].clamp(*LOG_SIGMA)
        return (0.5 * ((target - mean) * torch.exp(-log_sigma)) ** 2 + log_sigma).mean()

    def measure(self, outputs, target):
        """Root mean square and mean of predicted minus true, arcsec: dict of str to float.

        Parameters
        ----------
        outputs : tensor [n, 2]
        target : tensor [n]
            Standardised.
        """
        error = (outputs[:, 0] - target).double().numpy() * self.sd
        return {"val_rmse": float(np.sqrt(np.mean(error**2))), "val_bias": float(np.mean(error))}

    def answers(self, outputs):
        """Columns ``theta_E_pred`` and ``theta_E_sigma``, arcsec: dict of str to array [n].

        Parameters
        ----------
        outputs : array [view, n, 2]
        """
        theta_E, sigma = self.radius(outputs)
        return {"theta_E_pred": theta_E, "theta_E_sigma": sigma * self.sigma_scale.get(str(len(outputs)), 1.0)}

    def radius(self, outputs):
        """Einstein radius and its sigma, not yet calibrated.

        Parameters
        ----------
        outputs : array [view, n, 2]
            Of several views of the same images. Means are averaged; so are variances, since the views share the
            image's noise and their errors are nearly the same.

        Returns
        -------
        theta_E, sigma : array [n], float64, arcsec
            A radius below zero, far outside the training range, is given as 0.
        """
        mean = outputs[:, :, 0].astype(np.float64).mean(axis=0)
        log_sigma = np.clip(outputs[:, :, 1].astype(np.float64), *LOG_SIGMA)
        sigma = np.sqrt(np.exp(2 * log_sigma).mean(axis=0))
        return np.maximum(self.mean + self.sd * mean, 0.0), self.sd * sigma

    def calibrated(self, outputs, target):
        """The task with a factor on sigma: with it 68.27 % of |predicted - true| on validation are within one sigma.

        Parameters
        ----------
        outputs : array [view, n, 2]
            Of validation. The factor holds for answers from as many views.
        target : array [n]
            Standardised.
        """
        theta_E = self.mean + self.sd * target.astype(np.float64)
        predicted, sigma = self.radius(outputs)
        factor = float(np.quantile(np.abs(predicted - theta_E) / sigma, ONE_SIGMA))
        return replace(self, sigma_scale=self.sigma_scale | {str(len(outputs)): factor})


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

"""Which kind of object is it, and how far out and how bright is its arc? The score is the lens's probability.

Radius and brightness are not answered. They are learned beside the kind, because a network that has to say how bright
an arc is looks for arcs, and less for colours and fields that go with lenses.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch

from lenspipe.tasks import kind
from lenspipe.tasks._heads import LOG_SIGMA

LEARNED = ("radius", "arc_snr")  # their logarithms
FAINTEST = 1.0  # arc S/N: the brightness of a fainter arc is not learned


@dataclass(frozen=True)
class Task(kind.Task):
    """The task ``kind``, and the logarithms of the radius and of the arc's signal-to-noise ratio.

    The target is the number of the kind and both logarithms, standardised [n, 3]; NaN where an object has no arc.

    Attributes
    ----------
    means, sds : tuple of float
        Mean and standard deviation, over the training objects, of the logarithms of the radius (arcsec) and of the
        signal-to-noise ratio.
    truth, metrics
        As of ``tasks._interface.Task``.
    """

    means: tuple = (0.0, 0.0)
    sds: tuple = (1.0, 1.0)

    truth: ClassVar[tuple[str, ...]] = (*kind.Task.truth, *LEARNED)
    metrics: ClassVar[tuple[str, ...]] = (*kind.Task.metrics, "val_rms_ln_radius", "val_rms_ln_arc_snr")

    def __post_init__(self):
        super().__post_init__()
        for name in ("means", "sds"):
            object.__setattr__(self, name, tuple(getattr(self, name)))  # a checkpoint holds a list

    @property
    def output_shape(self):
        """Shape of a network's output for one object: tuple of int.

        Logits of the kinds, means and log sigmas of the logarithms.
        """
        return (len(self.classes) + 2 * len(LEARNED),)

    @classmethod
    def fit(cls, truth):
        """The task with the kinds of ``truth`` (DataFrame of the training objects) as classes, and its logarithms."""
        classes = kind.Task.fit(truth).classes
        known = [values[np.isfinite(values)] for values in logarithms_of(truth).T]
        means = tuple(float(values.mean()) if len(values) else 0.0 for values in known)
        sds = tuple(float(values.std()) if len(values) and values.std() > 0 else 1.0 for values in known)
        return cls(classes, means, sds)

    def target(self, truth):
        """Number of the kind and both logarithms, float32 array [n, 3], of ``truth`` (DataFrame [n]).

        Raises
        ------
        ValueError
            Unless there are lenses and non-lenses.
        """
        logarithms = (logarithms_of(truth) - self.means) / self.sds
        return np.column_stack([super().target(truth), logarithms]).astype(np.float32)

    def loss(self, outputs, target):
        """Cross-entropy of the kinds plus the Gaussian negative log-likelihood of the known logarithms (tensor).

        Parameters
        ----------
        outputs : tensor [n, output]
        target : tensor [n, 3]
        """
        mean, log_sigma = self._logarithms(outputs)
        known = torch.isfinite(target[:, 1:])
        error = (torch.nan_to_num(target[:, 1:]) - mean) * torch.exp(-log_sigma)
        likelihood = ((0.5 * error**2 + log_sigma) * known).sum() / known.sum().clamp(min=1)
        return super().loss(self._logits(outputs), target[:, 0]) + likelihood

    def measure(self, outputs, target):
        """The metrics of the kinds, and the root mean squares of predicted minus true logarithm: dict of str to float.

        Parameters
        ----------
        outputs : tensor [n, output]
        target : tensor [n, 3]
        """
        error = (self._logarithms(outputs)[0] - target[:, 1:]).double().numpy() * self.sds
        rms = [float(np.sqrt(np.nanmean(one**2))) if np.isfinite(one).any() else 0.0 for one in error.T]
        of_kinds = super().measure(self._logits(outputs), target[:, 0])
        return of_kinds | dict(zip(self.metrics[-len(LEARNED) :], rms, strict=True))

    def logit(self, outputs):
        """Logit of the score, tensor [...], of ``outputs``, tensor [..., output]."""
        return super().logit(self._logits(outputs))

    def answers(self, outputs):
        """The columns of the task ``kind``, dict of str to array [n], from ``outputs``, array [view, n, output]."""
        return kind.Task(self.classes).answers(self._logits(outputs))

    def _logits(self, outputs):
        return outputs[..., : len(self.classes)]

    def _logarithms(self, outputs):
        """Means and bounded log sigmas, tensors [n, 2] each."""
        mean, log_sigma = outputs[:, len(self.classes) :].split(len(LEARNED), dim=1)
        return mean, log_sigma.clamp(*LOG_SIGMA)


def logarithms_of(truth):
    """Logarithms of radius and arc S/N, float array [n, 2], of ``truth`` (DataFrame [n]); NaN where there is no arc."""
    values = truth[list(LEARNED)].to_numpy(float)
    known = values > [0.0, FAINTEST]
    return np.log(values, out=np.full(values.shape, np.nan), where=known)

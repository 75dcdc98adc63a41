"""Is it a lens? One output: the logit of the score."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from scipy.special import expit
from sklearn.metrics import roc_auc_score
from torch.nn import functional as F

from lenspipe.columns import SCORE, Column


@dataclass(frozen=True)
class Task:
    """See ``tasks._interface`` for what every task has. The target is 1 for a lens and 0 for a non-lens.

    Attributes
    ----------
    truth, metrics, output_shape, columns
        As of ``tasks._interface.Task``.
    """

    truth: ClassVar[tuple[str, ...]] = ("is_lens",)
    metrics: ClassVar[tuple[str, ...]] = ("val_auroc",)
    output_shape: ClassVar[tuple[int, ...]] = (1,)
    columns: ClassVar[tuple[Column, ...]] = (SCORE,)

    @classmethod
    def fit(cls, truth):
        """The task; nothing about it depends on ``truth`` (DataFrame)."""
        return cls()

    def target(self, truth):
        """1.0 or 0.0, float32 array [n], of ``truth`` (DataFrame [n]); ValueError unless both classes occur."""
        is_lens = truth["is_lens"].to_numpy(bool)
        if is_lens.all() or not is_lens.any():
            raise ValueError(f"has {is_lens.sum()} lenses of {len(is_lens)} objects; give it both classes")
        return is_lens.astype(np.float32)

    def loss(self, outputs, target):
        """Cross-entropy (tensor); ``outputs`` [n, 1], ``target`` [n]."""
        return F.binary_cross_entropy_with_logits(outputs[:, 0], target)

    def measure(self, outputs, target):
        """Area under the ROC curve, dict of str to float; ``outputs`` [n, 1] and ``target`` [n] are tensors."""
        return {"val_auroc": float(roc_auc_score(target.numpy(), outputs[:, 0].double().numpy()))}

    def logit(self, outputs):
        """Logit of the score, tensor [...], of ``outputs``, tensor [..., 1]."""
        return outputs[..., 0]

    def answers(self, outputs):
        """Column ``score``, array [n] from 0 to 1: logits are averaged over views; ``outputs`` array [view, n, 1]."""
        logits = outputs.astype(np.float64).mean(axis=0)
        return {"score": expit(self.logit(torch.from_numpy(logits)).numpy())}

    def calibrated(self, outputs, target):
        """The task, unchanged: Task. Logits need no factor from ``outputs`` [view, n, 1] and ``target`` [n]."""
        return self

"""The interface of tasks: what is learned, from which target, with which loss, and what the outputs mean.

A task is a file of this folder with a class ``Task`` that has the attributes and methods below. Its fields are what it
learns from the training objects. They can be written as JSON: a checkpoint holds them.
"""

from typing import Any, ClassVar, Protocol

import numpy as np
import pandas as pd
import torch

from lenspipe.columns import Column


class Task(Protocol):
    """The interface of every task.

    Attributes
    ----------
    truth : tuple of str
        Columns of the catalogue that the target is made from; ``arc_snr`` is the store's, NaN if it has none.
    metrics : tuple of str
        Names of what ``measure`` returns.
    output_shape : tuple of int
        Shape of a network's output for one object.
    columns : tuple of Column
        Columns that the task writes to a table of predictions.
    """

    truth: ClassVar[tuple[str, ...]]
    metrics: ClassVar[tuple[str, ...]]

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Shape of a network's output for one object: tuple of int."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """Columns that the task writes to a table of predictions: tuple of Column."""

    @classmethod
    def fit(cls, truth: pd.DataFrame) -> Any:
        """The task with what it takes from ``truth``, the rows of the training objects: a Task."""

    def target(self, truth: pd.DataFrame) -> np.ndarray:
        """Float32 array [n] or [n, number]; NaN, or a NaN first, for an object that is left out.

        ValueError, one line, if ``truth`` is useless.
        """

    def loss(self, outputs: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """Mean loss of ``outputs`` [n, *output_shape] for ``target`` [n]: a tensor that can be differentiated."""

    def measure(self, outputs: torch.Tensor, target: torch.Tensor) -> dict[str, float]:
        """The metrics on validation, from ``outputs`` [n, *output_shape] and ``target`` [n]."""

    def answers(self, outputs: np.ndarray) -> dict[str, np.ndarray]:
        """Its columns, arrays [n], from ``outputs`` [view, n, *output_shape] of several views of the same objects.

        The views may come from several networks, the members of a committee.
        """

    def calibrated(self, outputs: np.ndarray, target: np.ndarray) -> Any:
        """The task, calibrated on validation's ``outputs`` [view, n, *output_shape] and ``target`` [n], for answers
        from as many views.
        """

"""Several networks that answer together: the members of a committee, or one network alone."""

from dataclasses import dataclass, replace

import numpy as np

from lenspipe.errors import InputError
from lenspipe.learning.checkpoint import Checkpoint, load, load_validation
from lenspipe.tasks._interface import Task


@dataclass(frozen=True)
class Committee:
    """Networks of one task and method.

    Attributes
    ----------
    members : tuple of Checkpoint
    task : Task
        Calibrated for the answers of all together.
    """

    members: tuple[Checkpoint, ...]
    task: Task

    @property
    def columns(self):
        """Columns of its answers: tuple of Column. Several members have one more, their spread."""
        return (*self.task.columns, self.spread) if len(self.members) > 1 else self.task.columns

    @property
    def spread(self):
        """The Column that says how far the members differ in the task's first answer."""
        first = self.task.columns[0]
        return replace(
            first, name=f"{first.name}_spread", meaning=f"standard deviation over the committee: {first.meaning}"
        )

    def answers(self, outputs):
        """Its columns, from all members' outputs.

        Parameters
        ----------
        outputs : array [member, view, n, *output_shape]

        Returns
        -------
        dict of str to array [n]
            Of several members: logits, or means and variances, are averaged over members and views alike.
        """
        table = self.task.answers(outputs.reshape(-1, *outputs.shape[2:]))
        if len(self.members) == 1:
            return table
        first = self.task.columns[0].name
        alone = [member.task.answers(views)[first] for member, views in zip(self.members, outputs, strict=True)]
        return table | {self.spread.name: np.std(alone, axis=0, ddof=1)}


def calibrated(task, validations):
    """A task, calibrated for the answers of several networks together, from their first views and from all.

    Parameters
    ----------
    task : Task
    validations : sequence of Validation
        Of each network.

    Returns
    -------
    Task
    """
    target = validations[0].target.numpy()
    outputs = np.stack([validation.outputs.numpy() for validation in validations])  # [member, view, n, ...]
    for views in (outputs[:, :1], outputs):
        task = task.calibrated(views.reshape(-1, *views.shape[2:]), target)
    return task


def load_committees(folders):
    """Read checkpoints; those of one task and method are a committee.

    Parameters
    ----------
    folders : sequence of path

    Returns
    -------
    list of Committee
        In the order of their first members.

    Raises
    ------
    InputError
        If a file is missing or damaged, members of a committee did not learn from the same objects, or two committees
        answer the same column.
    """
    together, owner = {}, {}
    for folder in folders:
        member = load(folder)
        together.setdefault((member.task_name, member.method), []).append((folder, member))
    committees = [_committee(members) for members in together.values()]
    for committee, members in zip(committees, together.values(), strict=True):
        folder = members[0][0]
        for column in committee.columns:
            if column.name in owner:
                raise InputError(
                    f"{folder}: answers {column.name!r}, and so does {owner[column.name]}; name one of them alone"
                )
            owner[column.name] = folder
    return committees


def _committee(members):
    folders, checkpoints = zip(*members, strict=True)
    first = checkpoints[0]
    if len(checkpoints) == 1:
        return Committee(checkpoints, first.task)
    validations = [load_validation(folder) for folder in folders]
    for folder, other, validation in zip(folders, checkpoints, validations, strict=True):
        same = other.input == first.input and other.task.output_shape == first.task.output_shape
        if not same or not validation.target.equal(validations[0].target):
            raise InputError(
                f"{folder}: did not learn from the same images as {folders[0]}; train both again or name one"
            )
    return Committee(checkpoints, calibrated(first.task, validations))


def committee_answering(column, folders):
    """The first committee whose task predicts a column.

    Parameters
    ----------
    column : str
    folders : sequence of path
        Checkpoints.

    Returns
    -------
    Committee

    Raises
    ------
    InputError
        As ``load_committees``, or if none does.
    """
    for committee in load_committees(folders):
        if column in {answer.name for answer in committee.columns}:
            return committee
    raise InputError(f"{', '.join(map(str, folders))}: no training predicts {column!r}; give one with --training")

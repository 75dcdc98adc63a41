"""Several networks that answer together: the members of a committee, or one network alone."""

import itertools
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from lenspipe.errors import InputError
from lenspipe.learning.checkpoint import Checkpoint, Validation, load, load_validation
from lenspipe.learning.inference import ALL_VIEWS, FIRST_VIEW, answers_of, for_answers
from lenspipe.tasks._interface import Task


@dataclass(frozen=True)
class Committee:
    """Networks of one task and method.

    Attributes
    ----------
    members : tuple of Checkpoint
    task : Task
        Calibrated for the answers of all together.
    validations : tuple of Validation
        What each member answered on validation.
    """

    members: tuple[Checkpoint, ...]
    task: Task
    validations: tuple[Validation, ...]

    @property
    def input(self):
        """What all members take.

        Returns
        -------
        ImageInput
        """
        return self.members[0].input

    @property
    def columns(self):
        """Columns of its answers: tuple of Column. Several members have one more, their spread."""
        return (*self.task.columns, self.spread) if len(self.members) > 1 else self.task.columns

    @property
    def spread(self):
        """The column that says how far the members differ in the task's first answer.

        Returns
        -------
        Column
        """
        first = self.task.columns[0]
        meaning = f"standard deviation over the members of the committee: {first.meaning}"
        return replace(first, name=f"{first.name}_spread", meaning=meaning)

    def on(self, device):
        """The committee with its networks on ``device`` (torch.device), as ``inference.for_answers`` makes them.

        Returns
        -------
        Committee
        """
        made = (replace(one, network=self.input.place(for_answers(one.network), device)) for one in self.members)
        return replace(self, members=tuple(made))

    def outputs(self, inputs, *, views, batch_size, device):
        """All members' outputs.

        Parameters
        ----------
        inputs : tensor [n, *input_shape]
        views : slice or sequence of int
            As of ``inference.outputs``.
        batch_size : int
        device : torch.device

        Returns
        -------
        array [member, view, n, *output_shape]
        """
        options = {"views": views, "batch_size": batch_size, "device": device}
        return np.stack([answers_of(one.network, inputs, self.input, **options).numpy() for one in self.members])

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

    def score_above_which(self, share):
        """The score (float), by its first views, that this ``share`` (float) of the validation images exceeds."""
        first = list(self.input.first_views)
        outputs = np.stack([validation.outputs[first].numpy() for validation in self.validations])
        return float(np.quantile(self.answers(outputs)["score"], 1 - share))


def answer(committees, images, *, batch_size, d4_average, d4_share, device):
    """What committees answer about images.

    Parameters
    ----------
    committees : sequence of Committee
        On ``device``.
    images : array [n, band, y, x], counts
    batch_size : int
    d4_average : bool
        Combine the eight rotations and mirror images, as each task does.
    d4_share : float
        Of images like those of validation, the share that gets all eight views: where a committee answers ``score``,
        those that it ranks highest by two views, the image itself and turned by half. The others keep the answers
        of these.
    device : torch.device

    Returns
    -------
    DataFrame [n]
        The columns of all committees.
    """
    options = {"batch_size": batch_size, "device": device}
    inputs = [committee.input.tensor(images) for committee in committees]
    ranking = _place_of_score(committees) if d4_average and d4_share < 1 else None
    views = ALL_VIEWS if d4_average else FIRST_VIEW
    first = [
        one.outputs(x, views=views if ranking is None else one.input.first_views, **options)
        for one, x in zip(committees, inputs, strict=True)
    ]
    tables = [pd.DataFrame(one.answers(seen)) for one, seen in zip(committees, first, strict=True)]
    rows = np.zeros(0, int)
    if ranking is not None:
        rows = np.flatnonzero(tables[ranking]["score"] > committees[ranking].score_above_which(d4_share))
    if len(rows):
        for committee, x, seen, table in zip(committees, inputs, first, tables, strict=True):
            known = set(committee.input.first_views)
            rest = [k for k in range(len(committee.validations[0].outputs)) if k not in known]
            others = committee.outputs(x[rows], views=rest, **options)
            all_views = np.concatenate([seen[:, :, rows], others], axis=1)
            table.loc[rows] = pd.DataFrame(committee.answers(all_views), index=rows)
    return pd.concat(tables, axis=1)


def _place_of_score(committees):
    """Number of the first committee that ranks images; None where none does."""
    ranks = [k for k, one in enumerate(committees) if "score" in {column.name for column in one.columns}]
    return ranks[0] if ranks else None


def calibrated(task, validations, first_views):
    """A task, calibrated for the answers of several networks together, from one view, from the first ones and from all.

    Parameters
    ----------
    task : Task
    validations : sequence of Validation
        Of each network.
    first_views : tuple of int
        As of their input.

    Returns
    -------
    Task
    """
    target = validations[0].target.numpy()
    outputs = np.stack([validation.outputs.numpy() for validation in validations])  # [member, view, n, ...]
    for views in (outputs[:, FIRST_VIEW], outputs[:, list(first_views)], outputs):
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
    first, validations = checkpoints[0], tuple(load_validation(folder) for folder in folders)
    for folder, other, validation in zip(folders, checkpoints, validations, strict=True):
        same = other.input == first.input and other.task.output_shape == first.task.output_shape
        if not same or not np.array_equal(validation.target, validations[0].target, equal_nan=True):
            raise InputError(
                f"{folder}: did not learn from the same images as {folders[0]}; train both again or name one"
            )
    for (one, a), (two, b) in itertools.combinations(zip(folders, validations, strict=True), 2):
        if a.outputs.equal(b.outputs):
            raise InputError(f"{two}: is the network in {one} once more, which says nothing new; name one of them")
    return Committee(checkpoints, calibrated(first.task, validations, first.input.first_views), validations)


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

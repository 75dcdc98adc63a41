"""Settings of the trainings: what each network learns, how, and how many answer together."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from lenspipe.config.messages import nearest
from lenspipe.config.section import NAME, Section, member_of, number, one_of
from lenspipe.config.timm_names import PREFIX, check_timm_name
from lenspipe.families import NETWORKS, TASKS
from lenspipe.methods import BASELINES, HEADLINE, member_names

LARGEST_OPTION = 4096  # of a network: more channels or layers than anybody trains on stamps
NO_HEAD = "none"
DROPOUTS = ["none", "concrete"]
NOT_OF_THE_RECIPE = ("task", "head", "method", "members", "start_from")
_TYPES = {int: "an integer", float: "a number", str: "a word"}


def _network(name):
    if name.startswith(PREFIX):
        check_timm_name(name)
        return name
    return one_of([*sorted(NETWORKS), f"{PREFIX}<name>"])(name)


Network = Annotated[str, AfterValidator(_network)]


class Learning(Section):
    """What a network learns, and how."""

    task: member_of(TASKS) = Field(description="what the network learns: a file of lenspipe/tasks")
    network: Network = Field(description="architecture: a file of lenspipe/networks, or timm:<name>, one of timm")
    options: dict[str, int | float | str] = Field(
        description="arguments of the network that differ from its defaults, for example {width: 32}"
    )
    head: str = Field(description=f"law of the number that the task measures; {NO_HEAD} if it measures none")
    start_from: str = Field(
        description="folder of a trained network, such as results/<run>/models/<name>, whose weights are trained on; "
        "empty: random weights"
    )
    method: str = Field(
        pattern=NAME, description="predictions go to predictions/<method>/; the headline figure shows network"
    )
    epochs: int = Field(ge=1, le=10000, description="passes over the training set")
    batch_size: int = Field(ge=2, le=65536, description="images per step")
    learning_rate: float = number("largest learning rate of AdamW", gt=0, le=1)
    weight_decay: float = number("weight decay of AdamW", ge=0, le=1)
    ema_decay: float = number("decay per step of the running mean of the weights; 0: no mean", ge=0, lt=1)
    max_shift: int = Field(ge=0, le=10, description="pixels, largest random shift in training")
    imperfect: float = number(
        "share of the images in training made off-centre, incomplete, miscalibrated or blurred", ge=0, le=1
    )

    dropout: Annotated[str, AfterValidator(one_of(DROPOUTS))] = Field(
        description="concrete: dropout before all layers but the first, at rates that are learned, with another mask "
        "in each view of an image; none: the network's own",
        json_schema_extra={"enum": DROPOUTS},
    )

    @model_validator(mode="after")
    def _of_the_task(self):
        heads = TASKS.constant_of(self.task, "heads", default=(NO_HEAD,))
        if self.head not in heads:
            choices = f"{nearest(self.head, heads)}; {self.task} has {', '.join(heads)}"
            raise ValueError(f"head: {self.head!r} is unknown{choices}")
        return self

    @model_validator(mode="after")
    def _of_the_network(self):
        known = NETWORKS.options_of(self.network)
        for name, value in self.options.items():
            if name not in known:
                has = f"; it has {', '.join(known)}" if known else " and has none"
                raise ValueError(f"options: {name!r} is not an argument of {self.network}{nearest(name, known)}{has}")
            wanted = type(known[name])
            if type(value) is not wanted and not (wanted is float and type(value) is int):
                raise ValueError(f"options.{name}: {value!r} is wrong, should be {_TYPES[wanted]}")
            least = min(1, known[name]) if wanted is int else 0.0
            if wanted is not str and not least <= value <= LARGEST_OPTION:
                raise ValueError(f"options.{name}: {value!r} is wrong, should be from {least} to {LARGEST_OPTION}")
        return self


class Training(Learning):
    """A network, or several that answer together."""

    members: int = Field(
        ge=1, le=100, description="networks that differ in random numbers alone; together they answer as a committee"
    )

    def learning(self):
        """What each member learns, and how.

        Returns
        -------
        Learning
        """
        return Learning(**self.model_dump(exclude={"members"}))


def recipe_of(training):
    """How a network is trained, without what it learns and whose answers it gives.

    Parameters
    ----------
    training : dict
        Values of a ``Training`` or a ``Learning``.

    Returns
    -------
    dict
        Fields of ``learning.loop.Recipe``.
    """
    return {name: value for name, value in training.items() if name not in NOT_OF_THE_RECIPE}


def members_of(trainings):
    """The networks to be trained.

    Parameters
    ----------
    trainings : dict of str to Training
        By name.

    Returns
    -------
    dict of str to Learning
        The first member of a training has its name, the others ``<name>_2`` and so on.
    """
    return {
        member: training.learning()
        for name, training in trainings.items()
        for member in member_names(name, training.members)
    }


def check_trainings(trainings):
    """The ``trainings`` (dict of str to Training), if names and methods are consistent; ValueError if not."""
    methods = {}
    for name, training in trainings.items():
        if taken := set(trainings) & set(member_names(name, training.members)[1:]):
            raise ValueError(f"{min(taken)!r} is the name of a training and of a member of {name}; rename the training")
        if not re.match(NAME, name):
            raise ValueError(f"{name!r} is not a valid name; use lower-case letters, digits and underscores")
        if name == "network":
            raise ValueError("network cannot be the name of a training; choose another name")
        tasks = methods.setdefault(training.method, {})
        if training.task in tasks:
            raise ValueError(
                f"{name} and {tasks[training.task]} have the same task and method; give one another method"
            )
        if training.method in BASELINES:
            raise ValueError(f"{name}.method: {training.method!r} is a baseline's name; choose another")
        tasks[training.task] = name
    if HEADLINE not in methods:
        raise ValueError(f"no training has method {HEADLINE!r}, which the headline figure shows; give it to one")
    return trainings

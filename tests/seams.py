"""What is handed from room to room, for the type checker: every member has what its family's interface asks for."""

from lenspipe.learning.checkpoint import Checkpoint
from lenspipe.learning.image_input import ImageInput
from lenspipe.networks import cnn, resnet
from lenspipe.networks._interface import Network
from lenspipe.tasks import einstein_radius, is_lens, kind
from lenspipe.tasks._interface import Task

TASKS: list[Task] = [is_lens.Task(), kind.Task(("lens", "ring")), einstein_radius.Task(mean=1.0, sd=0.5)]
NETWORKS: list[type[Network]] = [cnn.Network, resnet.Network]


def task_of(checkpoint: Checkpoint) -> Task:
    return checkpoint.task


def input_of(checkpoint: Checkpoint) -> ImageInput:
    return checkpoint.input

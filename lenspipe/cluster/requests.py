"""CPUs, memory and time that each stage requests from a cluster, computed from the settings of the run."""

import math
from dataclasses import dataclass

from lenspipe.methods import member_names

START_UP = 10  # minutes for Python to start on a busy file system, to compile the engine, and for a slow node
SPARE = 3  # times the measured CPU time: nodes differ, and a killed job costs more than a generous request
REFERENCE_PIXELS = 45 * 45 * 4  # of the stamps that the times below were measured on

# CPU milliseconds and peak MB of the default experiment, from results/talk/benchmarks/*.tsv (docs/performance.md).
DRAW = 0.7  # ms per object
SHARE = 20_000  # objects for each process that draws: below, its start takes as long as its work
RENDER = 4.0  # ms per object
# For each exposure of each band, measured with 2,000 exposures a band.
DRAW_EXPOSURE, RENDER_EXPOSURE = 0.0007, 0.03  # ms per object
EXPOSURE_MB = 1e-4  # MB per object: five numbers, and as much again while they are made
LEARN = 1.5  # ms per image and epoch, of resnet; the other networks need less
ANSWER = 0.45  # ms per image, view and network
TABULATE = 0.7  # ms per test object, for tables, baselines and figures alike
IN_MEMORY_MB = 1100  # of training images; if there are more, only parts of them are in memory at a time
REALISM = 400e3  # ms, of several small trainings on a few hundred stamps


@dataclass(frozen=True)
class Request:
    """What one job requests.

    Parameters
    ----------
    cpus : int
    mem_mb : int
        MB of memory, whatever the number of CPUs.
    milliseconds : float
        CPU time.
    mem_mb_per_cpu : int
        MB of memory for each CPU, additionally.
    shared : bool
        Whether the CPUs share the work evenly. How far they help a network depends on it, and is not counted.
    """

    cpus: int
    mem_mb: int
    milliseconds: float = 0.0
    mem_mb_per_cpu: int = 0
    shared: bool = False

    def memory(self, cpus, attempt=1):
        """MB (int) with ``cpus`` CPUs at the first, second or third attempt."""
        return (self.mem_mb + self.mem_mb_per_cpu * cpus) * attempt

    def runtime(self, cpus, attempt=1):
        """Minutes (int) with ``cpus`` CPUs at the first, second or third attempt."""
        milliseconds = self.milliseconds / (cpus if self.shared else 1)
        return (START_UP + math.ceil(SPARE * milliseconds / 60e3)) * attempt


def requests(settings, exposures):
    """Requests by stage.

    Parameters
    ----------
    settings : lenspipe.config.schema.Settings
    exposures : float
        Exposures of an object in all bands of the settings, on average.

    Returns
    -------
    dict of str to Request
        By the name of the stage; ``simulate_part`` is one share of ``simulate``, and each training is
        ``train_<name>``.
    """
    counts = settings.population.counts
    scored = counts.val + counts.test + 2 * counts.twins
    total = counts.train + scored
    area = settings.num_pix**2 * len(settings.bands) / REFERENCE_PIXELS
    views = 2 + 6 * settings.predict.d4_share if settings.predict.d4_average else 1
    trained = {
        name: training
        for training_name, training in settings.train.items()
        for name in member_names(training_name, training.members)
    }
    rendering = (RENDER * area + RENDER_EXPOSURE * exposures) * total
    drawing = Request(
        cpus=min(8, max(1, total // SHARE)),
        shared=True,
        mem_mb_per_cpu=600,
        mem_mb=1000 + math.ceil(total / 100 + EXPOSURE_MB * exposures * (total + 1000)),
        milliseconds=(DRAW + DRAW_EXPOSURE * exposures) * total,
    )
    tables = Request(cpus=1, mem_mb=2000 + counts.test // 25, milliseconds=TABULATE * counts.test)
    page = Request(cpus=1, mem_mb=1500)
    return {
        "population": drawing,
        "simulate": _simulation(rendering),
        "simulate_part": _simulation(rendering / settings.execution.simulate_parts),
        "predict": Request(
            cpus=8,
            mem_mb=2000 + math.ceil(_batch_mb(settings.predict.batch_size, area)),
            milliseconds=ANSWER * scored * views * area * len(trained),
        ),
        "baselines": Request(cpus=1, mem_mb=1500 + total // 50, milliseconds=TABULATE * total),
        "explain": Request(cpus=1, mem_mb=2500 + counts.test // 50),
        "diagnose": tables,
        "compare": tables,
        "architecture_search": Request(
            cpus=1,
            mem_mb=math.ceil(1500 + 1.5 * _images_mb(settings, settings.architecture_search.objects)),
            milliseconds=_of_architectures(settings.architecture_search, area),
        ),
        "realism": Request(cpus=8, mem_mb=3000, milliseconds=REALISM),
        "figures": page,
        "report": page,
    } | {f"train_{name}": _training(training, settings, area) for name, training in trained.items()}


def _simulation(milliseconds):
    return Request(cpus=8, mem_mb=1000, mem_mb_per_cpu=600, milliseconds=milliseconds, shared=True)


def _of_architectures(asked, area):
    return LEARN * asked.objects * asked.epochs * asked.trials * area


def _images_mb(settings, objects):
    return 2 * objects * settings.num_pix**2 * len(settings.bands) / 1e6


def _training(training, settings, area):
    """Images stay in memory at two bytes a pixel, up to a limit; in each process."""
    objects = settings.population.counts.train + settings.population.counts.val
    images_mb = _images_mb(settings, objects)
    return Request(
        cpus=8,
        mem_mb=settings.execution.processes
        * math.ceil(1500 + 1.5 * min(images_mb, IN_MEMORY_MB) + _batch_mb(training.batch_size, area)),
        milliseconds=LEARN * objects * training.epochs * area,
    )


def _batch_mb(batch_size, area):
    """Of a network's intermediate results for one batch: 4 MB per stamp of 45 pixels and four bands, rounded up."""
    return 4 * batch_size * area

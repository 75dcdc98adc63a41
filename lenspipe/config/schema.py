"""Every setting with type, unit, range and meaning."""

import itertools
import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from lenspipe.columns import LENS
from lenspipe.config.messages import nearest
from lenspipe.config.survey import survey_of
from lenspipe.config.timm_names import PREFIX, check_timm_name
from lenspipe.errors import InputError
from lenspipe.families import ENGINES, KINDS, NETWORKS, TASKS
from lenspipe.methods import BASELINES, HEADLINE, member_names

CHUNK = 256  # objects per chunk of the image store; a block consists of whole chunks
SMALLEST_SHARE, LARGEST_SHARE = 1e-6, 1e6  # of a kind of non-lens; sums and quotients of others leave the floats
LARGEST_OPTION = 4096  # of a network: more channels or layers than anybody trains on stamps
NO_HEAD = "none"
NOT_OF_THE_RECIPE = ("task", "head", "method", "members", "start_from")
_TYPES = {int: "an integer", float: "a number", str: "a word"}
NAME = r"^[a-z][a-z0-9_]*$"  # of a training or a method: used in names of files and rules


def _one_of(names):
    def check(name):
        if name not in names:
            raise ValueError(f"{name!r} is unknown{nearest(name, names)}; choose from {', '.join(names)}")
        return name

    return check


def _member_of(family):
    return Annotated[str, AfterValidator(lambda name: _one_of(sorted(family))(name))]


def _network(name):
    if name.startswith(PREFIX):
        check_timm_name(name)
        return name
    return _one_of([*sorted(NETWORKS), f"{PREFIX}<name>"])(name)


Network = Annotated[str, AfterValidator(_network)]


class Section(BaseModel):
    """Base of all sections: frozen, no unknown keys, no conversion of types."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, strict=True)


Number = Annotated[float, Field(strict=False)]


def _number(unit_and_meaning, **bounds):
    return Field(description=unit_and_meaning, strict=False, **bounds)


class Counts(Section):
    """Number of objects in each split."""

    train: int = Field(ge=16, le=10**8, description="number of objects to train on")
    val: int = Field(ge=16, le=10**8, description="number of objects to choose the epoch and the thresholds on")
    test: int = Field(ge=16, le=10**8, description="number of objects that all reported rates are measured on")
    twins: int = Field(
        ge=0,
        le=10**8,
        description="number of test lenses that get twins: the first ones, or all if there are fewer",
    )


class LensFraction(Section):
    """Share of lenses in each split."""

    train: float = _number("share of lenses", gt=0, lt=1)
    val: float = _number("share of lenses", gt=0, lt=1)
    test: float = _number("share of lenses", gt=0, lt=1)


class _Range(Section):
    @model_validator(mode="after")
    def _ordered(self):
        if self.min >= self.max:
            raise ValueError(f"min {self.min:g} is not below max {self.max:g}; make min smaller")
        return self


class ThetaE(_Range):
    """Range of the Einstein radius."""

    min: float = _number("arcsec, smallest Einstein radius", ge=0.05, le=10)
    max: float = _number("arcsec, largest Einstein radius", ge=0.1, le=10)


class LensRedshift(_Range):
    """Range of the deflectors' redshift."""

    min: float = _number("lowest redshift of a deflector", ge=0.02, le=2)
    max: float = _number("highest redshift of a deflector", ge=0.05, le=2)


class SigmaV(_Range):
    """Range of the deflectors' velocity dispersion."""

    min: float = _number("km/s, lowest velocity dispersion", ge=50, le=600)
    max: float = _number("km/s, highest velocity dispersion", ge=50, le=600)


class SourceRedshift(Section):
    """Range of the sources' redshift."""

    max: float = _number("highest redshift of a source", ge=0.5, le=6)


class SourceMagnitude(_Range):
    """Range of the sources' magnitude."""

    min: float = _number("mag, brightest unlensed i magnitude of a source", ge=16, le=30)
    max: float = _number("mag, faintest unlensed i magnitude of a source", ge=16, le=30)


MASSES = ["sie", "epl"]


class Deflectors(Section):
    """Priors of the deflectors."""

    z_lens: LensRedshift
    sigma_v: SigmaV
    shear: float = _number("rms of the external shear", ge=0, le=0.2)
    mass: Annotated[str, AfterValidator(_one_of(MASSES))] = Field(
        description="sie: isothermal ellipsoids; epl: elliptical power laws with random slopes",
        json_schema_extra={"enum": MASSES},
    )


class Sources(Section):
    """Priors of the sources."""

    z_source: SourceRedshift
    magnitude_i: SourceMagnitude
    clumpy: float = _number("share of sources with a bulge and clumps", ge=0, le=1)


def _shares(shares):
    names = [name for name in sorted(KINDS) if name != LENS]
    for name, share in shares.items():
        if name not in names:
            raise ValueError(
                f"{name!r} is not a kind of non-lens{nearest(name, names)}; choose from {', '.join(names)}"
            )
        if share != 0 and not SMALLEST_SHARE <= share <= LARGEST_SHARE:
            raise ValueError(f"share {share:g} of {name!r}; give 0, or {SMALLEST_SHARE:g} to {LARGEST_SHARE:g}")
    if not sum(shares.values()) > 0:
        raise ValueError("all shares are zero; give at least one kind a share")
    return shares


class Population(Section):
    """What objects the catalogues hold."""

    counts: Counts
    lens_fraction: LensFraction
    theta_E: ThetaE
    deflectors: Deflectors
    sources: Sources
    non_lenses: Annotated[dict[str, Number], AfterValidator(_shares)] = Field(
        description="relative share of each kind among the non-lenses"
    )
    backgrounds: str = Field(
        description="image store of real cutouts from `lenspipe ingest` that all objects are painted on; empty: none"
    )

    @model_validator(mode="after")
    def _consistent(self):
        if self.deflectors.z_lens.max >= self.sources.z_source.max:
            raise ValueError(
                f"deflectors.z_lens.max {self.deflectors.z_lens.max:g} is not below "
                f"sources.z_source.max {self.sources.z_source.max:g}; lower the first"
            )
        return self


class Simulate(Section):
    """How images are rendered."""

    engine: _member_of(ENGINES) = Field(
        description="renderer of noise-free images: a folder of lenspipe/simulate/engines"
    )
    block: int = Field(
        ge=CHUNK, le=65536, multiple_of=CHUNK, description=f"objects per task, in whole chunks of {CHUNK}"
    )
    keep_planes: bool = Field(description="also store the noise-free planes lens_light and source_light")


class Learning(Section):
    """What a network learns, and how."""

    task: _member_of(TASKS) = Field(description="what the network learns: a file of lenspipe/tasks")
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
    learning_rate: float = _number("largest learning rate of AdamW", gt=0, le=1)
    weight_decay: float = _number("weight decay of AdamW", ge=0, le=1)
    ema_decay: float = _number("decay per step of the running mean of the weights; 0: no mean", ge=0, lt=1)
    max_shift: int = Field(ge=0, le=10, description="pixels, largest random shift in training")
    imperfect: float = _number(
        "share of the images in training made off-centre, incomplete, miscalibrated or blurred", ge=0, le=1
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


def _trainings(trainings):
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


class Predict(Section):
    """How networks are applied."""

    batch_size: int = Field(ge=1, le=65536, description="images per step")
    d4_average: bool = Field(description="average predictions over the eight rotations and mirror images")
    d4_share: float = _number(
        "share of images, of those like validation: the ones so averaged, which rank highest", gt=0, le=1
    )


def _increasing(values):
    if any(b <= a for a, b in itertools.pairwise(values)):
        raise ValueError("the values do not increase; sort them and remove repeated ones")
    return values


class Diagnose(Section):
    """What the tables of diagnostics are computed for."""

    thresholds: list[Annotated[float, Field(gt=0, lt=1, strict=False)]] = Field(
        min_length=1,
        description="false-positive rates on validation that define score thresholds; 0.5 is always one",
    )
    completeness: list[Annotated[float, Field(gt=0, lt=1, strict=False)]] = Field(
        min_length=1, description="completeness on validation at which the kinds of non-lens are compared"
    )
    prevalence: float = _number("lenses per candidate, for the purity version of the headline figure", gt=0, lt=1)
    radius_bins: Annotated[list[Annotated[float, Field(ge=0, le=20, strict=False)]], AfterValidator(_increasing)] = (
        Field(min_length=2, description="arcsec, edges of the bins in Einstein radius")
    )
    confidence: float = _number("confidence level of all intervals", gt=0, lt=1)


class Realism(Section):
    """Comparison of real stamps with simulated ones."""

    stamps: str = Field(description="image store of real cutouts from `lenspipe ingest`; empty: no comparison")
    count: int = Field(ge=16, le=10**5, description="number of simulated stamps matched to real ones, and of others")
    folds: int = Field(ge=2, le=50, description="number of folds of the cross-validation, split by stamp")
    repeats: int = Field(
        ge=1, le=100, description="number of times that networks are trained, with different folds and initial weights"
    )
    bootstrap: int = Field(ge=100, le=10**5, description="bootstrap samples for each interval")


def _distinct(values):
    if repeated := [value for value in values if values.count(value) > 1]:
        raise ValueError(f"{repeated[0]!r} occurs twice; remove one")
    return values


class Grid(Section):
    """Trainings of several networks, training-set sizes and seeds."""

    seeds: Annotated[list[Annotated[int, Field(ge=0, lt=2**63)]], AfterValidator(_distinct)] = Field(
        min_length=1, description="seeds of the trainings; the catalogues stay the same"
    )
    networks: Annotated[list[Network], AfterValidator(_distinct)] = Field(
        min_length=1, description="architectures, each trained for all trainings of the settings"
    )
    train_counts: Annotated[list[Annotated[int, Field(ge=16, le=10**8)]], AfterValidator(_distinct)] = Field(
        min_length=1, description="numbers of objects to train on: the first ones of the training split"
    )


class ArchitectureSearch(Section):
    """Architectures of one training, tried at equal compute."""

    training: str = Field(pattern=NAME, description="training whose task and recipe all architectures have")
    trials: int = Field(ge=1, le=10**4, description="architectures to be tried in each of two ways to choose them")
    objects: int = Field(ge=16, le=10**8, description="number of objects to learn from: the first ones of the split")
    epochs: int = Field(ge=1, le=10**4, description="passes of the default resnet that each may compute as much as")


def _scheduler(text):
    if text.startswith(("tcp://", "tls://", "ws://", "wss://")) and not text.rpartition(":")[2].isdecimal():
        raise ValueError(f"{text!r} has no port; give tcp://host:port, or the path of a scheduler file")
    return text


def _survey(survey):
    try:
        survey_of(survey)
    except InputError as error:
        raise ValueError(str(error).removeprefix("survey: ")) from None
    return survey


class Execution(Section):
    """Where a run is computed; no result depends on it."""

    simulate_parts: int = Field(ge=1, le=1000, description="number of cluster jobs that simulate is split into")
    dask_scheduler: Annotated[str, AfterValidator(_scheduler)] = Field(
        description="dask cluster that simulates: tcp://host:port or a scheduler file; empty: local worker processes"
    )
    processes: int = Field(
        ge=1, le=64, description="that train one network together, each on a GPU or a share of the CPUs, by torchrun"
    )
    gpus: int = Field(ge=0, le=16, description="GPUs to request for each training and for prediction")


def _with_the_run(values):
    """Settings as given (dict) whose paths of trained networks have the name of the run in place of ``<run>``."""
    match values:
        case {"run": str(run), "train": dict(trainings)}:
            named = {}
            for name, training in trainings.items():
                match training:
                    case {"start_from": str(path)}:
                        named[name] = training | {"start_from": path.replace("<run>", run).rstrip("/")}
            return values | {"train": trainings | named}
    return values


class Settings(Section):
    """All settings of a run."""

    _paths = model_validator(mode="before")(_with_the_run)

    run: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", description="results go to results/<run>/")
    seed: int = Field(ge=0, lt=2**63, description="seed of all random numbers")
    survey: Annotated[str, AfterValidator(_survey)] = Field(
        description="camera, depth and seeing: a file of lenspipe/surveys, or the path of your survey's file, x.yaml"
    )
    bands: list[str] = Field(min_length=1, description="bands of the survey, in the order of the image planes")
    num_pix: int = Field(ge=16, le=256, description="pixels, side length of a stamp")
    population: Population
    simulate: Simulate
    train: Annotated[dict[str, Training], AfterValidator(_trainings)] = Field(
        description="trainings by name; each member has a rule train_<name> and writes models/<name>/"
    )
    predict: Predict
    diagnose: Diagnose
    realism: Realism
    grid: Grid
    architecture_search: ArchitectureSearch
    execution: Execution

    @model_validator(mode="after")
    def _searched_training(self):
        name = self.architecture_search.training
        if name not in self.train:
            choices = f"{nearest(name, self.train)}; choose from {', '.join(self.train)}"
            raise ValueError(f"architecture_search.training: {name!r} is not a training{choices}")
        return self

    @model_validator(mode="after")
    def _distinct_bands(self):
        if len(set(self.bands)) < len(self.bands):
            raise ValueError("bands: a band occurs twice; remove one")
        return self


# Settings that the results of each stage depend on: shared keys and the section of the stage. ``stage_keys`` adds the
# trainings. simulate.block does not change results.
STAGES = {
    "population": ("seed", "survey", "bands", "num_pix", "population"),  # a larger stamp shows more of the field
    "simulate": (
        "seed",
        "survey",
        "bands",
        "num_pix",
        "simulate.engine",
        "simulate.keep_planes",
        "population.backgrounds",
    ),
    "predict": ("predict",),
    "baselines": ("bands",),
    "explain": ("seed", "bands", "predict", "diagnose.thresholds", "diagnose.confidence"),
    "diagnose": ("seed", "bands", "diagnose"),
    "realism": (
        "seed",
        "bands",
        "realism",
        "predict.d4_average",
        "predict.d4_share",
        "diagnose.thresholds",
        "diagnose.confidence",
    ),
    "architecture_search": ("seed", "train", "architecture_search"),
    "grid": ("seed", "grid", "diagnose.radius_bins", "diagnose.confidence"),
    # execution changes no result, so the report does not depend on it
    "report": tuple(name for name in Settings.model_fields if name != "execution"),
}


TRAIN = "train_"  # prefix of the stage that runs a training


def stage_keys(stage):
    """Settings (tuple of str) that the results of a ``stage`` (str) depend on; KeyError for an unknown stage."""
    if stage.startswith(TRAIN):
        return ("seed", f"train.{stage.removeprefix(TRAIN)}")  # a member of a committee stands there like a training
    return STAGES[stage]


def stage_names(settings):
    """Names (list of str) of all stages of a run with these ``settings`` (Settings), its trainings after simulate."""
    names = list(STAGES)
    place = names.index("simulate") + 1
    return [*names[:place], *(f"{TRAIN}{name}" for name in members_of(settings.train)), *names[place:]]

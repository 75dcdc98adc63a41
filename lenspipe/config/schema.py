"""Every setting with type, unit, range and meaning."""

import itertools
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from lenspipe.columns import LENS
from lenspipe.config.messages import nearest
from lenspipe.config.section import NAME, Number, Section, member_of, number, one_of
from lenspipe.config.survey import survey_of
from lenspipe.config.trainings import Network, Training, check_trainings, members_of
from lenspipe.errors import InputError
from lenspipe.families import ENGINES, KINDS

CHUNK = 256  # objects per chunk of the image store; a block consists of whole chunks
SMALLEST_SHARE, LARGEST_SHARE = 1e-6, 1e6  # of a kind of non-lens; sums and quotients of others leave the floats


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

    train: float = number("share of lenses", gt=0, lt=1)
    val: float = number("share of lenses", gt=0, lt=1)
    test: float = number("share of lenses", gt=0, lt=1)


class _Range(Section):
    @model_validator(mode="after")
    def _ordered(self):
        if self.min >= self.max:
            raise ValueError(f"min {self.min:g} is not below max {self.max:g}; make min smaller")
        return self


class ThetaE(_Range):
    """Range of the Einstein radius."""

    min: float = number("arcsec, smallest Einstein radius", ge=0.05, le=10)
    max: float = number("arcsec, largest Einstein radius", ge=0.1, le=10)


class LensRedshift(_Range):
    """Range of the deflectors' redshift."""

    min: float = number("lowest redshift of a deflector", ge=0.02, le=2)
    max: float = number("highest redshift of a deflector", ge=0.05, le=2)


class SigmaV(_Range):
    """Range of the deflectors' velocity dispersion."""

    min: float = number("km/s, lowest velocity dispersion", ge=50, le=600)
    max: float = number("km/s, highest velocity dispersion", ge=50, le=600)


class SourceRedshift(Section):
    """Range of the sources' redshift."""

    max: float = number("highest redshift of a source", ge=0.5, le=6)


class SourceMagnitude(_Range):
    """Range of the sources' magnitude."""

    min: float = number("mag, brightest unlensed i magnitude of a source", ge=16, le=30)
    max: float = number("mag, faintest unlensed i magnitude of a source", ge=16, le=30)


MASSES = ["sie", "epl"]


class Deflectors(Section):
    """Priors of the deflectors."""

    z_lens: LensRedshift
    sigma_v: SigmaV
    shear: float = number("rms of the external shear", ge=0, le=0.2)
    mass: Annotated[str, AfterValidator(one_of(MASSES))] = Field(
        description="sie: isothermal ellipsoids; epl: elliptical power laws with random slopes",
        json_schema_extra={"enum": MASSES},
    )


class Sources(Section):
    """Priors of the sources."""

    z_source: SourceRedshift
    magnitude_i: SourceMagnitude
    clumpy: float = number("share of sources with a bulge and clumps", ge=0, le=1)


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

    engine: member_of(ENGINES) = Field(
        description="renderer of noise-free images: a folder of lenspipe/simulate/engines"
    )
    block: int = Field(
        ge=CHUNK, le=65536, multiple_of=CHUNK, description=f"objects per task, in whole chunks of {CHUNK}"
    )
    keep_planes: bool = Field(description="also store the noise-free planes lens_light and source_light")


class Predict(Section):
    """How networks are applied."""

    batch_size: int = Field(ge=1, le=65536, description="images per step")
    d4_average: bool = Field(description="average predictions over the eight rotations and mirror images")
    d4_share: float = number(
        "share of images like validation that get all eight, those that rank highest; the others two", gt=0, le=1
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
    prevalence: float = number("lenses per candidate, for the purity version of the headline figure", gt=0, lt=1)
    radius_bins: Annotated[list[Annotated[float, Field(ge=0, le=20, strict=False)]], AfterValidator(_increasing)] = (
        Field(min_length=2, description="arcsec, edges of the bins in Einstein radius")
    )
    confidence: float = number("confidence level of all intervals", gt=0, lt=1)


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
    nodes: int = Field(ge=1, le=64, description="nodes of a Slurm cluster that train one network together")
    processes: int = Field(
        ge=1,
        le=64,
        description="on each node that train one network together, each on a GPU or a share of the CPUs",
    )
    gpus: int = Field(ge=0, le=16, description="GPUs to request for prediction and for each node of a training")


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
    train: Annotated[dict[str, Training], AfterValidator(check_trainings)] = Field(
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

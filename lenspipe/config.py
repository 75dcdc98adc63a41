"""Settings: declared once, with type, unit, range and meaning. Their values live in config/config.yaml alone.

Science modules never see this module: the command line takes settings apart and hands on flat named arguments.
"""

import difflib
import itertools
import json
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, create_model, model_validator

from lenspipe.errors import InputError

DEFAULTS = "config/config.yaml"
CHUNK = 256  # objects per chunk of the image store: a block is whole chunks


def members(family):
    """Names in a family that is a folder of this package: those of its files."""
    folder = Path(__file__).parent / family
    return sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_"))


def _member_of(family):
    def check(name):
        names = members(family)
        if name not in names:
            raise ValueError(f"{name!r} is not known{_nearest(name, names)}; there are {', '.join(names)}")
        return name

    return Annotated[str, AfterValidator(check), Field(json_schema_extra={"enum": members(family)})]


def _nearest(name, names):
    close = difflib.get_close_matches(str(name), names, n=1, cutoff=0.5)
    return f", did you mean {close[0]!r}?" if close else ""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, strict=True)


Number = Annotated[float, Field(strict=False)]


def _number(unit_and_meaning, **bounds):
    return Field(description=unit_and_meaning, strict=False, **bounds)


class Counts(_Section):
    train: int = Field(ge=16, le=10**8, description="number of objects to train on")
    val: int = Field(ge=16, le=10**8, description="number of objects to choose the epoch and the thresholds on")
    test: int = Field(ge=16, le=10**8, description="number of objects that every rate is measured on")


class LensFraction(_Section):
    train: float = _number("share of lenses", gt=0, lt=1)
    val: float = _number("share of lenses", gt=0, lt=1)
    test: float = _number("share of lenses", gt=0, lt=1)


class _Range(_Section):
    @model_validator(mode="after")
    def _ordered(self):
        if self.min >= self.max:
            raise ValueError(f"min {self.min:g} is not below max {self.max:g}; make min smaller")
        return self


class ThetaE(_Range):
    min: float = _number("arcsec, smallest Einstein radius", ge=0.05, le=10)
    max: float = _number("arcsec, largest Einstein radius", ge=0.1, le=10)


class LensRedshift(_Range):
    min: float = _number("lowest redshift of a deflector", ge=0.02, le=2)
    max: float = _number("highest redshift of a deflector", ge=0.05, le=2)


class SigmaV(_Range):
    min: float = _number("km/s, lowest velocity dispersion", ge=50, le=600)
    max: float = _number("km/s, highest velocity dispersion", ge=50, le=600)


class SourceRedshift(_Section):
    max: float = _number("highest redshift of a source", ge=0.5, le=6)


class SourceMagnitude(_Range):
    min: float = _number("mag, brightest unlensed i magnitude of a source", ge=16, le=30)
    max: float = _number("mag, faintest unlensed i magnitude of a source", ge=16, le=30)


class Deflectors(_Section):
    z_lens: LensRedshift
    sigma_v: SigmaV
    shear: float = _number("rms of the external shear", ge=0, le=0.2)


class Sources(_Section):
    z_source: SourceRedshift
    magnitude_i: SourceMagnitude


def _shares(shares):
    names = [n for n in members("population/kinds") if n != "lens"]
    for name, share in shares.items():
        if name not in names:
            raise ValueError(f"{name!r} is no kind of non-lens{_nearest(name, names)}; there are {', '.join(names)}")
        if not share >= 0:
            raise ValueError(f"share {share} of {name!r} is negative; give 0 or more")
    if not sum(shares.values()) > 0:
        raise ValueError("all shares are zero; give at least one kind a share")
    return shares


class Population(_Section):
    counts: Counts
    lens_fraction: LensFraction
    theta_E: ThetaE
    deflectors: Deflectors
    sources: Sources
    non_lenses: Annotated[dict[str, Number], AfterValidator(_shares)] = Field(
        description="share of each kind among the non-lenses; normalised"
    )

    @model_validator(mode="after")
    def _consistent(self):
        if self.deflectors.z_lens.max >= self.sources.z_source.max:
            raise ValueError(
                f"deflectors.z_lens.max {self.deflectors.z_lens.max:g} is not below "
                f"sources.z_source.max {self.sources.z_source.max:g}; lower the first"
            )
        return self


class Simulate(_Section):
    block: int = Field(
        ge=CHUNK, le=65536, multiple_of=CHUNK, description=f"objects per task, in whole chunks of {CHUNK}"
    )
    keep_planes: bool = Field(description="also store the noise-free planes lens_light and source_light")


class Network(_Section):
    network: _member_of("models/networks") = Field(description="architecture")
    epochs: int = Field(ge=1, le=10000, description="passes over the training set")
    batch_size: int = Field(ge=2, le=65536, description="images per step")
    learning_rate: float = _number("peak step size of AdamW", gt=0, le=1)
    weight_decay: float = _number("of AdamW", ge=0, le=1)
    ema_decay: float = _number("per step, of the running mean of the weights; 0 switches it off", ge=0, lt=1)
    max_shift: int = Field(ge=0, le=10, description="pixels, largest random shift in training")


class Train(_Section):
    classifier: Network
    regressor: Network


class Predict(_Section):
    batch_size: int = Field(ge=1, le=65536, description="images per step")
    d4_average: bool = Field(description="average over the eight rotations and mirror images")


def _increasing(values):
    if any(b <= a for a, b in itertools.pairwise(values)):
        raise ValueError("the values must increase")
    return values


class Diagnose(_Section):
    thresholds: list[Annotated[float, Field(gt=0, lt=1, strict=False)]] = Field(
        min_length=1, description="false-positive rates on validation that set the score thresholds, beside score 0.5"
    )
    prevalence: float = _number("lenses per candidate for the purity form of the headline figure", gt=0, lt=1)
    radius_bins: Annotated[list[Annotated[float, Field(ge=0, le=20, strict=False)]], AfterValidator(_increasing)] = (
        Field(min_length=2, description="arcsec, edges of the bins of radius")
    )
    confidence: float = _number("of every interval", gt=0, lt=1)


class Settings(_Section):
    run: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", description="results go to results/<run>/")
    seed: int = Field(ge=0, lt=2**63, description="everything random follows from it")
    survey: _member_of("surveys") = Field(description="camera, depth and seeing")
    bands: list[str] = Field(min_length=1, description="bands of the survey, in the order of the images")
    num_pix: int = Field(ge=16, le=256, description="pixels, side of a stamp")
    population: Population
    simulate: Simulate
    train: Train
    predict: Predict
    diagnose: Diagnose

    @model_validator(mode="after")
    def _distinct_bands(self):
        if len(set(self.bands)) < len(self.bands):
            raise ValueError("bands: a band is named twice; name it once")
        return self


# What each stage's results depend on: the shared keys that it uses and its own section.
STAGES = {
    "population": ("seed", "survey", "bands", "population"),
    "simulate": ("seed", "survey", "bands", "num_pix", "simulate"),
    "train_classifier": ("seed", "train.classifier"),
    "train_regressor": ("seed", "train.regressor"),
    "predict": ("predict",),
    "diagnose": ("seed", "bands", "diagnose"),
    "report": tuple(Settings.model_fields),
}


def defaults_path():
    """config/config.yaml here, or else in the checkout that this package is installed from."""
    beside = Path(__file__).parents[1] / DEFAULTS
    return Path(DEFAULTS) if Path(DEFAULTS).exists() or not beside.exists() else beside


def read_yaml(path):
    """One settings file as a dict."""
    try:
        values = yaml.safe_load(Path(path).read_text())
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); give an existing settings file") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise InputError(f"{path}{where}: is not valid YAML; check colons, indentation and brackets there") from None
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise InputError(f"{path}: holds {type(values).__name__} instead of key: value lines; see {DEFAULTS}")
    return values


def merge(*layers):
    """Later dicts over earlier ones, section by section."""
    merged = {}
    for layer in layers:
        for key, value in layer.items():
            both = isinstance(value, dict) and isinstance(merged.get(key), dict)
            merged[key] = merge(merged[key], value) if both else value
    return merged


def check(values, sources=()):
    """Settings from a merged dict.

    Parameters
    ----------
    values : dict
    sources : sequence of (str, dict)
        Where the values came from, later over earlier: named in messages.

    Raises
    ------
    InputError
        With the key, the file, what is wrong and what to do.
    """
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        problems = error.errors()
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise InputError(_explain(problems[0], values, sources) + more) from None


def load(files):
    """Settings from files, later ones over earlier ones."""
    sources = [(str(path), read_yaml(path)) for path in files]
    return check(merge(*(values for _, values in sources)), sources)


def stage_settings(settings, stage):
    """What a stage's results depend on, as a dict: shared keys and its own section."""
    values = settings.model_dump(mode="json")
    picked = {}
    for key in STAGES[stage]:
        value = values
        for part in key.split("."):
            value = value[part]
        picked[key.rpartition(".")[2]] = value
    return picked


def read_stage(path, stage):
    """Settings of one stage, from its file in results/<run>/settings/ or from a complete settings file.

    Returns
    -------
    dict
        As ``stage_settings``.
    """
    values = read_yaml(path)
    if "run" in values and stage != "report":
        return stage_settings(check(values, [(str(path), values)]), stage)
    fields = {key.rpartition(".")[2]: (_field_at(key).rebuild_annotation(), ...) for key in STAGES[stage]}
    model = create_model(stage, __base__=_Section, **fields)
    try:
        return model.model_validate(values).model_dump(mode="json")
    except ValidationError as error:
        raise InputError(_explain(error.errors()[0], values, [(str(path), values)])) from None


def schema():
    """The settings as JSON schema, text."""
    return json.dumps(Settings.model_json_schema(), indent=2) + "\n"


def explain():
    """Every setting, a line each: name, type and range, meaning."""
    return "".join(f"{name:34} {kind:28} {meaning}\n" for name, kind, meaning in _rows(Settings, ""))


def _rows(section, prefix):
    for name, field in section.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _rows(kind, f"{prefix}{name}.")
        else:
            limits = " ".join(
                f"{sign} {getattr(rule, key)}"
                for rule in field.metadata
                for key, sign in (("ge", ">="), ("gt", ">"), ("le", "<="), ("lt", "<"))
                if hasattr(rule, key)
            )
            yield f"{prefix}{name}", f"{getattr(kind, '__name__', kind)} {limits}".strip(), field.description or ""


def _explain(problem, values, sources):
    keys = [str(key) for key in problem["loc"]]
    where = _where(keys, sources)
    name = ".".join(keys)
    match problem["type"]:
        case "extra_forbidden":
            return f"{name}: unknown setting ({where}){_nearest(keys[-1], _fields_at(keys[:-1]))}"
        case "missing":
            return f"{name}: missing ({where}); {DEFAULTS} shows it"
        case "value_error":
            return f"{name + ': ' if name else ''}{problem['ctx']['error']} ({where})"
        case "string_pattern_mismatch":
            return f"{name}: {problem['input']!r} is no plain name; use letters, digits, dots, dashes ({where})"
        case _:
            expected = problem["msg"].removeprefix("Input should be ").removeprefix("a valid ")
            return f"{name}: {_short(problem['input'])} is wrong, should be {expected} ({where})"


def _short(value):
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _where(keys, sources):
    """The last source that says anything at the place, or at the nearest place above it."""
    for depth in range(len(keys), -1, -1):
        for name, values in reversed(sources):
            if _has(values, keys[:depth]):
                return name
    return "settings"


def _has(values, keys):
    for key in keys:
        if not isinstance(values, dict) or key not in values:
            return False
        values = values[key]
    return True


def _field_at(key):
    section: Any = Settings
    for part in key.split("."):
        field = section.model_fields[part]
        section = field.annotation
    return field


def _fields_at(keys):
    """Names of the settings in a section."""
    section: Any = Settings
    for key in keys:
        field = section.model_fields.get(key)
        section = field.annotation if field else None
        if not (isinstance(section, type) and issubclass(section, BaseModel)):
            return []
    return list(section.model_fields)

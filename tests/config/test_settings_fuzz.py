"""Whatever stands in a settings file: good settings or one line, never a traceback."""

import copy
import json
from datetime import timedelta
from functools import reduce

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lenspipe import config
from lenspipe.cli._priors import priors_from
from lenspipe.cli.settings import load, load_for_workflow
from lenspipe.columns import catalog_columns
from lenspipe.config import Settings
from lenspipe.errors import InputError
from lenspipe.population.catalog import draw_catalog

COUNT = 40  # objects that accepted settings must be able to draw
QUIET = {
    "derandomize": True,
    "deadline": timedelta(minutes=2),
    "database": None,
    "suppress_health_check": list(HealthCheck),
}
DEFAULTS = yaml.safe_load(config.defaults_path().read_text())
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.dates()
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=6) | st.sampled_from(list(DEFAULTS)), inner, max_size=3)
        | st.dictionaries(st.integers() | st.none(), inner, max_size=2)
    ),
    max_leaves=6,
)


def places(values, above=()):
    """Every place in nested dicts and lists, as a tuple of keys."""
    inner = values.items() if isinstance(values, dict) else enumerate(values) if isinstance(values, list) else ()
    for key, value in inner:
        yield (*above, key)
        yield from places(value, (*above, key))


PLACES = sorted(places(DEFAULTS), key=str)


@st.composite
def mutated(draw, values):
    """The good settings, with something else at up to three places."""
    mutant = copy.deepcopy(DEFAULTS)
    for place in draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=3)):
        put(mutant, place, draw(values))
    return mutant


def put(values, place, new):
    """Set what is at a place, unless an earlier mutation took the place away."""
    for key in place[:-1]:
        if not holds(values, key):
            return
        values = values[key]
    if isinstance(values, dict) or holds(values, place[-1]):
        values[place[-1]] = new


def holds(values, key):
    if isinstance(values, list):
        return isinstance(key, int) and key < len(values)
    return isinstance(values, dict) and key in values


def judged(function, *arguments):
    """The settings, or None for a refusal in one line."""
    try:
        good = function(*arguments)
    except InputError as error:
        assert str(error).strip() and len(str(error).splitlines()) == 1, repr(str(error))
        return None
    assert isinstance(good, Settings)
    return good


@settings(max_examples=150, **QUIET)
@given(values=ANYTHING | mutated(ANYTHING))
@example(values={"two\x1elines": None})
def test_any_values_are_settings_or_get_one_line(tmp_path_factory, values):
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(yaml.safe_dump(values))
    judged(load, [config.defaults_path(), path])
    judged(load, [path])


TRAPS = ["seed: 2024-13-45", "seed: " + "1" * 5000, "[" * 3000, "run: &a [*a]", "population: &a {counts: *a}"]
TRAPS += ["? [1]\n: 2", "!!python/name:os.x", "1: 2", "run: *b", "--- 1\n--- 2"]


def with_traps(test):
    for text in TRAPS:
        test = example(text=text)(test)
    return test


@settings(max_examples=150, **QUIET)
@with_traps
@given(text=st.text(max_size=40) | st.binary(max_size=40))
def test_any_text_is_settings_or_gets_one_line(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    judged(load, [config.defaults_path(), path])


@settings(max_examples=100, **QUIET)
@given(values=mutated(ANYTHING))
@example(values={"run": "2024-13-45", "population": {"counts": {"train": "1" * 5000}}})
def test_any_overrides_of_the_workflow_are_settings_or_get_one_line(values, capsys):
    """Snakemake hands on a dict; a wrong one ends it with status 2."""
    if not isinstance(values, dict):
        return
    try:
        assert isinstance(load_for_workflow(values, [config.defaults_path()]), Settings)
    except SystemExit as end:
        assert end.code == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


def value_at(place):
    return reduce(lambda values, key: values[key], place, DEFAULTS)


def numbers_near(place):
    """A number as it may stand at a place, good or not."""
    old = value_at(place)
    if isinstance(old, int):
        return st.integers(0, 4 * old + 4)
    return st.floats(0, 6 * old + 0.1) | st.sampled_from([0.0, old / 100, old * 1.001])


POPULATION = [
    place
    for place in PLACES
    if place[0] == "population" and len(place) > 2 and isinstance(value_at(place), int | float)
]


@st.composite
def populations(draw):
    mutant = copy.deepcopy(DEFAULTS)
    for place in draw(st.lists(st.sampled_from(POPULATION), min_size=1, max_size=4)):
        put(mutant, place, draw(numbers_near(place)))
    mutant["bands"] = draw(st.lists(st.sampled_from("griz"), min_size=1, unique=True))
    return mutant


@pytest.mark.slow
@settings(max_examples=60, **QUIET)
@given(values=populations())
def test_settings_that_are_accepted_can_be_drawn(tmp_path_factory, values):
    path = tmp_path_factory.getbasetemp() / "population.json"
    path.write_text(json.dumps(values))
    good = judged(load, [path])
    if good is None:
        return
    said = good.population.model_dump()
    priors = priors_from(good.survey, good.bands, said, good.num_pix)
    catalog = draw_catalog(
        "val",
        COUNT,
        lens_fraction=said["lens_fraction"]["val"],
        non_lenses=said["non_lenses"],
        seed=good.seed,
        priors=priors,
    )
    assert list(catalog) == [column.name for column in catalog_columns(good.bands)]
    lenses = catalog[catalog["is_lens"]]
    assert lenses["theta_E"].between(priors.theta_E_min, priors.theta_E_max).all()
    assert lenses["sigma_v"].between(priors.sigma_v_min * 0.999, priors.sigma_v_max * 1.001).all()

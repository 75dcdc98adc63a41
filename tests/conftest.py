"""Shared by the tests: small catalogues and stores, made once."""

from pathlib import Path

import pytest

from lenspipe.config import load

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root():
    """The project's own folder."""
    return ROOT


@pytest.fixture(scope="session")
def settings():
    """The default settings, as a dict."""
    return load([ROOT / "config" / "config.yaml"]).model_dump()


@pytest.fixture(scope="session")
def default_priors(settings):
    """The population's priors of the default settings."""
    from lenspipe.cli._priors import priors_from

    return priors_from(settings["survey"], settings["bands"], settings["population"])


@pytest.fixture(scope="session")
def realdata():
    """Real survey data and others' numbers, kept beside the project."""
    folder = ROOT.parent / "shared" / "realdata"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here")
    return folder

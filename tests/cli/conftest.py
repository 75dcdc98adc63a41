"""Shared by the tests of commands."""

import pytest

from lenspipe.figures import FIGURES


@pytest.fixture
def few_figures():
    """Every figure is written by the same lines: that each is drawn is tested in tests/plots."""
    registry = dict(FIGURES)
    for name in registry.keys() - {"roc", "twins", "gallery"}:
        del FIGURES[name]
    yield
    FIGURES.clear()
    FIGURES.update(registry)  # in its order, which the report follows

"""Shared by the tests of commands."""

import pytest

from lenspipe.figures import FIGURES


@pytest.fixture
def few_figures(monkeypatch):
    """Every figure is written by the same lines: that each is drawn is tested in tests/plots."""
    for name in set(FIGURES) - {"roc", "twins", "gallery"}:
        monkeypatch.delitem(FIGURES, name)

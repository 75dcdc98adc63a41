"""Every figure is drawn from its tables alone."""

import shutil

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import imread

from lenspipe import plots
from lenspipe.plots import stage_times
from lenspipe.plots._style import STYLE

DRAWN_AXES_WITHOUT_TICKS = {"feature_maps", "examples"}  # pictures


def drawn(name, tables_dir):
    function, files = plots.FIGURES[name]
    with matplotlib.rc_context(STYLE):
        figure = Figure(layout="constrained")
        FigureCanvasAgg(figure)
        function(figure, *(plots._read(tables_dir / file) for file in files))
        figure.canvas.draw()
    return figure


@pytest.mark.parametrize("name", plots.FIGURES)
def test_a_figure_needs_its_own_tables_and_nothing_else(name, small_run, tmp_path):
    for file in plots.FIGURES[name][1]:
        shutil.copy(small_run / "tables" / file, tmp_path)
    assert plots.draw(tmp_path, tmp_path / "figures") == [name]
    pixels = imread(tmp_path / "figures" / f"{name}.png")
    assert min(pixels.shape[:2]) > 300 and np.std(pixels[..., :3]) > 0.02
    assert (tmp_path / "figures" / f"{name}.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("name", [name for name in plots.FIGURES if name not in DRAWN_AXES_WITHOUT_TICKS])
def test_every_panel_says_what_its_axes_are(name, small_run):
    figure = drawn(name, small_run / "tables")
    panels = [ax for ax in figure.axes if ax.has_data() and ax.axison]
    assert panels
    bottom = {ax.get_subplotspec().colspan.start for ax in panels if ax.get_xlabel()}
    assert bottom == {ax.get_subplotspec().colspan.start for ax in panels}, "a column of panels without label"
    assert any(ax.get_ylabel() for ax in panels)


@pytest.mark.parametrize("name", plots.FIGURES)
def test_the_same_tables_give_the_same_bytes(name, small_run, tmp_path):
    for file in plots.FIGURES[name][1]:
        shutil.copy(small_run / "tables" / file, tmp_path)
    for folder in ("a", "b"):
        plots.draw(tmp_path, tmp_path / folder)
    for ending in (".png", ".pdf"):
        assert (tmp_path / f"a/{name}{ending}").read_bytes() == (tmp_path / f"b/{name}{ending}").read_bytes()


def test_a_figure_whose_table_is_gone_is_removed(small_run, tmp_path):
    shutil.copytree(small_run / "tables", tmp_path / "tables")
    plots.draw(tmp_path / "tables", tmp_path / "figures")
    (tmp_path / "tables" / "roc.csv").unlink()
    assert "roc" not in plots.draw(tmp_path / "tables", tmp_path / "figures")
    assert not (tmp_path / "figures" / "roc.png").exists() and (tmp_path / "figures" / "examples.png").exists()


def test_stage_times_has_a_bar_and_its_number_for_all_that_was_measured():
    part = {"stage": "simulate_part", "part": "1-of-2", "seconds": 90.0, "cpu_seconds": 171.0, "memory_mb": 1234.0}
    quick = {"stage": "population", "part": np.nan, "seconds": 6.6, "cpu_seconds": np.nan, "memory_mb": np.nan}
    figure = Figure()
    stage_times.draw(figure, pd.DataFrame([part, quick]))
    left, right = figure.axes
    assert [label.get_text() for label in left.get_yticklabels()] == ["simulate part 1 of 2", "population"]
    assert [text.get_text() for text in left.texts] == ["1.5", "0.11", "2.9", ""]
    assert [text.get_text() for text in right.texts] == ["1.2", ""]
    assert [bar.get_width() for bar in left.patches] == pytest.approx([1.5, 0.11, 2.85, 0])
    assert "[minutes]" in left.get_xlabel() and "[GB]" in right.get_xlabel()

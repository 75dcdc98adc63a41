"""Every figure is drawn from its tables alone."""

import shutil
from functools import cache

import grids
import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import imread

from lenspipe.figures import FIGURES, figures_of
from lenspipe.labels import label_of
from lenspipe.plots import attribution, false_positives_vs_radius, population, stage_times
from lenspipe.plots._style import STYLE
from lenspipe.plots.drawing import draw, drawing_of, read_drawn

OF_RUN = figures_of("explain", "diagnose", available=["twins", "kinds"])
DRAWN_AXES_WITHOUT_TICKS = {"attribution", "feature_maps", "examples", "gallery"}  # pictures


def drawn(name, tables_dir):
    """The figure of the tables that exist."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(layout="constrained")
        FigureCanvasAgg(figure)
        files = [tables_dir / file for file in FIGURES[name].tables]
        drawing_of(name)(figure, *(read_drawn(file) if file.exists() else None for file in files))
        figure.canvas.draw()
    return figure


@pytest.fixture(scope="module")
def drawn_alone(small_run, tmp_path_factory):
    """A function: the figures that are drawn where only one figure's tables are, and their folder; drawn once."""

    @cache
    def alone(name):
        folder = tmp_path_factory.mktemp(name)
        for file in FIGURES[name].tables:
            shutil.copy(small_run / "tables" / file, folder)
        return draw(folder, folder / "figures", OF_RUN), folder / "figures"

    return alone


@pytest.mark.parametrize("name", OF_RUN)
def test_a_figure_needs_its_own_tables_and_nothing_else(name, drawn_alone):
    names, folder = drawn_alone(name)
    of_the_same_table = {"false_positives_vs_radius", "false_positives_at_thresholds"}
    also = of_the_same_table if name in of_the_same_table else {name}
    assert set(names) == also
    pixels = imread(folder / f"{name}.png")
    assert min(pixels.shape[:2]) > 300 and np.std(pixels[..., :3]) > 0.02
    assert (folder / f"{name}.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("name", [name for name in OF_RUN if name not in DRAWN_AXES_WITHOUT_TICKS])
def test_every_panel_says_what_its_axes_are(name, small_run):
    figure = drawn(name, small_run / "tables")
    panels = [ax for ax in figure.axes if ax.has_data() and ax.axison and ax.get_subplotspec()]  # no colour bars
    assert panels
    bottom = {ax.get_subplotspec().colspan.start for ax in panels if ax.get_xlabel()}
    assert bottom == {ax.get_subplotspec().colspan.start for ax in panels}, "a column of panels without label"
    assert any(ax.get_ylabel() for ax in panels)


@pytest.mark.parametrize("name", OF_RUN)
def test_the_same_tables_give_the_same_bytes(name, small_run, drawn_alone):
    for ending in (".png", ".pdf"):
        again, first = drawn_alone(name)[1] / f"{name}{ending}", small_run / "figures" / f"{name}{ending}"
        assert again.read_bytes() == first.read_bytes()


def test_the_headline_shows_three_pooled_curves_at_the_strictest_threshold(small_run):
    table = pd.read_csv(small_run / "tables" / "false_positives_vs_radius.csv")
    strictest = table[table["threshold_name"] == "FPR 0.01 on validation"]
    panels = [ax for ax in drawn("false_positives_vs_radius", small_run / "tables").axes if not ax.images]
    for ax, kind in zip(panels, ("pooled", "lens", "all"), strict=True):
        rows = strictest[(strictest["kind"] == kind) & (strictest["trials"] > 0)]
        np.testing.assert_allclose(ax.lines[0].get_ydata(), 100 * rows["rate"])
        assert f"{strictest.loc[strictest['kind'] == kind, 'trials'].sum():,}" in ax.texts[0].get_text()
        assert ax.get_title(loc="left") and "[arcsec]" in ax.get_xlabel() and "[%]" in ax.get_ylabel()


def test_the_headline_s_stamps_have_their_score_and_radius_and_are_left_out_without_images(small_run, tmp_path):
    shutil.copy(small_run / "tables" / "false_positives_vs_radius.csv", tmp_path)
    assert [ax for ax in drawn("false_positives_vs_radius", tmp_path).axes if ax.images] == []
    with np.load(small_run / "tables" / "false_positives_vs_radius.npz") as arrays:
        shown = [ax for ax in drawn("false_positives_vs_radius", small_run / "tables").axes if ax.images]
        for ax, score, radius in zip(shown, arrays["score"], arrays["radius"], strict=True):
            assert f"score {score:.3f}" in ax.get_xlabel() and f"{radius:.2f}″" in ax.get_xlabel()
    assert shown[0].get_title() == "Found lens"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("FPR 0.01 on validation", "Called a lens: score above 0.7, which 1 % of the non-lenses of validation exceed"),
        ("score 0.5", "Called a lens: score above 0.7"),
    ],
)
def test_a_threshold_is_described_in_words(name, text):
    assert false_positives_vs_radius.describe_threshold(name, 0.7) == text


def test_the_headline_is_not_at_score_one_half_where_a_threshold_has_a_false_positive_rate(small_run, tmp_path):
    table = pd.read_csv(small_run / "tables" / "false_positives_vs_radius.csv")
    table.loc[table["threshold_name"] == "score 0.5", "threshold"] = 1.0
    table.to_csv(tmp_path / "false_positives_vs_radius.csv", index=False)
    title = drawn("false_positives_vs_radius", tmp_path).subfigs[0].get_suptitle()
    assert "which 1 % of the non-lenses of validation exceed" in title


def test_every_threshold_and_kind_has_its_curve(small_run):
    table = pd.read_csv(small_run / "tables" / "false_positives_vs_radius.csv")
    axes = drawn("false_positives_at_thresholds", small_run / "tables").axes
    names = table["threshold_name"].unique()
    assert len(axes) % len(names) == 0 and all(
        n in ax.get_title(loc="left") for n, ax in zip(names, axes, strict=False)
    )
    legends = " ".join(text.get_text() for ax in axes if ax.get_legend() for text in ax.get_legend().get_texts())
    kinds = set(table.loc[table["form"] == "false_positive_rate", "kind"]) - {"pooled"}
    assert len(kinds) == 11 and all(f"{label_of(kind)} (" in legends for kind in kinds)


def test_a_figure_whose_table_is_gone_is_removed(small_run, tmp_path):
    shutil.copytree(small_run / "tables", tmp_path / "tables")
    assert draw(tmp_path / "tables", tmp_path / "figures", ["roc", "reliability"]) == ["roc", "reliability"]
    (tmp_path / "tables" / "roc.csv").unlink()
    assert draw(tmp_path / "tables", tmp_path / "figures", ["roc", "reliability"]) == ["reliability"]
    assert {path.name for path in (tmp_path / "figures").iterdir()} == {"reliability.png", "reliability.pdf"}


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


def test_a_grid_is_drawn_with_every_network_size_and_seed(small_run, tmp_path):
    made_of = (["cnn", "resnet"], [256, 512], [1, 2, 3])
    grids.write(small_run, tmp_path, *made_of)
    figure = drawn("grid", grids.compared(tmp_path, *made_of))
    *against_size, against_radius = figure.axes
    assert len(against_size) == 7 and all(ax.get_title(loc="left") and ax.get_xlabel() for ax in figure.axes)
    points = [line for line in against_size[0].lines if line.get_linestyle() == "None" and len(line.get_xdata()) == 6]
    assert len(points) == 4, "two networks, all lenses and the discoverable ones"
    assert len(against_radius.collections) == 4, "a band and an interval for each network"
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert {"cnn", "resnet", "standard deviation over 3 seeds"} <= set(texts)


def test_a_grid_of_one_seed_and_size_is_drawn_and_says_that_no_spread_is_known(small_run, tmp_path):
    grids.write(small_run, tmp_path, ["cnn"], [256], [1])
    figure = drawn("grid", grids.compared(tmp_path, ["cnn"], [256], [1]))
    assert "one seed: its spread is not known" in [text.get_text() for text in figure.legends[0].get_texts()]


def test_a_run_s_figures_and_its_grid_s_leave_each_other_alone(small_run, tmp_path):
    grids.write(small_run, tmp_path, ["cnn"], [256], [1])
    tables, figures = grids.compared(tmp_path, ["cnn"], [256], [1]), tmp_path / "figures"
    assert draw(tables, figures, figures_of("grid")) == ["grid"]
    assert draw(small_run / "tables", figures, ["roc", "reliability"]) == ["roc", "reliability"]
    assert {path.stem for path in figures.iterdir()} == {"grid", "roc", "reliability"}
    (tables / "grid.csv").unlink()
    assert draw(tables, figures, figures_of("grid")) == []
    assert {path.stem for path in figures.iterdir()} == {"roc", "reliability"}


def test_completeness_against_arc_snr_draws_every_threshold_and_writes_in_every_cell_that_holds_lenses(small_run):
    table = pd.read_csv(small_run / "tables" / "completeness_vs_arc_snr.csv")
    assert set(table["prior"]) == {"training prior"}, "the small run has too few lenses for the survey's"
    curves, _, cells, _ = drawn("completeness_vs_arc_snr", small_run / "tables").axes
    texts = " ".join(text.get_text() for text in curves.get_legend().get_texts())
    assert all(name in texts for name in table["threshold_name"].unique())
    rows = table[(table["panel"] == "map") & (table["trials"] > 0)]
    few = [f"n={n:.0f}" for n in rows.loc[rows["trials"] < 10, "trials"]]
    assert len(cells.texts) == len(rows)
    assert sorted(text.get_text() for text in cells.texts if "n=" in text.get_text()) == sorted(few)


def test_with_the_survey_s_prior_there_is_a_second_row_of_completeness_and_a_second_reliability(small_run, tmp_path):
    for name in ("completeness_vs_arc_snr", "reliability"):
        table = pd.read_csv(small_run / "tables" / f"{name}.csv")
        both = pd.concat([table, table.assign(prior="survey prior", trials=table["trials"] / 2)])
        both.to_csv(tmp_path / f"{name}.csv", index=False)
    axes = drawn("completeness_vs_arc_snr", tmp_path).axes
    titles = [ax.get_legend().get_title().get_text() for ax in axes if ax.get_ylabel() == "completeness"]
    assert len(axes) == 8 and titles == ["training prior", "survey prior"]
    above, below = drawn("reliability", tmp_path).axes
    texts = " ".join(text.get_text() for text in above.get_legend().get_texts())
    assert "training prior" in texts and "survey prior" in texts
    (small,) = {
        text.get_text()
        for text in drawn("reliability", small_run / "tables").axes[1].get_legend().get_texts()
        if "non" not in text.get_text()
    }
    assert small in [text.get_text() for text in below.get_legend().get_texts()]  # counts are of the objects as drawn


def test_purity_is_drawn_whole_only_where_five_false_positives_are_left(small_run):
    table = pd.read_csv(small_run / "tables" / "purity_vs_completeness.csv")
    ax = drawn("purity_vs_completeness", small_run / "tables").axes[0]
    rows = table[(table["prior"] == "training prior") & (table["false_positives"] >= 5)]
    whole = [line for line in ax.lines if line.get_linestyle() == "-" and len(line.get_xdata())]
    assert len(whole) == rows["prevalence"].nunique()
    for line in whole:
        assert set(line.get_ydata()) <= set(rows["purity"]) and len(line.get_ydata()) > 5


def test_the_gallery_labels_each_of_its_stamps(small_run):
    with np.load(small_run / "tables" / "gallery.npz") as arrays:
        scores = [f"{score:.3f}" for score in arrays["score"]]
    titles = [ax.get_title() for ax in drawn("gallery", small_run / "tables").axes if ax.images]
    assert len(titles) == len(scores) and all(s in t for s, t in zip(scores, titles, strict=True))


def test_reliability_draws_the_shares_and_counts_of_its_table(small_run):
    table = pd.read_csv(small_run / "tables" / "reliability.csv")
    above, below = drawn("reliability", small_run / "tables").axes
    known = table[(table["trials"] > 0) & (table["prior"] == "training prior")]
    drawn_shares = {xy for line in above.lines for xy in zip(*line.get_data(), strict=True)}
    assert set(zip(known["score"], known["rate"], strict=True)) <= drawn_shares
    assert f"{known['events'].sum():,.0f} lenses" in [text.get_text() for text in below.get_legend().get_texts()]


@pytest.mark.parametrize("name", ["regression_calibration", "regression_residuals"])
def test_figures_of_the_regressor_draw_each_prior_of_their_table(name, small_run):
    table = pd.read_csv(small_run / "tables" / f"{name}.csv")
    figure = drawn(name, small_run / "tables")
    texts = " ".join(text.get_text() for text in figure.legends[0].get_texts())
    assert all(prior in texts for prior in table["prior"].unique()) and len(figure.axes) in (3, 5, 6)


def test_kinds_are_drawn_with_every_rate_of_the_table_as_a_number(small_run):
    table = pd.read_csv(small_run / "tables" / "false_positives_by_kind.csv").query("kind != 'lens'")
    axes = drawn("false_positives_by_kind", small_run / "tables").axes
    assert len(axes) == len(table[["prior", "completeness"]].drop_duplicates())
    texts = sorted(text.get_text() for ax in axes for text in ax.texts)
    assert texts == sorted(f"{rate:.2g}" for rate in table["rate"])


def test_population_draws_the_forecast_s_median_in_every_panel(small_run):
    table = pd.read_csv(small_run / "tables" / "population.csv")
    axes = drawn("population", small_run / "tables").axes
    medians = table[(table["sample"] == "forecast") & (table["from"] == 0.5)].set_index("quantity")["value"]
    assert len(axes) == 9
    for ax, name in zip(axes, population.LABELS, strict=True):
        ticks = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "|"]
        assert ticks[-1] == medians[name] and len(ticks) == table["sample"].nunique()


def test_attribution_draws_each_population_s_shares_and_scores(small_run):
    table = pd.read_csv(small_run / "tables" / "attribution.csv")
    figure = drawn("attribution", small_run / "tables")
    with np.load(small_run / "tables" / "attribution.npz") as arrays:
        assert sum(bool(ax.images) for ax in figure.axes) == 2 * len(arrays["id"])
    shares, scores = figure.axes[-2:]
    for ax, measures in ((shares, attribution.SHARES), (scores, attribution.SCORES)):
        points = {line.get_xdata()[0] for line in ax.lines if len(line.get_xdata()) == 1}
        assert set(table.loc[table["measure"].isin(measures), "value"]) <= points
    assert len(scores.texts) == table["population"].nunique()

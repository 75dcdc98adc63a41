"""The notebooks run over the smoke run, and what they compute is what its tables say."""

import json
import os

import numpy as np
import pandas as pd
import pytest

nbclient = pytest.importorskip("nbclient", reason="pip install -e '.[docs]'")
nbformat = pytest.importorskip("nbformat", reason="pip install -e '.[docs]'")

pytestmark = pytest.mark.slow
NOTEBOOKS = ("explore_a_store", "diagnose_a_foreign_finder")


@pytest.fixture
def executed(root, smoke, tmp_path, monkeypatch):
    """A function: execute a notebook on a copy, in an empty folder; values of expressions at its end."""
    monkeypatch.setenv("LENSPIPE_RUN", str(smoke.results))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")]))

    def execute(name, **expressions):
        notebook = nbformat.read(root / "docs" / "notebooks" / f"{name}.ipynb", as_version=4)
        asked = ", ".join(f"{key!r}: {expression}" for key, expression in expressions.items())
        told = f"import json\nprint(json.dumps({{{asked}}}))"
        notebook.cells.append(nbformat.v4.new_code_cell(told))
        place = {"metadata": {"path": str(tmp_path)}}
        nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3", resources=place).execute()
        pictures = sum("image/png" in output.get("data", {}) for cell in notebook.cells for output in outputs_of(cell))
        return json.loads(notebook.cells[-1].outputs[0].text), pictures

    return execute


def outputs_of(cell):
    return cell.get("outputs", [])


def test_notebooks_are_kept_without_outputs_and_without_anybody_s_paths(root):
    assert {path.stem for path in (root / "docs" / "notebooks").glob("*.ipynb")} == set(NOTEBOOKS)
    for name in NOTEBOOKS:
        path = root / "docs" / "notebooks" / f"{name}.ipynb"
        cells = nbformat.read(path, as_version=4).cells
        assert all(not outputs_of(cell) and not cell.get("execution_count") for cell in cells), name
        assert not any(words in path.read_text() for words in ('"/', "/home/", "/Users/", str(root))), name


def test_what_the_store_s_notebook_measures_is_what_the_sky_was_made_with(executed, smoke):
    found, pictures = executed(
        "explore_a_store",
        missing_light="float(missing_light)",
        noise="noise.to_dict('list')",
        snr="snr",
        one="one",
        same="same",
        selected="selected['id'].values.tolist()",
    )
    assert pictures == 3
    assert 0 < found["missing_light"] < 0.3  # a de Vaucouleurs profile reaches beyond the stamp
    np.testing.assert_allclose(found["noise"]["scatter at the edge"], found["noise"]["sky_sigma"], rtol=0.25)
    predictions = pd.read_parquet(smoke.results / "predictions" / "network" / "test.parquet").set_index("id")
    assert found["snr"] == pytest.approx(predictions["arc_snr"][found["one"]], rel=1e-3) and found["same"]
    catalog = pd.read_parquet(smoke.results / "catalog" / "test.parquet").set_index("id")
    wanted = (catalog["theta_E"] > 1.5) & (predictions["arc_snr"] > 20)
    assert found["selected"] == catalog.index[wanted].tolist()


def test_the_foreign_finder_s_table_says_what_its_scores_say(executed, smoke):
    from sklearn.metrics import roc_auc_score

    found, pictures = executed(
        "diagnose_a_foreign_finder",
        score="score.tolist()",
        areas="rows.droplevel(1)['value'].groupby(level=0).first().to_dict()",
        completeness="completeness",
        passed="int(passed.sum())",
    )
    assert pictures == 2
    catalog = pd.read_parquet(smoke.results / "catalog" / "test.parquet")
    score, is_lens = np.array(found["score"]), catalog["is_lens"].to_numpy()
    assert found["areas"]["by hand"] == pytest.approx(roc_auc_score(is_lens, score), abs=1e-6)
    ours = pd.read_csv(smoke.results / "tables" / "summary.csv").set_index("metric")["value"]
    assert found["areas"]["network"] == ours["auroc"].iloc[0]
    assert found["completeness"]["network"] == ours["TPR at FPR 0.1"].iloc[0]
    assert found["passed"] == pytest.approx(0.1 * (~is_lens).sum(), abs=1)
    threshold = np.quantile(score[~is_lens], 0.9)
    assert found["completeness"]["by hand"] == pytest.approx((score[is_lens] > threshold).mean(), abs=0.01)

"""docs/extending.md acted out: its own code is put into a copy of the project, as it says, and used."""

import itertools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pages
import pytest
from scipy import stats

pytestmark = pytest.mark.slow

COPIED = ("Snakefile", "config", "profiles", "workflow", "lenspipe")
SCRIPT = Path(__file__).with_name("extended.py")


@pytest.fixture(scope="module")
def page(root):
    return pages.sections((root / "docs" / "extending.md").read_text())


@pytest.fixture
def acted_out(root, page, tmp_path):
    """A function: apply a section to a copy of the project; what `extended.py` finds there, and the files touched."""
    for name in COPIED:
        kept = shutil.ignore_patterns("*.nbc", "*.nbi", "*.pyc")
        shutil.copytree(root / name, tmp_path / name, ignore=kept) if (root / name).is_dir() else shutil.copy(
            root / name, tmp_path
        )

    def act(heading, what):
        new, touched = [], []
        for language, block in pages.blocks(page[heading]):
            name, text = pages.named(block)
            file = tmp_path / name
            assert file.exists() == (language == "diff"), name
            (touched if file.exists() else new).append(name)
            file.parent.mkdir(exist_ok=True)
            file.write_text(pages.changed(file.read_text(), text) if file.exists() else text)
        command = [sys.executable, str(SCRIPT), what]
        done = subprocess.run(
            command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads((tmp_path / "found.json").read_text()), new, touched

    return act


def test_a_kind_is_drawn_by_the_law_of_all_deflectors_and_its_light_is_where_it_says(acted_out):
    found, new, touched = acted_out("A kind of object", "kind")
    assert new == ["lenspipe/population/kinds/quasar.py"]
    assert touched == ["config/config.yaml"]
    assert found["counts"]["quasar"] == 40 and sum(found["counts"].values()) == 600  # a twelfth of 480 non-lenses
    assert found["empty"] == 0
    for name, (deflectors, quasars) in found["laws"].items():
        assert stats.ks_2samp(deflectors, quasars).pvalue > 1e-3, name
    assert found["distance"] == pytest.approx(found["radius"], abs=0.2)  # to within the pixel
    assert found["magnitude"] == pytest.approx(found["magnitude_said"], abs=0.15)  # what leaves the stamp


def test_a_survey_s_images_are_as_deep_as_its_file_says(acted_out):
    found, new, touched = acted_out("A survey", "survey")
    assert (new, touched) == (["surveys/narrow.yaml", "config/narrow.yaml"], [])
    assert found["name"] == "narrow" and 0.7 < found["seeing"] < 0.8
    for sigma, depth in zip(found["aperture_sigma"], (25.2, 24.6), strict=True):
        assert 30 - 2.5 * np.log10(5 * sigma) == pytest.approx(depth, abs=0.1)
    *numbers, name = found["settings"]
    assert name == "surveys/narrow.yaml"  # what the report shows
    assert all(said["bands"]["i"]["num_exposures"] == [11, 12, 13] and "about" not in said for said in numbers)


def test_a_network_trains_and_is_read_back_as_it_was(acted_out):
    found, new, touched = acted_out("A network", "network")
    assert (new, touched) == (["lenspipe/networks/strided.py"], [])
    assert found["network"] == "strided"
    widths = [2, 16, 32, 64, 128]
    convolutions = sum(9 * a * b + 2 * b for a, b in itertools.pairwise(widths))
    assert found["weights"] == convolutions + 2 * 128 + 2
    assert found["auroc_in_training"] > 0.9
    # Training may validate in 16 bits; prediction has 32.
    assert found["auroc_read_back"] == pytest.approx(found["auroc_in_training"], abs=5e-3)
    assert found["distinct_scores"] > 64


def test_a_task_is_trained_predicted_drawn_and_looked_after_by_one_file_and_one_settings_entry(acted_out):
    found, new, touched = acted_out("A task", "task")
    assert (new, touched) == (["lenspipe/tasks/source_redshift.py", "config/redshifts.yaml"], [])
    assert found["columns"][:5] == ["id", "score", "theta_E_pred", "theta_E_sigma", "arc_snr"]
    assert [name for name in found["columns"][5:] if not name.startswith(("p_", "kind_"))] == ["z_source_pred"]
    assert found["correlation"] > 0.5
    assert found["status"]["train_redshift"] == found["status"]["train_classifier"] == "done"
    assert found["drawn"] == ["training_history"]
    assert all(rule in found["dry_run"] for rule in ("rule train_redshift:", "rule train_classifier:", "rule predict:"))
    assert "models/redshift/model.json" in found["dry_run"]


def test_an_engine_is_one_folder(acted_out, root, tmp_path):
    engines = tmp_path / "lenspipe" / "simulate" / "engines"
    shutil.copytree(engines / "numba", engines / "another", ignore=shutil.ignore_patterns("__pycache__"))
    found, new, touched = acted_out("An engine", "engine")
    assert (new, touched) == ([], [])
    assert found == {"engines": ["another", "numba"], "largest_difference": 0.0}


def test_a_figure_has_its_table_plot_and_caption_and_is_promised(acted_out, page):
    found, new, touched = acted_out("A figure", "figure")
    assert new == [
        "lenspipe/diagnostics/sigma_vs_arc_snr.py",
        "lenspipe/plots/sigma_vs_arc_snr.py",
        "workflow/report/sigma_vs_arc_snr.rst",
    ]
    assert touched == ["lenspipe/figures.py"]
    assert found["objects"] == 200
    assert {"sigma_vs_arc_snr.png", "sigma_vs_arc_snr.pdf"} <= set(found["figures"])
    (caption,) = (text for language, text in pages.blocks(page["A figure"]) if language == "rst")
    assert pages.named(caption)[1].splitlines()[0] in found["report"].replace("&#39;", "'")
    assert 'id="sigma_vs_arc_snr"' in found["report"]
    assert "rule figures:" in found["dry_run"] and "sigma_vs_arc_snr.pdf" in found["dry_run"]

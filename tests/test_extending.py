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
            file.write_text(pages.changed(file.read_text(), text) if file.exists() else text)
        command = [sys.executable, str(SCRIPT), what]
        done = subprocess.run(
            command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads((tmp_path / "found.json").read_text()), new, touched

    return act


def test_a_kind_is_drawn_by_the_law_of_all_deflectors_and_its_light_is_where_it_says(acted_out):
    found, new, touched = acted_out("A kind of non-lens", "kind")
    assert new == ["lenspipe/population/kinds/quasar.py"]
    assert touched == ["lenspipe/population/kinds/__init__.py", "config/config.yaml"]
    assert found["counts"]["quasar"] == 40 and sum(found["counts"].values()) == 600  # a twelfth of 480 non-lenses
    assert found["empty"] == 0
    for name, (deflectors, quasars) in found["laws"].items():
        assert stats.ks_2samp(deflectors, quasars).pvalue > 1e-3, name
    assert found["distance"] == pytest.approx(found["radius"], abs=0.2)  # to within the pixel
    assert found["magnitude"] == pytest.approx(found["magnitude_said"], abs=0.15)  # what leaves the stamp


def test_a_survey_s_images_are_as_deep_as_its_numbers_say_and_those_as_published(acted_out):
    found, new, touched = acted_out("A survey", "survey")
    assert (new, touched) == (["lenspipe/surveys/des_y6.py"], ["lenspipe/surveys/__init__.py"])
    zero_points = {"g": 26.58, "r": 26.78, "i": 26.75, "z": 26.48}

    def sigma(band, sky_brightness, num_exposures):
        """Sky and read noise of the coadd in electrons, in counts at zero point 30."""
        sky = 10 ** (-0.4 * (sky_brightness - zero_points[band])) * 0.263**2 * 90 * num_exposures
        return np.sqrt(sky + 7**2 * num_exposures) * 10 ** (0.4 * (30 - zero_points[band])) / (90 * num_exposures)

    ratios = [row.pop("noise") / sigma(**row) for row in found["noise"]]
    assert len(ratios) > 50 and np.median(ratios) == pytest.approx(1, abs=0.01)
    assert np.std(ratios) < 0.05 and {row["num_exposures"] for row in found["noise"]} == {7, 8, 9}
    skies = {"g": 22.01, "r": 21.15, "i": 19.89, "z": 18.72}
    for band, depth in {"g": 24.7, "r": 24.4, "i": 23.8, "z": 23.1}.items():  # DES DR2, S/N 10 in 1.95 arcsec
        pixels = np.pi * (1.95 / 2 / 0.263) ** 2
        assert 30 - 2.5 * np.log10(10 * sigma(band, skies[band], 8) * np.sqrt(pixels)) == pytest.approx(depth, abs=0.1)
    assert found["name"] == "des_y6" and found["seeing"] == pytest.approx(1.11, abs=0.05)


def test_a_network_trains_and_is_read_back_as_it_was(acted_out):
    found, new, touched = acted_out("A network", "network")
    assert (new, touched) == (["lenspipe/models/networks/strided.py"], ["lenspipe/models/__init__.py"])
    assert found["network"] == "strided"
    widths = [2, 16, 32, 64, 128]
    convolutions = sum(9 * a * b + 2 * b for a, b in itertools.pairwise(widths))
    assert found["weights"] == convolutions + 2 * 128 + 2
    assert found["auroc_in_training"] > 0.9
    # Training may validate in 16 bits; prediction has 32.
    assert found["auroc_read_back"] == pytest.approx(found["auroc_in_training"], abs=5e-3)
    assert found["distinct_scores"] > 64


def test_a_figure_is_drawn_from_its_table_and_promised_and_captioned(acted_out, page):
    found, new, touched = acted_out("A figure", "figure")
    assert new == ["lenspipe/plots/sigma_vs_arc_snr.py", "workflow/report/sigma_vs_arc_snr.rst"]
    assert touched == ["lenspipe/plots/__init__.py", "workflow/rules/diagnose.smk"]
    assert {"sigma_vs_arc_snr.png", "sigma_vs_arc_snr.pdf"} <= set(found["figures"])
    (caption,) = (text for language, text in pages.blocks(page["A figure"]) if language == "rst")
    assert pages.named(caption)[1].splitlines()[0] in found["report"].replace("&#39;", "'")
    assert 'id="sigma_vs_arc_snr"' in found["report"]
    assert "rule diagnose:" in found["dry_run"] and "sigma_vs_arc_snr.pdf" in found["dry_run"]

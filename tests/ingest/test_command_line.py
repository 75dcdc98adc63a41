"""From files to a ranked list and its pictures by the command line; and the errors of wrong input."""

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from made import BANDS, wcs_of, write

from lenspipe import store
from lenspipe.cli import main

INGEST = ["ingest", "--images", "{name}_{band}.fits", "--catalog", "objects.csv", "--output", "cutouts.zarr"]


@pytest.fixture
def lenspipe(files, capsys):
    """Run a command where the files are; its exit status, stdout and stderr."""

    def run(*arguments):
        with pytest.raises(SystemExit) as end:
            main([str(a) for a in arguments])
        captured = capsys.readouterr()
        return end.value.code, captured.out, captured.err

    return run


@pytest.fixture
def ranked(lenspipe, models):
    """Everything up to the list of candidates."""
    for command in (
        INGEST,
        ["predict", "--images", "cutouts.zarr", "--models", models, "--output", "scores.parquet"],
        ["candidates", "--predictions", "scores.parquet", "--images", "cutouts.zarr", "--output", "ranked.csv"],
    ):
        status, _, err = lenspipe(*command)
        assert status == 0, err
    return pd.read_csv("ranked.csv")


def test_cutouts_become_a_ranked_list_with_the_catalogue_s_columns(ranked):
    assert list(ranked.columns[:5]) == ["rank", "id", "name", "ra", "dec"]
    assert ranked["rank"].tolist() == [1, 2, 3] and ranked["score"].is_monotonic_decreasing
    assert {"theta_E_pred", "theta_E_sigma", "missing", "z"} <= set(ranked) and "wcs" not in ranked
    scores = store.read_table("scores.parquet").set_index("id")["score"]
    np.testing.assert_allclose(ranked["score"], scores[ranked["id"]])
    assert dict(zip(ranked["id"], ranked["name"], strict=True)) == {7: "obj0", 8: "obj1", 9: "obj2"}


def test_stamps_of_the_best_are_fits_with_wcs_and_pictures(ranked, lenspipe, sky, files):
    status, _, err = lenspipe("stamps", "cutouts.zarr", "--candidates", "ranked.csv", "--top", 2, "--output", "best")
    assert status == 0, err
    best = ranked["id"][:2].tolist()
    made = {path.name for path in (files / "best").iterdir()}
    assert made == {"sheet.png", *(f"{id}.{ending}" for id in best for ending in ("fits", "png"))}
    with fits.open(files / "best" / f"{best[0]}.fits") as file:
        k = best[0] - 7
        np.testing.assert_array_equal(file["IMAGE_I"].data, sky[k, 2, 8:53, 8:53])
        header = file["IMAGE_I"].header
        assert file[0].header["score"] == pytest.approx(ranked["score"][0]) and file[0].header["rank"] == 1
        assert header["MAGZERO"] == 30.0 and header["BUNIT"] == "counts" and header["SKYSIGMA"] > 0
        np.testing.assert_allclose(
            WCS(header).pixel_to_world_values(3, 40), wcs_of(k).pixel_to_world_values(11, 48), atol=1e-9
        )


def test_written_stamps_can_be_ingested_and_have_the_same_pixels(ranked, lenspipe):
    assert lenspipe("stamps", "cutouts.zarr", 7, 8, 9, "--output", "out")[0] == 0
    options = ["--images", "out/{id}.fits", "--catalog", "objects.csv", "--output", "second.zarr"]
    status, _, err = lenspipe("ingest", *options)
    assert status == 0, err
    np.testing.assert_array_equal(*(store.open_images(p)["image"] for p in ("cutouts.zarr", "second.zarr")))


def test_what_was_done_is_summarised(lenspipe, files, sky):
    write(files / "obj1_r.fits", sky[1, 1] * 1000 + 9e5, wcs_of(1), MAGZERO=37.5)
    (files / "obj2_z.fits").unlink()
    status, _, err = lenspipe(*INGEST)
    assert status == 0
    for text in (
        "cut to 45 x 45 pixels about the centre of stamps of 61 x 61",
        "zero point 30 to 37.5: pixels times 0.001 to 1 are counts at 30 (MAGZERO)",
        "pixel scale 0.263 arcsec (WCS)",
        "counts subtracted from 1 of 8 images, bands r",
        "PSF: width unknown",
        "missing pixels: none",
        "id 9: obj2_z.fits: no such file",
        "2 objects in g r i z, 1 refused",
    ):
        assert text in err, err


def test_noise_unlike_the_survey_s_is_reported_with_a_hint_at_the_zero_point(lenspipe):
    assert "UNLIKE des_y3" in lenspipe(*INGEST, "--zero-point", 22.5)[2]


OUTPUT = ["--output", "cutouts.zarr"]
WRONG = {
    "no catalogue for a name": (["ingest", "--images", "{name}_{band}.fits", *OUTPUT], ["'name'", "--catalog"]),
    "an unknown column": ([*INGEST, "--weights", "{wht}.fits"], ["'wht'", "id, name, z"]),
    "a band that is missing": (["ingest", "--images", "g=a.fits", *OUTPUT], ["no file for band r"]),
    "a band that is unknown": (["ingest", "--images", "g,Q=a.fits", *OUTPUT], ["'Q'", "g r i z"]),
    "a band given twice": (["ingest", "--images", "g=a.fits", "--images", "g=b.fits", *OUTPUT], ["g is given twice"]),
    "a band of no survey": ([*INGEST, "--bands", "g,u"], ["no band 'u'"]),
    "a catalogue that is missing": ([*INGEST[:4], "no.csv", *OUTPUT], ["no.csv"]),
    "a catalogue that is not a table": (
        [*INGEST[:4], "obj0_g.fits", *OUTPUT],
        ["obj0_g.fits", "not a readable FITS table"],
    ),
    "ids that are text": ([*INGEST, "--id-column", "name"], ["'obj0'", "whole numbers"]),
    "ids that are not whole": ([*INGEST, "--id-column", "z"], ["0.1", "whole numbers"]),
    "stamps that are too small": ([*INGEST, "--num-pix", "101"], ["61 x 61", "101 x 101"]),
    "missing files": (["ingest", "--images", "x_{band}.fits", *OUTPUT], ["x_g.fits", "no such file"]),
    "a value that is not a number": ([*INGEST, "--zero-point", "g=thirty"], ["'thirty'"]),
    "a store of another name": ([*INGEST[:5], "--output", "cutouts"], ["cutouts.zarr"]),
    "a scale that is not the survey's": ([*INGEST, "--pixel-scale", "0.2"], ["0.2 arcsec", "0.263"]),
    "one image for many": ([*INGEST[:1], "--images", "obj0_{band}.fits", *INGEST[3:]], ["one image for 3 objects"]),
    "predictions that are missing": (
        ["candidates", "--predictions", "no.csv", "--catalog", "objects.csv", "--output", "r.csv"],
        ["no.csv"],
    ),
    "a catalogue of other objects": (
        ["candidates", "--predictions", "other.csv", "--catalog", "objects.csv", "--output", "r.csv"],
        ["other.csv", "id 70"],
    ),
    "neither store nor catalogue": (["candidates", "--predictions", "other.csv", "--output", "r.csv"], ["--images"]),
    "stamps of nothing": (["stamps", "cutouts.zarr"], ["--candidates"]),
    "stamps of no store": (["stamps", "cutouts.zarr", "7"], ["no image store"]),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_input_gets_one_line_and_status_2_and_leaves_nothing(case, lenspipe, files):
    (files / "other.csv").write_text("id,score\n70,0.5\n")
    before = {path for path in files.rglob("*")}
    arguments, expected = WRONG[case]
    status, _, err = lenspipe(*arguments)
    lines = [line for line in err.splitlines() if not line.startswith("ingest: ")]
    assert status == 2 and len(lines) == 1 and lines[0].startswith("lenspipe: "), err
    assert all(text in lines[0] for text in expected), lines[0]
    assert {path for path in files.rglob("*")} == before


def test_an_unknown_id_and_an_existing_store_are_refused(lenspipe):
    assert lenspipe(*INGEST)[0] == 0
    status, _, err = lenspipe("stamps", "cutouts.zarr", 4711)
    assert status == 2 and "holds no object 4711" in err
    status, _, err = lenspipe(*INGEST)
    assert status == 2 and "cutouts.zarr: already exists" in err and store.verify("cutouts.zarr") == []


def test_an_interrupted_ingest_leaves_nothing_under_the_final_names(lenspipe, files, monkeypatch):
    before = set(files.rglob("*"))

    def interrupted(*arguments, **named):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(store, "finish", interrupted)
        assert lenspipe(*INGEST)[0] == 130
    assert set(files.rglob("*")) == before
    assert lenspipe(*INGEST)[0] == 0


@pytest.mark.parametrize("damage", ["cut short", "garbled", "empty"])
def test_a_damaged_file_refuses_its_object_alone(damage, lenspipe, files):
    path = files / f"obj1_{BANDS[2]}.fits"
    blob = path.read_bytes()
    path.write_bytes({"cut short": blob[:6000], "garbled": b"\x07" * len(blob), "empty": b""}[damage])
    status, _, err = lenspipe(*INGEST)
    assert status == 0 and "1 refused" in err and "id 8: obj1_i.fits" in err, err

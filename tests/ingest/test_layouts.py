"""Every layout of the files gives the same store."""

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits
from astropy.table import Table
from made import BANDS, COUNT, NUM_PIX, wcs_of, write

from lenspipe import store
from lenspipe.errors import InputError

CUT = slice(8, 53)  # 61 to 45
NAMES = ["{name}_{band}.fits"]


def pixels(path="cutouts.zarr"):
    return store.open_images(path)["image"].values


def header(k):
    made = wcs_of(k).to_header()
    made["MAGZERO"] = 30.0
    return made


def extensions(folder, sky, order):
    """A file an object, an extension a band, in some order."""
    for k in range(COUNT):
        hdus = [fits.ImageHDU(sky[k, BANDS.index(b)], header=header(k), name=f"IMAGE_{b}") for b in order]
        fits.HDUList([fits.PrimaryHDU(), *hdus]).writeto(folder / f"obj{k}.fits", overwrite=True)


def stacks(folder, sky, order, **cards):
    """A file an object, [band, y, x] in some order."""
    for k in range(COUNT):
        write(folder / f"obj{k}.fits", sky[k, [BANDS.index(b) for b in order]], wcs_of(k), MAGZERO=30.0, **cards)


def cubes(folder, sky):
    """A file a band, [object, y, x]."""
    for b, band in enumerate(BANDS):
        write(folder / f"cube_{band}.fits", sky[:, b], MAGZERO=30.0, PIXSCALE=0.263, BAND=band)


def test_a_file_per_object_and_band_is_cut_about_its_centre(files, make, sky):
    made = make(NAMES)
    dataset = store.open_images("cutouts.zarr")
    np.testing.assert_array_equal(dataset["image"].values, sky[:, :, CUT, CUT])
    assert dataset["id"].values.tolist() == [7, 8, 9]
    assert [str(b) for b in dataset["band"].values] == list(BANDS)
    assert dataset.attrs["unit"] == "counts" and dataset.attrs["magnitude_zero_point"] == 30.0
    assert dataset.attrs["pixel_scale"] == pytest.approx(0.263, abs=1e-6)
    assert np.isnan(dataset["arc_snr"].values).all()
    assert made.catalog["name"].tolist() == ["obj0", "obj1", "obj2"] and made.catalog["z"].tolist() == [0.1, 0.2, 0.3]
    assert store.verify("cutouts.zarr") == []


def test_bands_may_be_given_in_any_order_and_one_by_one(files, make, sky):
    make([f"{band}={{name}}_{band}.fits" for band in "zirg"])
    np.testing.assert_array_equal(pixels(), sky[:, :, CUT, CUT])


@pytest.mark.parametrize("order", ["griz", "zgir"])
def test_extensions_are_found_by_name_in_any_order(files, make, sky, order):
    extensions(files, sky, order)
    make(["{name}.fits"])
    np.testing.assert_array_equal(pixels(), sky[:, :, CUT, CUT])
    make(["{name}.fits[IMAGE_{band}]"], output="named.zarr")
    np.testing.assert_array_equal(pixels("named.zarr"), sky[:, :, CUT, CUT])


@pytest.mark.parametrize("cards", [{}, {"BANDS": "zgir"}, {"BANDS": "z,g,i,r"}])
def test_a_stack_s_planes_are_named_by_the_user_or_by_the_header(files, make, sky, cards):
    stacks(files, sky, "zgir", **cards)
    make(["{name}.fits"] if cards else ["z,g,i,r={name}.fits"])
    np.testing.assert_array_equal(pixels(), sky[:, :, CUT, CUT])


def test_a_stack_without_names_of_its_planes_is_refused(files, make, sky):
    stacks(files, sky, "griz")
    with pytest.raises(InputError, match="does not name its 4 planes"):
        make(["{name}.fits"])


def test_a_cube_holds_one_object_per_plane_in_the_catalogue_s_order(files, make, sky):
    cubes(files, sky)
    make(["cube_{band}.fits"])
    np.testing.assert_array_equal(pixels(), sky[:, :, CUT, CUT])
    with pytest.raises(InputError, match="holds 3 planes for 2 objects"):
        make(["cube_{band}.fits"], pd.DataFrame({"id": [1, 2]}), output="two.zarr")


def test_file_names_may_come_from_columns_of_a_parquet_or_fits_table(files, make, sky):
    table = pd.DataFrame({f"file_{b}": [f"obj{k}_{b}.fits" for k in range(COUNT)] for b in BANDS} | {"id": [7, 8, 9]})
    table.to_parquet("objects.parquet")
    Table.from_pandas(table).write("objects.fits")
    for name in ("objects.parquet", "objects.fits"):
        make(["{file_{band}}"], name, output=f"of_{name.replace('.', '_')}.zarr")
        np.testing.assert_array_equal(pixels(f"of_{name.replace('.', '_')}.zarr"), sky[:, :, CUT, CUT])


def test_swapped_files_are_noticed_by_their_headers(files, make, sky):
    cubes(files, sky)
    for old, new in (("g", "other"), ("r", "g"), ("other", "r")):
        (files / f"cube_{old}.fits").rename(files / f"cube_{new}.fits")
    with pytest.raises(InputError, match="BAND is 'r' in its header, but it is given as band g; swap the files"):
        make(["cube_{band}.fits"])


def test_one_image_is_not_used_for_several_bands(files, make):
    with pytest.raises(InputError, match=r"is one image for bands g r i z; put \{band\} into the pattern"):
        make(["{name}_g.fits"])


def test_two_runs_give_the_same_bytes(files, make):
    for name in ("a", "b"):
        (files / name).mkdir()
        make(NAMES, output=f"{name}/cutouts.zarr")
    for path in (path for path in (files / "a").rglob("*") if path.is_file()):
        assert path.read_bytes() == (files / "b" / path.relative_to(files / "a")).read_bytes(), path


@pytest.mark.parametrize("size", [45, 46, 60, 61])
def test_the_cutout_s_centre_keeps_its_position_on_the_sky(folder, make, size):
    rng = np.random.default_rng(1)
    wcs = wcs_of(0, size=size)
    for band in BANDS:
        write(folder / f"{band}.fits", rng.normal(0, 3, (size, size)), wcs, ZP=30.0)
    made = make(["{band}.fits"], pd.DataFrame({"id": [1]}))
    start = (size - NUM_PIX) // 2
    expected = wcs.pixel_to_world_values(start + 22, start + 22)
    row = made.catalog.iloc[0]
    np.testing.assert_allclose((row["cutout_ra"], row["cutout_dec"]), expected, atol=1e-9)

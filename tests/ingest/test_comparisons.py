"""Two statements about the same thing: they are compared, a difference is said, and the user's word wins."""

import math
import re

import numpy as np
import pandas as pd
import pytest
from astropy.coordinates import FK4, SkyCoord
from astropy.io import fits
from astropy.nddata import Cutout2D
from astropy.wcs import WCS
from made import BANDS, NOISE, SIZE, wcs_of, write

from lenspipe import ingest, store
from lenspipe.errors import InputError
from lenspipe.ingest import headers, pixels
from lenspipe.ingest.units import COUNTS, FLUX, NO_FLUX, UNKNOWN_UNIT, unit_meaning
from lenspipe.surveys import SURVEYS

NAMES = ["{name}_{band}.fits"]
DES = SURVEYS["des_y3"]


def places(shift=(0, 0), frame="icrs"):
    """Catalogue whose positions lie ``shift`` pixels (x, y) from the stamps' centres."""
    rows = []
    for k in range(3):
        centre = (SIZE - 1) / 2
        ra, dec = wcs_of(k).pixel_to_world_values(centre + shift[0], centre + shift[1])
        place = SkyCoord(ra, dec, unit="deg").transform_to(frame).spherical
        rows.append({"id": 7 + k, "name": f"obj{k}", "ra": place.lon.deg, "dec": place.lat.deg})
    return pd.DataFrame(rows)


def said(made):
    return "\n".join(ingest.summarise(made.planes, 45, DES))


def cards(files, pattern="*.fits", **values):
    for path in files.glob(pattern):
        with fits.open(path, mode="update") as file:
            for key, value in values.items():
                if value is None:
                    file[0].header.remove(key, ignore_missing=True)
                else:
                    file[0].header[key] = value


@pytest.mark.parametrize("shift", [(0, 0), (0.4, -0.4), (5, 0), (-6, 4), (3.4, 2.6), (12, -11)])
def test_the_cutout_is_about_the_catalogue_s_place(files, make, sky, shift):
    made = make(NAMES, places(shift), max_missing=0.3)
    image = store.open_images("cutouts.zarr")["image"].values
    centre = (SIZE - 1) / 2
    moved = np.array(shift) if max(np.abs(shift)) >= 1 else np.zeros(2)
    moved = np.where(np.abs(shift) >= 1, np.round(moved), 0)
    expected = Cutout2D(sky[1, 2], tuple(centre + moved), 45, mode="partial", fill_value=np.nan).data
    np.testing.assert_array_equal(image[1, 2], expected)
    np.testing.assert_allclose(made.planes["offset"], 0.263 * math.hypot(*shift), atol=1e-3)
    assert ("ra, dec are more than a pixel" in said(made)) == (math.hypot(*shift) > 1)
    row = made.catalog.iloc[1]
    there = SkyCoord(row["cutout_ra"], row["cutout_dec"], unit="deg")
    place = places(tuple(moved)).iloc[1]
    assert there.separation(SkyCoord(place["ra"], place["dec"], unit="deg")).arcsec < 1e-3


def test_other_spellings_and_missing_places(files, make, sky):
    table = places((5, 0)).rename(columns={"ra": "RA", "dec": "DEC"})
    table.loc[1, "RA"] = np.nan
    made = make(NAMES, table)
    np.testing.assert_array_equal(made.planes["offset"].isna(), np.repeat([False, True, False], 4))
    image = store.open_images("cutouts.zarr")["image"].values
    np.testing.assert_array_equal(image[1], sky[1, :, 8:53, 8:53])
    assert "of 8 images about the catalogue's ra, dec" in said(made) or "in 8 of 12 images" in said(made)


@pytest.mark.parametrize(
    "names",
    [
        ("RAJ2000", "DEJ2000"),
        ("_RAJ2000", "_DEJ2000"),
        ("ALPHA_J2000", "DELTA_J2000"),
        ("RAdeg", "DEdeg"),
        ("RaMean", "decMean"),
    ],
)
def test_positions_under_the_names_of_common_catalogues(files, make, names):
    table = places((5, 0)).rename(columns=dict(zip(("ra", "dec"), names, strict=True)))
    np.testing.assert_allclose(make(NAMES, table).planes["offset"], 0.263 * 5, atol=1e-3)


@pytest.mark.parametrize("style", ["hmsdms", ":", " "])
def test_positions_in_hours_minutes_and_seconds(files, make, style):
    table = places((5, 0))
    texts = SkyCoord(table["ra"], table["dec"], unit="deg").to_string("hmsdms", precision=5)
    if style != "hmsdms":
        texts = [re.sub("[hdm](?=[0-9])", style, text).replace("s", "") for text in texts]
    table[["ra", "dec"]] = [re.match(r"(.*?) ?([+-].*)", text).groups() for text in texts]
    np.testing.assert_allclose(make(NAMES, table).planes["offset"], 0.263 * 5, atol=2e-3)


def test_positions_that_cannot_be_read_refuse_their_object(files, make):
    table = places().astype({"ra": object})
    table.loc[1, "ra"] = "north"
    made = make(NAMES, table)
    assert made.refused["id"].tolist() == [8]
    assert "ra and dec of the catalogue are 'north' and " in made.refused["reason"].iloc[0]


def test_another_object_s_file_is_refused_with_the_distance(files, make):
    table = places()
    table.loc[1, "name"] = "obj2"  # a degree away
    made = make(NAMES, table)
    assert made.refused["id"].tolist() == [8]
    assert "by its WCS the catalogue's place" in made.refused["reason"].iloc[0]
    table = places((0, 53))  # a neighbour, 14 arcsec away
    with pytest.raises(InputError, match=r"outside it, 13\.94 arcsec from its centre"):
        make(NAMES, table, output="neighbour.zarr")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.assign(ra=t["ra"] / 15), "with ra in hours"),
        (lambda t: t.assign(ra=np.deg2rad(t["ra"]), dec=np.deg2rad(t["dec"])), "in radians"),
        (lambda t: t.assign(ra=t["dec"], dec=t["ra"]), "with ra and dec exchanged"),
        (lambda t: places(frame="galactic"), "as galactic longitude and latitude"),
        (lambda t: places(frame=FK4(equinox="B1950")), "as B1950"),
    ],
)
def test_positions_that_mean_something_else_are_named(files, make, change, words):
    with pytest.raises(InputError, match=f"lie outside it, but {words}"):
        make(NAMES, change(places()))


def test_headers_in_another_frame_are_understood(files, make, sky):
    for k in range(3):
        centre = SkyCoord(10.0 + k, -30.0, unit="deg")
        for b, band in enumerate(BANDS):
            wcs = wcs_of(k)
            if b % 2:
                there = centre.galactic
                wcs.wcs.ctype, wcs.wcs.crval = ["GLON-TAN", "GLAT-TAN"], [there.l.deg, there.b.deg]
            else:
                there = centre.transform_to(FK4(equinox="B1950"))
                wcs.wcs.radesys, wcs.wcs.equinox, wcs.wcs.crval = "FK4", 1950.0, [there.ra.deg, there.dec.deg]
            write(files / f"obj{k}_{band}.fits", sky[k, b], wcs, MAGZERO=30.0)
    made = make(NAMES, places())
    assert made.planes["offset"].max() < 0.01


def test_stamps_that_are_not_square_are_told_where_no_place_is_known(files, make):
    for path in files.glob("obj1_*.fits"):
        with fits.open(path) as file:
            write(path, file[0].data[:, 5:], MAGZERO=30.0, PIXSCALE=0.263)
    assert "4 stamps are not square, as if trimmed at an edge" in said(make(NAMES))


def test_what_the_user_says_of_a_band_stands_over_the_header(files, make):
    cards(files, FILTER="i DECam SDSS c0003", BAND="i")
    with pytest.raises(InputError, match=r"BAND is 'i' in its header, but it is given as band g; swap the files, or"):
        make(NAMES)
    made = make([f"{band}={{name}}_{band}.fits" for band in BANDS])
    assert made.planes["band_in_header"].tolist() == ["i", "i", "", "i"] * 3
    assert "band: the header names another one in 9 images (g is i, r is i, z is i): taken as given" in said(made)


def test_one_file_of_planes_with_one_header_is_read_as_it_is_given(files, make, sky):
    for k in range(3):
        planes = [fits.ImageHDU(sky[k, b], wcs_of(k).to_header(), name="SCI") for b in range(4)]
        for hdu in planes:
            hdu.header["BAND"], hdu.header["MAGZERO"] = "i", 30.0
        fits.HDUList([fits.PrimaryHDU(), *planes]).writeto(files / f"obj{k}.fits")
    make([f"{band}={{name}}.fits[{b + 1}]" for b, band in enumerate(BANDS)])
    np.testing.assert_array_equal(store.open_images("cutouts.zarr")["image"][2], sky[2, :, 8:53, 8:53])


@pytest.mark.parametrize("spelling", ["G", "g", "g DECam", "SDSS_g", "clear", 4, ""])
def test_a_band_spelled_otherwise_is_no_other_band(files, make, spelling):
    cards(files, "*_g.fits", FILTER=spelling)
    assert (make(NAMES).planes["band_in_header"] == "").all()


@pytest.mark.parametrize(
    ("unit", "meaning", "zero_point"),
    [
        *(
            (unit, COUNTS, None)
            for unit in ("", "electron s-1", "ct", "ct s-1", "adu.s-1", "adu*s**-1", "cps", "DN / s")
        ),
        *(
            (unit, COUNTS, None)
            for unit in ("ELECTRONS/S", "counts/second", "e-/s", "ct s^(-1)", "photons", "ADU/pixel")
        ),
        *((unit, FLUX, 22.5) for unit in ("nmgy", "nanomaggies/pixel", "nMgy")),
        *((unit, FLUX, 23.9) for unit in ("uJy", "microJy", "uJy/pix")),
        ("maggies", FLUX, 0.0),
        ("10**-9 Jy", FLUX, 31.4),
        ("erg s-1 cm-2 Hz-1", FLUX, -48.6),
        *((unit, NO_FLUX, None) for unit in ("mag/arcsec2", "K", "m", "MJy/sr")),
        *(
            (unit, UNKNOWN_UNIT, None)
            for unit in ("unknown", "10**(10**9)", "10**10**9", "1" * 60, "9**99999", "(" * 50)
        ),
    ],
)
def test_units_in_every_spelling(unit, meaning, zero_point):
    found, of_flux = unit_meaning(unit)
    assert found == meaning
    assert of_flux == (None if zero_point is None else pytest.approx(zero_point, abs=2e-3))


@pytest.mark.parametrize(
    "header",
    [
        {"MAGZERO": "unknown"},
        {"MAGZERO": 25.0, "MAGZPT": 26.0},
        {"BUNIT": "mag/arcsec2"},
        {"BUNIT": "unknown"},
        {"FLUXMAG0": -1},
        {"MAGZERO": 0.0},
    ],
)
def test_a_zero_point_from_the_user_stands_over_every_header(header):
    value, source = headers.zero_point(header, "a.fits", 30.0)
    assert value == 30.0 and source.startswith("--zero-point over ")
    for key in header:
        assert key in source


def test_a_card_that_cannot_be_read_is_told_and_another_one_counts():
    value, source = headers.zero_point({"MAGZERO": "unknown", "PHOTZP": 27.0, "BUNIT": "unknown"}, "a.fits")
    assert (value, source) == (27.0, "PHOTZP, MAGZERO 'unknown', BUNIT 'unknown' not understood")
    value, source = headers.seeing({"SEEING": "bad"})
    assert math.isnan(value) and source == "SEEING 'bad' not understood"
    assert headers.seeing({})[1] == ""
    assert headers.seeing({"SEEING": "bad", "PSF_FWHM": 0.9}) == (0.9, "PSF_FWHM")


@pytest.mark.parametrize("lost", ["lookup table", "record without axes", "half a polynomial"])
def test_a_distortion_that_cannot_be_read_leaves_the_linear_part(files, make, lost):
    if lost == "lookup table":
        cards(files, CPDIS1="LOOKUP", CPDIS2="LOOKUP")
    elif lost == "record without axes":
        for path in files.glob("*.fits"):
            with fits.open(path, mode="update") as file:
                file[0].header["CPDIS1"] = "LOOKUP"
                file[0].header.append(fits.Card.fromstring("DP1     = 'EXTVER: 1'"))
    else:
        cards(files, A_ORDER=2, A_0_2=1e-6)
    made = make(NAMES)
    assert len(made.catalog) == 3 and "WCS without its distortion" in set(made.planes["pixel_scale_from"])
    assert "WCS: not all of it can be used in 12 images" in said(made)
    assert len(make(NAMES, pixel_scale=0.263, output="b.zarr").catalog) == 3


def test_a_pixel_scale_unlike_the_wcs_s_is_told(files, make):
    cards(files, PIXSCALE=0.263, SECPIX=0.4)
    assert "pixel scale 0.263 arcsec (WCS, while SECPIX says 0.4)" in said(make(NAMES))


@pytest.mark.parametrize("factor", [1, 2, 4])
def test_a_psf_has_its_own_pixels(files, make, factor):
    """The same PSF on a finer grid has the same width."""
    y, x = (np.indices((61, 61)) - 30) * 0.263 / factor
    psf = np.exp(-(x**2 + y**2) / (2 * (1.0 / 2.3548) ** 2))
    for header in ({"PIXSCALE": 0.263 / factor}, wcs_of(0, scale=0.263 / factor).to_header()):
        fits.PrimaryHDU(psf, fits.Header(header)).writeto(files / "psf.fits", overwrite=True)
        made = make(NAMES, psf=[f"{band}=psf.fits" for band in BANDS], output=f"{len(header)}.zarr")
        np.testing.assert_allclose(made.planes["psf_fwhm"], 1.0, rtol=0.02)
        assert ("its own pixels" in said(made)) == (factor > 1)


def test_a_width_unlike_the_survey_s_is_told(files, make):
    y, x = (np.indices((61, 61)) - 30) * 0.263
    write(files / "psf.fits", np.exp(-(x**2 + y**2) / (2 * (4.0 / 2.3548) ** 2)))
    assert "UNLIKE des_y3" in said(make(NAMES, psf=[f"{band}=psf.fits" for band in BANDS]))


def test_asinh_pixels_become_linear(files, make, sky):
    """As Pan-STARRS writes its stacks: x = a arcsinh((flux - BOFFSET) / (2 BSOFTEN))."""
    offset, softening, a = 12.5, 340.0, 2.5 / math.log(10)
    for k in range(3):
        for b, band in enumerate(BANDS):
            scaled = a * np.arcsinh((sky[k, b].astype(float) - offset) / (2 * softening))
            write(files / f"obj{k}_{band}.fits", scaled, wcs_of(k), MAGZERO=30.0, BOFFSET=offset, BSOFTEN=softening)
    made = make(NAMES)
    image = store.open_images("cutouts.zarr")["image"].values
    np.testing.assert_allclose(image, sky[:, :, 8:53, 8:53], atol=1e-3)
    assert "pixels: asinh (BOFFSET, BSOFTEN) in 12 images: made linear" in said(made)
    cards(files, BOFFSET=None)
    with pytest.raises(InputError, match="BSOFTEN says that its pixels are asinh-scaled; give BOFFSET and BSOFTEN"):
        make(NAMES, output="b.zarr")


@pytest.mark.parametrize(
    ("weight", "words"),
    [
        (lambda sigma: np.full((SIZE, SIZE), sigma**2), "as variances"),
        (lambda sigma: np.full((SIZE, SIZE), sigma), "as standard deviations"),
    ],
)
def test_weights_of_another_meaning_are_refused(files, make, weight, words):
    for k in range(3):
        for band, sigma in zip(BANDS, NOISE, strict=True):
            write(files / f"obj{k}_{band}_wht.fits", weight(sigma))
    with pytest.raises(InputError, match=f"{words}; the image's border"):
        make(NAMES, weights=["{name}_{band}_wht.fits"])


@pytest.mark.parametrize("weight", [0.0, np.nan, -1.0])
def test_weights_without_a_value_are_named_and_not_the_image(files, make, weight):
    for k in range(3):
        for band in BANDS:
            write(files / f"obj{k}_{band}_wht.fits", np.full((SIZE, SIZE), weight))
    with pytest.raises(InputError, match=r"obj0_g_wht\.fits: no pixel has a positive weight"):
        make(NAMES, weights=["{name}_{band}_wht.fits"])


def test_a_width_that_is_no_number_is_told(files, make):
    cards(files, "obj*_g.fits", SEEING="0.9 arcsec")
    assert "PSF: width unknown (SEEING '0.9 arcsec' not understood), bands g; give --psf" in said(make(NAMES))


def test_weights_that_fit_nothing_are_told(files, make):
    for k in range(3):
        for band, sigma in zip(BANDS, NOISE, strict=True):
            write(files / f"obj{k}_{band}_wht.fits", np.full((SIZE, SIZE), (10 * sigma) ** -2))
    assert "weights: in 12 of 12 images their noise is not that of the border" in said(
        make(NAMES, weights=["{name}_{band}_wht.fits"])
    )


def test_the_window_may_reach_beyond_the_image():
    image = np.arange(30.0).reshape(5, 6)
    for y, x in ((-2, -1), (0, 0), (3, 2), (2, 4)):
        part = pixels.cut(image, (slice(y, y + 4), slice(x, x + 4)), np.nan)
        expected = Cutout2D(image, (x + 1.5, y + 1.5), 4, mode="partial", fill_value=np.nan).data
        np.testing.assert_array_equal(part, expected)


@pytest.mark.parametrize("written", ["0001", "01.10", "1e5", "007 ", "NA", "12376682965987492999"])
def test_a_name_is_the_characters_in_the_catalogue(files, make, sky, written):
    for band, b in zip(BANDS, range(4), strict=True):
        write(files / f"b{written.strip()}_{band}.fits", sky[0, b], wcs_of(0), MAGZERO=30.0)
    (files / "names.csv").write_text(f"id,brick\n1,{written}\n2,\n")
    made = make(["b{brick}_{band}.fits"], "names.csv")
    assert made.catalog["brick"].tolist() == [written.strip()] and made.refused["id"].tolist() == [2]
    (files / "ids.csv").write_text(f"id,x\n{'0003' if written == '0001' else 4},1\n")
    for band in BANDS:
        (files / f"b{written.strip()}_{band}.fits").rename(files / f"c{'0003' if written == '0001' else 4}_{band}.fits")
    assert len(make(["c{id}_{band}.fits"], "ids.csv", output="ids.zarr").catalog) == 1


@pytest.mark.parametrize("kind", ["parquet", "fits"])
def test_a_gap_does_not_change_the_other_names(files, make, sky, kind):
    for band, b in zip(BANDS, range(4), strict=True):
        write(files / f"b431_{band}.fits", sky[0, b], wcs_of(0), MAGZERO=30.0)
    table = pd.DataFrame({"id": [1, 2], "brick": [431.0, np.nan]})
    store.write_table(table, files / f"a.{kind}")
    assert make(["b{brick}_{band}.fits"], f"a.{kind}").catalog["id"].tolist() == [1]


def test_the_wcs_of_the_cutout_is_that_of_the_stamp_shifted(files, make):
    made = make(NAMES, places((-20, 14)), max_missing=0.5)
    wcs = WCS(fits.Header.fromstring(made.catalog["wcs"].iloc[2]))
    ra, dec = wcs.pixel_to_world_values(3, 40)
    expected = wcs_of(2).pixel_to_world_values(3 + 8 - 20, 40 + 8 + 14)
    np.testing.assert_allclose([ra, dec], expected, atol=0.001 / 3600)

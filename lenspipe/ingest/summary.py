"""A summary of what was measured and done, as lines of text, from the table of planes alone."""

import numpy as np

from lenspipe.ingest.pixels import ALIKE


def summarise(planes, num_pix, survey):
    """Summarise what was cut, scaled, subtracted and masked.

    Parameters
    ----------
    planes : DataFrame
        ``columns.PLANES``.
    num_pix : int
        Side of the cutouts in pixels.
    survey : Survey

    Returns
    -------
    list of str
        Lines of text.
    """
    lines = [*_cut(planes, num_pix), *_passed_over(planes)]
    lines += _by_source(planes, "zero_point", lambda rows: _zero_point(rows, survey))
    lines += _by_source(planes, "pixel_scale", lambda rows: f"pixel scale {_range(rows['pixel_scale'])} arcsec")
    lines.append(_sky(planes))
    lines += _by_source(planes, "sky_sigma", lambda rows: f"sky noise in counts{_noise(rows, survey)}")
    lines += _weights(planes)
    lines += _by_source(planes, "psf_fwhm", lambda rows: f"PSF, FWHM in arcsec{_seeing(rows, survey)}")
    return [*lines, *_missing(planes)]


def _cut(planes, num_pix):
    """Where the cutouts lie in the stamps."""
    known = planes[planes["offset"].notna()]
    about = "the catalogue's place" if len(known) == len(planes) else "the centre"
    lines = [f"cut to {num_pix} x {num_pix} pixels about {about} of stamps of {_sizes(planes)}"]
    if ((planes[["stamp_y", "stamp_x"]] - num_pix) % 2 != 0).any(axis=None):
        lines[0] += "; odd from even: the centre moves by half a pixel"
    if (far := known[known["offset"] > known["pixel_scale"]]).size:
        worst = far.loc[far["offset"].idxmax()]
        lines.append(
            f"place: in {len(far):,} of {len(planes):,} images the catalogue's ra, dec are more than a pixel from the "
            f"stamp's centre, up to {worst['offset']:.3g} arcsec ({worst['file']}): cut about ra, dec"
        )
    elif 0 < len(known) < len(planes):
        lines[0] += f", of {len(known):,} images about the catalogue's ra, dec"
    trimmed = planes[planes["offset"].isna() & (planes["stamp_y"] != planes["stamp_x"])]
    if len(trimmed):
        lines.append(
            f"place: {len(trimmed):,} stamps are not square, as if trimmed at an edge ({trimmed['file'].iloc[0]}): the "
            "objects need not be in the centre; give ra, dec in the catalogue and files with a WCS"
        )
    return lines


def _passed_over(planes):
    """What the headers say and what was not followed, or converted."""
    lines = []
    if len(rows := planes[planes["band_in_header"] != ""]):
        pairs = (rows["band"] + " is " + rows["band_in_header"]).value_counts()
        shown = ", ".join(pairs.index[:4])
        lines.append(f"band: the header names another one in {len(rows):,} images ({shown}): taken as given")
    if len(rows := planes[planes["wcs_lacks"] != ""]):
        lines.append(
            f"WCS: not all of it can be used in {len(rows):,} images ({rows['wcs_lacks'].iloc[0]}): taken without its "
            "distortion"
        )
    if len(rows := planes[planes["pixels_from"] != ""]):
        lines.append(f"pixels: {rows['pixels_from'].iloc[0]} in {len(rows):,} images: made linear")
    return lines


def _weights(planes):
    """The noise that weights state against that of the borders."""
    rows = planes[(planes["sky_sigma_from"] == "weights") & (planes["border_sigma"] > 0)]
    ratio = rows["sky_sigma"] / rows["border_sigma"]
    unlike = ratio[(ratio > ALIKE) | (ratio < 1 / ALIKE)]
    if unlike.empty:
        return []
    worst = unlike.loc[np.abs(np.log(unlike)).idxmax()]
    return [
        f"weights: in {len(unlike):,} of {len(rows):,} images their noise is not that of the border, {worst:.3g} times "
        "it at worst; check that they are inverse variances of these images"
    ]


def _seeing(rows, survey):
    """Medians by band, and a warning if they are far from the survey's, as with a wrong pixel scale of the PSF."""
    text, far = _medians(rows, "psf_fwhm"), []
    for band, fwhm in rows.groupby("band", sort=False)["psf_fwhm"].median().items():
        ratio = fwhm / survey.bands[band].seeing
        if not 1 / ALIKE < ratio < ALIKE:
            far.append(f"{band} {ratio:.2g} times")
    return f"{text}; UNLIKE {survey.name}: {', '.join(far)} its seeing, check the PSF's pixels" if far else text


def _by_source(planes, name, describe):
    """A line for each source of a number."""
    lines = []
    for source, rows in planes.groupby(f"{name}_from", sort=False):
        bands = "" if len(rows) == len(planes) else f", bands {' '.join(rows['band'].unique())}"
        if name == "psf_fwhm" and rows["psf_fwhm"].isna().all():
            why = f" ({source})" if source else ""
            lines.append(f"PSF: width unknown{why}{bands}; give --psf or --seeing if you know it")
        else:
            lines.append(f"{describe(rows)} ({source}{bands})")
    return lines


def _zero_point(rows, survey):
    factor = 10 ** (0.4 * (survey.magnitude_zero_point - rows["zero_point"]))
    unchanged = np.allclose(factor, 1, atol=1e-3)
    change = (
        "pixels unchanged"
        if unchanged
        else f"pixels times {_range(factor)} are counts at {survey.magnitude_zero_point:g}"
    )
    return f"zero point {_range(rows['zero_point'])}: {change}"


def _sky(planes):
    if (planes["sky_from"] == "--keep-sky").all():
        return "sky: not subtracted (--keep-sky)"
    removed = planes[planes["sky"] != 0]
    if removed.empty:
        return "sky: already subtracted in all images (border within one sigma of zero)"
    return (
        f"sky: {_range(removed['sky'])} counts subtracted from {len(removed):,} of {len(planes):,} images, bands "
        f"{' '.join(removed['band'].unique())}: their border was more than one sigma from zero; if it is the galaxy's "
        "light, give --keep-sky or larger stamps"
    )


def _noise(rows, survey):
    """Medians by band, and a warning if they are far from the survey's, as with a wrong zero point."""
    text, far = _medians(rows, "sky_sigma"), []
    for band, sigma in rows.groupby("band", sort=False)["sky_sigma"].median().items():
        ratio = sigma / survey.typical_sky_sigma(band)
        if not 1 / 3 < ratio < 3:
            far.append(f"{band} {ratio:.2g} times")
    return f"{text}; UNLIKE {survey.name}: {', '.join(far)} its noise, check the zero point" if far else text


def _medians(rows, name):
    return "".join(f", {b} {v:#.3g}" for b, v in rows.groupby("band", sort=False)[name].median().items())


def _missing(planes):
    """Missing pixels, band by band."""
    if not planes["missing_in_stamp"].any():
        return ["missing pixels: none"]
    lines = []
    for band, rows in planes[planes["missing_in_stamp"] > 0].groupby("band", sort=False):
        holed = rows[rows["missing"] > 0]
        text = (
            f"missing pixels, band {band}: in {len(rows):,} stamps, up to {rows['missing_in_stamp'].max():.1%} of one; "
        )
        if holed.empty:
            lines.append(f"{text}none in the cutouts")
        else:
            lines.append(
                f"{text}in {len(holed):,} cutouts, up to {holed['missing'].max():.1%} of one; {rows['filled'].sum():,} "
                "pixels in narrow holes filled from their sides, the rest left as NaN"
            )
    return lines


def _sizes(planes):
    sizes = (planes["stamp_y"].astype(str) + " x " + planes["stamp_x"].astype(str)).value_counts()
    shown = ", ".join(sizes.index[:3])
    return shown if len(sizes) <= 3 else f"{shown} and {len(sizes) - 3} other sizes"


def _range(values):
    low, high = min(values), max(values)
    return f"{low:.5g}" if np.isclose(low, high, rtol=1e-4) else f"{low:.5g} to {high:.5g}"

"""Lenses of the survey prior as the published forecast observes them: in its optimal coadds, with its S/N."""

from dataclasses import replace

import numpy as np
import pandas as pd

from lenspipe.population.catalog import draw_catalog
from lenspipe.simulate.forecast import EXPOSURES, forecast_snr, optimal_coadd
from lenspipe.simulate.noise import coadds_of
from lenspipe.simulate.pipeline import render_row
from lenspipe.validation.forecast import BANDS, MAGNIFICATION, SNR

SR_PER_5000_DEG2 = 5000 * (np.pi / 180) ** 2  # solid angle of 5,000 square degrees, in steradian
NUM_PIX = 45
SHARPEST = 0.4  # arcsec; no exposure has better seeing


def draw_forecast_lenses(priors, seed, count):
    """Draw lenses of the survey prior, with the seeing and the S/N that they have in the forecast's optimal coadds.

    Sources are smooth, as in the forecast. Lenses that cannot be detected by their catalogue values alone are not
    rendered; their S/N is 0.

    Parameters
    ----------
    priors : population.priors.Priors
        Of a survey that has at least one of the bands g, r, i.
    seed : int
    count : int
        Lenses to draw; about a tenth of them is detectable.

    Returns
    -------
    DataFrame [count]
        The catalogue's columns, with ``seeing_<band>`` of the optimal coadd; ``forecast_snr_<band>``;
        ``per_5000_deg2``, the number of lenses per 5,000 deg^2 of sky that each represents.
    """
    bands = tuple(band for band in BANDS if band in priors.survey.bands)
    survey = priors.survey.model_copy(
        update={
            "bands": {
                name: band.model_copy(update={"num_exposures": (EXPOSURES,)})
                for name, band in priors.survey.bands.items()
            }
        }
    )
    lenses = draw_catalog(
        "test",
        count,
        lens_fraction=1.0,
        non_lenses={},
        seed=seed,
        priors=replace(priors, survey=survey, bands=bands, clumpy=0.0),
    )
    rows = []
    for row, possible in zip(lenses.to_dict("records"), _may_be_detectable(lenses, survey, bands), strict=True):
        row |= dict.fromkeys((f"forecast_snr_{band}" for band in bands), 0.0)
        rows.append(_with_snr(row, survey, bands) if possible else row)
    return pd.DataFrame(rows).assign(per_5000_deg2=lenses["weight"] * SR_PER_5000_DEG2 / count)


def _may_be_detectable(lenses, survey, bands):
    """Which lenses may be detectable: the cuts that need no pixels, and an upper bound on the S/N.

    The bound puts the whole lensed flux into one seeing disc of the sharpest exposures.
    """
    bound = 0
    pixels = np.pi * (SHARPEST / 2 / survey.pixel_scale) ** 2
    for band in bands:
        magnitude = lenses[f"source_magnitude_{band}"] - 2.5 * np.log10(lenses["magnification"])
        flux = 10 ** (-0.4 * (magnitude - survey.magnitude_zero_point))
        noise = survey.typical_sky_sigma(band) * np.sqrt(pixels) / 2  # a sky four times darker than the median
        bound = np.maximum(bound, flux / noise)
    resolved = lenses["theta_E"] ** 2 > 2 * lenses["source_R_sersic"] ** 2 + SHARPEST**2 / 2
    return resolved & (lenses["magnification"] > MAGNIFICATION) & (bound > SNR)


def _with_snr(row, survey, bands):
    """The lens in its optimal coadd, with its S/N in each band."""
    row = optimal_coadd(row, bands)
    seeing = [row[f"seeing_{band}"] for band in bands if row[f"num_exposures_{band}"]]
    if not seeing or row["theta_E"] ** 2 < 2 * row["source_R_sersic"] ** 2 + min(seeing) ** 2 / 2:
        return row
    light = render_row(row, bands, NUM_PIX, survey)
    for band, snr in zip(bands, forecast_snr(*light, coadds_of(row, bands, survey)), strict=True):
        row[f"forecast_snr_{band}"] = float(snr) if row[f"num_exposures_{band}"] else 0.0
    return row

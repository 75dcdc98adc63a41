"""The simulated sky, made again as the published forecast observes it: for comparison, without a run's pictures."""

from dataclasses import replace

import numpy as np
import pandas as pd

from lenspipe.diagnostics.forecast import BANDS, MAGNIFICATION, SNR
from lenspipe.diagnostics.sky_check import population_check
from lenspipe.population import draw_catalog
from lenspipe.simulate.forecast import EXPOSURES, forecast_snr, optimal_coadd
from lenspipe.simulate.observing import coadds_of
from lenspipe.simulate.rendering import render

SQUARE_DEGREES = 5000 * (np.pi / 180) ** 2  # 5,000 of them, in steradian
NUM_PIX = 45
SHARPEST = 0.4  # arcsec; no exposure has better seeing


def check_population(priors, seed, count, confidence):
    """The survey prior's lenses beside the forecast's.

    Parameters
    ----------
    priors : Priors
        Of a survey that has the bands g, r, i or some of them.
    seed : int
    count : int
        Lenses to draw; about a twentieth of them is found.
    confidence : float

    Returns
    -------
    DataFrame
        Of ``diagnostics.sky_check.population_check``.
    """
    return population_check(forecast_lenses(priors, seed, count), confidence)


def forecast_lenses(priors, seed, count):
    """Lenses of the survey prior with the seeing and S/N that they have in the forecast's optimal coadds.

    Lenses that the catalogue's numbers alone rule out are not rendered; their S/N is 0.

    Returns
    -------
    DataFrame [count]
        The catalogue's columns, with ``seeing_<band>`` of the optimal coadd; ``forecast_snr_<band>``;
        ``per_5000_deg2``, how many lenses of the sky each stands for.
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
    lenses = draw_catalog("test", count, 1.0, {}, seed, replace(priors, survey=survey, bands=bands))
    rows = []
    for row, hopeful in zip(lenses.to_dict("records"), _hopeful(lenses, survey, bands), strict=True):
        row |= dict.fromkeys((f"forecast_snr_{band}" for band in bands), 0.0)
        rows.append(_observed(row, survey, bands) if hopeful else row)
    return pd.DataFrame(rows).assign(per_5000_deg2=lenses["weight"] * SQUARE_DEGREES / count)


def _hopeful(lenses, survey, bands):
    """Which lenses may be found: the cuts that need no pixels, and a bound on the S/N that any seeing leaves.

    The whole lensed flux within one seeing disc of the sharpest exposures is more than any lens has.
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


def _observed(row, survey, bands):
    row = optimal_coadd(row, bands)
    near = [row[f"seeing_{band}"] ** 2 for band in bands if row[f"num_exposures_{band}"]]
    if not near or row["theta_E"] ** 2 < 2 * row["source_R_sersic"] ** 2 + min(near) / 2:
        return row
    light = render(row, bands, NUM_PIX, survey)
    for band, snr in zip(bands, forecast_snr(*light, coadds_of(row, bands, survey)), strict=True):
        row[f"forecast_snr_{band}"] = float(snr) if row[f"num_exposures_{band}"] else 0.0
    return row

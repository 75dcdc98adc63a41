"""The simulated sky beside published numbers and real stamps, without a run's pictures."""

from dataclasses import asdict, replace

import numpy as np
import pandas as pd

from lenspipe import store
from lenspipe.errors import InputError
from lenspipe.population.catalog import draw_catalog
from lenspipe.population.conditions import draw_conditions
from lenspipe.simulate.forecast import EXPOSURES, forecast_snr, optimal_coadd
from lenspipe.simulate.noise import coadds_of
from lenspipe.simulate.pipeline import render_row, simulate_objects
from lenspipe.simulate.psf import CoaddPsf
from lenspipe.simulate.scene import psf_of
from lenspipe.validation.checks import by_difference, by_ratio, population_check
from lenspipe.validation.field import alike, check_field
from lenspipe.validation.forecast import BANDS, MAGNIFICATION, SNR

SQUARE_DEGREES = 5000 * (np.pi / 180) ** 2  # 5,000 of them, in steradian
NUM_PIX = 45
SHARPEST = 0.4  # arcsec; no exposure has better seeing
COADDS = 400  # whose depths are taken
DEPTH_WITHIN, NOISE_WITHIN = 0.1, 0.10  # mag; share
STAR = 4.0  # arcsec about a star that its profile is fitted in
DEFLECTORS, ROUNDS = 3000, 3  # from which as many are taken for each real stamp


def check_depth(survey, bands, seed):
    """Depth and noise of a survey's coadds beside what it says of them.

    Parameters
    ----------
    survey : Survey
    bands : sequence of str
    seed : int

    Returns
    -------
    DataFrame
        Fields of ``diagnostics.sky_check.Check``; intervals hold 68 % of the coadds. Empty if nothing was published.
    """
    said = survey.published
    rows = pd.DataFrame(draw_conditions(np.random.default_rng(seed), COADDS, survey, bands)).to_dict("records")
    checks = []
    for band in [band for band in bands if said and band in said.depth]:
        coadds = [coadds_of(row, [band], survey)[0] for row in rows]
        if said.aperture:
            what = f"{said.signal_to_noise:g}-sigma depth in {said.aperture:g} arcsec, {band}"
            depths = [coadd.depth(survey, said.aperture, said.signal_to_noise) for coadd in coadds]
        else:
            what = f"{said.signal_to_noise:g}-sigma depth of stars, {band}"
            sigma = [_star_sigma(coadd, row, band, survey) for coadd, row in zip(coadds, rows, strict=True)]
            depths = survey.magnitude_zero_point - 2.5 * np.log10(said.signal_to_noise * np.array(sigma))
        checks.append(by_difference(what, _middle(depths), said.depth[band], DEPTH_WITHIN, "mag"))
        if band in said.sky_sigma:
            noise = _middle([coadd.sky_sigma() for coadd in coadds])
            checks.append(by_ratio(f"noise of an empty pixel, {band}", noise, said.sky_sigma[band], NOISE_WITHIN))
    return pd.DataFrame(map(asdict, checks))


def _star_sigma(coadd, row, band, survey):
    """Counts: standard deviation of a faint star's flux by its profile p: sqrt(variance / sum of p^2)."""
    half = int(np.ceil(STAR / survey.pixel_scale))
    axis = np.arange(-half, half + 1) * survey.pixel_scale
    star = CoaddPsf(psf_of(row, [band], survey)).at(axis, axis)[0] * survey.pixel_scale**2
    return np.sqrt(coadd.variance() / np.sum(star**2))


def _middle(values):
    """Median and percentiles 16 and 84."""
    return np.percentile(values, [50, 16, 84])


def check_stamps(path, priors, seed):
    """The field of simulated deflectors beside that of real stamps around galaxies as bright and red.

    Parameters
    ----------
    path : path
        Image store of real cutouts.
    priors : Priors
    seed : int

    Returns
    -------
    DataFrame
        Of ``diagnostics.field_check.check_field``.

    Raises
    ------
    InputError
        If the store has not the bands, or not g and i.
    """
    images = store.open_images(path)
    bands = [band for band in priors.bands if band in images["band"].to_numpy()]
    if not {"g", "i"} <= set(bands):
        raise InputError(f"{path}: has not both bands g and i, which galaxies are matched in; ingest them too")
    real = images["image"].sel(band=bands).to_numpy()
    num_pix, scale, zero_point = real.shape[-1], images.attrs["pixel_scale"], images.attrs["magnitude_zero_point"]
    priors = replace(priors, bands=tuple(bands), num_pix=num_pix)
    catalog = draw_catalog("test", DEFLECTORS, lens_fraction=0.0, non_lenses={"deflector": 1}, seed=seed, priors=priors)
    rows = catalog.iloc[alike(real, catalog, bands, scale, zero_point, ROUNDS)]
    simulated = simulate_objects(rows, bands, num_pix, priors.survey, seed)["image"]
    return check_field(real, simulated, bands, scale, zero_point)


def check_population(priors, seed, count, confidence):
    """The survey prior's lenses beside the forecast's.

    Parameters
    ----------
    priors : Priors
        Of a survey that has the bands g, r, i or some of them.
    seed : int
    count : int
        Lenses to draw; about a tenth of them is found.
    confidence : float

    Returns
    -------
    DataFrame
        Of ``diagnostics.sky_check.population_check``.
    """
    return population_check(forecast_lenses(priors, seed, count), confidence)


def forecast_lenses(priors, seed, count):
    """Lenses of the survey prior with the seeing and S/N that they have in the forecast's optimal coadds.

    Their sources are smooth, as the forecast's are. Lenses that the catalogue's numbers alone rule out are not
    rendered; their S/N is 0.

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
    lenses = draw_catalog(
        "test",
        count,
        lens_fraction=1.0,
        non_lenses={},
        seed=seed,
        priors=replace(priors, survey=survey, bands=bands, clumpy=0.0),
    )
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
    light = render_row(row, bands, NUM_PIX, survey)
    for band, snr in zip(bands, forecast_snr(*light, coadds_of(row, bands, survey)), strict=True):
        row[f"forecast_snr_{band}"] = float(snr) if row[f"num_exposures_{band}"] else 0.0
    return row

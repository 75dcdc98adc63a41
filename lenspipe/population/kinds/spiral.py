"""A spiral galaxy seen nearly face-on: a bulge, and a disc with arms."""

import numpy as np

from lenspipe.population.components import slots_to_lists
from lenspipe.population.deflectors import ellipticity
from lenspipe.population.sources import blue_magnitudes
from lenspipe.population.spectra import apparent_minus_absolute

Z = (0.05, 0.5)
MAGNITUDE_I = (17.5, 21.5)
BULGE_FRACTION = (0.05, 0.4)  # of the light in the i band
BULGE_SIZE = (0.1, 0.35)  # half-light radius in units of the disc's
AXIS_RATIO = (0.7, 1.0)
CONTRAST = (0.4, 0.9)
PITCH = (10.0, 30.0)  # deg


def draw(rng, n, priors):
    """Draw spirals, each law flat; ``radius`` is the half-light radius of the disc, where the arms have most light.

    They are no deflectors: sigma_v, z_source and theta_E_halo are not set, and no survey law gives a weight.

    Parameters
    ----------
    rng : numpy.random.Generator
    n : int
        Number of objects.
    priors : Priors

    Returns
    -------
    dict of str to array [n]
        Columns of the catalogue.
    """
    z = rng.uniform(*Z, n)
    total = rng.uniform(*MAGNITUDE_I, n)
    bulge = rng.uniform(*BULGE_FRACTION, n)
    radius = rng.uniform(priors.theta_E_min, priors.theta_E_max, n)
    half = priors.survey.pixel_scale / 2
    center_x, center_y = rng.uniform(-half, half, (2, n))
    bulge_e1, bulge_e2 = ellipticity(rng, rng.uniform(*AXIS_RATIO, n))
    e1, e2 = ellipticity(rng, rng.uniform(*AXIS_RATIO, n))
    disc, _ = blue_magnitudes(rng, total - 2.5 * np.log10(1 - bulge), z, survey=priors.survey, bands=priors.bands)
    rows = {
        "z_lens": z,
        "center_x": center_x,
        "center_y": center_y,
        "lens_R_sersic": radius * rng.uniform(*BULGE_SIZE, n),
        "lens_n_sersic": rng.uniform(1, 4, n),
        "lens_e1": bulge_e1,
        "lens_e2": bulge_e2,
        "radius": radius,
    }
    arms = {
        "profile": np.full(n, "spiral"),
        "center_x": center_x,
        "center_y": center_y,
        "R_sersic": radius,
        "n_sersic": np.ones(n),
        "e1": e1,
        "e2": e2,
        "arms": rng.integers(2, 5, n).astype(float),
        "pitch": rng.uniform(*PITCH, n),
        "contrast": rng.uniform(*CONTRAST, n),
        "phase": rng.uniform(0, 2 * np.pi, n),
    }
    red = {
        b: apparent_minus_absolute("Sbc", z, wavelength=priors.survey.bands[b].wavelength, reference=6200.0)
        for b in (*priors.bands, "i")
    }
    for band in priors.bands:
        rows[f"lens_magnitude_{band}"] = total - 2.5 * np.log10(bulge) + red[band] - red["i"]
        arms[f"magnitude_{band}"] = disc[band]
    return rows | slots_to_lists("extra", [arms], priors.bands)

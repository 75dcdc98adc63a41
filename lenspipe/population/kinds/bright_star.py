"""A deflector in the light of a bright star outside of the image: its wings, its aureole, and one of its spikes."""

import numpy as np

from lenspipe.population.components import slots_to_lists
from lenspipe.population.joint_prior import draw_deflectors
from lenspipe.population.kinds.deflector import survey_weight
from lenspipe.population.kinds.star import G_MINUS_I, star_colours

MAGNITUDE_I = (11.0, 15.0)
DISTANCE = (8.5, 16.0)  # arcsec: beyond the corners of a stamp of 45 pixels
# Brightness of the aureole over the star's flux, times r^2: DECam's, as the Legacy Surveys subtract it (legacypipe,
# halos.py: g 4.5e-4, r 3.3e-4; z a Moffat profile that is 6.5e-4 at 10 arcsec; i is taken as r).
AUREOLE = {"g": 4.5e-4, "r": 3.3e-4, "i": 3.3e-4, "z": 6.5e-4}
AUREOLE_ENDS = 400.0  # arcsec, radius at which legacypipe truncates it
CORE = 1.0  # arcsec, radius within which the light is in the Moffat profile
# Vanes of about 2 cm hold the camera in front of a mirror of 4 m. They block 1 % of the light and diffract as much
# (Babinet): up to wavelength / (pi x 2 cm), 2.5 arcsec, and beyond as 1/r^2.
SPIKES = 0.01
SPIKE_LENGTH = 2.5  # arcsec, half of the light
SPIKE_WIDTH = 0.15  # arcsec: less than any seeing


def draw(rng, n, priors):
    """Draw deflectors near stars with four spikes; ``radius`` is the distance at which one spike passes the deflector.

    It is flat over the range of theta_E; the magnitude is flat. The spikes are at right angles. The saturated core of
    the star and its bleeding are outside of the image, as the star is. Ghosts are not simulated.

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
    rows = draw_deflectors(rng, n, priors)
    radius = rng.uniform(priors.theta_E_min, priors.theta_E_max, n)
    distance, angle = rng.uniform(*DISTANCE, n), rng.uniform(0, 2 * np.pi, n)
    magnitude_i = rng.uniform(*MAGNITUDE_I, n)
    colours = star_colours(rng.uniform(*G_MINUS_I, n))
    magnitudes = {band: magnitude_i + colours[band] for band in priors.bands}
    place = {
        "center_x": rows["center_x"] + distance * np.cos(angle),
        "center_y": rows["center_y"] + distance * np.sin(angle),
    }
    around = np.pi * np.log1p((AUREOLE_ENDS / CORE) ** 2)  # flux of an aureole of brightness 1/r^2
    slots = [
        place | component_light("point", magnitudes, dict.fromkeys(magnitudes, 1.0)),
        place
        | component_light("aureole", magnitudes, {band: around * AUREOLE[band] for band in magnitudes})
        | {"R_sersic": np.full(n, AUREOLE_ENDS), "width": np.full(n, CORE)},
        place
        | component_light("spikes", magnitudes, dict.fromkeys(magnitudes, SPIKES))
        | {"R_sersic": np.full(n, SPIKE_LENGTH), "width": np.full(n, SPIKE_WIDTH)}
        | {"phase": angle + np.pi + rng.choice([-1, 1], n) * np.arcsin(np.minimum(radius / distance, 1))},
    ]
    rows |= slots_to_lists("extra", slots, priors.bands)
    return rows | {"radius": radius, "weight": survey_weight(rows, priors)}


def component_light(profile, magnitudes, shares):
    """Profile and magnitudes of a component that has a share of the star's light in each band.

    Parameters
    ----------
    profile : str
    magnitudes : dict of str to array [n], mag
        Of the star, by band.
    shares : dict of str to float
        By band.

    Returns
    -------
    dict of str to array [n]
        ``profile`` and ``magnitude_<band>``.
    """
    light = {f"magnitude_{band}": values - 2.5 * np.log10(shares[band]) for band, values in magnitudes.items()}
    return {"profile": np.full(len(next(iter(magnitudes.values()))), profile)} | light

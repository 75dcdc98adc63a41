"""Stars of the Milky Way: counts, magnitudes, colours."""

import numpy as np

BANDS = ("g", "r", "i", "z")  # bands of the locus
# The stellar locus: g-i, and at it g-r, r-i, i-z. Read off the median locus of Covey et al. 2007, table 3, rounded.
LOCUS = np.array(
    [
        [0.4, 0.32, 0.08, 0.01],
        [0.7, 0.52, 0.18, 0.07],
        [1.0, 0.74, 0.26, 0.12],
        [1.5, 1.11, 0.39, 0.21],
        [2.0, 1.37, 0.63, 0.35],
        [2.5, 1.43, 1.07, 0.58],
        [2.8, 1.45, 1.35, 0.74],
    ]
)
# deg: galactic latitude of the centre of DES, which spans 30 to 88; perpendicular to the Galactic centre
LATITUDE = 50.0
V = np.arange(13.0, 26.01, 0.1)  # mag; brighter stars are rarer than 1 in 10,000 stamps, fainter ones are lost in noise
M_DWARF_COLOUR = (2.5, 0.2)  # g-i, mean and scatter
# 48 million stars with r < 21.5, V < 21.8, in 6,500 square degrees, most beyond latitude 25: Juric et al. 2008,
# ApJ 673, 864. The counts of Bahcall and Soneira are half of that, and are scaled to it.
SDSS_STARS, SDSS_LIMIT = 48e6 / 6500, 21.8
HOTTEST, COOLEST = 0.4, 2.8  # g-i, ends of the locus


def star_colours(g_minus_i):
    """Colours of stars on the stellar locus relative to i.

    Parameters
    ----------
    g_minus_i : array [n], mag

    Returns
    -------
    dict of str to array [n], mag
        Band minus i (AB), by band.
    """
    r_i, i_z = (np.interp(g_minus_i, LOCUS[:, 0], LOCUS[:, k]) for k in (2, 3))
    return {"g": g_minus_i, "r": r_i, "i": np.zeros_like(g_minus_i), "z": -i_z}


def star_counts(V):
    """Stars brighter than a V magnitude, per square degree, at ``LATITUDE``.

    The shape is the model's; the normalisation is SDSS's number at its limit.

    Parameters
    ----------
    V : float or array [n], mag

    Returns
    -------
    disc, spheroid : float or array [n], 1/deg^2
    """
    scale = SDSS_STARS / sum(model_counts(SDSS_LIMIT))
    return tuple(scale * counts for counts in model_counts(V))


def model_counts(V):
    """Counts of the model of Bahcall & Soneira 1980, ApJS 44, 73: equation B1 with its constants for integrals in V.

    At galactic longitude 90 or 270 degrees.

    Parameters
    ----------
    V : float or array [n], mag

    Returns
    -------
    disc, spheroid : float or array [n], 1/deg^2
        Stars brighter than V.
    """
    gamma = np.clip(0.36 + 0.04 * (12 - V), 0.04, 0.36)
    disc = 925 * 10 ** (0.035 * (V - 15.75)) / (1 + 10 ** (-0.132 * (V - 15.75))) ** 3
    spheroid = 1050 * 10 ** (0.087 * (V - 17.5)) / (1 + 10 ** (-0.18 * (V - 17.5))) ** 2.5
    return disc / np.sin(np.radians(LATITUDE)) ** (3 - 5 * gamma), spheroid


def star_density():
    """Number of stars per square degree (float) that ``draw_stars`` draws from."""
    return sum(counts[-1] - counts[0] for counts in star_counts(V))


def draw_stars(rng, n, survey, bands):
    """Draw magnitudes of stars, from their counts.

    In the disc, the share of M dwarfs increases with magnitude, from none at V 14 to all at V 20. All other stars, and
    those of the spheroid, are near the turn-off, and redder when fainter. This is a coarse view of the colours of stars
    in SDSS (Chen et al. 2001, ApJ 553, 184; Juric et al. 2008). g = V + 0.59 (g-r) + 0.01 (Jester et al. 2005, AJ 130,
    873). In bands without a colour on the locus, magnitudes are extrapolated in wavelength from the two nearest bands.

    Parameters
    ----------
    rng : numpy.random.Generator
    n : int
        Number of stars.
    survey : Survey
    bands : sequence of str

    Returns
    -------
    dict of str to array [n], mag
        By band.
    """
    disc, spheroid = star_counts(V)
    total = disc + spheroid
    magnitude_V = np.interp(rng.uniform(total[0], total[-1], n), total, V)
    middle = V[:-1] + 0.05
    share = np.interp(magnitude_V, middle, np.diff(disc) / np.diff(total))
    of_disc = rng.uniform(size=n) < share
    is_M = of_disc & (rng.uniform(size=n) < (magnitude_V - 14) / 6)
    bluest = np.where(of_disc, 0.6, 0.4)
    turn_off = bluest + 0.1 * np.clip(magnitude_V - 18, 0, 6) + 0.25 * np.abs(rng.normal(size=n))
    g_minus_i = np.where(is_M, rng.normal(*M_DWARF_COLOUR, n), turn_off).clip(HOTTEST, COOLEST)
    colours = star_colours(g_minus_i)
    magnitude_i = magnitude_V + 0.59 * (colours["g"] - colours["r"]) + 0.01 - g_minus_i
    return {
        band: magnitude_i + (colours[band] if band in colours else _extrapolated_colour(colours, survey, band))
        for band in bands
    }


def _extrapolated_colour(colours, survey, band):
    """Colour of a band without colours on the locus, from those of the two nearest bands."""
    wavelength = {name: numbers.wavelength for name, numbers in survey.bands.items()}
    near, far = sorted(set(BANDS) & set(wavelength), key=lambda name: abs(wavelength[name] - wavelength[band]))[:2]
    along = (wavelength[band] - wavelength[near]) / (wavelength[far] - wavelength[near])
    return colours[near] + along * (colours[far] - colours[near])

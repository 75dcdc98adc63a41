"""Clumpy sources: a disc with a bulge and clumps of young stars; the disc has the remaining light.

A clumpy source has at least one clump with 8 % of its ultraviolet light or more. This is the definition of Guo et al.
2015 (ApJ 800, 39), who find such clumps in 60 % of star-forming galaxies of log M = 9 to 9.8 at 0.5 < z < 3.
"""

import numpy as np
from scipy import special

from lenspipe.population.caustics import axis_ratio
from lenspipe.population.components import slots_to_lists
from lenspipe.population.cosmology import RAD_TO_ARCSEC, angular_diameter_distance
from lenspipe.population.spectra import REST_WAVELENGTH, apparent_minus_absolute, rest_magnitude

# Clumps. Soto et al. 2017 (ApJ 837, 6): two in the mean, eight at most, 19 % of the ultraviolet light together, each
# 5 % of the star formation in the median; here two, eight, 22 %, and 9 % of the light.
MORE_CLUMPS = 1.0  # Poisson mean of the number of clumps after the first
MOST_CLUMPS = 8
CLUMP_ULTRAVIOLET = 2500.0  # Angstrom, rest: near the filters that clumps are counted in
SLOPE = -2.0  # of their luminosities: from fragmentation, and as measured (Dessauges-Zavadsky & Adamo 2018)
# Share of the source's light: lower limit for the first clump, for the rest, upper limit; chosen.
FIRST, LEAST, MOST = 0.08, 0.03, 0.3
BLUER = (0.0, 1.0)  # steps from Scd to Im by which a clump is bluer than its galaxy; chosen
NEAREST, FARTHEST = (
    0.5,
    2.0,
)  # distance from the centre in half-light radii of the disc: off-centre, but within the light
CLUMP_KPC = (0.05, 0.3)  # half-light radius; chosen below 1 kpc, as where lenses resolve clumps (Cava et al. 2018)
LARGEST_CLUMP = 0.15  # half-light radius in units of the disc's; chosen
CLUMP_N = 0.5  # Gaussian; chosen

# Bulge. Its share and size are those of the kind edge_on, chosen.
BULGE_SHARE = (0.0, 0.3)  # of the light at 6200 Angstrom, rest
BULGE_SIZE = 0.2  # half-light radius in units of the disc's
BULGE_N = 2.0  # between pseudobulges and classical bulges (Fisher & Drory 2008, AJ 136, 773)
BULGE_FORMS_STARS = 0.68  # share of inner components at 1 < z < 3 (Margalef-Bentabol et al. 2018, MNRAS 473, 5370)

RAYS = 2.0  # per half-light radius, for the magnification of a part
ALL_PARTS = 0.75  # upper limit of the parts' share of the light in any band; above it all parts are dimmed alike


def draw_parts(rng, source, z, priors):
    """Draw bulge and clumps of sources, relative to the source's centre.

    Parameters
    ----------
    rng : numpy.random.Generator
        A generator that is used for nothing else.
    source : dict of str to array [n]
        From ``sources.draw_blue_galaxy``.
    z : array [n]
        Redshift of the sources.
    priors : Priors

    Returns
    -------
    dict of str to array [n, part]
        ``center_x``, ``center_y`` (arcsec from the source's centre), ``R_sersic`` (arcsec), ``n_sersic``, ``e1``,
        ``e2``, and ``share_<band>`` of the source's flux, also for i if it is none of the bands. The bulge is the first
        part; NaN for parts that a source does not have.
    """
    n = len(z)
    wavelengths = {band: priors.survey.bands[band].wavelength for band in dict.fromkeys((*priors.bands, "i"))}
    clumpy = rng.uniform(size=n) < priors.clumpy
    number = np.minimum(1 + rng.poisson(MORE_CLUMPS, n), MOST_CLUMPS)
    kinds = [_bulges(rng, source, z, wavelengths), _clumps(rng, source, z, wavelengths)]
    present = clumpy[:, None] & (np.arange(1 + MOST_CLUMPS) <= number[:, None])
    parts = {name: np.where(present, np.concatenate([k[name] for k in kinds], axis=1), np.nan) for name in kinds[0]}
    brightest = np.max([np.nansum(parts[f"share_{band}"], axis=1) for band in wavelengths], axis=0)
    dimmed = np.minimum(1, ALL_PARTS / np.maximum(brightest, ALL_PARTS))[:, None]
    return parts | {f"share_{band}": dimmed * parts[f"share_{band}"] for band in wavelengths}


def _bulges(rng, source, z, wavelengths):
    """Round central bulges, old in some galaxies (spectrum E), star-forming in the rest (Sbc): arrays [n, 1]."""
    n = len(z)
    share, forms_stars = rng.uniform(*BULGE_SHARE, n), rng.uniform(size=n) < BULGE_FORMS_STARS
    parts = {"center_x": np.zeros(n), "center_y": np.zeros(n), "R_sersic": BULGE_SIZE * source["R_sersic"]}
    parts |= {"n_sersic": np.full(n, BULGE_N), "e1": np.zeros(n), "e2": np.zeros(n)}
    for band, wavelength in wavelengths.items():
        whole = source[f"magnitude_{band}"] - source["M_r"]
        spectra = [
            apparent_minus_absolute(name, z, wavelength=wavelength, reference=REST_WAVELENGTH["r"])
            for name in ("E", "Sbc")
        ]
        parts[f"share_{band}"] = share * 10 ** (0.4 * (whole - np.where(forms_stars, spectra[1], spectra[0])))
    return {name: values[:, None] for name, values in parts.items()}


def _clumps(rng, source, z, wavelengths):
    """Round clumps within the disc's ellipse, each with its own spectrum: arrays [n, ``MOST_CLUMPS``]."""
    shape = len(z), MOST_CLUMPS
    least = np.where(np.arange(MOST_CLUMPS) == 0, FIRST, LEAST)
    share, bluer = draw_share(rng, least, shape), rng.uniform(*BLUER, shape)
    x, y = draw_in_disc(rng, source, shape)
    kpc = (RAD_TO_ARCSEC / 1e3 / angular_diameter_distance(z))[:, None]
    R_sersic = np.minimum(rng.uniform(*CLUMP_KPC, shape) * kpc, LARGEST_CLUMP * source["R_sersic"][:, None])
    parts = {"center_x": x, "center_y": y, "R_sersic": R_sersic}
    parts |= {"n_sersic": np.full(shape, CLUMP_N), "e1": np.zeros(shape), "e2": np.zeros(shape)}
    for band, wavelength in wavelengths.items():
        colour = blue_step(wavelength / (1 + z)) - blue_step(CLUMP_ULTRAVIOLET)
        parts[f"share_{band}"] = share * 10 ** (-0.4 * bluer * colour[:, None])
    return parts


def blue_step(wavelength):
    """Magnitude of the spectrum Im minus that of Scd, zero at 6200 Angstrom.

    Parameters
    ----------
    wavelength : array [...], Angstrom
        At rest.

    Returns
    -------
    array [...], mag
    """
    return rest_magnitude("Im", wavelength) - rest_magnitude("Scd", wavelength)


def draw_share(rng, least, shape):
    """Draw shares of the ultraviolet light from a power law up to ``MOST``, by inverse CDF.

    Parameters
    ----------
    rng : numpy.random.Generator
    least : array [clump]
        Smallest share of each clump.
    shape : tuple of int
        ``(n, clump)``.

    Returns
    -------
    array [n, clump]
    """
    power = SLOPE + 1
    return (least**power + rng.uniform(size=shape) * (MOST**power - least**power)) ** (1 / power)


def draw_in_disc(rng, source, shape):
    """Draw positions in exponential discs, as dense as their light, between two of their ellipses.

    The light within rho is P(2, b rho), the incomplete gamma function, with P(2, b) = 1/2.

    Parameters
    ----------
    rng : numpy.random.Generator
    source : dict of str to array [n]
        From ``sources.draw_blue_galaxy``.
    shape : tuple of int
        ``(n, position)``.

    Returns
    -------
    x, y : array [n, position], arcsec
        From the source's centre.
    """
    b = special.gammaincinv(2, 0.5)
    low, high = (special.gammainc(2, b * rho) for rho in (NEAREST, FARTHEST))
    rho = source["R_sersic"][:, None] * special.gammaincinv(2, rng.uniform(low, high, shape)) / b
    turn = rng.uniform(0, 2 * np.pi, shape)
    q, phi = (values[:, None] for values in axis_ratio(source["e1"], source["e2"]))
    along, across = rho * np.cos(turn) / np.sqrt(q), rho * np.sin(turn) * np.sqrt(q)
    return along * np.cos(phi) - across * np.sin(phi), along * np.sin(phi) + across * np.cos(phi)


def total_magnification(lens, source, parts):
    """Lensed over unlensed flux of sources with parts, in the i band; parts and disc have different colours.

    Parameters
    ----------
    lens : mapping of str to array [n]
        As for ``magnification``.
    source : mapping of str to array [n]
        As ``light`` for ``magnification``.
    parts : dict of str to array [n, part]
        From ``draw_parts``.

    Returns
    -------
    array [n]
    """
    from lenspipe.population.magnification import magnification  # compiled by numba, which is slow to import

    present = np.isfinite(parts["R_sersic"])
    owner, light = np.nonzero(present)[0], {name: values[present] for name, values in parts.items()}
    for name in ("center_x", "center_y"):
        light[name] = source[name][owner] + light[name]
    mu_parts, share = np.zeros(present.shape), np.where(present, parts["share_i"], 0)
    mu_parts[present] = magnification({name: values[owner] for name, values in lens.items()}, light, RAYS)
    return magnification(lens, source) * (1 - share.sum(axis=1)) + (share * mu_parts).sum(axis=1)


def part_columns(source, parts, bands):
    """The catalogue's columns of parts.

    Parameters
    ----------
    source : mapping of str to array [n]
        With ``center_x``, ``center_y`` (arcsec) and ``magnitude_<band>``.
    parts : dict of str to array [n, part]
        From ``draw_parts``.
    bands : sequence of str

    Returns
    -------
    dict of str to object array [n]
        The columns ``part_*``, lists.
    """
    placed = parts | {name: source[name][:, None] + parts[name] for name in ("center_x", "center_y")}
    for band in bands:
        placed[f"magnitude_{band}"] = source[f"magnitude_{band}"][:, None] - 2.5 * np.log10(parts[f"share_{band}"])
    present = np.isfinite(parts["R_sersic"])
    slots = [{name: values[:, k] for name, values in placed.items()} for k in range(present.shape[1])]
    return slots_to_lists("part", slots, bands, present)

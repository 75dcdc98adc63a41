"""Objects that are painted on real galaxies: mass, seeing and depth from the galaxy's cutout.

The real galaxy replaces the drawn deflector. Its pixels are the light and the noise, its shape gives the mass, and its
seeing and depth are the object's. Unknown properties stay unknown.
"""

import numpy as np

from lenspipe.population.components import split_into_cells
from lenspipe.population.cosmology import distance_ratio, redshift_at, theta_E_sis, transverse_distance
from lenspipe.population.real_galaxies import largest_theta_E

TURNS = 8  # orientations: quarter turns, mirrored or not
LARGEST_E = 0.8  # upper limit of the ellipticity of the mass


def place_on_real_galaxies(rng, system, priors, draw_z_source):
    """Replace drawn deflectors by real galaxies.

    If ``z_lens`` and ``sigma_v`` of a galaxy are known, its Einstein radius follows from a source redshift of the law,
    limited to the range of theta_E. If only ``z_lens`` is known, the Einstein radius is flat over what the range of
    sigma_v allows. If neither is known, theta_E stays as drawn, which is flat. The mass has the ellipticity of the
    measured light, with the drawn scatter between mass and light.

    Parameters
    ----------
    rng : numpy.random.Generator
    system : dict of str to array [n]
        From ``draw_deflectors``.
    priors : Priors
        With ``real``, the galaxies.
    draw_z_source : callable
        Draws redshifts of sources, array [n], between two limits, array [n] each.

    Returns
    -------
    dict of str to array [n]
        ``system`` with the galaxies' columns, ``background_id`` and ``background_turn``.
    """
    real, turn = priors.real, rng.integers(TURNS, size=len(system["theta_E_halo"]))
    scatter = np.array([system["e1"] - system["lens_e1"], system["e2"] - system["lens_e2"]])
    light = np.array(rotated_ellipticity(real["e1"], real["e2"], turn))
    mass = light + scatter
    mass *= np.minimum(1, LARGEST_E / np.maximum(np.hypot(*mass), 1e-12))
    x, y = rotated_position(real["center_x"], real["center_y"], turn)
    z_known, both_known = np.isfinite(real["z_lens"]), np.isfinite(real["z_lens"] + real["sigma_v"])
    z_lens = np.where(z_known, real["z_lens"], system["z_lens"])
    span = (np.minimum(largest_theta_E(z_lens, np.nan, priors), priors.theta_E_max) - priors.theta_E_min) / (
        priors.theta_E_max - priors.theta_E_min
    )
    flat = priors.theta_E_min + (system["theta_E_halo"] - priors.theta_E_min) * np.where(z_known, span, 1)
    # Limits of the source redshift from the range of theta_E, or else of sigma_v: D_ls/D_s = 1 - chi_l/chi_s.
    without_distances = theta_E_sis(real["sigma_v"])
    low = np.where(both_known, priors.theta_E_min / without_distances, flat / theta_E_sis(priors.sigma_v_max))
    high = np.where(both_known, priors.theta_E_max / without_distances, flat / theta_E_sis(priors.sigma_v_min))
    chi, farthest = transverse_distance(z_lens), transverse_distance(priors.z_source_max)
    limits = [redshift_at((chi / (1 - np.clip(r, 0, 1 - 1e-9))).clip(max=farthest)) for r in (low, high)]
    z_source = np.where(z_known, draw_z_source(*limits), system["z_source"])
    ratio = distance_ratio(z_lens, z_source)
    theta_E = np.where(both_known, theta_E_sis(real["sigma_v"], ratio), flat)
    sigma_v = np.where(both_known, real["sigma_v"], system["sigma_v"])
    unknown = {name: np.full(len(turn), np.nan) for name in ("lens_R_sersic", "lens_size_gradient", "lens_n_sersic")}
    return (
        system
        | unknown
        | {f"lens_{name}": values for name, values in real.items() if name.startswith("magnitude_")}
        | {"lens_e1": light[0], "lens_e2": light[1], "e1": mass[0], "e2": mass[1], "center_x": x, "center_y": y}
        | {"theta_E_halo": theta_E, "z_lens": z_lens, "z_source": z_source, "sigma_v": sigma_v}
        | {"background_id": real["id"], "background_turn": turn}
    )


def with_cutout_properties(rows, real, survey, bands):
    """Rows on real galaxies with the seeing and depth of the cutouts, and NaN for unknown properties.

    While a kind is drawn, unknown z_lens and sigma_v have values of the law, so that columns that depend on them can be
    drawn.

    Parameters
    ----------
    rows : dict of str to array [n]
        Columns of a kind.
    real : dict of str to array [n]
        The galaxies, as in ``Priors.real``.
    survey : Survey
    bands : sequence of str

    Returns
    -------
    dict of str to array [n]
    """
    measured = {"z_lens": real["z_lens"], "sigma_v": np.where(np.isfinite(real["z_lens"]), real["sigma_v"], np.nan)}
    measured["weight"] = np.full(len(real["id"]), np.nan)  # the selection of these galaxies is unknown
    for band in bands:
        exposures = exposures_of_cutout(real[f"seeing_{band}"], real[f"sky_sigma_{band}"], band, survey)
        measured |= {f"{name}_{band}": values for name, values in exposures.items()}
    return rows | measured


def exposures_of_cutout(seeing, sky_sigma, band, survey):
    """Equal exposures whose coadd has a given seeing and noise.

    Their number is the one that comes nearest to the noise with the survey's median sky and mean extinction, evenly
    dithered, since noise falls with the root of the number. The sky brightness is then set to give the noise exactly.

    Parameters
    ----------
    seeing : array [n], arcsec
    sky_sigma : array [n], counts
    band : str
    survey : Survey

    Returns
    -------
    dict of str to array [n]
        The columns that describe observing, without the band's name.
    """
    typical, transparency = survey.bands[band], 10 ** (-0.4 * survey.extinction)
    sigma_of_one = survey.typical_sky_sigma(band) * np.sqrt(np.mean(typical.num_exposures))
    number = np.rint((sigma_of_one / sky_sigma) ** 2).clip(1).astype(int)
    dithers = {n: (np.arange(n) + 0.5) / n for n in np.unique(number).tolist()}

    def remaining_variance(dither):
        sky, throughput = 0 * dither + typical.sky_brightness, 0 * dither + transparency
        coadd = survey.coadd(band, sky_brightness=sky, transparency=throughput, dither_x=dither, dither_y=dither)
        return coadd.covariance[0, 0]

    remaining = {n: remaining_variance(dither) for n, dither in dithers.items()}
    gain = survey.electrons_per_count(band, transparency)
    variance = number * (sky_sigma * gain) ** 2 / np.array([remaining[n] for n in number.tolist()])
    sky = np.maximum(variance - survey.read_noise**2, 1.0)  # electrons of one exposure
    sky_brightness = typical.sky_brightness - 2.5 * np.log10(sky / survey.sky_electrons(band, typical.sky_brightness))

    every_dither = np.concatenate([dithers[n] for n in number.tolist()])

    def lists(values):
        return split_into_cells(np.repeat(values, number), number)

    return {
        "seeing": seeing,
        "psf_e1": np.zeros(len(seeing)),
        "psf_e2": np.zeros(len(seeing)),
        "sky_brightness": sky_brightness,
        "num_exposures": number,
        "exposure_seeing": lists(seeing),
        "exposure_sky_brightness": lists(sky_brightness),
        "exposure_transparency": lists(np.full(len(seeing), transparency)),
        "exposure_dither_x": split_into_cells(every_dither, number),
        "exposure_dither_y": split_into_cells(every_dither, number),
    }


def rotated_position(x, y, turn):
    """Positions after pixels are rotated or mirrored: a quarter turn takes (x, y) to (y, -x), a mirror x to -x.

    Parameters
    ----------
    x, y : array [n], arcsec
    turn : int array [n]
        0 to 7: quarter turns, mirrored from 4 on.

    Returns
    -------
    x, y : array [n], arcsec
    """
    for k in range(3):
        quarter = turn % 4 > k
        x, y = np.where(quarter, y, x), np.where(quarter, -x, y)
    return np.where(turn >= 4, -x, x), y


def rotated_ellipticity(e1, e2, turn):
    """Ellipticities after pixels are rotated or mirrored: a quarter turn changes both signs, a mirror that of e2.

    Parameters
    ----------
    e1, e2 : array [n]
    turn : int array [n]
        0 to 7: quarter turns, mirrored from 4 on.

    Returns
    -------
    e1, e2 : array [n]
    """
    sign = np.where(turn % 2 == 1, -1, 1)
    return sign * e1, sign * np.where(turn >= 4, -1, 1) * e2

"""What an object takes from the real galaxy that it is painted on.

The galaxy takes the place of the deflector that the law would draw: its pixels stand for light and noise, its shape
gives the mass, and its seeing and depth are the object's. What nobody knows of it stays unknown.
"""

import numpy as np

from lenspipe.population.components import split_into_cells
from lenspipe.population.cosmology import distance_ratio, redshift_at, theta_E_sis, transverse_distance
from lenspipe.population.real_galaxies import largest_theta_E

TURNS = 8
LARGEST_E = 0.8


def place_on_real_galaxies(rng, system, priors, draw_z_source):
    """Systems with real galaxies in place of the drawn ones.

    A galaxy with known ``z_lens`` and ``sigma_v`` has the Einstein radius that follows with a source redshift of the
    law, cut to the range of theta_E; one with ``z_lens`` alone a flat one that sigma_v can give; of one of which
    nothing is known theta_E stays as it was drawn, flat. The mass has the ellipticity of the measured light, with the
    scatter between mass and light that was drawn.

    Parameters
    ----------
    rng : numpy.random.Generator
    system : dict of str to array [n]
        From ``draw_deflectors``.
    priors : Priors
        With ``real``, the galaxies.
    draw_z_source : callable
        Redshifts of sources between two limits.

    Returns
    -------
    dict of str to array [n]
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
    # Between which source redshifts theta_E, or else sigma_v, is in its range: D_ls/D_s = 1 - chi_l/chi_s.
    alone = theta_E_sis(real["sigma_v"])
    low = np.where(both_known, priors.theta_E_min / alone, flat / theta_E_sis(priors.sigma_v_max))
    high = np.where(both_known, priors.theta_E_max / alone, flat / theta_E_sis(priors.sigma_v_min))
    chi, farthest = transverse_distance(z_lens), transverse_distance(priors.z_source_max)
    limits = [redshift_at((chi / (1 - np.clip(r, 0, 1 - 1e-9))).clip(max=farthest)) for r in (low, high)]
    z_source = np.where(z_known, draw_z_source(*limits), system["z_source"])
    ratio = distance_ratio(z_lens, z_source)
    theta_E = np.where(both_known, theta_E_sis(real["sigma_v"], ratio), flat)
    sigma_v = np.where(both_known, real["sigma_v"], system["sigma_v"])
    unseen = {name: np.full(len(turn), np.nan) for name in ("lens_R_sersic", "lens_size_gradient", "lens_n_sersic")}
    return (
        system
        | unseen
        | {f"lens_{name}": values for name, values in real.items() if name.startswith("magnitude_")}
        | {"lens_e1": light[0], "lens_e2": light[1], "e1": mass[0], "e2": mass[1], "center_x": x, "center_y": y}
        | {"theta_E_halo": theta_E, "z_lens": z_lens, "z_source": z_source, "sigma_v": sigma_v}
        | {"background_id": real["id"], "background_turn": turn}
    )


def with_cutout_properties(rows, real, survey, bands):
    """A kind's rows on real galaxies, once they are drawn: seeing and depth are the cutout's, the unknown is NaN.

    While a kind is drawn, z_lens and sigma_v have values of the law where nobody knows them, so that whatever depends
    on them can be drawn.
    """
    known = {"z_lens": real["z_lens"], "sigma_v": np.where(np.isfinite(real["z_lens"]), real["sigma_v"], np.nan)}
    known["weight"] = np.full(len(real["id"]), np.nan)  # no law says how these galaxies were chosen
    for band in bands:
        said = exposures_of_cutout(real[f"seeing_{band}"], real[f"sky_sigma_{band}"], band, survey)
        known |= {f"{name}_{band}": values for name, values in said.items()}
    return rows | known


def exposures_of_cutout(seeing, sky_sigma, band, survey):
    """Equal exposures whose coadd has this seeing and this noise.

    As many as give the noise with the survey's median sky and mean extinction, evenly dithered, since noise falls with
    the root of their number; and the sky that then gives it exactly.

    Parameters
    ----------
    seeing : array [n], arcsec
    sky_sigma : array [n], counts
    band : str
    survey : Survey

    Returns
    -------
    dict of str to array [n]
        The columns of observing, without the band.
    """
    said, transparency = survey.bands[band], 10 ** (-0.4 * survey.extinction)
    of_one = survey.typical_sky_sigma(band) * np.sqrt(np.mean(said.num_exposures))
    number = np.rint((of_one / sky_sigma) ** 2).clip(1).astype(int)
    dithers = {n: (np.arange(n) + 0.5) / n for n in np.unique(number).tolist()}
    kept = {
        n: survey.coadd(
            band, sky_brightness=0 * d + said.sky_brightness, transparency=0 * d + transparency, dither_x=d, dither_y=d
        ).covariance[0, 0]
        for n, d in dithers.items()
    }
    gain = survey.electrons_per_count(band, transparency)
    variance = number * (sky_sigma * gain) ** 2 / np.array([kept[n] for n in number.tolist()])
    sky = np.maximum(variance - survey.read_noise**2, 1.0)  # electrons of one exposure
    sky_brightness = said.sky_brightness - 2.5 * np.log10(sky / survey.sky_electrons(band, said.sky_brightness))

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
    """Where points go when pixels are turned: a quarter turn takes (x, y) to (y, -x), a mirror x to -x."""
    for k in range(3):
        quarter = turn % 4 > k
        x, y = np.where(quarter, y, x), np.where(quarter, -x, y)
    return np.where(turn >= 4, -x, x), y


def rotated_ellipticity(e1, e2, turn):
    """Ellipticities likewise: a quarter turn changes both signs, a mirror that of e2."""
    sign = np.where(turn % 2 == 1, -1, 1)
    return sign * e1, sign * np.where(turn >= 4, -1, 1) * e2

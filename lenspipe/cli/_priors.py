"""Priors from settings, with the checks that need science: bands of the survey, Einstein radii that can be reached."""

from lenspipe.config import survey_of
from lenspipe.errors import InputError
from lenspipe.population.field import check_field
from lenspipe.population.priors import Priors, check_feasible
from lenspipe.population.stars import BANDS


def priors_from(survey, bands, population, num_pix):
    """Check the settings of the population and make its priors.

    Parameters
    ----------
    survey : str or dict
    bands : sequence of str
    population : dict
        The section of the settings.
    num_pix : int, pixels

    Returns
    -------
    Priors

    Raises
    ------
    InputError
        For bands that the survey lacks and Einstein radii that cannot be reached.
    """
    survey = survey_of(survey)
    for band in bands:
        if band not in survey.bands:
            raise InputError(f"bands: {band!r} is not a band of {survey.name}; choose from {', '.join(survey.bands)}")
    star_kinds = [kind for kind in ("star", "bright_star") if population["non_lenses"].get(kind)]
    if star_kinds and (colourless := [band for band in bands if band not in BANDS]):
        raise InputError(
            f"bands: stars have no colour in {colourless[0]!r}; remove the band, or set "
            f"population.non_lenses.{star_kinds[0]} to 0"
        )
    deflectors, sources = population["deflectors"], population["sources"]
    priors = Priors(
        survey=survey,
        bands=tuple(bands),
        theta_E_min=population["theta_E"]["min"],
        theta_E_max=population["theta_E"]["max"],
        z_lens_min=deflectors["z_lens"]["min"],
        z_lens_max=deflectors["z_lens"]["max"],
        sigma_v_min=deflectors["sigma_v"]["min"],
        sigma_v_max=deflectors["sigma_v"]["max"],
        shear=deflectors["shear"],
        mass=deflectors["mass"],
        z_source_max=sources["z_source"]["max"],
        magnitude_i_min=sources["magnitude_i"]["min"],
        magnitude_i_max=sources["magnitude_i"]["max"],
        clumpy=sources["clumpy"],
        num_pix=num_pix,
    )
    try:
        check_feasible(priors)
        check_field(priors)
    except ValueError as error:
        raise InputError(str(error)) from None
    return priors

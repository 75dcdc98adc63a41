"""A galaxy that could be a lens but has no source behind it."""

from lenspipe.population.joint_prior import draw_deflectors, proposal_density, survey_density
from lenspipe.population.source_counts import redshift_density


def draw(rng, n, priors):
    """Draw deflectors without source; ``radius`` is the Einstein radius for the hypothetical source.

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
    system = draw_deflectors(rng, n, priors)
    return system | {"radius": system["theta_E_halo"], "weight": survey_weight(system, priors)}


def survey_weight(system, priors):
    """Survey density of deflectors over their training density; z_source is hypothetical, with the law of the counts.

    Parameters
    ----------
    system : dict of str to array [n]
        From ``draw_deflectors``.
    priors : Priors

    Returns
    -------
    array [n]
    """
    theta_E, z_lens, z_source = (system[name] for name in ("theta_E_halo", "z_lens", "z_source"))
    hypothetical = redshift_density(z_source, priors.magnitude_i_min, priors.magnitude_i_max)
    return (
        survey_density(theta_E, z_lens, z_source) * hypothetical / proposal_density(theta_E, z_lens, z_source, priors)
    )

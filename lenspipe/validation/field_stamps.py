"""The field of simulated stamps against that of real stamps around galaxies of the same brightness and colour."""

from dataclasses import replace

from lenspipe.errors import InputError
from lenspipe.population.catalog import draw_catalog
from lenspipe.simulate.pipeline import simulate_objects
from lenspipe.validation.field import check_field, match_galaxies

DEFLECTORS = 3000  # drawn, from which the matches are taken
MATCHES = 3  # simulated stamps for each real one


def check_stamps(images, priors, *, seed, path):
    """Simulate deflectors like the galaxies of real stamps and compare the sources around both.

    Parameters
    ----------
    images : xarray.Dataset
        Real stamps, from ``store.open_images``.
    priors : population.priors.Priors
    seed : int
    path : path
        The store's name, for the message.

    Returns
    -------
    DataFrame
        From ``field.check_field``.

    Raises
    ------
    InputError
        If the store lacks the bands g and i, in which galaxies are matched.
    """
    bands = [band for band in priors.bands if band in images["band"].to_numpy()]
    if not {"g", "i"} <= set(bands):
        raise InputError(f"{path}: lacks band g or i, in which galaxies are matched; ingest both")
    real = images["image"].sel(band=bands).to_numpy()
    num_pix = real.shape[-1]
    scales = {"pixel_scale": images.attrs["pixel_scale"], "zero_point": images.attrs["magnitude_zero_point"]}
    priors = replace(priors, bands=tuple(bands), num_pix=num_pix)
    catalog = draw_catalog("test", DEFLECTORS, lens_fraction=0.0, non_lenses={"deflector": 1}, seed=seed, priors=priors)
    rows = catalog.iloc[match_galaxies(real, catalog, bands, **scales, matches=MATCHES)]
    simulated = simulate_objects(rows, bands, num_pix, priors.survey, seed)["image"]
    return check_field(real, simulated, bands, **scales)

"""Check settings that paint objects on real cutouts."""

from dataclasses import replace

import numpy as np

from lenspipe.errors import InputError


def check_cutouts(path, bands, survey, num_pix):
    """Raise InputError if the cutouts at ``path`` do not fit ``bands``, ``survey`` and ``num_pix``."""
    from lenspipe.stages.real_galaxies import open_backgrounds

    open_backgrounds(path, bands, survey, num_pix)


def check_backgrounds(path, bands, num_pix, priors, non_lenses):
    """Raise InputError, with the setting at fault, if not all objects can be painted on the cutouts at ``path``."""
    from lenspipe.families import KINDS
    from lenspipe.population.catalog import check_paintable
    from lenspipe.stages.real_galaxies import FROM_CATALOG

    check_cutouts(path, bands, priors.survey, num_pix)
    numbers = [f"{name}_{band}" for name in ("magnitude", "seeing", "sky_sigma") for band in bands]
    any_two = {name: np.full(2, 0.1) for name in (*numbers, "center_x", "center_y", "e1", "e2")}
    any_two |= {"id": np.arange(2)} | {name: np.full(2, np.nan) for name in FROM_CATALOG}
    for kind in [kind for kind, share in non_lenses.items() if share]:
        with np.errstate(all="ignore"):
            rows = KINDS[kind](np.random.default_rng(0), 2, replace(priors, real=any_two))
        try:
            check_paintable(kind, rows)
        except ValueError as error:
            raise InputError(f"population.non_lenses: with population.backgrounds, {error}") from None

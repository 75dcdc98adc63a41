"""What the renderer is given: the components of a row, one by one, or all of a profile as arrays."""

from functools import cache

import numpy as np


@cache
def columns_of(group, columns):
    """Those of a row's columns that belong to a group, and their names without its prefix."""
    names = [name for name in columns if name.startswith(f"{group}_")]
    return names, [name.removeprefix(f"{group}_") for name in names]


def one(row, group):
    """A row's numbers of the deflector's light or the source, under their names without the prefix."""
    names, short = columns_of(group, tuple(row))
    return dict(zip(short, [row[name] for name in names], strict=True))


def components(row, group):
    """Components of one of ``columns.GROUPS``, each a dict under the group's names without its prefix."""
    names, short = columns_of(group, tuple(row))
    return [dict(zip(short, values, strict=True)) for values in zip(*(row[name] for name in names), strict=True)]


def counts(magnitude, survey):
    """Counts of an AB magnitude at the image's zero point."""
    return 10 ** (-0.4 * (magnitude - survey.magnitude_zero_point))


def pixel_counts(light, bands, survey):
    """Counts per pixel of a surface brightness of 1 per arcsec^2: array [band]."""
    return counts(np.array([light[f"magnitude_{band}"] for band in bands]), survey) * survey.pixel_scale**2


def deflector(row, bands, survey):
    """A row's deflector as ``lights``, one of them."""
    light = one(row, "lens") | {"center_x": row["center_x"], "center_y": row["center_y"]}
    return as_lights({name: np.array([value]) for name, value in light.items()}, bands, survey)


def lights(row, group, bands, survey, profile="sersic"):
    """Components of one of ``columns.GROUPS`` that have a profile, as ``as_lights`` returns them."""
    names, short = columns_of(group, tuple(row))
    chosen = [k for k, said in enumerate(row[f"{group}_profile"]) if said == profile]
    columns = {name: np.asarray(row[long])[chosen] for long, name in zip(names, short, strict=True)}
    return as_lights(columns, bands, survey)


def as_lights(columns, bands, survey):
    """What ``lay_sersics`` and ``CoaddPsf.add_stars`` take of components.

    Parameters
    ----------
    columns : mapping of str to array [light]
        The catalogue's, without a prefix.
    bands : sequence of str
    survey : Survey

    Returns
    -------
    dict of str to array
        ``center_x``, ``center_y``, ``e1``, ``e2``, ``n_sersic`` [light]; ``R_sersic`` [light, band], in each band from
        that in i by the size gradient; ``flux`` [light, band], ``pixel_counts``.
    """
    found = {name: columns[name] for name in ("center_x", "center_y", "e1", "e2", "n_sersic")}
    found["flux"] = pixel_counts(columns, bands, survey).T
    found["R_sersic"] = np.repeat(columns["R_sersic"][:, None], len(bands), axis=1)
    if "size_gradient" in columns and len(chosen := np.flatnonzero(np.isfinite(columns["size_gradient"]))):
        stretch = [survey.bands[band].wavelength / survey.bands["i"].wavelength for band in bands]
        found["R_sersic"][chosen] *= np.power(stretch, columns["size_gradient"][chosen, None])
    return found


def together(several):
    """Lights of several groups in one: dict of str to array."""
    return {name: np.concatenate([lights[name] for lights in several]) for name in several[0]}

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


def lights(row, bands, survey):
    """All components of a row but the source, in one table for each profile that kernels take many of.

    Parameters
    ----------
    row : mapping
    bands : sequence of str
    survey : Survey

    Returns
    -------
    dict of str to dict of str to array
        For ``sersic`` and ``point``: ``center_x``, ``center_y``, ``e1``, ``e2``, ``n_sersic`` [light]; ``R_sersic``
        [light, band], in each band from that in i by the size gradient; ``flux`` [light, band], ``pixel_counts``.
    """
    lens = one(row, "lens") | {"center_x": row["center_x"], "center_y": row["center_y"]}
    field = len(row["field_profile"])

    def joined(name):
        return np.concatenate([row[f"extra_{name}"], row[f"field_{name}"], [lens[name]]])

    there = np.isfinite(lens["R_sersic"])  # otherwise its light is in a real cutout
    profile = np.array([*row["extra_profile"], *row["field_profile"], "sersic" if there else ""])
    gradient = np.concatenate([row["extra_size_gradient"], np.full(field, np.nan), [lens["size_gradient"]]])
    columns = {name: joined(name) for name in ("center_x", "center_y", "e1", "e2", "n_sersic")}
    magnitudes = np.stack([joined(f"magnitude_{band}") for band in bands], axis=1)
    columns["flux"] = counts(magnitudes, survey) * survey.pixel_scale**2
    columns["R_sersic"] = np.repeat(joined("R_sersic")[:, None], len(bands), axis=1)
    if len(changing := np.flatnonzero(np.isfinite(gradient))):
        stretch = [survey.bands[band].wavelength / survey.bands["i"].wavelength for band in bands]
        columns["R_sersic"][changing] *= np.power(stretch, gradient[changing, None])
    chosen = {name: np.flatnonzero(profile == name) for name in ("sersic", "point")}
    return {name: {key: values[places] for key, values in columns.items()} for name, places in chosen.items()}

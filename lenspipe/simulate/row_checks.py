"""What the numbers of catalogue rows must be before they become scenes.

A wrong number does not always stop an engine: an image without its deflector looks like data.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from lenspipe.columns import GROUPS


class Limits(NamedTuple):
    """Lowest (``low``, float) and highest (``high``, float) number of a column, and both in words (``words``, str)."""

    low: float
    high: float
    words: str


_LARGEST, _SMALLEST = np.finfo(float).max, np.finfo(float).tiny
FINITE = Limits(-_LARGEST, _LARGEST, "a finite number")
POSITIVE = Limits(_SMALLEST, _LARGEST, "a finite number above 0")
FRACTION = Limits(0.0, 1.0, "a number from 0 to 1")
COMPONENT = Limits(np.nextafter(-1.0, 0.0), np.nextafter(1.0, 0.0), "a number between -1 and 1")
SQUARE = Limits(0.0, np.nextafter(1.0, 0.0), "below 1")
SLOPE = Limits(np.nextafter(1.0, 2.0), np.nextafter(3.0, 2.0), "a number between 1 and 3")

CENTER = {"center_x": FINITE, "center_y": FINITE}
ELLIPSE = {"e1": COMPONENT, "e2": COMPONENT}
SERSIC = {"R_sersic": POSITIVE, "n_sersic": POSITIVE, **ELLIPSE}
MASS = {"theta_E_halo": POSITIVE, **ELLIPSE, "gamma": SLOPE, "gamma1": COMPONENT, "gamma2": COMPONENT}
RING = {"R_sersic": POSITIVE, "width": POSITIVE, **ELLIPSE}
ARMS = {"arms": FINITE, "pitch": FINITE, "contrast": FRACTION, "phase": FINITE}
COMPONENTS = {  # what a component of each profile needs besides its centre and magnitudes
    "sersic": SERSIC,
    "point": {},
    "ring": RING,
    "tail": RING | {"opening": POSITIVE, "phase": FINITE},
    "spiral": {"R_sersic": POSITIVE, **ELLIPSE, **ARMS},
    "aureole": {"R_sersic": POSITIVE, "width": POSITIVE},
    "spikes": {"R_sersic": POSITIVE, "width": POSITIVE, "phase": FINITE},
}
EXPOSURES = {"seeing": POSITIVE, "sky_brightness": FINITE, "transparency": POSITIVE}


def check_rows(rows, bands):
    """Refuse rows of the catalogue that hold a number of which no image can be made, or another truth than the image.

    NaN in ``lens_R_sersic`` or ``source_R_sersic`` says that a row has no such galaxy: its other numbers are not
    checked then, nor is the mass where no source is lensed.

    Parameters
    ----------
    rows : DataFrame [n]
    bands : sequence of str

    Raises
    ------
    ValueError
        Naming the first column that is lacking or wrong, and its object.
    """
    try:
        _check_galaxies(rows, bands)
        _check_truth(rows)
        _check_exposures(rows, bands)
        for group in GROUPS:
            _check_components(rows, group, bands)
    except KeyError as error:
        raise ValueError(f"object {rows['id'].iloc[0]} lacks the column {error.args[0]!r}") from None


def _check_galaxies(rows, bands):
    """Columns of one number each."""
    lensed = rows["source_is_lensed"]
    for id, value in zip(rows["id"], lensed, strict=True):
        if value not in (True, False):
            raise ValueError(f"object {id}: source_is_lensed is {value}, not True or False")
    source = _is_there(rows, "source_R_sersic")
    psfs = {f"psf_{name}_{band}": limits for band in bands for name, limits in ELLIPSE.items()}
    psfs |= {f"seeing_{band}": POSITIVE for band in bands}
    _check_scalars(rows, CENTER | psfs)
    _check_scalars(rows[_is_there(rows, "lens_R_sersic")], _light("lens", SERSIC, bands))
    _check_scalars(rows[_is_there(rows, "lens_size_gradient")], {"lens_size_gradient": FINITE})
    _check_scalars(rows[source], _light("source", SERSIC | CENTER, bands))
    _check_scalars(rows[source & lensed.astype(bool)], MASS)


def _check_truth(rows):
    """A lens's radius is that of the mass its image is made of: networks would learn another one."""
    if not {"is_lens", "theta_E"} <= set(rows):  # scenes for pictures have no truth
        return
    lenses = rows[rows["is_lens"].astype(bool)]
    _check_scalars(lenses, {"theta_E": POSITIVE})
    differ = ~np.isclose(lenses["theta_E"], lenses["theta_E_halo"], rtol=1e-6, atol=0)
    if differ.any():
        row = lenses.iloc[int(np.argmax(differ))]
        raise ValueError(
            f"object {row['id']}: theta_E is {row['theta_E']:.6g}, but theta_E_halo, of which the image is made, "
            f"{row['theta_E_halo']:.6g}; give both the same radius"
        )


def _check_exposures(rows, bands):
    for band in bands:
        limits = {f"exposure_{name}_{band}": limit for name, limit in EXPOSURES.items()}
        ids = _check_lengths(rows, list(limits), at_least=1)
        _check(ids, {name: _joined(rows, name) for name in limits}, limits)


def _check_components(rows, group, bands):
    """Numbers of one of ``columns.GROUPS``: those that each component's profile needs."""
    columns = [*(column.name for column in GROUPS[group][1]), *(f"magnitude_{band}" for band in bands)]
    if group == "part":
        rows = rows[_is_there(rows, "source_R_sersic")]
    ids = _check_lengths(rows, [f"{group}_{name}" for name in columns], at_least=0)
    if not len(ids):
        return
    profiles = _joined(rows, f"{group}_profile") if group != "part" else np.full(len(ids), "sersic")
    needed = CENTER | {f"magnitude_{band}": FINITE for band in bands}
    for profile in pd.unique(profiles):
        if profile not in COMPONENTS:
            id = ids[profiles == profile][0]
            raise ValueError(f"object {id}: {group}_profile is {str(profile)!r}, not one of {', '.join(COMPONENTS)}")
        chosen = profiles == profile
        limits = {f"{group}_{name}": limit for name, limit in (needed | COMPONENTS[profile]).items()}
        _check(ids[chosen], {name: _joined(rows, name)[chosen] for name in limits}, limits)
    if group == "extra":
        gradient = _joined(rows, "extra_size_gradient")
        given = pd.notna(gradient)  # NaN: the same size in all bands
        _check(ids[given], {"extra_size_gradient": gradient[given]}, {"extra_size_gradient": FINITE})


def _light(galaxy, columns, bands):
    limits = {f"{galaxy}_{name}": limit for name, limit in columns.items()}
    return limits | {f"{galaxy}_magnitude_{band}": FINITE for band in bands}


def _is_there(rows, column):
    return rows[column].notna()


def _check_scalars(rows, limits):
    _check(rows["id"].to_numpy(), {name: rows[name].to_numpy() for name in limits}, limits)


def _check(ids, values, limits):
    """Each column by its limits, and that ellipticities and shears, vectors of two columns, are shorter than 1."""
    for name, numbers in values.items():
        _refuse(ids, name, numbers, limits[name])
    for first, second in _vectors(values):
        _refuse(ids, f"{first}^2 + {second}^2", values[first] ** 2 + values[second] ** 2, SQUARE)


def _vectors(names):
    for first in names:
        second = first.replace("e1", "e2").replace("gamma1", "gamma2")
        if second != first:
            yield first, second


def _refuse(ids, name, numbers, limits):
    if numbers.dtype.kind in "fiu":
        wrong = ~((numbers >= limits.low) & (numbers <= limits.high))  # NaN too
    else:
        wrong = np.ones(len(numbers), bool)
    if wrong.any():
        k = int(np.argmax(wrong))
        raise ValueError(f"object {ids[k]}: {name} is {numbers[k]}, not {limits.words}")


def _joined(rows, name):
    """The lists of a column, one after the other: array."""
    lists = [np.asarray(one) for one in rows[name]]
    return np.concatenate(lists) if lists else np.empty(0)


def _check_lengths(rows, names, *, at_least):
    """Ids, array, each as often as its row's lists have entries; the columns ``names`` must agree."""
    lengths = np.array([[len(one) for one in rows[name]] for name in names], int)
    usual = np.median(lengths, axis=0)
    ids = rows["id"].to_numpy()
    for name, counts in zip(names, lengths, strict=True):
        for wrong, reason in (
            (counts != usual, "has {} entries where the columns next to it have {:.0f}"),
            (counts < at_least, "is empty"),
        ):
            if wrong.any():
                k = int(np.argmax(wrong))
                raise ValueError(f"object {ids[k]}: {name} " + reason.format(counts[k], usual[k]))
    return np.repeat(ids, lengths[0])

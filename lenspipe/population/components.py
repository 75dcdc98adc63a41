"""List columns of the catalogue: components of images, of which an object has any number."""

import numpy as np

from lenspipe.columns import group_columns


def slots_to_lists(group, slots, bands, present=None):
    """List columns from components in slots.

    Parameters
    ----------
    group : str
        One of ``columns.GROUPS``.
    slots : sequence of dict of str to array [n]
        One component per object each, under the group's names without its prefix; names that a slot lacks become NaN.
    bands : sequence of str
    present : bool array [n, slot], optional
        Slots that each object has; all of them by default.

    Returns
    -------
    dict of str to object array [n]
        Each cell is an array with one value per component of the object.
    """
    n = len(slots[0]["center_x"])
    present = np.ones((n, len(slots)), bool) if present is None else present
    owner = np.nonzero(present)[0]
    flat = {}
    for column in group_columns(group, bands):
        name = column.name.removeprefix(f"{group}_")
        values = np.stack([slot.get(name, np.full(n, np.nan)) for slot in slots], axis=1)
        flat[name] = values[present]
    return flat_to_lists(group, flat, owner, n)


def flat_to_lists(group, flat, owner, n):
    """List columns from a flat list of components.

    Parameters
    ----------
    group : str
        One of ``columns.GROUPS``.
    flat : dict of str to array [m]
        Components of all objects, under the group's names without its prefix.
    owner : int array [m]
        Object, below n, that each component belongs to; in ascending order.
    n : int
        Number of objects.

    Returns
    -------
    dict of str to object array [n]
    """
    counts = np.bincount(owner, minlength=n)
    return {f"{group}_{name}": split_into_cells(values, counts) for name, values in flat.items()}


def split_into_cells(values, counts):
    """Split an array into consecutive pieces, the cells of a list column.

    Parameters
    ----------
    values : array [m]
    counts : int array [n]
        Length of each piece; their sum is m.

    Returns
    -------
    object array [n]
    """
    ends = np.cumsum(counts).tolist()
    column = np.empty(len(ends), object)
    column[:] = [values[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    return column

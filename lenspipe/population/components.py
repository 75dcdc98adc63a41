"""Components of pictures, any number to an object, as the catalogue's list columns."""

import numpy as np

from lenspipe.columns import group_columns


def slots_to_lists(group, slots, bands, there=None):
    """Components that stand in slots, as columns of lists.

    Parameters
    ----------
    group : str
        One of ``columns.GROUPS``.
    slots : sequence of dict of str to array [n]
        Each one component an object, under the group's names without its prefix; what a slot leaves out is NaN.
    bands : sequence of str
    there : bool array [n, slot], optional
        Which of the slots an object has; all of them if not given.

    Returns
    -------
    dict of str to object array [n]
        Each cell an array of as many components as the object has.
    """
    n = len(slots[0]["center_x"])
    there = np.ones((n, len(slots)), bool) if there is None else there
    owner = np.nonzero(there)[0]
    flat = {}
    for column in group_columns(group, bands):
        name = column.name.removeprefix(f"{group}_")
        values = np.stack([slot.get(name, np.full(n, np.nan)) for slot in slots], axis=1)
        flat[name] = values[there]
    return flat_to_lists(group, flat, owner, n)


def flat_to_lists(group, flat, owner, n):
    """Components in one flat list, as columns of lists.

    Parameters
    ----------
    group : str
    flat : dict of str to array [m]
        All objects' components, under the group's names without its prefix.
    owner : int array [m]
        The object, below n, that each belongs to; never decreasing.
    n : int

    Returns
    -------
    dict of str to object array [n]
    """
    counts = np.bincount(owner, minlength=n)
    return {f"{group}_{name}": split_into_cells(values, counts) for name, values in flat.items()}


def split_into_cells(values, counts):
    """Consecutive pieces of an array, of so many values each, as one column: object array [n]."""
    ends = np.cumsum(counts).tolist()
    column = np.empty(len(ends), object)
    column[:] = [values[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    return column

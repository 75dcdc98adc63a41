"""The tables of figures that are made from truth and answers alone, as far as the columns allow them."""

from importlib import import_module

from lenspipe.figures import FIGURES, LENSES


def is_measured(objects, column):
    """Whether ``objects``, a DataFrame, has a ``column`` (str) with a value in it: bool."""
    return column in objects and bool(objects[column].notna().any())


def has_group(objects, group):
    """Whether ``objects`` (DataFrame with ``is_lens``) hold one of ``group`` (``LENSES`` or ``NON_LENSES``): bool."""
    return bool((objects["is_lens"] == (group == LENSES)).any())


def left_out(objects):
    """Tables that cannot be made of ``objects``, a DataFrame.

    Returns
    -------
    dict of str to list of str
        By the column or the group of objects that is missing.
    """
    absent = {}
    for spec in FIGURES.values():
        missing = [column for column in spec.columns if not is_measured(objects, column)]
        missing += [group for group in spec.groups if not has_group(objects, group)]
        for name in missing:
            absent.setdefault(name, []).extend(spec.tables)
    return absent


def optional_tables(objects, thresholds, *, edges, confidence):
    """The tables that the columns allow.

    Parameters
    ----------
    objects : DataFrame
        Truth and the headline's answers.
    thresholds : dict of str to float
    edges : sequence, arcsec
        Of the bins of theta_E.
    confidence : float
        Of the intervals, 0 to 1.

    Returns
    -------
    dict of str to DataFrame
        By the files' names.
    """
    absent = [table for tables in left_out(objects).values() for table in tables]
    tables, options = {}, {"thresholds": thresholds, "edges": edges, "confidence": confidence}
    for name, spec in FIGURES.items():
        (file, *_) = spec.tables
        if spec.from_objects and file not in absent:
            tables[file] = import_module(f"lenspipe.diagnostics.{name}").table(objects, **options)
    return tables

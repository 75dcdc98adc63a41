"""The tables of figures that are made from truth and answers alone, as far as the columns allow them."""

from importlib import import_module

from lenspipe.figures import FIGURES


def is_measured(objects, column):
    """Whether ``objects``, a DataFrame, has a ``column`` (str) with a value in it: bool."""
    return column in objects and bool(objects[column].notna().any())


def left_out(objects):
    """Tables that cannot be made of ``objects``, a DataFrame, by the column that is missing: dict of str to list."""
    absent = {}
    for spec in FIGURES.values():
        for column in spec.columns:
            if not is_measured(objects, column):
                absent.setdefault(column, []).extend(spec.tables)
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
    tables, options = {}, {"thresholds": thresholds, "edges": edges, "confidence": confidence}
    for name, spec in FIGURES.items():
        if spec.from_objects and all(is_measured(objects, column) for column in spec.columns):
            (file,) = spec.tables
            tables[file] = import_module(f"lenspipe.diagnostics.{name}").table(objects, **options)
    return tables

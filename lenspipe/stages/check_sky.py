"""The stage check-sky: the simulated sky against published depths, a forecast of its lenses, and real stamps."""

import logging
from pathlib import Path

import pandas as pd

from lenspipe import store
from lenspipe.validation.depth import check_depth
from lenspipe.validation.field_stamps import check_stamps
from lenspipe.validation.forecast import BANDS, check_forecast
from lenspipe.validation.forecast_lenses import draw_forecast_lenses

log = logging.getLogger("lenspipe")


def check_sky(priors, folder, *, seed, lenses, confidence, stamps=None):
    """Compare the simulated sky with published numbers and real stamps, and write ``sky_check.csv``.

    Parameters
    ----------
    priors : population.priors.Priors
    folder : path
        Where the table is written.
    seed : int
    lenses : int
        Lenses to draw for the comparison with the forecast; about a tenth of them is detectable.
    confidence : float
        Confidence of the intervals.
    stamps : path, optional
        Image store of real stamps, for the comparison of the field.

    Returns
    -------
    DataFrame
        Columns as in ``validation.checks.Check``, a row for each number that is compared.

    Raises
    ------
    InputError
        If the stamps cannot be read, or lack the bands g and i.
    """
    images = store.open_images(store.store_path(stamps)) if stamps else None  # errors come before the long work
    tables = [check_depth(priors.survey, priors.bands, seed)]
    if set(BANDS) <= set(priors.bands):
        tables.append(check_forecast(draw_forecast_lenses(priors, seed, lenses), confidence))
    else:
        log.info("the forecast is left out: it is of the bands %s", ", ".join(BANDS))
    if stamps:
        tables.append(check_stamps(images, priors, seed=seed, path=store.store_path(stamps)))
    table = pd.concat(tables, ignore_index=True)
    store.write_table(table, Path(folder) / "sky_check.csv")
    return table

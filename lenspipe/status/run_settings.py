"""Which splits a run has: whether it has twins is a setting."""

import json
from pathlib import Path

from lenspipe.columns import splits_of_run


def splits_of(run):
    """Splits of a run, by its own settings; without settings to tell, by its catalogues.

    Parameters
    ----------
    run : path
        results/<run>

    Returns
    -------
    sequence of str
    """
    run = Path(run)
    try:
        twins = json.loads((run / "settings" / "population.json").read_text())["population"]["counts"].get("twins", 0)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        twins = (run / "catalog" / "twins.parquet").exists()
    return splits_of_run(twins)

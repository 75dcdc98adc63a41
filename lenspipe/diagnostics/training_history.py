"""The histories of a run's trainings in one table."""

import pandas as pd

from lenspipe.learning.history import MODEL, read_history


def training_history(models_dir):
    """Loss and metrics of each epoch of each training.

    Parameters
    ----------
    models_dir : path
        With a folder for each training.

    Returns
    -------
    DataFrame
        A row an epoch: the columns of history.csv, and ``training``, its name.

    Raises
    ------
    InputError
        If a history is missing or not what was written.
    """
    trainings = sorted(path.parent.name for path in models_dir.glob(f"*/{MODEL}"))
    return pd.concat(read_history(models_dir / name).assign(training=name) for name in trainings)

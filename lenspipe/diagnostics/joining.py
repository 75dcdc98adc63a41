"""A run's own truth and predictions in one table."""

import numpy as np

from lenspipe import store
from lenspipe.columns import PREDICTIONS, catalog_columns
from lenspipe.errors import InputError


def join_objects(catalog_dir, predictions_dir, split, bands=()):
    """Catalogue and predictions of a split in one table.

    Parameters
    ----------
    catalog_dir, predictions_dir : path
        With <split>.parquet.
    split : str
    bands : sequence of str
        Whose columns are wanted too.

    Raises
    ------
    InputError
        If they are not about the same objects, or a prediction makes no sense.
    """
    catalog, predictions = catalog_dir / f"{split}.parquet", predictions_dir / f"{split}.parquet"
    truth, answers = store.read_table(catalog, catalog_columns(bands)), store.read_table(predictions, PREDICTIONS)
    for path, table in ((catalog, truth), (predictions, answers)):
        if table["id"].duplicated().any():
            raise InputError(f"{path}: holds an id more than once; make it again")
    sense = answers["score"].between(0, 1) & np.isfinite(answers["theta_E_pred"]) & (answers["theta_E_sigma"] > 0)
    if not sense.all():
        raise InputError(
            f"{predictions}: object {answers['id'][~sense].iloc[0]} has a score outside 0 to 1 or no theta_E_pred; "
            "run predict again"
        )
    objects = truth.merge(answers, on="id", how="outer", indicator=True)
    if (alone := objects["_merge"] != "both").any():
        raise InputError(f"{predictions}: {alone.sum()} ids are not shared with {catalog}; run predict again")
    return objects.drop(columns="_merge")

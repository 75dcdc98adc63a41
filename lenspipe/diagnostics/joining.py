"""A run's own truth, predictions and baselines in one table."""

import numpy as np
from threadpoolctl import threadpool_limits

from lenspipe import store
from lenspipe.columns import PREDICTIONS, catalog_columns, classes_among, kind_columns
from lenspipe.learning.trees import baseline_answers
from lenspipe.errors import InputError
from lenspipe.measure.features import measure_store


def join_objects(catalog_dir, predictions_dir, split, bands=()):
    """Catalogue and predictions of a split in one table, with the probabilities of kinds if there are any.

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
    truth, answers = store.read_table(catalog, catalog_columns(bands)), _answers(predictions)
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


def _answers(path):
    """A table of predictions with the columns that are ours."""
    answers = store.read_table(path)
    wanted = [*PREDICTIONS, *kind_columns(classes_among(answers.columns))]
    store.check_columns(path, wanted)
    return answers[[column.name for column in wanted]]


def join_baselines(catalog_dir, images_dir, val, test, bands):
    """Validation and test with the answers of baselines that learned from the training split alone.

    Parameters
    ----------
    catalog_dir, images_dir : path
        With <split>.parquet and <split>.zarr.
    val, test : DataFrame
        From ``join_objects``.
    bands : sequence of str

    Returns
    -------
    val, test : DataFrame
        With the columns of ``baseline_answers``.

    Raises
    ------
    InputError
        If a store lacks an object.
    """
    wanted = [c for c in catalog_columns(bands) if c.name in ("id", "is_lens", "theta_E") or c.name.startswith("lens_")]
    tables = {"train": store.read_table(catalog_dir / "train.parquet", wanted), "val": val, "test": test}
    with threadpool_limits(1):  # sums over several threads would differ in their last digits
        for split, objects in tables.items():
            features = measure_store(images_dir / f"{split}.zarr")
            if (missing := ~objects["id"].isin(features["id"])).any():
                number = objects.loc[missing, "id"].iloc[0]
                raise InputError(f"{images_dir / split}.zarr: object {number} is missing; run simulate again")
            tables[split] = objects.merge(features, on="id", how="left")
        train, *others = tables.values()
        answers = baseline_answers(train, others, bands)
    return [objects.join(answer) for objects, answer in zip((val, test), answers, strict=True)]

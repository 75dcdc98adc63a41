"""The baselines stage: what a network must beat, learned from the same training images."""

from pathlib import Path

from threadpoolctl import threadpool_limits

from lenspipe import store
from lenspipe.columns import catalog_columns
from lenspipe.errors import InputError
from lenspipe.learning.trees import baseline_answers
from lenspipe.measure.features import measure_store
from lenspipe.methods import baselines_of

ANSWERED = ("val", "test")  # splits
NEEDED = ("id", "is_lens", "theta_E")  # columns of the catalogue, with those of the deflector's light


def predict_baselines(run, predictions_dir, *, bands):
    """Write the answers of every baseline that the bands allow.

    Parameters
    ----------
    run : path
        results/<run>, with catalog and images of train, val and test.
    predictions_dir : path
        Gets <baseline>/{val,test}.parquet.
    bands : sequence of str

    Raises
    ------
    InputError
        If a file is missing or damaged, or a store lacks an object.
    """
    run, predictions_dir = Path(run), Path(predictions_dir)
    with threadpool_limits(1):  # sums over several threads would differ in their last digits
        train, *answered = (_measured(run, split, bands) for split in ("train", *ANSWERED))
        answers = baseline_answers(train, answered, bands)
    methods = baselines_of(bands)
    paths = [predictions_dir / name / f"{split}.parquet" for split in ANSWERED for name in methods]
    store.write_tables([by_method[name] for by_method in answers for name in methods], paths)


def _measured(run, split, bands):
    """Truth and features of the objects of a split."""
    catalog, images = run / "catalog" / f"{split}.parquet", run / "images" / f"{split}.zarr"
    columns = [c for c in catalog_columns(bands) if c.name in NEEDED or c.name.startswith("lens_")]
    objects, features = store.read_table(catalog, columns), measure_store(images)
    store.check_distinct(objects["id"], catalog)
    if (missing := ~objects["id"].isin(features["id"])).any():
        raise InputError(f"{images}: object {objects.loc[missing, 'id'].iloc[0]} is missing; run simulate again")
    return objects.merge(features, on="id", how="left")

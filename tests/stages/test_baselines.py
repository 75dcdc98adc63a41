"""The baselines stage: a table for each method, about the objects of the catalogue."""

import shutil

import pandas as pd
import pytest

from lenspipe import store
from lenspipe.errors import InputError
from lenspipe.stages.baselines import predict_baselines

COLUMNS = {
    "hand_made": ["id", "score", "theta_E_pred"],
    "colours": ["id", "score", "theta_E_pred"],
    "arc_feature": ["id", "score"],
    "true_light": ["id", "theta_E_pred"],
}


@pytest.mark.parametrize("method", COLUMNS)
@pytest.mark.parametrize("split", ["val", "test"])
def test_a_table_is_about_the_objects_of_the_catalogue_and_its_scores_lie_in_0_to_1(small_run, method, split):
    catalog = store.read_table(small_run / "catalog" / f"{split}.parquet")
    answers = store.read_table(small_run / "predictions" / method / f"{split}.parquet")
    assert list(answers.columns) == COLUMNS[method] and answers["id"].tolist() == catalog["id"].tolist()
    if "score" in answers:
        assert answers["score"].between(0, 1).all() and answers["score"].nunique() > 100
    if "theta_E_pred" in answers:
        measured = answers["theta_E_pred"].notna()
        assert measured.equals(catalog["is_lens"]) if method == "true_light" else measured.all()


def test_a_store_without_one_of_the_objects_is_refused_by_name(small_run, tmp_path):
    for name in ("catalog", "images"):
        shutil.copytree(small_run / name, tmp_path / name)
    rows = store.read_table(tmp_path / "catalog" / "train.parquet")
    store.write_table(pd.concat([rows, rows.iloc[:1].assign(id=777)]), tmp_path / "catalog" / "train.parquet")
    with pytest.raises(InputError, match=r"train\.zarr: object 777 is missing; run simulate again"):
        predict_baselines(tmp_path, tmp_path / "predictions", bands=["g", "r", "i", "z"])
    assert not (tmp_path / "predictions").exists()

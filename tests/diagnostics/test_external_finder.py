import numpy as np
import pandas as pd
import pytest

from lenspipe.diagnostics.external_finder import read_added, read_objects
from lenspipe.errors import InputError

GOOD = {"score": [0.9, 0.2, 0.7], "is_lens": ["true", "False", 1], "theta_E": [1.2, None, 0.8]}


def written(folder, **change):
    table = {name: values for name, values in (GOOD | change).items() if values is not None}
    pd.DataFrame(table).to_csv(folder / "mine.csv", index=False)
    return folder / "mine.csv"


def test_a_small_table_is_filled_up(tmp_path):
    objects = read_objects(written(tmp_path))
    assert objects["is_lens"].tolist() == [True, False, True]
    assert objects["kind"].tolist() == ["lens", "non-lens", "lens"]
    np.testing.assert_array_equal(objects["radius"], [1.2, np.nan, 0.8])


def test_csv_and_parquet_are_read_alike(tmp_path):
    path = written(tmp_path, is_lens=[True, False, True])
    pd.read_csv(path).to_parquet(tmp_path / "mine.parquet")
    pd.testing.assert_frame_equal(read_objects(path), read_objects(tmp_path / "mine.parquet"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"score": None}, "has no column 'score'"),
        ({"is_lens": None}, "has no column 'is_lens'"),
        ({"theta_E": None}, "has no column 'theta_E'"),
        ({"is_lens": ["yes", "no", "perhaps"]}, "is_lens is 'yes' in row 1; write true or false"),
        ({"score": [0.9, "high", 0.1]}, "score is no number in row 2"),
        ({"score": [0.9, None, 0.1]}, "score is empty in row 2"),
        ({"score": [0.9, 3.0, 0.1]}, "score runs from 0.1 to 3; scale it to 0 to 1"),
        ({"theta_E": [1.2, None, None]}, "theta_E of a lens is not positive in row 3 (1 such rows)"),
        ({"theta_E": [-1.2, None, 1]}, "theta_E of a lens is not positive in row 1"),
        ({"theta_E_pred": [1.0, None, 1.0]}, "theta_E_pred is empty in row 2"),
    ],
)
def test_a_wrong_table_gets_one_line_with_file_place_and_remedy(tmp_path, change, message):
    path = written(tmp_path, **change)
    with pytest.raises(InputError) as error:
        read_objects(path)
    assert message in str(error.value) and str(path) in str(error.value) and "\n" not in str(error.value)


def test_a_table_without_rows_is_refused(tmp_path):
    path = tmp_path / "none.csv"
    path.write_text("score,is_lens,theta_E\n")
    with pytest.raises(InputError, match="has no rows"):
        read_objects(path)


@pytest.fixture
def truth():
    """Three objects of validation and four of test."""
    is_lens = [True, False, True, False]
    return {
        "val": pd.DataFrame({"id": [11, 12, 13], "is_lens": is_lens[:3]}),
        "test": pd.DataFrame({"id": [21, 22, 23, 24], "is_lens": is_lens}),
    }


def added(folder, ids, **columns):
    table = pd.DataFrame({"id": ids, "score": np.linspace(0, 1, len(ids))} | columns)
    table.to_csv(folder / "mine.csv", index=False)
    return folder / "mine.csv"


def test_an_added_table_is_put_into_the_order_of_the_objects(tmp_path, truth):
    answers = read_added(added(tmp_path, [24, 11, 23, 12, 22, 13, 21]), truth)
    np.testing.assert_allclose(answers["test"]["score"], [1, 4 / 6, 2 / 6, 0])
    np.testing.assert_allclose(answers["val"]["score"], [1 / 6, 3 / 6, 5 / 6])


def test_an_added_table_may_lack_validation_and_radii_of_non_lenses(tmp_path, truth):
    answers = read_added(added(tmp_path, [21, 22, 23, 24], theta_E_pred=[1.0, None, 2.0, None]), truth)
    assert list(answers) == ["test"] and list(answers["test"]) == ["score", "theta_E_pred"]


@pytest.mark.parametrize(
    ("ids", "columns", "message"),
    [
        ([21, 22, 23, 24, 7], {}, "the id is not of this run's val or test in row 5 (1 such rows); remove it"),
        ([21, 22], {}, "2 objects of test are missing, the first is 23; add them"),
        ([21, 22, 23, 24, 11], {}, "2 objects of val are missing, the first is 12; add them"),
        ([21, 22, 23, 24, 24], {}, "an id stands there before in row 5"),
        ([21, 22, 23, 24], {"score": [0.1, 0.2, 0.3, 1.5]}, "score runs from 0.1 to 1.5; scale it to 0 to 1"),
        ([21, 22, 23, 24], {"score": [0.1, 0.2, None, 0.5]}, "score is empty in row 3"),
        ([21, 22, 23, 24], {"theta_E_pred": [1.0, 1, None, 1]}, "theta_E_pred of lens 23 is empty"),
        ([21, 22, 23, 24], {"score": ["a", "b", "c", "d"]}, "score is no number in row 1"),
    ],
)
def test_a_wrong_added_table_gets_one_line_with_what_to_do(tmp_path, truth, ids, columns, message):
    path = added(tmp_path, ids, **columns)
    with pytest.raises(InputError) as error:
        read_added(path, truth)
    assert message in str(error.value) and str(path) in str(error.value) and "\n" not in str(error.value)

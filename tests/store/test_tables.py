import numpy as np
import pandas as pd
import pytest

from lenspipe import store
from lenspipe.columns import Column
from lenspipe.errors import InputError


@pytest.fixture
def frame():
    n = 1000
    return pd.DataFrame({"id": np.arange(n), "x": np.linspace(0, 1, n), "kind": ["lens", "star"] * (n // 2)})


def test_a_written_table_is_read_back_unchanged(tmp_path, frame):
    store.write_table(frame, tmp_path / "a.parquet")
    pd.testing.assert_frame_equal(store.read_table(tmp_path / "a.parquet"), frame)
    assert store.count_rows(tmp_path / "a.parquet") == len(frame)
    assert [p.name for p in tmp_path.iterdir()] == ["a.parquet"]


@pytest.mark.parametrize(("start", "stop"), [(0, 10), (250, 260), (256, 512), (100, 900), (990, 1000), (768, 1024)])
def test_rows_are_read_alone(tmp_path, frame, start, stop):
    store.write_table(frame, tmp_path / "a.parquet")
    frame.to_parquet(tmp_path / "b.parquet")  # as other programs write it, in one row group
    for name in ("a.parquet", "b.parquet"):
        rows = store.read_rows(tmp_path / name, start, stop)
        pd.testing.assert_frame_equal(rows, frame.iloc[start:stop].reset_index(drop=True))


def test_a_truncated_table_a_missing_one_and_a_missing_column_are_named(tmp_path, frame):
    path = tmp_path / "a.parquet"
    store.write_table(frame, path)
    with pytest.raises(InputError, match=r"a\.parquet: has no column 'score'"):
        store.read_table(path, [Column("id", "int64", "", ""), Column("score", "float64", "", "")])
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(InputError, match=r"a\.parquet: is not a complete parquet"):
        store.read_table(path)
    with pytest.raises(InputError, match=r"b\.parquet: no such file"):
        store.read_table(tmp_path / "b.parquet")
    with pytest.raises(InputError, match=r"c\.csv"):
        store.read_table(tmp_path / "c.csv")


def test_a_csv_is_read_too(tmp_path, frame):
    frame.to_csv(tmp_path / "a.csv", index=False)
    columns = [Column("id", "int64", "", ""), Column("kind", "str", "", "")]
    pd.testing.assert_frame_equal(store.read_table(tmp_path / "a.csv", columns), frame[["id", "kind"]])


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_a_column_of_another_type_is_named(tmp_path, frame, ending):
    path = tmp_path / f"a.{ending}"
    store.write_table(frame, path)
    with pytest.raises(InputError, match=rf"a\.{ending}: column 'kind' is .*, should be float64"):
        store.read_table(path, [Column("kind", "float64", "", "")])


def test_a_flipped_byte_is_noticed_or_changes_no_value(tmp_path, frame):
    """Pages carry checksums; the bytes between them are not read as data."""
    path = tmp_path / "a.parquet"
    store.write_table(frame, path)
    whole, noticed = path.read_bytes(), 0
    places = range(4, len(whole) - 8 - int.from_bytes(whole[-8:-4], "little"), 97)
    for place in places:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        try:
            pd.testing.assert_frame_equal(store.read_table(path), frame)
        except InputError as error:
            assert "a.parquet: is not a complete parquet file" in str(error)
            noticed += 1
    assert noticed > 0.9 * len(places)


def test_tables_that_belong_together_appear_together(tmp_path, frame):
    paths = [tmp_path / f"{name}.parquet" for name in "ab"]
    store.write_tables([frame, frame], paths)
    before = [path.read_bytes() for path in paths]

    def tables():
        yield frame.iloc[:10]
        raise OSError(28, "no space")

    with pytest.raises(OSError, match="no space"):
        store.write_tables(tables(), paths)
    assert [path.read_bytes() for path in paths] == before
    assert len(list(tmp_path.iterdir())) == 2, "no temporary file is left"

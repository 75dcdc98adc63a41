"""Tables as people keep them: the same rows whatever the format, and every column as it was written."""

import gzip

import numpy as np
import pandas as pd
import pytest
from astropy.table import Table

from lenspipe import store
from lenspipe.errors import InputError

ROWS = pd.DataFrame({"id": [3, 1, 2**60 + 1], "name": ["0001", "a b", "c"], "z": [0.1, np.nan, 2.5]})
CSV = "id,name,z\n3,0001,0.1\n1,a b,\n1152921504606846977,c,2.5\n"
TEXTS = {
    "plain.csv": CSV,
    "upper.CSV": CSV,
    "bom.csv": "\ufeff" + CSV,
    "windows.csv": CSV.replace("\n", "\r\n"),
    "blanks.csv": CSV.replace(",", " , "),
    "semicolons.csv": CSV.replace(",", ";"),
    "tabs.csv": CSV.replace(",", "\t"),
    "tabs.tsv": CSV.replace(",", "\t"),
    "tabs.txt": CSV.replace(",", "\t"),
    "commas.txt": CSV,
    "quoted.csv": CSV.replace("a b", '"a b"'),
    "index.csv": "".join(f"{k or ''},{line}\n" for k, line in enumerate(CSV.splitlines())),
    "columns.txt": 'id name z\n3 0001 0.1\n1 "a b" NaN\n1152921504606846977 c 2.5\n',
    "topcat.txt": '# id   name   z\n3 0001 0.1\n1 "a b" ""\n1152921504606846977 c 2.5\n',
    "astropy.ecsv": "# %ECSV 1.0\n# ---\n# schema: astropy-2.0\n" + CSV,
}


@pytest.mark.parametrize("name", TEXTS)
def test_text_is_read_by_its_content(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(TEXTS[name].encode())
    frame, notes = store.read_user_table(path, as_written=["name"])
    pd.testing.assert_frame_equal(frame, ROWS, check_dtype=False)
    assert frame["id"].dtype == "int64" and notes == []


@pytest.mark.parametrize("ending", ["parquet", "pq", "PARQUET", "fits", "FITS", "fit"])
def test_binary_tables_are_read_by_their_content(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    if ending.lower().startswith("p"):
        ROWS.to_parquet(path, index=False)
    else:
        Table.from_pandas(ROWS).write(path, format="fits")
    pd.testing.assert_frame_equal(store.read_table(path), ROWS, check_dtype=False)
    packed = tmp_path / f"b.{ending}.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    pd.testing.assert_frame_equal(store.read_table(packed), ROWS, check_dtype=False)


def test_packed_text_is_unpacked_whatever_its_name_says(tmp_path):
    for name in ("a.csv.gz", "a.CSV.GZ", "a.csv"):
        (tmp_path / name).write_bytes(gzip.compress(CSV.encode()))
        assert list(store.read_table(tmp_path / name)["id"]) == list(ROWS["id"])


def test_a_packed_file_of_zeros_does_not_fill_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr("lenspipe.store.table_formats.LARGEST", 1 << 20)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"0" * (1 << 22)))
    with pytest.raises(InputError, match="unpacks to more than"):
        store.read_table(tmp_path / "a.csv.gz")


@pytest.mark.parametrize("index", ["named", "unnamed", "range", "two"])
def test_a_named_index_is_a_column_and_any_other_is_dropped(tmp_path, index):
    frame = ROWS.copy()
    expected = list(frame)
    if index == "named":
        frame = frame.set_index("id")
    elif index == "two":
        frame = frame.set_index(["id", "name"])
    elif index == "unnamed":
        frame.index = [5, 5, 7]
    frame.to_parquet(tmp_path / "a.parquet")
    read = store.read_table(tmp_path / "a.parquet")
    assert set(read) == set(expected) and list(read.index) == [0, 1, 2]
    pd.testing.assert_frame_equal(read[expected], ROWS, check_dtype=False)


@pytest.mark.parametrize("ending", ["csv", "parquet", "fits"])
def test_whole_numbers_with_gaps_are_not_rounded(tmp_path, ending):
    large, small = pd.array([2**62 + 1, None, 5], "Int64"), pd.array([431, None, 5], "Int64")
    frame = pd.DataFrame({"large": large, "small": small})
    if ending == "fits":
        Table.from_pandas(frame).write(tmp_path / "a.fits")
    else:
        getattr(frame, f"to_{ending}")(tmp_path / f"a.{ending}", index=False)
    read = store.read_table(tmp_path / f"a.{ending}")
    assert read["large"].dropna().tolist() == [2**62 + 1, 5] and read["large"].isna().tolist() == [False, True, False]
    np.testing.assert_array_equal(read["small"], [431.0, np.nan, 5.0])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.votable", b"<?xml version='1.0'?>", r"'\.votable' is not the ending of a table; rename it to one of \.csv"),
        ("a", b"id\n1\n", "no ending"),
        ("a.csv", b"", "is not a readable table"),
        ("a.csv", b"\xff\xfe\x00x" * 9, "is not text in UTF-8"),
        ("a.csv", b"id,x\n1,2,3\n", "more values than the 2 names"),
        ("a.csv", b"id,x, id\n1,2,3\n", "has the column 'id' twice"),
        ("a.csv", b"id,x\n", "has no rows"),
        ("a.parquet", CSV.encode(), "is not a complete parquet file"),
        ("a.fits", b"SIMPLE  =                    T", "is not a readable FITS table"),
        ("a.csv.gz", gzip.compress(CSV.encode(), mtime=0)[:20], "is not a readable table"),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message) as refused:
        store.read_user_table(tmp_path / name)
    assert "\n" not in str(refused.value)


def test_errors_of_the_machine_are_not_blamed_on_the_file(tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_text(CSV)

    def out_of_files(*args, **kwargs):
        raise OSError(24, "Too many open files")

    monkeypatch.setattr("builtins.open", out_of_files)
    with pytest.raises(OSError, match="Too many open files"):
        store.read_table(tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.array([1, 2**63 + 5], "uint64"), "holds 9223372036854775813, beyond 2"),
        ([1.0, 2.0**53 + 2], "a float above 2.53, which is rounded"),
        ([1.5, 2.0], "holds '1.5'; ids must be whole numbers"),
        ([1.0, np.nan], "holds ''; ids must be whole numbers"),
        (["1", "x"], "holds 'x'"),
        (["1", "9" * 5000], "beyond 2"),
        ([True, False], "holds 'True'"),
    ],
)
def test_an_id_that_cannot_be_exact_is_refused_as_it_is_written(values, message):
    with pytest.raises(InputError, match=message):
        store.whole_ids(pd.Series(values), "a.csv: column 'id'")


@pytest.mark.parametrize(
    "values",
    [
        [1, 2**63 - 1],
        np.array([1, 2**63 - 1], "uint64"),
        [1.0, 2.0**53],
        ["0001", "9223372036854775807"],
        ["1.0", "2"],
        pd.array([2**62 + 1, 3], "Int64"),
        [],
    ],
)
def test_ids_are_exact(values):
    series = pd.Series(values)
    assert store.whole_ids(series, "x").tolist() == [int(str(v).removesuffix(".0")) for v in series]


@pytest.mark.parametrize("ending", ["csv", "CSV", "tsv", "parquet", "fits"])
def test_a_table_is_written_in_the_format_of_its_name(tmp_path, ending):
    store.write_table(ROWS, tmp_path / f"a.{ending}")
    read, _ = store.read_user_table(tmp_path / f"a.{ending}", as_written=["name"])
    pd.testing.assert_frame_equal(read, ROWS, check_dtype=False)
    with pytest.raises(InputError, match=r"cannot write a table of this ending; choose one of \.csv"):
        store.write_table(ROWS, tmp_path / "a.xlsx")

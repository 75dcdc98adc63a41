import json

import pytest

from lenspipe import store


@pytest.fixture
def written(tmp_path):
    """A folder with three finished chunks of one file each and their journal."""
    path = tmp_path / "a.zarr"
    path.mkdir()
    journal = store.Journal(path, "digest")
    journal.open()
    from lenspipe.provenance import file_sha256

    for chunk in range(3):
        (path / f"{chunk}").write_bytes(bytes([chunk] * 100))
        journal.append(chunk, {f"{chunk}": file_sha256(path / f"{chunk}")})
    return path, journal


def test_finished_chunks_are_kept(written):
    path, _ = written
    assert sorted(store.Journal(path, "digest").intact_chunks()) == [0, 1, 2]


def test_only_the_given_chunks_are_checked(written):
    path, journal = written
    (path / "2").unlink()
    assert sorted(journal.intact_chunks([1, 2, 5])) == [1]


def test_another_digest_keeps_nothing_and_starts_a_new_journal(written):
    path, _ = written
    other = store.Journal(path, "other")
    assert other.intact_chunks() == {}
    other.open()
    assert [json.loads(line) for line in other.path.read_text().splitlines()] == [{"digest": "other"}]


def test_a_changed_or_missing_chunk_is_not_kept(written):
    path, journal = written
    (path / "1").write_bytes(b"other")
    (path / "2").unlink()
    assert sorted(journal.intact_chunks()) == [0]


def test_an_incomplete_last_line_is_dropped_and_the_journal_continues(written):
    _path, journal = written
    text = journal.path.read_text()
    journal.path.write_text(text[:-20])
    assert sorted(journal.intact_chunks()) == [0, 1]
    journal.open()
    journal.append(2, json.loads(text.splitlines()[-1])["files"])
    assert sorted(journal.intact_chunks()) == [0, 1, 2]


def test_the_journals_of_all_parts_are_read(written):
    path, journal = written
    part = store.Journal(path, "digest", part=(2, 3))
    part.open()
    (path / "7").write_bytes(b"seven")
    from lenspipe.provenance import file_sha256

    part.append(7, {"7": file_sha256(path / "7")})
    assert sorted(journal.intact_chunks()) == [0, 1, 2, 7]

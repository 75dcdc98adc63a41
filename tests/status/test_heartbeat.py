"""The mark of a stage at work tells the living from the killed, and never gets in a stage's way."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from lenspipe.cli._session import session
from lenspipe.status import heartbeat
from lenspipe.status.heartbeat import marked, read_mark

CHILD = "import sys, time; from lenspipe.status.heartbeat import marked\nwith marked(sys.argv[1]): time.sleep(600)"


def wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.02)


def test_a_mark_lasts_as_long_as_its_block(tmp_path):
    path = tmp_path / "simulate.running"
    with marked(path):
        mark = read_mark(path)
        assert (mark.pid, mark.host) == (os.getpid(), os.uname().nodename)
        assert mark.alive() and abs(mark.start - time.time()) < 30
    assert not path.exists()
    with pytest.raises(ZeroDivisionError), marked(path):
        raise ZeroDivisionError
    assert not path.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only /proc tells at once")
def test_a_killed_process_leaves_a_mark_that_is_dead_at_once(tmp_path):
    path = tmp_path / "simulate.running"
    process = subprocess.Popen([sys.executable, "-c", CHILD, path])
    wait_for(lambda: read_mark(path))
    assert read_mark(path).alive() and read_mark(path).pid == process.pid
    os.kill(process.pid, signal.SIGKILL)
    wait_for(lambda: not read_mark(path).alive())  # before it is reaped, too
    process.wait()
    assert not read_mark(path).alive()


@pytest.mark.skipif(sys.platform != "linux", reason="only /proc tells processes apart")
def test_another_process_with_the_same_number_is_not_taken_for_it(tmp_path):
    with marked(tmp_path / "mark"):
        mark = read_mark(tmp_path / "mark")
    assert not replace(mark, born="1").alive()


def test_on_another_host_the_signs_of_life_tell(tmp_path):
    with marked(tmp_path / "mark"):
        mark = replace(read_mark(tmp_path / "mark"), host="elsewhere")
    assert mark.alive()
    assert not replace(mark, seen=time.time() - 61).alive()


def test_signs_of_life_go_on_and_end_with_the_block(tmp_path, monkeypatch):
    monkeypatch.setattr(heartbeat, "EVERY", 0.02)
    path = tmp_path / "mark"
    with marked(path):
        os.utime(path, (0, 0))
        wait_for(lambda: read_mark(path).seen > time.time() - 60)


def test_a_stage_does_not_fail_by_its_mark(tmp_path, monkeypatch):
    monkeypatch.setattr(heartbeat, "EVERY", 0.01)
    folder = tmp_path / "logs"
    done = []
    with marked(folder / "mark"):  # there is no such folder
        done.append(1)
    folder.mkdir()
    with marked(folder / "mark"):
        shutil.rmtree(folder)
        time.sleep(0.1)
        done.append(2)
    assert done == [1, 2]


def test_a_full_disk_costs_the_mark_alone(tmp_path, monkeypatch):
    def fill(path, text):
        path.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", fill)
    with marked(tmp_path / "mark"):
        assert list(tmp_path.iterdir()) == []


def test_the_mark_of_whoever_came_after_stays(tmp_path):
    path = tmp_path / "mark"
    with marked(path):
        said = json.loads(path.read_text()) | {"pid": 1}
        path.write_text(json.dumps(said))
    assert read_mark(path).pid == 1


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}'])
def test_what_is_no_mark_is_none(tmp_path, text):
    (tmp_path / "mark").write_text(text)
    assert read_mark(tmp_path / "mark") is None


def test_a_command_with_a_log_is_marked_beside_it(tmp_path):
    with session("simulate", tmp_path / "logs" / "simulate.log"):
        assert read_mark(tmp_path / "logs" / "simulate.running").alive()
    assert [path.name for path in (tmp_path / "logs").iterdir()] == ["simulate.log"]

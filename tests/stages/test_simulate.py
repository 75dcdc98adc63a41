"""Bytes depend on catalogue, survey and seed alone: not on blocks, workers, parts or kills."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from lenspipe import store
from lenspipe.errors import InputError
from lenspipe.population.catalog import draw_catalog
from lenspipe.simulate import executors
from lenspipe.simulate.pipeline import simulate_objects
from lenspipe.simulate.redraw import redraw
from lenspipe.stages import simulate as stage
from lenspipe.stages.simulate import simulate
from lenspipe.surveys import SURVEYS

SURVEY = SURVEYS["des_y3"]
COUNT = 600  # two chunks and a part of a third
PIXELS = {"bands": ["g", "i"], "num_pix": 21, "survey": SURVEY, "seed": 7}


@pytest.fixture(scope="module")
def catalog(tmp_path_factory, default_priors, settings):
    path = tmp_path_factory.mktemp("catalog") / "val.parquet"
    frame = draw_catalog(
        "val", COUNT, lens_fraction=0.5, non_lenses=settings["population"]["non_lenses"], seed=7, priors=default_priors
    )
    store.write_table(frame, path)
    return path


def make(catalog, path, block=256, workers=1, **options):
    simulate([(catalog, path)], **PIXELS | {"keep_planes": False} | options, block=block, workers=workers)
    return files(path)


def files(path):
    return {p.relative_to(path).as_posix(): p.read_bytes() for p in sorted(path.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def reference(catalog, tmp_path_factory):
    """The store as one undisturbed process makes it."""
    path = tmp_path_factory.mktemp("reference") / "val.zarr"
    return path, make(catalog, path)


@pytest.mark.parametrize(("block", "workers"), [(256, 2), (512, 2), (768, 1)])
def test_the_bytes_do_not_depend_on_block_and_workers(catalog, reference, tmp_path, block, workers):
    assert make(catalog, tmp_path / "val.zarr", block, workers) == reference[1]


def test_the_bytes_do_not_depend_on_the_parts(catalog, reference, tmp_path):
    path = tmp_path / "val.zarr"
    for k in (3, 1, 2):
        make(catalog, path, part=(k, 3))
        assert not store.manifest_path(path).exists()
    made = time.time_ns()
    assert make(catalog, path) == reference[1]
    assert all(p.stat().st_mtime_ns < made for p in path.glob("image/c/*/0/0/0")), "the parts' chunks were kept"


@pytest.mark.slow
def test_parts_at_the_same_time_do_not_disturb_each_other(catalog, reference, tmp_path):
    """More processes than chunks, over a store of another seed: each lays out and removes while others write."""
    path = tmp_path / "val.zarr"
    make(catalog, path, seed=8)
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        pool.starmap(make_part, [(catalog, path, (k, 4)) for k in (1, 2, 3, 4)])
    made = time.time_ns()
    assert make(catalog, path) == reference[1]
    assert all(p.stat().st_mtime_ns < made for p in path.glob("image/c/*/0/0/0")), "the parts' chunks were kept"


def make_part(catalog, path, part):
    simulate([(catalog, path)], **PIXELS, keep_planes=False, block=256, workers=1, part=part)


def test_a_part_that_comes_late_changes_nothing(catalog, reference, tmp_path):
    path = tmp_path / "val.zarr"
    make(catalog, path)
    times = {p: p.stat().st_mtime_ns for p in [*path.rglob("*"), store.manifest_path(path)]}
    assert make(catalog, path, part=(2, 3)) == reference[1]
    assert {p: p.stat().st_mtime_ns for p in times} == times


def test_a_part_looks_at_its_own_chunks_alone(catalog, reference, tmp_path):
    path = tmp_path / "val.zarr"
    make(catalog, path)
    others = path / "image/c/0/0/0/0"
    others.write_bytes(b"")  # as if its writer were at it
    made = []
    make(catalog, path, part=(2, 3), progress=lambda done, total: made.append(total))
    assert made == [] and others.read_bytes() == b""


def test_an_image_is_the_same_alone_as_in_its_block(catalog, reference):
    rows = store.read_rows(catalog, 300, 302)
    alone = simulate_objects(rows, **PIXELS)
    together = store.open_images(reference[0]).isel(object=slice(300, 302))
    for name in ("image", "sky_sigma", "id", "arc_snr"):
        np.testing.assert_array_equal(alone[name], together[name].values)


@pytest.mark.slow
def test_a_run_killed_after_its_first_chunk_makes_only_the_others(catalog, reference, tmp_path):
    path = tmp_path / "val.zarr"
    script = (
        "from lenspipe.stages.simulate import simulate; from lenspipe.surveys import SURVEYS\n"
        f"pixels = dict(bands={PIXELS['bands']}, num_pix={PIXELS['num_pix']}, survey=SURVEYS['des_y3'], seed=7)\n"
        "if __name__ == '__main__':\n"
        f"    simulate([({str(catalog)!r}, {str(path)!r})], **pixels, keep_planes=False, block=256, workers=2)\n"
    )
    (tmp_path / "go.py").write_text(script)
    process = subprocess.Popen([sys.executable, tmp_path / "go.py"], start_new_session=True, cwd=tmp_path)
    journal = store.Journal(path, "").path
    limit = time.monotonic() + 60
    while not (journal.exists() and len(journal.read_text().splitlines()) >= 2):
        assert time.monotonic() < limit and process.poll() is None, "it ended before it could be killed"
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    finished = {json.loads(line)["chunk"] for line in journal.read_text().splitlines()[1:]}
    times = {chunk: (path / f"image/c/{chunk}/0/0/0").stat().st_mtime_ns for chunk in finished}
    reports = []
    made = make(catalog, path, progress=lambda done, total: reports.append(total))
    assert made == reference[1]
    assert {chunk: (path / f"image/c/{chunk}/0/0/0").stat().st_mtime_ns for chunk in finished} == times
    sizes = {0: 256, 1: 256, 2: 88}
    assert reports == [] or reports[-1] == sum(sizes[chunk] for chunk in sizes.keys() - finished)


@pytest.mark.parametrize("what", ["seed", "catalogue", "code"])
def test_a_changed_input_never_mixes_with_old_pixels(catalog, reference, tmp_path, monkeypatch, what):
    path = tmp_path / "val.zarr"
    make(catalog, path, part=(1, 3))  # chunk 0 of the old kind
    if what == "seed":
        monkeypatch.setitem(PIXELS, "seed", 8)
    if what == "catalogue":
        frame = store.read_table(catalog)
        frame["lens_magnitude_i"] += 0.5
        catalog = tmp_path / "val.parquet"
        store.write_table(frame, catalog)
    if what == "code":
        monkeypatch.setattr(stage, "code_digest", lambda *names: "another")
    made = []
    make(catalog, path, progress=lambda done, total: made.append(total))
    assert made[-1] == COUNT, "every chunk was made again"
    expected = simulate_objects(store.read_rows(catalog, 0, 3), **PIXELS)["image"]
    np.testing.assert_array_equal(store.open_images(path)["image"].isel(object=slice(0, 3)).values, expected)


def test_a_shorter_catalogue_leaves_no_old_chunk_behind(catalog, reference, tmp_path):
    path = tmp_path / "val.zarr"
    make(catalog, path)
    short = tmp_path / "short.parquet"
    store.write_table(store.read_rows(catalog, 0, 300), short)
    make(short, path)
    assert store.verify(path) == []
    assert store.open_images(path).sizes["object"] == 300


def test_planes_that_are_no_longer_asked_for_go(catalog, reference, tmp_path):
    path = tmp_path / "val.zarr"
    make(catalog, path, keep_planes=True)
    assert "source_light" in store.open_images(path)
    assert make(catalog, path) == reference[1]


def test_a_flipped_byte_a_missing_and_a_strange_file_are_found_and_named(catalog, tmp_path):
    path = tmp_path / "val.zarr"
    make(catalog, path)
    assert store.verify(path) == []
    chunk = path / "image/c/1/0/0/0"
    data = bytearray(chunk.read_bytes())
    data[12345] ^= 1
    chunk.write_bytes(data)
    (path / "id/c/0").unlink()
    (path / "image/c/9").write_bytes(b"x")
    problems = store.verify(path)
    assert problems == [
        f"{path}/id/c/0: missing",
        f"{path}/image/c/9: not in the manifest",
        f"{path}/image/c/1/0/0/0: damaged, its bytes are not those that were written",
    ]
    with pytest.raises(InputError, match=r"id/c/0 is missing"):
        store.open_images(path)


def test_a_damaged_chunk_is_made_again_and_the_others_are_kept(catalog, reference, tmp_path):
    path = tmp_path / "val.zarr"
    make(catalog, path)
    chunk = path / "image/c/1/0/0/0"
    chunk.write_bytes(b"\0" * chunk.stat().st_size)
    made = []
    assert make(catalog, path, progress=lambda done, total: made.append(total)) == reference[1]
    assert made == [256]


@pytest.mark.slow
def test_workers_that_die_again_and_again_are_told_in_a_line():
    with pytest.raises(InputError, match=r"killed several workers.*fewer --workers"):
        with executors.in_new_processes(2) as as_finished:
            list(as_finished(os._exit, [(9,)]))


def test_too_small_a_disk_is_told_before_the_work(catalog, tmp_path, monkeypatch):
    usage = stage.shutil.disk_usage(tmp_path)
    monkeypatch.setattr(stage.shutil, "disk_usage", lambda path: usage._replace(free=1000))
    with pytest.raises(InputError, match=r"needs 0\.0 GB but the disk has 0\.0 GB"):
        make(catalog, tmp_path / "val.zarr")


def test_the_estimate_of_the_disk_is_what_the_store_takes(reference):
    _, written = reference
    chunks = sum(len(data) for name, data in written.items() if "/c/" in name and not name.startswith("band"))
    whole_chunks = -(-COUNT // store.CHUNK) * store.CHUNK  # the last one is padded
    assert chunks == whole_chunks * stage.bytes_per_object(PIXELS["bands"], PIXELS["num_pix"], False)


def test_an_object_is_redrawn_with_the_same_pixels_and_its_truth(catalog, reference, tmp_path):
    from astropy.io import fits
    from astropy.wcs import WCS

    row = store.read_rows(catalog, 5, 6).to_dict("records")[0]
    redraw(row, **PIXELS, path=tmp_path / "5.fits")
    with fits.open(tmp_path / "5.fits") as hdus:
        stored = store.open_images(reference[0]).isel(object=5)
        np.testing.assert_array_equal(hdus["IMAGE_G"].data, stored["image"].sel(band="g").values)
        np.testing.assert_array_equal(hdus["IMAGE_I"].data, stored["image"].sel(band="i").values)
        assert hdus[0].header["z_lens"] == pytest.approx(row["z_lens"])
        assert hdus[0].header["kind"] == row["kind"]
        scale = np.abs(WCS(hdus["IMAGE_I"].header).proj_plane_pixel_scales()[0].to_value("arcsec"))
        assert scale == pytest.approx(SURVEY.pixel_scale)
        total = hdus["LENS_LIGHT_G"].data + hdus["SOURCE_LIGHT_G"].data
        residual = (hdus["IMAGE_G"].data - total) / hdus["IMAGE_G"].header["SKYSIGMA"]
        assert abs(residual.mean()) < 0.3 and residual.std() > 0.9


PEAK = """
import resource, sys
import numpy as np, pandas as pd
from lenspipe import store
from lenspipe.stages import simulate
from lenspipe.surveys import SURVEYS

def drawn_at_once(rows, bands, num_pix, survey, seed, *, keep_planes, backgrounds, engine):
    n = len(rows)
    image = np.ones((n, len(bands), num_pix, num_pix), np.float32)
    noise = np.ones((n, len(bands)), np.float32)
    known = dict(sky_sigma=noise, psf_fwhm=noise, depth=noise, arc_snr=noise[:, 0], forecast_snr=noise)
    return known | dict(image=image, id=rows["id"].to_numpy())

simulate.simulate_objects = drawn_at_once
count = int(sys.argv[1])
store.write_table(pd.DataFrame({"id": np.arange(count)}), "train.parquet")
pixels = list("griz"), 45, SURVEYS["des_y3"]
simulate.simulate([("train.parquet", "train.zarr")], *pixels, seed=1, keep_planes=False, block=512, workers=1)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_objects(tmp_path):
    """The pixels' way from the renderer to the disk, 33 MB of them and 800 MB."""
    (tmp_path / "peak.py").write_text(PEAK)
    peaks = []
    for count in (1024, 24_576):
        done = subprocess.run(
            [sys.executable, "peak.py", str(count)], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        peaks.append(float(done.stdout.split()[-1]))
    assert peaks[1] < peaks[0] + 100, f"{peaks[0]:.0f} MB for a few objects, {peaks[1]:.0f} MB for many"


@pytest.fixture(scope="module")
def dask_cluster():
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=50) as cluster:
        yield cluster


@pytest.mark.slow
@pytest.mark.parametrize("by", ["address", "file"])
def test_an_existing_dask_cluster_makes_the_same_bytes_and_the_log_names_its_dashboard(
    catalog, reference, tmp_path, dask_cluster, caplog, by
):
    scheduler = dask_cluster.scheduler_address
    if by == "file":
        scheduler = str(tmp_path / "scheduler.json")
        (tmp_path / "scheduler.json").write_text(json.dumps({"address": dask_cluster.scheduler_address}))
    with caplog.at_level("INFO", logger="lenspipe"):
        assert make(catalog, tmp_path / "val.zarr", scheduler=scheduler) == reference[1]
    port = dask_cluster.scheduler.services["dashboard"].port
    assert f"dask cluster {scheduler}: 2 workers, dashboard http://127.0.0.1:{port}/status" in caplog.text


@pytest.mark.slow
def test_a_killed_worker_of_a_dask_cluster_changes_no_byte(catalog, reference, tmp_path, dask_cluster):
    def kill_one(done, total):
        if not killed:
            killed.append(next(iter(dask_cluster.workers.values())).pid)
            os.kill(killed[0], signal.SIGKILL)

    killed = []
    assert (
        make(catalog, tmp_path / "val.zarr", scheduler=dask_cluster.scheduler_address, progress=kill_one)
        == reference[1]
    )
    assert killed


@pytest.fixture
def scheduler_and_worker(tmp_path):
    """A dask cluster by its own commands: its scheduler file and its scheduler's process."""
    file = tmp_path / "scheduler.json"
    dask = Path(sys.executable).with_name("dask")
    commands = (["scheduler", "--host", "127.0.0.1", "--port", "0"], ["worker", "--nworkers", "1", "--nthreads", "1"])
    running = [
        subprocess.Popen([dask, *command, "--scheduler-file", file], stderr=subprocess.DEVNULL) for command in commands
    ]
    limit = time.monotonic() + 120
    while not file.exists():
        assert time.monotonic() < limit, "the scheduler did not start"
        time.sleep(0.1)
    yield str(file), running[0]
    for process in running:
        process.terminate()
        process.wait()


@pytest.mark.slow
def test_a_lost_scheduler_is_told_and_what_was_finished_is_kept(
    catalog, reference, tmp_path, scheduler_and_worker, monkeypatch
):
    monkeypatch.setattr(executors, "PATIENCE", 120)
    scheduler, process = scheduler_and_worker
    made = []
    with pytest.raises(InputError, match="the scheduler was lost"):
        make(catalog, tmp_path / "val.zarr", scheduler=scheduler, progress=lambda done, total: process.kill())
    assert make(catalog, tmp_path / "val.zarr", progress=lambda done, total: made.append(total)) == reference[1]
    assert made and made[-1] < COUNT


def test_a_worker_with_other_code_is_refused(catalog, tmp_path, dask_cluster, monkeypatch):
    monkeypatch.setattr(stage, "code_digest", lambda *names: "another")
    with pytest.raises(InputError, match="has other code or libraries"):
        make(catalog, tmp_path / "val.zarr", scheduler=dask_cluster.scheduler_address)


@pytest.mark.slow
def test_a_dask_cluster_that_is_not_there_is_told_and_nothing_is_lost(catalog, tmp_path, monkeypatch):
    monkeypatch.setattr(executors, "PATIENCE", 1)
    make(catalog, tmp_path / "val.zarr", seed=8)
    (tmp_path / "catalog.json").write_text("{}")
    with pytest.raises(InputError, match=r"absent\.json: cannot be read"):
        make(catalog, tmp_path / "val.zarr", scheduler=str(tmp_path / "absent.json"))
    with pytest.raises(InputError, match=r"catalog\.json: is not a dask scheduler file"):
        make(catalog, tmp_path / "val.zarr", scheduler=str(tmp_path / "catalog.json"))
    with pytest.raises(InputError, match=r"tcp://127\.0\.0\.1:9: no dask scheduler answers"):
        make(catalog, tmp_path / "val.zarr", scheduler="tcp://127.0.0.1:9")
    with pytest.raises(InputError, match=r"tcp://127\.0\.0\.1: no dask scheduler answers"):
        make(catalog, tmp_path / "val.zarr", scheduler="tcp://127.0.0.1")
    assert store.verify(tmp_path / "val.zarr") == []

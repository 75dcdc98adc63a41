"""The simulate stage: catalogues in, image stores out, by worker processes that each own whole chunks.

Which worker does which block, in which order, and after how many kills, changes no byte.
"""

import shutil
import time
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from lenspipe import store
from lenspipe.errors import InputError
from lenspipe.families import ENGINES
from lenspipe.provenance import code_digest, digest_of, file_sha256, versions
from lenspipe.simulate.executors import in_a_cluster, in_new_processes, in_this_process
from lenspipe.simulate.pipeline import DEFAULT_ENGINE, naming_catalog, simulate_objects

LIBRARIES = ("numpy", "scipy", "numba", "astropy", "lenstronomy", "zarr")


@dataclass(frozen=True)
class _Job:
    """One store that is being written."""

    catalog: Path
    catalog_state: tuple
    path: Path
    count: int
    inputs: dict
    journal: store.Journal
    missing: list


def simulate(
    catalogs,
    bands,
    num_pix,
    survey,
    *,
    seed,
    keep_planes,
    block,
    workers,
    engine=DEFAULT_ENGINE,
    part=(1, 1),
    scheduler="",
    progress=None,
    backgrounds="",
):
    """Render catalogues into stores; what an earlier run finished and is still intact is kept.

    Parameters
    ----------
    catalogs : sequence of (path, path)
        Catalogue (parquet) and store (zarr) of each split.
    bands : sequence of str
    num_pix : int
    survey : Survey
    seed : int
    keep_planes : bool
        Also store the noise-free planes.
    block : int
        Objects per task, in whole chunks.
    workers : int
        Processes; 1 works in this one.
    engine : str
        One of ``families.ENGINES``.
    part : (int, int)
        k of n: do only the k-th of n equal parts of each store. Only the whole, (1, 1), finishes a store, from what
        its parts have written.
    scheduler : str
        Of an existing dask cluster that works instead, tcp://host:port or a scheduler file; it sees the same files.
    progress : callable, optional
        Called with objects done and objects in all.
    backgrounds : path
        Store of the real cutouts that objects lie on; empty if there are none.

    Raises
    ------
    InputError
        If a catalogue or the backgrounds cannot be read, the disk is too small or the cluster does not answer.
    """
    with ExitStack() as locks:
        for _, path in catalogs:
            locks.enter_context(store.locked(Path(path).absolute(), shared=part != (1, 1)))
        pixels = {"bands": list(bands), "num_pix": num_pix, "seed": seed, "keep_planes": keep_planes}
        prepare = partial(_prepare, survey=survey, part=part, backgrounds=backgrounds, engine=engine, pixels=pixels)
        jobs = [prepare(Path(catalog), Path(path)) for catalog, path in catalogs]
        _simulate(jobs, survey, block=block, workers=workers, part=part, scheduler=scheduler, progress=progress)


def _simulate(jobs, survey, *, block, workers, part, scheduler, progress):
    """Render what is missing of the stores, which are locked."""
    settings, engine = jobs[0].inputs["settings"], jobs[0].inputs["engine"]
    bands, num_pix, keep_planes = settings["bands"], settings["num_pix"], settings["keep_planes"]
    _check_disk(jobs, bytes_per_object(bands, num_pix, keep_planes))
    tasks = [(job, chunks) for job in jobs for chunks in _groups(job.missing, block // store.CHUNK)]
    done, total = 0, sum(_objects(job, job.missing) for job in jobs)
    backgrounds = jobs[0].inputs.get("backgrounds", {}).get("path", "")
    options = {"seed": settings["seed"], "keep_planes": keep_planes, "engine": engine}
    options["backgrounds"] = str(Path(backgrounds).resolve()) if backgrounds else ""
    simulate_block = partial(_simulate_block, bands=bands, num_pix=num_pix, survey=survey, options=options)
    arguments = [(_paths(job), job.journal.digest, chunks) for job, chunks in tasks]
    with _executor(min(workers, max(len(tasks), 1)), scheduler, engine) as as_finished:
        for job in jobs:
            _begin(job, survey, whole=part == (1, 1))
        for index, written in as_finished(simulate_block, arguments):
            job, chunks = tasks[index]
            for chunk, files in written.items():
                job.journal.append(chunk, files)
            done += _objects(job, chunks)
            if progress:
                progress(done, total)
    if part == (1, 1):
        for job in jobs:
            _finish(job, bands, num_pix)


def bytes_per_object(bands, num_pix, keep_planes):
    """Bytes (int) that an object takes in a store.

    ``bands`` sequence of str; ``num_pix`` int; ``keep_planes`` bool, as of ``simulate``.
    """
    return len(bands) * num_pix**2 * 4 * (3 if keep_planes else 1) + len(bands) * 16 + 12


def seconds_per_object(catalog, bands, num_pix, survey, *, seed, engine=DEFAULT_ENGINE, backgrounds=""):
    """Time (float, s) that one core takes for an object, from a few of the catalogue's first.

    Parameters
    ----------
    catalog : path
    bands, num_pix, survey, seed, engine, backgrounds
        As of ``simulate``.
    """
    rows = store.read_rows(catalog, 0, 24)
    options = {"backgrounds": backgrounds, "engine": engine}
    with naming_catalog(catalog):
        simulate_objects(rows, bands, num_pix, survey, seed, **options)  # loops are compiled: not counted
        start = time.perf_counter()
        simulate_objects(rows, bands, num_pix, survey, seed, **options)
    return (time.perf_counter() - start) / len(rows)


def _prepare(catalog, path, *, survey, part, backgrounds, engine, pixels):
    """Find which of the part's chunks are to be made; nothing is changed."""
    state = _state_of(catalog)
    count = len(store.read_ids(catalog))
    inputs = {
        "catalog": file_sha256(catalog),
        "settings": pixels,
        "survey": survey.numbers(),
        **({"backgrounds": _manifest_of(backgrounds)} if backgrounds else {}),
        "engine": engine,
        **_maker(engine),
    }
    k, n = part
    each, more = divmod(_chunks(count), n)  # the first parts have one more, as numpy.array_split has it
    first = (k - 1) * each + min(k - 1, more)
    of_part = range(first, first + each + (k <= more))
    journal = store.Journal(path, digest_of(inputs), part)
    intact = journal.intact_chunks(of_part)
    missing = [chunk for chunk in of_part if chunk not in intact]
    return _Job(catalog, state, path, count, inputs, journal, missing)


def _manifest_of(backgrounds):
    """Where the real cutouts are, and the sum of the manifest that holds the sums of all their chunks."""
    path = store.store_path(backgrounds)
    store.read_manifest(path)
    return {"path": str(backgrounds), "manifest": file_sha256(store.manifest_path(path))}


def _begin(job, survey, whole):
    """Lay out a store and remove the chunks that are to be made.

    Parts may do this at any time, side by side: each touches its own chunks alone, and one that has nothing to make
    touches nothing.
    """
    if job.missing or whole:
        _lay_out(job, survey, **job.inputs["settings"])
        store.remove_chunks(job.path, job.missing, first_excess=_chunks(job.count) if whole else None)
    job.journal.open()


def _lay_out(job, survey, bands, num_pix, seed, keep_planes):
    attributes = {
        "pixel_scale": survey.pixel_scale,
        "magnitude_zero_point": survey.magnitude_zero_point,
        "unit": "counts",
        "survey": survey.name,
        "moffat_beta": survey.moffat_beta,
        "seed": seed,
        "versions": job.inputs["versions"],
        "digest": job.journal.digest,
        **({"backgrounds": job.inputs["backgrounds"]["path"]} if "backgrounds" in job.inputs else {}),
    }
    layout = {"bands": bands, "num_pix": num_pix, "planes": keep_planes}
    store.create(job.path, job.count, **layout, attributes=attributes)


def _maker(engine):
    """Code and libraries that pixels are made by."""
    code = code_digest("lenspipe.stages.simulate", "lenspipe.surveys", ENGINES.module_of(engine))
    return {"code": code, "versions": versions(*LIBRARIES)}


def _paths(job):
    """Catalogue with its size and time, and store: absolute, for a worker anywhere."""
    return str(job.catalog.resolve()), job.catalog_state, str(job.path.resolve())


def _state_of(path):
    """Size and time of a file, which change when it is replaced."""
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


def _simulate_block(paths, digest, chunks, *, bands, num_pix, survey, options):
    """Runs in a worker: chunk numbers in, sums of the files written out."""
    catalog, state, path = paths
    written = {}
    for chunk in chunks:
        rows = store.read_rows(catalog, chunk * store.CHUNK, (chunk + 1) * store.CHUNK)
        if _state_of(Path(catalog)) != state:
            raise InputError(f"{catalog}: was replaced while it was being rendered; run simulate again")
        with naming_catalog(catalog):
            arrays = simulate_objects(rows, bands, num_pix, survey, **options)
        _check_finite(arrays, rows["id"].to_numpy())
        written[chunk] = store.write_chunk(path, chunk, arrays, digest=digest)
    return written


def _check_finite(arrays, ids):
    """InputError if a pixel or a noise is not a number: such an image would look like one with missing pixels."""
    for name in ("image", "sky_sigma", "psf_fwhm"):
        wrong = ~np.isfinite(arrays[name]).reshape(len(ids), -1).all(axis=1)
        if wrong.any():
            raise InputError(f"object {ids[np.argmax(wrong)]}: its {name} is not a number; report this with its row")


def _finish(job, bands, num_pix):
    chunks = job.journal.intact_chunks()
    absent = sorted(set(range(_chunks(job.count))) - chunks.keys())
    if absent:
        raise InputError(f"{job.path}: chunk {absent[0]} was changed while it was being written; run simulate again")
    if file_sha256(job.catalog) != job.inputs["catalog"]:
        raise InputError(f"{job.catalog}: was replaced while it was being rendered; run simulate again")
    store.finish(job.path)
    shape = (job.count, len(bands), num_pix, num_pix)
    store.write_manifest(job.path, digest=job.journal.digest, inputs=job.inputs, shape=shape, chunks=chunks)


def _executor(workers, scheduler, engine):
    if scheduler:
        return in_a_cluster(scheduler, partial(_maker, engine))
    return in_new_processes(workers) if workers > 1 else in_this_process()


def _check_disk(jobs, bytes_per_object):
    """Whole chunks are written; those that they replace make room first."""
    need = sum(len(job.missing) for job in jobs) * store.CHUNK * bytes_per_object
    there = next(folder for folder in jobs[0].path.absolute().parents if folder.exists())
    free = shutil.disk_usage(there).free + sum(store.size_on_disk(job.path, job.missing) for job in jobs)
    if need > free:
        raise InputError(
            f"{jobs[0].path.parent}: needs {need / 1e9:.1f} GB but the disk has {free / 1e9:.1f} GB free; make room or "
            "lower population.counts"
        )


def _objects(job, chunks):
    return sum(min(store.CHUNK, job.count - chunk * store.CHUNK) for chunk in chunks)


def _chunks(count):
    return -(-count // store.CHUNK)


def _groups(chunks, size):
    return [chunks[i : i + size] for i in range(0, len(chunks), size)]

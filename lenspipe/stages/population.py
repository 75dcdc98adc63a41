"""The population stage: settings in, catalogues of all splits out."""

import logging
from contextlib import nullcontext
from pathlib import Path

import numpy as np

from lenspipe.columns import DRAWN_SPLITS, splits_of_run
from lenspipe.errors import InputError
from lenspipe.population.catalog import assign_kinds, batches_of, draw_catalog, one_by_one
from lenspipe.population.twins import make_twins
from lenspipe.simulate.executors import in_new_processes
from lenspipe.simulate.row_checks import check_rows
from lenspipe.store import write_tables

log = logging.getLogger("lenspipe")


WORTH_A_PROCESS = 24  # batches of draws: fewer take no longer than a process needs to start


def make_catalogs(
    output_dir, *, counts, lens_fraction, non_lenses, seed, priors, backgrounds="", workers=1, notify=None
):
    """Draw the catalogues of a run and write them as <split>.parquet.

    Parameters
    ----------
    output_dir : path
    counts : dict of str to int
        Number of objects of each drawn split; under ``twins``, the number of test lenses that get twins.
    lens_fraction : dict of str to float
        Share of lenses in each drawn split.
    non_lenses : dict of str to float
        Relative share of each kind among the non-lenses.
    seed : int
    priors : Priors
    backgrounds : path
        Image store of real cutouts that objects are painted on; empty: none.
    workers : int
        Processes, as far as there is work for them; no number depends on it.
    notify : callable, optional
        Called with a line of text about the real galaxies.

    Raises
    ------
    InputError
        If twins are required and the test split has no lens, or the real galaxies cannot be used.
    """
    galaxies = {}
    if backgrounds:
        from lenspipe.stages.real_galaxies import share_galaxies  # measures images, which is slow to import

        drawn_counts = {split: counts[split] for split in DRAWN_SPLITS}
        options = {"bands": priors.bands, "priors": priors, "counts": drawn_counts, "seed": seed}
        galaxies = share_galaxies(backgrounds, **options, notify=notify)
    batches = sum(len(_batches(counts[split], lens_fraction[split], non_lenses)) for split in DRAWN_SPLITS)
    workers = min(workers, batches // WORTH_A_PROCESS)
    splits = splits_of_run(counts["twins"])
    with in_new_processes(workers) if workers > 1 else nullcontext(one_by_one) as run:
        draw = {"non_lenses": non_lenses, "seed": seed, "priors": priors, "run": run}
        catalogs = _catalogs(counts, lens_fraction, galaxies, draw)
        write_tables(catalogs, [Path(output_dir) / f"{split}.parquet" for split in splits])
    if not counts["twins"]:  # earlier settings may have had twins
        (Path(output_dir) / "twins.parquet").unlink(missing_ok=True)


def _batches(count, lens_fraction, non_lenses):
    kinds, numbers = np.unique(assign_kinds(count, lens_fraction, non_lenses), return_counts=True)
    return batches_of(dict(zip(kinds, numbers, strict=True)))


def _check(catalog, split, bands):
    """No catalogue is finished with a number of which no image can be made: such a law is wrong, or its settings."""
    try:
        check_rows(catalog, bands)
    except ValueError as error:
        raise InputError(f"population: {split}: {error}; change the settings of its law, or report this") from None


def _catalogs(counts, lens_fraction, galaxies, draw):
    """Yield the catalogue of each split, one at a time to save memory."""
    for split in DRAWN_SPLITS:
        options = {"lens_fraction": lens_fraction[split], "galaxies": galaxies.get(split)}
        catalog = draw_catalog(split, counts[split], **options, **draw)
        log.info("%s: %d objects, %d of them lenses", split, len(catalog), catalog["is_lens"].sum())
        _check(catalog, split, draw["priors"].bands)
        yield catalog
    if counts["twins"]:
        lenses = catalog[catalog["is_lens"]].head(counts["twins"])  # of the test split, which is drawn last
        if lenses.empty:
            raise InputError("population.counts.twins: the test split holds no lens; set it to 0")
        log.info("twins: %d objects, of %d lenses of the test split", 2 * len(lenses), len(lenses))
        yield make_twins(lenses, draw["priors"].bands)

"""Commands that make the images: population, simulate. Science is imported inside, so that `lenspipe --help` is fast."""

from pathlib import Path
from typing import Annotated

import typer

from lenspipe.cli._options import Block, Log, Settings, Workers
from lenspipe.cli._session import progress, say, session, usable_cores
from lenspipe.errors import InputError


def population(
    settings: Settings, output: Annotated[Path, typer.Option(help="Folder for <split>.parquet")], log: Log = None
):
    """Draw the catalogues: every physical number that the pictures are made from."""
    from lenspipe.cli._priors import priors_from
    from lenspipe.cli._real_galaxies import share_out
    from lenspipe.columns import DRAWN_SPLITS, splits_of_run
    from lenspipe.config import read_stage
    from lenspipe.population.catalog import draw_catalog
    from lenspipe.population.twins import make_twins
    from lenspipe.store import write_tables

    said = read_stage(settings, "population")
    drawn = said["population"]
    with session("population", log) as logger:
        priors, shares = priors_from(said["survey"], said["bands"], drawn, said["num_pix"]), {}
        if drawn["backgrounds"]:
            counts = {split: drawn["counts"][split] for split in DRAWN_SPLITS}
            shares = share_out(drawn["backgrounds"], said["bands"], priors, counts, said["seed"])

        def catalogs():
            for split in DRAWN_SPLITS:
                catalog = draw_catalog(
                    split=split,
                    count=drawn["counts"][split],
                    lens_fraction=drawn["lens_fraction"][split],
                    non_lenses=drawn["non_lenses"],
                    seed=said["seed"],
                    priors=priors,
                    galaxies=shares.get(split),
                )
                logger.info("%s: %d objects, %d of them lenses", split, len(catalog), catalog["is_lens"].sum())
                yield catalog
            if twins:
                lenses = catalog[catalog["is_lens"]].head(twins)
                if lenses.empty:
                    raise InputError("population.counts.twins: the test split holds no lens; set it to 0")
                logger.info("twins: %d objects, of %d lenses of the test split", 2 * len(lenses), len(lenses))
                yield make_twins(lenses, said["bands"])

        twins = drawn["counts"]["twins"]
        write_tables(catalogs(), [output / f"{split}.parquet" for split in splits_of_run(twins)])
        if not twins:
            (output / "twins.parquet").unlink(missing_ok=True)  # of other settings


def simulate(
    settings: Settings,
    catalog: Annotated[list[Path], typer.Option(help="Catalogue; give one --manifest for each, in the same order")],
    manifest: Annotated[list[Path], typer.Option(help="Manifest x.json; the store x.zarr is written beside it")],
    workers: Workers = 1,
    block: Block = 512,
    part: Annotated[
        str, typer.Option(help="k/n: only the k-th of n parts; `1/1` finishes what the parts made")
    ] = "1/1",
    scheduler: Annotated[
        str, typer.Option(help="A dask cluster that does the work instead: tcp://host:port or its scheduler file")
    ] = "",
    log: Log = None,
):
    """Render catalogues as survey images; a killed run goes on where it was."""
    from lenspipe.cli._real_galaxies import open_backgrounds
    from lenspipe.columns import catalog_columns
    from lenspipe.config import read_stage, survey_of
    from lenspipe.stages import simulate as science
    from lenspipe.store import check_columns, count_rows, store_path

    said = read_stage(settings, "simulate")
    if len(catalog) != len(manifest):
        raise InputError(f"--catalog is given {len(catalog)} times and --manifest {len(manifest)}; give them in pairs")
    share = _part(part)
    for path in catalog:
        check_columns(path, catalog_columns(said["bands"]))
    pixels = {"bands": said["bands"], "num_pix": said["num_pix"]}
    sky = {"survey": survey_of(said["survey"]), "seed": said["seed"], "backgrounds": said["backgrounds"]}
    sky["engine"] = said["engine"]
    if said["backgrounds"]:
        open_backgrounds(said["backgrounds"], said["bands"], sky["survey"], said["num_pix"])
    workers = usable_cores(workers)
    with session("simulate", log), progress("simulate", "objects") as show:
        count = sum(count_rows(path) for path in catalog) // share[1]
        size = count * science.bytes_per_object(**pixels, keep_planes=said["keep_planes"]) / 1e9
        if scheduler:
            say(f"simulate: {count:,} objects, {size:.2f} GB, by the dask cluster {scheduler}")
        else:
            minutes = count * science.seconds_per_object(catalog[0], **pixels, **sky) / workers / 60
            say(f"simulate: {count:,} objects, {size:.2f} GB, about {minutes:.1f} minutes with {workers} workers")
        science.simulate(
            [(path, store_path(target)) for path, target in zip(catalog, manifest, strict=True)],
            **pixels,
            **sky,
            keep_planes=said["keep_planes"],
            block=block,
            workers=workers,
            part=share,
            scheduler=scheduler,
            progress=show,
        )


def _part(text):
    """k/n -> (k, n)"""
    k, slash, n = text.partition("/")
    if not (slash and k.isdecimal() and n.isdecimal() and 1 <= int(k) <= int(n)):
        raise InputError(f"--part: {text!r} is wrong, should be k/n with 1 <= k <= n, for example 2/4")
    return int(k), int(n)

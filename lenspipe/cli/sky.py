"""Commands that simulate: population, simulate.

Science is imported inside the functions, so that `lenspipe --help` is fast.
"""

from pathlib import Path
from typing import Annotated

import typer

from lenspipe.cli._options import Block, Log, Settings, Workers
from lenspipe.cli._session import progress, say, session, usable_cores
from lenspipe.errors import InputError


def population(
    settings: Settings,
    output: Annotated[Path, typer.Option(help="Folder for <split>.parquet")],
    workers: Workers = 1,
    log: Log = None,
):
    """Draw the catalogues: all physical quantities that the images are rendered from."""
    from lenspipe.cli._priors import priors_from
    from lenspipe.config import read_stage
    from lenspipe.stages.population import make_catalogs

    values = read_stage(settings, "population")
    drawn = values["population"]
    with session("population", log):
        make_catalogs(
            output,
            counts=drawn["counts"],
            lens_fraction=drawn["lens_fraction"],
            non_lenses=drawn["non_lenses"],
            seed=values["seed"],
            priors=priors_from(values["survey"], values["bands"], drawn, values["num_pix"]),
            backgrounds=drawn["backgrounds"],
            workers=usable_cores(workers),
            notify=lambda line: say(f"population: {line}"),
        )


def simulate(
    settings: Settings,
    catalog: Annotated[list[Path], typer.Option(help="Catalogue; give one --manifest for each, in the same order")],
    manifest: Annotated[list[Path], typer.Option(help="Manifest x.json; the store x.zarr is written next to it")],
    workers: Workers = 1,
    block: Block = 512,
    part: Annotated[
        str, typer.Option(help="k/n: only the k-th of n parts; `1/1` renders what is left and completes the stores")
    ] = "1/1",
    scheduler: Annotated[
        str,
        typer.Option(help="dask cluster that renders: tcp://host:port or scheduler file; empty: local processes"),
    ] = "",
    log: Log = None,
):
    """Render catalogues as survey images; a killed run resumes where it stopped."""
    from lenspipe.cli._backgrounds import check_cutouts
    from lenspipe.columns import catalog_columns
    from lenspipe.config import read_stage, survey_of
    from lenspipe.stages import simulate as stage
    from lenspipe.store import check_columns, count_rows, store_path

    values = read_stage(settings, "simulate")
    if len(catalog) != len(manifest):
        raise InputError(f"--catalog is given {len(catalog)} times and --manifest {len(manifest)}; give them in pairs")
    share = _part(part)
    for path in catalog:
        check_columns(path, catalog_columns(values["bands"]))
    pixels = {"bands": values["bands"], "num_pix": values["num_pix"]}
    sky = {"survey": survey_of(values["survey"]), "seed": values["seed"], "backgrounds": values["backgrounds"]}
    sky["engine"] = values["engine"]
    if values["backgrounds"]:
        check_cutouts(values["backgrounds"], values["bands"], sky["survey"], values["num_pix"])
    workers = usable_cores(workers)
    with session("simulate", log), progress("simulate", "objects") as show:
        count = sum(count_rows(path) for path in catalog) // share[1]
        size = count * stage.bytes_per_object(**pixels, keep_planes=values["keep_planes"]) / 1e9
        if scheduler:
            say(f"simulate: {count:,} objects, {size:.2f} GB, by the dask cluster {scheduler}")
        else:
            minutes = count * stage.seconds_per_object(catalog[0], **pixels, **sky) / workers / 60
            say(f"simulate: {count:,} objects, {size:.2f} GB, about {minutes:.1f} minutes with {workers} workers")
        stage.simulate(
            [(path, store_path(target)) for path, target in zip(catalog, manifest, strict=True)],
            **pixels,
            **sky,
            keep_planes=values["keep_planes"],
            block=block,
            workers=workers,
            part=share,
            scheduler=scheduler,
            progress=show,
        )


def _part(text):
    """Parse k/n: (k, n)."""
    k, slash, n = text.partition("/")
    if not (slash and k.isdecimal() and n.isdecimal() and 1 <= int(k) <= int(n)):
        raise InputError(f"--part: {text!r} is wrong, should be k/n with 1 <= k <= n, for example 2/4")
    return int(k), int(n)

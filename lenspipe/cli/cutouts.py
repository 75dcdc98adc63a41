"""Commands for cutouts of a real survey: ingest, candidates, stamps."""

from pathlib import Path
from typing import Annotated

import typer

from lenspipe.cli._session import progress, say, session
from lenspipe.cli.stages import Log
from lenspipe.errors import InputError

Places = Annotated[list[str], typer.Option(help="[BANDS=]PATTERN[[EXT]] with {band} and {column}, as docs/cutouts.md")]
PerBand = Annotated[list[str] | None, typer.Option(help="Number, or BAND=NUMBER; stands over the headers")]


def ingest(
    images: Places,
    output: Annotated[Path, typer.Option(help="Store to write, x.zarr; tables get names beside it")],
    catalog: Annotated[Path | None, typer.Option(help="A row an object: CSV, parquet or FITS table")] = None,
    weights: Annotated[list[str] | None, typer.Option(help="Inverse variances, as --images")] = None,
    psf: Annotated[list[str] | None, typer.Option(help="Images of the PSF, as --images")] = None,
    zero_point: PerBand = None,
    seeing: PerBand = None,
    pixel_scale: Annotated[float | None, typer.Option(help="arcsec; stands over the headers")] = None,
    bands: Annotated[str | None, typer.Option(help="g,r,i,z; those of the settings if not given")] = None,
    num_pix: Annotated[int | None, typer.Option(min=16, help="Size; that of the settings if not given")] = None,
    max_missing: Annotated[
        float, typer.Option(min=0, max=1, help="Share of a band's pixels that may be missing")
    ] = 0.2,
    keep_sky: Annotated[bool, typer.Option("--keep-sky", help="Subtract no sky: the files have none left")] = False,
    id_column: Annotated[str, typer.Option(help="Column of whole numbers that name the objects")] = "id",
    settings: Annotated[Path | None, typer.Option(help="Settings; config/config.yaml if not given")] = None,
    log: Log = None,
):
    """Make an image store from FITS cutouts of a survey: checked, scaled to one zero point, cut to size."""
    from lenspipe import ingest as science
    from lenspipe.config import defaults_path, read_stage, survey_of

    said = read_stage(settings or defaults_path(), "simulate")
    survey = survey_of(said["survey"])
    wanted = _bands(bands.split(",") if bands else said["bands"], survey)
    with session("ingest", log), progress("ingest", "objects") as show:
        table, notes = science.read_catalog(catalog, id_column) if catalog else (None, [])
        columns = [] if table is None else list(table.columns)
        places = {
            name: science.read_places(f"--{name}", texts or [], wanted, columns) if texts or name == "images" else {}
            for name, texts in (("images", images), ("weights", weights), ("psf", psf))
        }
        if table is None:
            table = science.bare_catalog(science.count_in(places["images"][wanted[0]]))
        recipe = science.Recipe(
            bands=wanted,
            num_pix=num_pix or said["num_pix"],
            survey=survey,
            **places,
            zero_point=science.by_band("--zero-point", zero_point or [], wanted),
            seeing=science.by_band("--seeing", seeing or [], wanted),
            pixel_scale=pixel_scale,
            max_missing=max_missing,
            keep_sky=keep_sky,
        )
        made = science.ingest(table, recipe, output, show)
        for line in [*notes, *science.tell(made.planes, recipe.num_pix, survey)]:
            say(f"ingest: {line}")
        _say_refused(made, science.tables_beside(output)["refused"])
        say(f"ingest: {output}: {len(made.catalog):,} objects in {' '.join(wanted)}, {len(made.refused):,} refused")


def candidates(
    predictions: Annotated[Path, typer.Option(help="Table that `lenspipe predict` wrote")],
    output: Annotated[Path, typer.Option(help="Table to write (parquet, or csv by its name)")],
    images: Annotated[Path | None, typer.Option(help="The store: its catalogue lies beside it")] = None,
    catalog: Annotated[Path | None, typer.Option(help="Another catalogue with a column id")] = None,
    top: Annotated[int | None, typer.Option(min=1, help="Keep so many; all if not given")] = None,
):
    """Rank scored objects and join them with their catalogue: name, place, score, radius, missing pixels."""
    from lenspipe.search import ranking as science
    from lenspipe.store import write_table

    if (images is None) == (catalog is None):
        raise InputError("candidates: give either --images STORE or --catalog FILE")
    table = science.rank(predictions, catalog or science.catalog_beside(images), top)
    write_table(table, output)
    print(f"{output}: {len(table):,} candidates, {(table['score'] > 0.5).sum():,} above score 0.5")


def stamps(
    store: Annotated[Path, typer.Argument(help="An image store")],
    ids: Annotated[list[int] | None, typer.Argument(help="Objects' ids")] = None,
    candidates: Annotated[Path | None, typer.Option(help="Take them from a table of `lenspipe candidates`")] = None,
    top: Annotated[int, typer.Option(min=1, help="How many of the candidates")] = 20,
    output: Annotated[Path, typer.Option(help="Folder for <id>.fits, <id>.png and sheet.png")] = Path("stamps"),
):
    """Objects of a store as FITS with WCS and as pictures: by id, or the best candidates."""
    from lenspipe.plots.drawing import draw_stamps
    from lenspipe.search import stamps as science
    from lenspipe.search.ranking import read_candidates
    from lenspipe.store import store_path

    if bool(ids) == bool(candidates):
        raise InputError("stamps: give either ids or --candidates TABLE")
    rows = {id: {} for id in ids or []}
    if candidates:
        rows = {row["id"]: row for row in read_candidates(candidates, top).to_dict("records")}
    picked = science.read_stamps(store_path(store), list(rows))
    catalog = science.known_of(store, list(rows))
    known = {id: catalog.get(id, {}) | row for id, row in rows.items()}
    science.write_fits(picked, known, output)
    draw_stamps(picked, known, output)
    print(f"{output}: {len(rows)} objects, <id>.fits and <id>.png of each, sheet.png of all")


def _bands(names, survey):
    """Bands in the survey's order, whatever the order they are given in."""
    names = [name.strip() for name in names]
    if unknown := [name for name in names if name not in survey.bands]:
        raise InputError(f"--bands: {survey.name} has no band {unknown[0]!r}; it has {' '.join(survey.bands)}")
    return tuple(band for band in survey.bands if band in names)


def _say_refused(made, path):
    """How many were refused, and why the first few."""
    if made.refused.empty:
        return
    say(f"ingest: refused, all with their reasons in {path}:")
    for row in made.refused[:3].itertuples():
        say(f"ingest:   id {row.id}: {row.reason}")

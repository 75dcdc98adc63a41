"""Commands for cutouts of a real survey: ingest, candidates, stamps."""

from pathlib import Path
from typing import Annotated

import typer

from lenspipe.cli._options import Log
from lenspipe.cli._session import progress, say, session
from lenspipe.errors import InputError

Patterns = Annotated[
    list[str], typer.Option(help="[BANDS=]PATTERN[[EXT]] with {band} and {column}, as docs/cutouts.md")
]
PerBand = Annotated[list[str] | None, typer.Option(help="Number, or BAND=NUMBER; replaces the headers' value")]


def ingest(
    images: Patterns,
    output: Annotated[Path, typer.Option(help="Store to write, x.zarr; tables are written next to it")],
    catalog: Annotated[Path | None, typer.Option(help="A row for each object: CSV, text, parquet or FITS")] = None,
    weights: Annotated[list[str] | None, typer.Option(help="Inverse variances, as --images")] = None,
    psf: Annotated[list[str] | None, typer.Option(help="Images of the PSF, as --images")] = None,
    zero_point: PerBand = None,
    seeing: PerBand = None,
    pixel_scale: Annotated[float | None, typer.Option(help="arcsec; replaces the headers' value")] = None,
    bands: Annotated[str | None, typer.Option(help="For example g,r,i; bands of the settings if not given")] = None,
    num_pix: Annotated[
        int | None, typer.Option(min=16, help="Side in pixels; that of the settings if not given")
    ] = None,
    max_missing: Annotated[
        float, typer.Option(min=0, max=1, help="Share of a band's pixels that may be missing")
    ] = 0.2,
    keep_sky: Annotated[
        bool, typer.Option("--keep-sky", help="Do not subtract the sky, because it is already subtracted")
    ] = False,
    id_column: Annotated[str, typer.Option(help="Column with the objects' ids, whole numbers")] = "id",
    settings: Annotated[Path | None, typer.Option(help="Settings; config/config.yaml if not given")] = None,
    log: Log = None,
):
    """Make an image store from FITS cutouts of a survey: checked, scaled to one zero point, cut to size."""
    from lenspipe import ingest as ingestion
    from lenspipe.config import defaults_path, read_stage, survey_of

    simulation = read_stage(settings or defaults_path(), "simulate")
    survey = survey_of(simulation["survey"])
    bands = _bands(bands.split(",") if bands else simulation["bands"], survey)
    with session("ingest", log), progress("ingest", "objects") as show:
        in_names = ingestion.columns_in([*images, *(weights or []), *(psf or [])])
        objects = ingestion.read_catalog(catalog, id_column, in_names) if catalog else None
        names = {"bands": bands, "columns": list(objects.names) if objects else []}
        patterns = {
            name: ingestion.read_file_patterns(f"--{name}", texts or [], **names) if texts or name == "images" else {}
            for name, texts in (("images", images), ("weights", weights), ("psf", psf))
        }
        if objects is None:
            objects = ingestion.numbered_catalog(ingestion.count_objects(patterns["images"][bands[0]]))
        options = ingestion.IngestOptions(
            bands=bands,
            num_pix=num_pix or simulation["num_pix"],
            survey=survey,
            **patterns,
            zero_point=ingestion.numbers_by_band("--zero-point", zero_point or [], bands),
            seeing=ingestion.numbers_by_band("--seeing", seeing or [], bands),
            pixel_scale=pixel_scale,
            max_missing=max_missing,
            keep_sky=keep_sky,
        )
        result = ingestion.ingest(objects, options, output, progress=show)
        for line in [*objects.notes, *ingestion.summarise(result.planes, options.num_pix, survey)]:
            say(f"ingest: {line}")
        _say_refused(result.refused, ingestion.table_paths(output)["refused"])
        say(f"ingest: {output}: {len(result.catalog):,} objects in {' '.join(bands)}, {len(result.refused):,} refused")


def candidates(
    predictions: Annotated[Path, typer.Option(help="Table that `lenspipe predict` wrote")],
    output: Annotated[Path, typer.Option(help="Table to write: .parquet, .csv, .tsv or .fits")],
    images: Annotated[Path | None, typer.Option(help="Store that was scored; its catalogue is next to it")] = None,
    catalog: Annotated[Path | None, typer.Option(help="Another catalogue with a column id")] = None,
    top: Annotated[int | None, typer.Option(min=1, help="Number of candidates to keep; all if not given")] = None,
):
    """Rank scored objects and join them with their catalogue: name, position, score, radius, missing pixels."""
    from lenspipe.search import ranking
    from lenspipe.store import check_output, write_table

    if (images is None) == (catalog is None):
        raise InputError("candidates: give either --images STORE or --catalog FILE")
    check_output(output)
    table, notes = ranking.rank(predictions, catalog or ranking.ingested_catalog_path(images), top)
    write_table(table, output)
    for note in notes:
        say(f"candidates: {note}")
    print(f"{output}: {len(table):,} candidates, {(table['score'] > 0.5).sum():,} above score 0.5")


def stamps(
    store: Annotated[Path, typer.Argument(help="An image store")],
    ids: Annotated[list[int] | None, typer.Argument(help="Objects' ids")] = None,
    candidates: Annotated[Path | None, typer.Option(help="Table of `lenspipe candidates`")] = None,
    top: Annotated[int, typer.Option(min=1, help="Number of candidates")] = 20,
    output: Annotated[Path, typer.Option(help="Folder for <id>.fits, <id>.png and sheet.png")] = Path("stamps"),
):
    """Write objects of a store as FITS with WCS and as pictures: by id, or the best candidates."""
    from lenspipe.plots.drawing import draw_stamps
    from lenspipe.search import stamps as search_stamps
    from lenspipe.search.ranking import read_candidates
    from lenspipe.store import store_path

    if bool(ids) == bool(candidates):
        raise InputError("stamps: give either ids or --candidates TABLE")
    rows = {id: {} for id in ids or []}
    if candidates:
        rows = {row["id"]: row for row in read_candidates(candidates, top).to_dict("records")}
    images = search_stamps.read_stamps(store_path(store), list(rows))
    catalog = search_stamps.read_catalog_rows(store, list(rows))
    rows = {id: catalog.get(id, {}) | row for id, row in rows.items()}
    search_stamps.write_fits(images, rows, output)
    draw_stamps(images, rows, output)
    print(f"{output}: {len(rows)} objects, <id>.fits and <id>.png of each, sheet.png of all")


def _bands(names, survey):
    """Bands in the survey's order."""
    names = [name.strip() for name in names]
    if unknown := [name for name in names if name not in survey.bands]:
        raise InputError(f"--bands: {survey.name} has no band {unknown[0]!r}; choose from {' '.join(survey.bands)}")
    return tuple(band for band in survey.bands if band in names)


def _say_refused(refused, path):
    """Print why the first few objects were refused."""
    if refused.empty:
        return
    say(f"ingest: refused objects, all with their reasons in {path}:")
    for row in refused[:3].itertuples():
        say(f"ingest:   id {row.id}: {row.reason}")

"""Commands that are not stages: verify, config, redraw, check-sky."""

import json
from pathlib import Path
from typing import Annotated

import typer
import yaml

from lenspipe.errors import InputError


def verify(store: Annotated[Path, typer.Argument(help="An image store, results/<run>/images/<split>.zarr")]):
    """Compare every byte of an image store with its manifest."""
    from lenspipe import store as stores

    path = stores.store_path(store)
    problems = stores.verify(path)
    for problem in problems:
        print(problem)
    if problems:
        raise InputError(f"{path}: {len(problems)} files differ from the manifest; run simulate or ingest again")
    manifest = stores.read_manifest(path)
    print(f"{path}: complete, {manifest['shape'][0]:,} objects in {len(manifest['files'])} files")


def config(
    configfile: Annotated[list[Path] | None, typer.Option(help="Settings files, later ones over earlier ones")] = None,
    stage: Annotated[str | None, typer.Option(help="Only the settings that this stage depends on, as JSON")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="All settings with type, range and meaning")] = False,
    schema: Annotated[bool, typer.Option("--schema", help="The settings as JSON schema")] = False,
):
    """Print the merged settings, their documentation, or their JSON schema."""
    from lenspipe import config as settings_module
    from lenspipe.cli import settings

    if schema or explain:
        print(settings_module.schema() if schema else settings_module.explain(), end="")
        return
    if stage is not None and stage not in settings_module.STAGES:
        raise InputError(f"--stage: {stage!r} is unknown; choose from {', '.join(settings_module.STAGES)}")
    files = [settings_module.defaults_path(), *(configfile or [])]
    merged = settings.load(files)
    if stage:
        print(json.dumps(settings_module.stage_settings(merged, stage), indent=1))
    else:
        print(yaml.safe_dump(merged.model_dump(mode="json"), sort_keys=False, default_flow_style=None), end="")


def redraw(
    id: Annotated[int, typer.Argument(help="The object's id")],
    run: Annotated[Path, typer.Option(help="Its run's folder")] = Path("results/talk"),
    output: Annotated[Path | None, typer.Option(help="FITS file to write; <id>.fits if not given")] = None,
):
    """Render one simulated object again and write it as FITS, with WCS and its catalogue row in the header."""
    from lenspipe import store
    from lenspipe.columns import IDS_PER_SPLIT, SPLITS, catalog_columns
    from lenspipe.config import read_stage, survey_of
    from lenspipe.simulate.pipeline import naming_catalog
    from lenspipe.simulate.redraw import redraw as redraw_object

    number, index = divmod(id, IDS_PER_SPLIT)
    if not 0 <= number < len(SPLITS):
        raise InputError(f"id {id}: is in no split; ids are split number x 10^9 + index, see results/<run>/catalog")
    values = read_stage(run / "settings" / "simulate.json", "simulate")
    catalog = run / "catalog" / f"{SPLITS[number]}.parquet"
    store.check_columns(catalog, catalog_columns(values["bands"]))
    count = store.count_rows(catalog)
    if index >= count:
        raise InputError(f"id {id}: {catalog} has {count} objects; take an id from its column id")
    row = store.read_rows(catalog, index, index + 1).to_dict("records")[0]
    if row["id"] != id:
        raise InputError(f"{catalog}: has object {row['id']} in the row of {id}; run population again")
    path = output or Path(f"{id}.fits")
    with naming_catalog(catalog):
        options = {name: values[name] for name in ("seed", "backgrounds", "engine")}
        redraw_object(row, values["bands"], values["num_pix"], survey_of(values["survey"]), path=path, **options)
    print(path)


def check_sky(
    configfile: Annotated[list[Path] | None, typer.Option(help="Settings files, later ones over earlier ones")] = None,
    stamps: Annotated[Path | None, typer.Option(help="Image store of real cutouts, to compare the field with")] = None,
    lenses: Annotated[int, typer.Option(min=1000, help="Lenses to draw; about a tenth is detectable")] = 70_000,
    output: Annotated[Path, typer.Option(help="Folder for sky_check.csv, .png and .pdf")] = Path("sky_check"),
):
    """Compare the simulated sky with published depths, a forecast of its lenses, and real stamps."""
    from lenspipe import config as settings_module
    from lenspipe.cli import settings
    from lenspipe.cli._priors import priors_from
    from lenspipe.cli._session import session
    from lenspipe.figures import figures_of
    from lenspipe.plots.drawing import draw
    from lenspipe.stages import check_sky as stage

    merged = settings.load([settings_module.defaults_path(), *(configfile or [])]).model_dump()
    with session("check-sky", None):
        priors = priors_from(merged["survey"], merged["bands"], merged["population"], merged["num_pix"])
        table = stage.check_sky(
            priors,
            output,
            seed=merged["seed"],
            lenses=lenses,
            confidence=merged["diagnose"]["confidence"],
            stamps=stamps,
        )
        draw(output, output, figures_of("check-sky"))
    shown = table[["quantity", "ours", "reference", "allowed", "verdict"]]
    print(shown.to_string(index=False, float_format=lambda value: f"{value:.4g}"))
    print(f"{(table['verdict'] == 'met').sum()} of {len(table)} met; {output}/sky_check.png")

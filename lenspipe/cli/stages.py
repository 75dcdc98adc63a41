"""The stages of the pipeline, a command each. Science is imported inside: `lenspipe --help` stays quick."""

import re
from pathlib import Path
from typing import Annotated

import typer

from lenspipe.cli._session import progress, say, session, usable_cores
from lenspipe.errors import InputError

Settings = Annotated[Path, typer.Option(help="The stage's settings, or a complete settings file")]
Log = Annotated[Path | None, typer.Option(help="File for the log")]
Workers = Annotated[int, typer.Option(min=1, help="Processes; never more than there are CPUs")]
Block = Annotated[int, typer.Option(min=256, help="Objects per task, in whole chunks of 256; changes no byte")]
Threads = Annotated[int, typer.Option(min=1, help="Threads; never more than there are CPUs")]
Run = Annotated[Path, typer.Option(help="The run's folder, results/<run>")]


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


def train(
    name: Annotated[str, typer.Argument(help="A training of the settings, for example classifier or regressor")],
    settings: Settings,
    train_images: Annotated[Path, typer.Option(help="Manifest or store to train on")],
    train_catalog: Annotated[Path, typer.Option(help="Its catalogue")],
    val_images: Annotated[Path, typer.Option(help="Manifest or store to validate on")],
    val_catalog: Annotated[Path, typer.Option(help="Its catalogue")],
    output: Annotated[Path, typer.Option(help="Folder for weights, model.json and history.csv")],
    count: Annotated[int | None, typer.Option(min=1, help="Train on the first so many objects; else on all")] = None,
    threads: Threads = 1,
    log: Log = None,
):
    """Train one network; a killed training resumes where it stopped."""
    from lenspipe.config import read_stage
    from lenspipe.stages import train as stage
    from lenspipe.store import store_path

    values = read_stage(settings, f"train_{name}")
    training = dict(values[name])
    task = training.pop("task")
    del training["method"]  # where its answers go, which predict asks for
    with session(f"train {name}", log), progress(f"train {name}", "epochs") as show:
        stage.train(
            name,
            task,
            stores={"train": store_path(train_images), "val": store_path(val_images)},
            catalogs={"train": train_catalog, "val": val_catalog},
            output_dir=output,
            seed=values["seed"],
            recipe=training,
            count=count,
            threads=usable_cores(threads),
            progress=show,
        )


def predict(
    images: Annotated[list[Path], typer.Option(help="Image store or its manifest; once for each --output")],
    models: Annotated[Path, typer.Option(help="Folder with a folder for each training: results/<run>/models")],
    output: Annotated[list[Path], typer.Option(help="Table to write (parquet, or csv by its name)")],
    training: Annotated[
        list[str] | None, typer.Option(help="Trainings whose networks answer; all in the folder if not given")
    ] = None,
    settings: Annotated[Path | None, typer.Option(help="The stage's settings; config/config.yaml if not given")] = None,
    threads: Threads = 64,
    log: Log = None,
):
    """Score the images of a store and measure their Einstein radii."""
    from lenspipe.config import defaults_path, read_stage
    from lenspipe.learning.checkpoint import folders_in
    from lenspipe.stages import predict as stage
    from lenspipe.store import store_path, write_tables

    if len(images) != len(output):
        raise InputError(f"--images is given {len(images)} times and --output {len(output)}; give them in pairs")
    folders = folders_in(models, training or ())
    options = read_stage(settings or defaults_path(), "predict")["predict"]
    with session("predict", log) as logger, progress("predict", "images") as show:

        def answers(store):
            table = stage.predict(store_path(store), folders, **options, threads=usable_cores(threads), progress=show)
            selected = (table["score"] > 0.5).sum() if "score" in table else 0
            logger.info("%s: %d images, %d above score 0.5", store, len(table), selected)
            return table

        write_tables(map(answers, images), output)


def baselines(
    run: Run,
    settings: Annotated[Path | None, typer.Option(help="The stage's settings; config/config.yaml if not given")] = None,
    output: Annotated[
        Path | None, typer.Option(help="Folder for <baseline>/<split>.parquet; predictions/ of the run if not given")
    ] = None,
    log: Log = None,
):
    """Score and measure validation and test by what a network must beat, learned from the same images."""
    from lenspipe.config import defaults_path, read_stage
    from lenspipe.stages.baselines import predict_baselines

    values = read_stage(settings or defaults_path(), "baselines")
    with session("baselines", log):
        predict_baselines(run, output or run / "predictions", **values)


def explain(
    run: Run,
    settings: Annotated[Path | None, typer.Option(help="The stage's settings; config/config.yaml if not given")] = None,
    output: Annotated[Path | None, typer.Option(help="Folder for tables/; the run's own if not given")] = None,
    training: Annotated[
        list[str] | None, typer.Option(help="Trainings among which the finder is; all of the run if not given")
    ] = None,
    log: Log = None,
):
    """What the network sees: feature maps, and whether its reasons lie on the arc, as tables."""
    from lenspipe.config import defaults_path, read_stage
    from lenspipe.stages import explain as science

    values = read_stage(settings or defaults_path(), "explain")
    with session("explain", log):
        science.explain(run, (output or run) / "tables", **values, trainings=training or ())


def diagnose(
    run: Annotated[Path | None, typer.Option(help="The run's folder, results/<run>")] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(help="Any finder's table: score, is_lens, theta_E; radius, theta_E_pred, kind if known"),
    ] = None,
    method: Annotated[
        list[str] | None, typer.Option(help="Another folder of the run's predictions/ to compare with the network")
    ] = None,
    add: Annotated[
        list[str] | None,
        typer.Option(help="NAME=TABLE, an external finder's answers about the run's objects: id, score, theta_E_pred"),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(help="Folder for tables/ and figures/; the run's own, or with_<name> in it, if not given"),
    ] = None,
    settings: Annotated[Path | None, typer.Option(help="The stage's settings; config/config.yaml if not given")] = None,
    log: Log = None,
):
    """Where finding and measuring fail, as tables: for a run, or for anybody's finder. Draws outside of a run too."""
    from lenspipe.config import defaults_path, read_stage
    from lenspipe.stages import diagnose as science

    if (run is None) == (predictions is None) or (predictions and output is None):
        raise InputError("diagnose: give either --run FOLDER, or --predictions FILE with --output FOLDER")
    if add and not run:
        raise InputError("diagnose: --add needs --run FOLDER, whose objects the table is about")
    added = dict(_named_table(text) for text in add or [])
    if len(added) < len(add or []):
        raise InputError("--add: a name is given twice; choose another name for one of the tables")
    values = read_stage(settings or defaults_path(), "diagnose")
    target = output or (run / f"with_{'_'.join(added)}" if added else run)
    with session("diagnose", log) as logger:
        arguments = values["diagnose"] | {"seed": values["seed"]}
        if run:
            options = {"bands": values["bands"], "methods": method or (), "added": added}
            notes = science.diagnose_run(run, target / "tables", **options, **arguments)
        else:
            notes = science.diagnose_file(predictions, target / "tables", **arguments)
        for note in notes:
            say(note)
        if target != run:
            logger.info("figures: %s", ", ".join(_draw(target)))


def figures(run: Run, log: Log = None):
    """Draw the figures of a run from its tables, as PNG and PDF; nothing is computed."""
    with session("figures", log) as logger:
        logger.info("figures: %s", ", ".join(_draw(run)))


def _draw(folder):
    from lenspipe.stages.figures import draw_figures

    return draw_figures(folder)


def report(
    run: Run,
    output: Annotated[
        Path | None, typer.Option(help="File to write; report.html in the run's folder if not given")
    ] = None,
    log: Log = None,
):
    """One page with everything: settings, summary, figures, versions, times. It opens offline."""
    from lenspipe.figures import figures_of
    from lenspipe.plots.drawing import draw
    from lenspipe.stages.report import read_results, write_report, write_stage_times

    with session("report", log):
        read_results(run)  # a damaged file is reported before anything is written
        write_stage_times(run)
        draw(run / "tables", run / "figures", figures_of("report"))
        write_report(run, output or run / "report.html")


def _named_table(text):
    """name=path -> (name, Path)"""
    name, equals, path = text.partition("=")
    if not (equals and path and re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", name)):
        raise InputError(f"--add: {text!r} is wrong, should be NAME=TABLE, for example mine=finder.csv")
    return name, Path(path)


def _part(text):
    """k/n -> (k, n)"""
    k, slash, n = text.partition("/")
    if not (slash and k.isdecimal() and n.isdecimal() and 1 <= int(k) <= int(n)):
        raise InputError(f"--part: {text!r} is wrong, should be k/n with 1 <= k <= n, for example 2/4")
    return int(k), int(n)

"""The diagnose stage: truth and answers in, tables out; with numpy, scipy, pandas and the store alone."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd

from lenspipe import store
from lenspipe.diagnostics.attribution import attribution_summary
from lenspipe.diagnostics.examples import examples
from lenspipe.diagnostics.external_finder import ANSWERS, read_added, read_objects
from lenspipe.diagnostics.false_positives_vs_radius import headline_stamps
from lenspipe.diagnostics.gallery import gallery
from lenspipe.diagnostics.joining import read_answers, read_truth
from lenspipe.diagnostics.optional_tables import has_group, left_out
from lenspipe.diagnostics.population import population_summary, population_table, read_lenses
from lenspipe.diagnostics.summary import of_method, summary_table
from lenspipe.diagnostics.tables import method_tables
from lenspipe.diagnostics.thresholds import headline_thresholds
from lenspipe.diagnostics.training_history import training_history
from lenspipe.diagnostics.twins import join_twins, twin_ranking, twin_summary, twin_table
from lenspipe.errors import InputError
from lenspipe.figures import NON_LENSES
from lenspipe.methods import HEADLINE, baselines_of
from lenspipe.stats.strictest import strictest_threshold

log = logging.getLogger("lenspipe")
FEW = 5  # objects
TRUTH = ("id", "kind", "is_lens", "theta_E", "radius", "weight")  # columns of the catalogue that rates need
CATALOGUE = "catalogue"  # stands for a method where the summary is about the sky
HEADLINE_STAMPS = "false_positives_vs_radius.npz"
TABLE_ITSELF = "this table"  # where the thresholds of an external table are set


def diagnose_run(
    run,
    tables_dir,
    *,
    bands,
    thresholds,
    completeness,
    prevalence,
    radius_bins,
    confidence,
    seed,
    methods=(),
    added=None,
):
    """Write a run's tables.

    Parameters
    ----------
    run : path
        results/<run>, with predictions, catalog, images, models and tables/attribution.csv.
    tables_dir : path
    bands : sequence of str
    thresholds : sequence of float
        False-positive rates on validation at which thresholds lie, for the network with score 0.5 as another.
    completeness : sequence of float
        Shares of validation's lenses that are kept where kinds of non-lens are compared.
    prevalence : float
        Lenses per candidate.
    radius_bins : sequence, arcsec
        Edges.
    confidence : float
        Of every interval, 0 to 1.
    seed : int
    methods : sequence of str
        Folders of predictions that are compared with the headline, besides the baselines.
    added : dict of str to path, optional
        Tables of external finders by name, that are compared with the run's methods.

    Returns
    -------
    list of str
        What could not be made, and why.

    Raises
    ------
    InputError
        If predictions and catalogue are not about the same objects, or an added table is wrong.
    """
    run, tables_dir = Path(run), Path(tables_dir)
    truth, answers = _read_methods(run, bands, [name for name in methods if name != HEADLINE])
    notes = _add(answers, truth, added or {})
    seeing = np.median(truth["test"][[f"seeing_{band}" for band in bands]], axis=0)
    objects = truth["test"].join(answers[HEADLINE]["test"])
    settings = {"completeness": completeness, "prevalence": prevalence, "confidence": confidence, "seed": seed}
    short = {split: table[[*TRUTH, "arc_snr", "seeing_best"]] for split, table in truth.items()}
    tables = method_tables(short, answers, rates=thresholds, edges=radius_bins, seeing=seeing, **settings)
    named = headline_thresholds(truth["val"].join(answers[HEADLINE]["val"]), thresholds)
    tables[HEADLINE_STAMPS] = headline_stamps(objects, named[strictest_threshold(named)], run / "images" / "test.zarr")
    tables["training_history.csv"] = training_history(run / "models")
    tables["examples.npz"] = examples(objects, run / "images" / "test.zarr")
    tables["gallery.npz"] = gallery(objects, run / "images" / "test.zarr")
    lenses = read_lenses(run / "catalog", run / "images", bands)
    tables["population.csv"] = population_table(lenses, confidence)
    of_catalog = of_method(population_summary(lenses, confidence), CATALOGUE)
    rows = attribution_summary(store.read_table(run / "tables" / "attribution.csv"))
    absent = left_out(objects)
    if (run / "catalog" / "twins.parquet").exists():
        twins = join_twins(run / "catalog", run / "predictions" / HEADLINE, objects)
        seen = {"seeing_best": min(seeing), "seeing_worst": max(seeing)}
        tables["twins.csv"] = twin_table(twins, named, edges=radius_bins, confidence=confidence).assign(**seen)
        rows += twin_summary(tables["twins.csv"]) + twin_ranking(twins, confidence)
    else:
        log.info("no twins: the figure twins is left out; set population.counts.twins")
        absent |= {"twins": ["twins.csv"]}
    tables["summary.csv"] = pd.concat([tables["summary.csv"], summary_table(of_catalog + of_method(rows, HEADLINE))])
    _write(tables, tables_dir)
    _remove(absent, tables_dir)
    return notes


def diagnose_file(
    predictions, tables_dir, *, thresholds, completeness, prevalence, radius_bins, confidence, seed, notify=None
):
    """Write the tables that anybody's finder allows.

    Parameters
    ----------
    predictions : path
        Table with ``score``, ``is_lens``, ``theta_E``; ``radius``, ``theta_E_pred``, ``theta_E_sigma``, ``kind``,
        ``kind_pred`` and ``arc_snr`` are used if it has them. The method is called by the file's name.
    tables_dir : path
    thresholds : sequence of float
        False-positive rates on the table itself at which thresholds lie.
    completeness, prevalence, radius_bins, confidence, seed
        As for ``diagnose_run``.
    notify : callable, optional
        Called with each of the lines that are returned, before anything is written.

    Returns
    -------
    list of str
        What could not be made, and why.

    Raises
    ------
    InputError
        For a table that lacks a column or holds values that make no sense.
    """
    objects, tables_dir = read_objects(predictions), Path(tables_dir)
    notes = ["thresholds are taken on the table itself: their false-positive rates are exact here, not elsewhere"]
    if not has_group(objects, NON_LENSES):
        notes = ["without non-lenses no threshold has a false-positive rate: the only one is score 0.5"]
    elif objects.loc[~objects["is_lens"], "radius"].isna().all():
        notes.append("no radius of non-lenses: the false-positive rate against radius is left out")
    if "theta_E_pred" not in objects:
        notes.append("no theta_E_pred: contamination against predicted radius, and einstein_radius, are left out")
    notes.append("no images: there are no baselines to compare with")
    absent = left_out(objects)
    notes += _sparse(objects, radius_bins)
    notes += [
        f"no {column}: {', '.join(Path(table).stem for table in names)} left out" for column, names in absent.items()
    ]
    for note in notes if notify else ():
        notify(note)
    answers = objects[[name for name in objects if name in ANSWERS or name.startswith(("kind_pred", "p_"))]]
    truth = objects.drop(columns=answers.columns)
    tables = method_tables(
        {"val": truth, "test": truth},
        {Path(predictions).stem: {"val": answers, "test": answers}},
        rates=thresholds,
        completeness=completeness,
        prevalence=prevalence,
        edges=radius_bins,
        confidence=confidence,
        seed=seed,
        where=TABLE_ITSELF,
    )
    _write(tables, tables_dir)
    _remove(absent | {"images": [HEADLINE_STAMPS]}, tables_dir)
    return notes


def _sparse(objects, radius_bins):
    """What of the figures stays empty for lack of objects, as lines of text: list of str."""
    lenses, notes = objects[objects["is_lens"]], []
    for count, name in ((len(lenses), "lens"), (len(objects) - len(lenses), "non-lens")):
        if 0 < count < FEW:
            words = name if count == 1 else f"{name}es"
            notes.append(f"only {count} {words}: intervals are wide, and curves that need {FEW} of them stay empty")
    low, high = min(radius_bins), max(radius_bins)
    inside = objects["radius"].between(low, high)
    for words, group in (("lenses", lenses), ("non-lenses", objects[~objects["is_lens"]])):
        known = group["radius"].notna().sum()
        if known and (missed := known - inside[group.index].sum()):
            notes.append(
                f"{missed:,} of {known:,} {words} have a radius outside {low:g} to {high:g} arcsec and are in no bin; "
                "change diagnose.radius_bins"
            )
    return notes


def _read_methods(run, bands, other_methods):
    """Truth by split, and the answers of the headline, the baselines and other methods, by method and split."""
    truth = {split: read_truth(run / "catalog", split, bands) for split in ("val", "test")}
    stages = (
        {HEADLINE: "predict"}
        | dict.fromkeys(baselines_of(bands), "baselines")
        | dict.fromkeys(other_methods, "predict")
    )
    methods = {name: {} for name in stages}
    for split, objects in truth.items():
        catalog = run / "catalog" / f"{split}.parquet"
        for name, stage in stages.items():
            path, is_headline = run / "predictions" / name / f"{split}.parquet", name == HEADLINE
            answers = read_answers(path, objects, catalog=catalog, stage=stage, headline=is_headline)
            if split == "test" and (missing := methods[name]["val"].columns.difference(answers.columns)).size:
                raise InputError(f"{path}: has no column {missing[0]!r}, which val.parquet has; run {stage} again")
            methods[name][split] = answers
        objects["seeing_best"] = objects[[f"seeing_{band}" for band in bands]].min(axis=1)
    for split, objects in truth.items():
        # Known because the images are simulated: the network's table hands it on from the image store.
        objects["arc_snr"] = methods[HEADLINE][split].pop("arc_snr")
        for answers in methods.values():
            answers[split] = answers[split].drop(columns="arc_snr", errors="ignore")
    return truth, methods


def _add(methods, truth, added):
    """Put external finders next to the run's methods; notes about what they lack."""
    notes = []
    for name, path in added.items():
        if name in methods:
            raise InputError(f"--add {name}={path}: the run has a method {name!r}; choose another name")
        methods[name] = read_added(path, truth)
        if "val" not in methods[name]:
            notes.append(f"{name}: no objects of validation: rates at thresholds set there, and by kind, are left out")
        if "theta_E_pred" not in methods[name]["test"]:
            notes.append(f"{name}: no theta_E_pred: its radii are left out")
    return notes


def _write(tables, folder):
    store.write_tables(tables.values(), [folder / name for name in tables])


def _remove(absent, folder):
    """What an earlier table with more columns, or other settings, has left."""
    for name in [name for tables in absent.values() for name in tables]:
        (folder / name).unlink(missing_ok=True)

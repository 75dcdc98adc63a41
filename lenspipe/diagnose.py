"""The diagnose stage: predictions and truth in, the tables behind every figure out."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd

from lenspipe import diagnostics, store
from lenspipe.columns import SUMMARY
from lenspipe.errors import InputError

log = logging.getLogger("lenspipe")
PER_KIND = 8  # stamps of each kind that are shown
GALLERY = 16  # stamps of each sort of failure that are shown
NAMED = 5  # comparisons that the log names where the network is not ahead
CHANNELS = 4  # feature maps of each layer that are shown


def diagnose_run(run, tables_dir, bands, thresholds, prevalence, radius_bins, confidence, seed):
    """Write a run's tables.

    Parameters
    ----------
    run : path
        results/<run>, with predictions, catalog, images, models.
    tables_dir : path
    bands : sequence of str
    thresholds : sequence of float
        False-positive rates on validation at which further thresholds lie, beside score 0.5.
    prevalence : float
        Lenses per candidate.
    radius_bins : sequence, arcsec
    confidence : float
    seed : int

    Raises
    ------
    InputError
        If predictions and catalogue are not about the same objects.
    """
    run, tables_dir = Path(run), Path(tables_dir)
    folders = (run / "catalog", run / "predictions")
    val, test = (diagnostics.join_objects(*folders, split, bands) for split in ("val", "test"))
    named = _thresholds(val.loc[~val["is_lens"], "score"], thresholds, "validation")
    seeings = test[[f"seeing_{band}" for band in bands]]
    seeing, test["seeing_best"] = np.median(seeings, axis=0), seeings.min(axis=1)
    val, test = diagnostics.join_baselines(run / "catalog", run / "images", val, test, bands)
    baselines = list(diagnostics.baselines_of(val, test, thresholds))
    rng = np.random.default_rng(seed)
    tables = _common_tables(test, named, seeing, prevalence, radius_bins, confidence, rng, baselines)
    tables["training_history.csv"] = _histories(run)
    tables["examples.npz"] = _stamps_of_examples(run, test)
    tables["gallery.npz"] = _gallery(run, test)
    tables["feature_maps.npz"] = _feature_maps(run, test)
    _write(tables, tables_dir)


def diagnose_file(predictions, tables_dir, thresholds, prevalence, radius_bins, confidence, seed):
    """Write the tables that anybody's finder allows.

    Parameters
    ----------
    predictions : path
        Table with ``score``, ``is_lens``, ``theta_E``; ``radius``, ``theta_E_pred``, ``theta_E_sigma``, ``kind`` and
        ``arc_snr`` are used if they are there.

    Returns
    -------
    list of str
        What could not be made, and why.

    Raises
    ------
    InputError
        For a table that lacks a column or holds values that make no sense.
    """
    objects = diagnostics.read_objects(predictions)
    named = _thresholds(objects.loc[~objects["is_lens"], "score"], thresholds, "this table")
    notes = ["thresholds are taken on the table itself: their false-positive rates are exact here, not elsewhere"]
    if objects.loc[~objects["is_lens"], "radius"].isna().all():
        notes.append("no radius of non-lenses: the false-positive rate against radius is left out")
    if "theta_E_pred" not in objects:
        notes.append("no theta_E_pred: contamination against predicted radius, and einstein_radius, are left out")
    notes.append("no images: there are no baselines to compare with")
    further = diagnostics.left_out(objects)
    notes += [
        f"no {column}: {', '.join(Path(table).stem for table in tables)} left out" for column, tables in further.items()
    ]
    tables_dir, rng = Path(tables_dir), np.random.default_rng(seed)
    _write(_common_tables(objects, named, None, prevalence, radius_bins, confidence, rng), tables_dir)
    gone = [name for tables in further.values() for name in tables]
    if "theta_E_pred" not in objects:
        gone += ["einstein_radius.csv", "einstein_radius_objects.csv"]
    for name in gone:
        (tables_dir / name).unlink(missing_ok=True)  # of an earlier table with more columns
    return notes


def _write(tables, folder):
    store.write_tables(tables.values(), [folder / name for name in tables])


def _histories(run):
    from lenspipe.models import checkpoint

    tasks = ("classifier", "regressor")
    return pd.concat(checkpoint.read_history(run / "models" / task).assign(task=task) for task in tasks)


def _thresholds(scores, rates, where):
    """Thresholds by name: score 0.5, and those with a false-positive rate."""
    named = {"score 0.5": 0.5}
    return named | {f"FPR {rate:g} on {where}": diagnostics.threshold_at(scores.to_numpy(), rate) for rate in rates}


def _common_tables(objects, thresholds, seeing, prevalence, edges, confidence, rng, baselines=()):
    """The tables that any finder's scores allow, and the summary, by their files' names."""
    measured = "theta_E_pred" in objects
    table = diagnostics.false_positives_vs_radius(objects, thresholds, prevalence, edges, confidence, rng)
    table["seeing_best"], table["seeing_worst"] = (np.nan, np.nan) if seeing is None else (min(seeing), max(seeing))
    tables = {"false_positives_vs_radius.csv": table}
    populations = diagnostics.populations_of(objects)
    others = objects.loc[~objects["is_lens"], "score"].to_numpy()
    curves = [
        diagnostics.roc_table(lenses["score"].to_numpy(), others, name, confidence)
        for name, lenses in populations.items()
    ]
    roc = pd.concat(curves)
    their_curves, their_rows = diagnostics.baseline_summary(baselines, prevalence, confidence)
    tables["roc.csv"] = pd.concat([roc.assign(method="network"), *their_curves])
    tables["scores_by_kind.csv"] = diagnostics.score_table(objects, thresholds, confidence)
    if measured:
        lenses = objects[objects["is_lens"]]
        shown = [n for n in ("id", "theta_E", "theta_E_pred", "theta_E_sigma", "arc_snr") if n in lenses]
        tables["einstein_radius_objects.csv"] = lenses[shown]
        bins = [
            diagnostics.radius_bins(lenses["theta_E"], predicted, sigma, edges, method, confidence, rng)
            for method, predicted, sigma in diagnostics.methods_of(lenses)
        ]
        tables["einstein_radius.csv"] = pd.concat(bins)
    rows = diagnostics.finding_summary(objects, populations, roc, thresholds, prevalence, confidence)
    rows += their_rows
    if measured:
        rows += diagnostics.measuring_summary(populations, confidence, rng)
    rows += _gains(rows)
    rows += diagnostics.calibration_summary(objects, confidence, rng)
    tables |= diagnostics.further_tables(objects, thresholds, edges, confidence)
    tables["summary.csv"] = pd.DataFrame(rows, columns=[column.name for column in SUMMARY])
    return tables


def _gains(rows):
    gains = diagnostics.gains(rows)
    behind = [f"{metric.removeprefix('gain in ')} ({said})" for metric, _, low, _, _, said in gains if not low > 0]
    if gains:
        log.info("the network's interval lies above the baseline's in %d of %d", len(gains) - len(behind), len(gains))
    if behind:
        log.info("not above it, the first of them: %s", "; ".join(behind[:NAMED]))
    return gains


def _stamps(run, rows):
    """Images [n, band, y, x] of some test objects, and the bands' names."""
    images = store.open_images(run / "images" / "test.zarr")
    place = {number: k for k, number in enumerate(images["id"].to_numpy().tolist())}
    if missing := set(rows["id"]) - set(place):
        raise InputError(f"{run / 'images/test.zarr'}: object {min(missing)} is missing; run simulate again")
    stamps = np.stack([images["image"][place[number]].to_numpy() for number in rows["id"]])
    return stamps, [str(band) for band in images["band"].values]


def _stamps_of_examples(run, objects):
    return _pictures(run, diagnostics.pick_examples(objects, PER_KIND), ("kind",), ("id", "radius", "score"))


def _gallery(run, objects):
    rows = diagnostics.pick_gallery(objects, GALLERY)
    return _pictures(run, rows, ("kind", "role"), ("id", "radius", "score", "arc_snr"))


def _pictures(run, rows, words, numbers):
    stamps, bands = _stamps(run, rows)
    said = {name: rows[name].to_numpy().astype(str) for name in words} | {
        name: rows[name].to_numpy() for name in numbers
    }
    return {"image": stamps, "band": np.array(bands), **said}


def _feature_maps(run, objects):
    from lenspipe.models import checkpoint, features

    rows = diagnostics.pick_feature_map_objects(objects, threshold=0.5)
    pictures = _pictures(run, rows, ("kind", "role"), ("id", "radius", "score", "arc_snr"))
    maps = features.activations(checkpoint.load(run / "models" / "classifier"), pictures["image"])
    layers = list(maps)[1:]  # the first is the input itself
    shown = {}
    for layer in layers:
        # The channels that differ most from object to object say most about why scores differ.
        channels = np.argsort(-maps[layer].var(axis=0).mean(axis=(1, 2)), kind="stable")[:CHANNELS]
        shown[f"maps_{layer}"], shown[f"channels_{layer}"] = maps[layer][:, channels], channels
    return pictures | {"layer": np.array(layers), **shown}

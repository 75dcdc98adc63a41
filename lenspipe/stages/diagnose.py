"""The diagnose stage: predictions and truth in, the tables behind every figure out."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd

from lenspipe import store
from lenspipe.diagnostics.attribution import (
    arc_pixels,
    attribution_summary,
    attribution_table,
    pick_explained,
    pick_shown,
    shares_on,
)
from lenspipe.learning.trees import baselines_of
from lenspipe.diagnostics.external_finder import read_objects
from lenspipe.diagnostics.joining import join_baselines, join_objects
from lenspipe.diagnostics.optional_tables import left_out
from lenspipe.diagnostics.population import population_summary, population_table, read_lenses
from lenspipe.diagnostics.feature_maps import pick_examples, pick_feature_map_objects, pick_gallery
from lenspipe.diagnostics.stamps import pictures, read_arrays
from lenspipe.diagnostics.tables import common_tables, named_thresholds, summary_table
from lenspipe.diagnostics.twins import join_twins, twin_summary, twin_table

log = logging.getLogger("lenspipe")
PER_KIND = 8  # stamps of each kind that are shown
GALLERY = 16  # stamps of each sort of failure that are shown
CHANNELS = 4  # feature maps of each layer that are shown
UNTRAINED = 3  # networks with random weights, whose attribution is what chance and light alone give


def diagnose_run(run, tables_dir, bands, thresholds, completeness, prevalence, radius_bins, confidence, seed):
    """Write a run's tables.

    Parameters
    ----------
    run : path
        results/<run>, with predictions, catalog, images, models.
    tables_dir : path
    bands : sequence of str
    thresholds : sequence of float
        False-positive rates on validation at which further thresholds lie, beside score 0.5.
    completeness : sequence of float
        Shares of validation's lenses that are kept where kinds of non-lens are compared.
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
    val, test = (join_objects(*folders, split, bands) for split in ("val", "test"))
    named = named_thresholds(val.loc[~val["is_lens"], "score"], thresholds, "validation")
    seeings = test[[f"seeing_{band}" for band in bands]]
    seeing, test["seeing_best"] = np.median(seeings, axis=0), seeings.min(axis=1)
    val, test = join_baselines(run / "catalog", run / "images", val, test, bands)
    baselines = list(baselines_of(val, test, thresholds))
    rng = np.random.default_rng(seed)
    settings = (completeness, prevalence, radius_bins, confidence, rng)
    tables = common_tables(val, test, named, seeing, *settings, baselines)
    tables["training_history.csv"] = _histories(run)
    tables["examples.npz"] = _examples(run, test)
    tables["gallery.npz"] = _gallery(run, test)
    tables["feature_maps.npz"] = _feature_maps(run, test)
    lenses = read_lenses(run / "catalog", run / "images", bands)
    tables["population.csv"] = population_table(lenses, confidence)
    more = population_summary(lenses, confidence)
    strictest = max(named, key=named.get)
    tables["attribution.npz"], tables["attribution.csv"] = _attribution(run, test, named[strictest], confidence, rng)
    more += attribution_summary(tables["attribution.csv"], strictest)
    if (twins := _twins(folders, test, named, seeing, radius_bins, confidence)) is not None:
        tables["twins.csv"] = twins
        more += twin_summary(twins)
    tables["summary.csv"] = pd.concat([tables["summary.csv"], summary_table(more)])
    _write(tables, tables_dir)
    absent = left_out(test) | ({} if twins is not None else {"twins": ["twins.csv"]})
    _remove(absent, tables_dir)  # of other settings


def diagnose_file(predictions, tables_dir, thresholds, completeness, prevalence, radius_bins, confidence, seed):
    """Write the tables that anybody's finder allows.

    Parameters
    ----------
    predictions : path
        Table with ``score``, ``is_lens``, ``theta_E``; ``radius``, ``theta_E_pred``, ``theta_E_sigma``, ``kind``,
        ``kind_pred`` and ``arc_snr`` are used if they are there.

    Returns
    -------
    list of str
        What could not be made, and why.

    Raises
    ------
    InputError
        For a table that lacks a column or holds values that make no sense.
    """
    objects = read_objects(predictions)
    named = named_thresholds(objects.loc[~objects["is_lens"], "score"], thresholds, "this table")
    notes = ["thresholds are taken on the table itself: their false-positive rates are exact here, not elsewhere"]
    if objects.loc[~objects["is_lens"], "radius"].isna().all():
        notes.append("no radius of non-lenses: the false-positive rate against radius is left out")
    if "theta_E_pred" not in objects:
        notes.append("no theta_E_pred: contamination against predicted radius, and einstein_radius, are left out")
    notes.append("no images: there are no baselines to compare with")
    further = left_out(objects)
    notes += [
        f"no {column}: {', '.join(Path(table).stem for table in tables)} left out" for column, tables in further.items()
    ]
    tables_dir, rng = Path(tables_dir), np.random.default_rng(seed)
    settings = (completeness, prevalence, radius_bins, confidence, rng)
    _write(common_tables(objects, objects, named, None, *settings), tables_dir)
    if "theta_E_pred" not in objects:
        further["radii"] = ["einstein_radius.csv", "einstein_radius_objects.csv"]
    _remove(further, tables_dir)
    return notes


def _write(tables, folder):
    store.write_tables(tables.values(), [folder / name for name in tables])


def _remove(left_out, folder):
    """What an earlier table with more columns has left."""
    for name in [name for tables in left_out.values() for name in tables]:
        (folder / name).unlink(missing_ok=True)


def _histories(run):
    from lenspipe.learning import checkpoint

    tasks = ("classifier", "regressor")
    return pd.concat(checkpoint.read_history(run / "models" / task).assign(task=task) for task in tasks)


def _twins(folders, test, thresholds, seeing, radius_bins, confidence):
    """Table of the lenses against their twins; None for a run that has none, as those of before there were any."""
    if not (folders[0] / "twins.parquet").exists():
        log.info("no twins: the figure twins is left out; set population.counts.twins")
        return None
    table = twin_table(join_twins(*folders, test), thresholds, radius_bins, confidence)
    return table.assign(seeing_best=min(seeing), seeing_worst=max(seeing))


def _examples(run, objects):
    return _pictures(run, pick_examples(objects, PER_KIND), ("kind",), ("id", "radius", "score"))


def _gallery(run, objects):
    rows = pick_gallery(objects, GALLERY)
    return _pictures(run, rows, ("kind", "role"), ("id", "radius", "score", "arc_snr"))


def _pictures(run, rows, words, numbers):
    return pictures(run / "images" / "test.zarr", rows, words, numbers)


def _feature_maps(run, objects):
    from lenspipe.explain import feature_maps
    from lenspipe.learning import checkpoint

    rows = pick_feature_map_objects(objects, threshold=0.5)
    shown = _pictures(run, rows, ("kind", "role"), ("id", "radius", "score", "arc_snr"))
    maps = feature_maps.activations(checkpoint.load(run / "models" / "classifier"), shown["image"])
    layers = list(maps)[1:]  # the first is the input itself
    drawn = {}
    for layer in layers:
        # The channels that differ most from object to object say most about why scores differ.
        channels = np.argsort(-maps[layer].var(axis=0).mean(axis=(1, 2)), kind="stable")[:CHANNELS]
        drawn[f"maps_{layer}"], drawn[f"channels_{layer}"] = maps[layer][:, channels], channels
    return shown | {"layer": np.array(layers), **drawn}


def _attribution(run, objects, threshold, confidence, rng):
    """Stamps with their maps of attribution, and its shares on the arcs, of objects above a threshold."""
    from lenspipe.explain import integrated_gradients
    from lenspipe.explain.without_arc import features
    from lenspipe.learning import checkpoint
    from lenspipe.surveys import Survey

    rows, path = pick_explained(objects, threshold, rng), run / "images" / "test.zarr"
    said = (("kind", "role"), ("id", "radius", "score"))
    if not len(rows):  # a network that gives all the same score
        nothing = {name: np.zeros(0) for name in ("positive", "map", "arc")}
        return _pictures(run, rows, *said) | nothing, attribution_table(rows, threshold, confidence, rng)
    classifier, made = checkpoint.load(run / "models" / "classifier"), store.read_manifest(path)["inputs"]
    images, sky_sigma = read_arrays(path, rows["id"], ("image", "sky_sigma"))
    survey, seed = Survey.model_validate(made["survey"]), made["settings"]["seed"]
    backgrounds = made.get("backgrounds", {"path": ""})["path"]
    light, bare = features(rows, classifier.bands, classifier.num_pix, survey, seed, backgrounds)
    arcs = arc_pixels(light, sky_sigma)
    maps, logits, empty = integrated_gradients.integrated_gradients(classifier, images)
    missed = np.abs(maps.sum(axis=(1, 2, 3)) - (logits - empty))
    log.info("attribution of %d objects: sums miss the logits by %.2g in the median", len(rows), np.median(missed))
    untrained = [integrated_gradients.untrained(classifier, classifier.seed + k) for k in range(UNTRAINED)]
    random = [
        integrated_gradients.integrated_gradients(network, images, integrated_gradients.FEW_STEPS)[0]
        for network in untrained
    ]
    chance = sum(shares_on(maps, arcs)[["positive", "absolute"]] for maps in random) / UNTRAINED
    rows = rows.join(shares_on(maps, arcs)).join(chance.add_suffix("_untrained"))
    rows["score_without"] = integrated_gradients.scores(classifier, bare)
    shown = pick_shown(rows)
    drawn = {"positive": rows["positive"].to_numpy()[shown], "map": maps[shown].sum(axis=1), "arc": arcs[shown]}
    return _pictures(run, rows.iloc[shown], *said) | drawn, attribution_table(rows, threshold, confidence, rng)

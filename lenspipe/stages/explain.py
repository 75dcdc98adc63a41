"""The explain stage: what needs the network or the renderer, feature maps and attribution."""

import logging
from pathlib import Path

import numpy as np

from lenspipe import store
from lenspipe.diagnostics.attribution import (
    arc_pixels,
    attribution_table,
    pick_explained,
    pick_shown,
    shares_on,
)
from lenspipe.diagnostics.feature_maps import pick_feature_map_objects
from lenspipe.diagnostics.joining import join_objects
from lenspipe.diagnostics.robustness import pick_changed, robustness_table, usable_threshold
from lenspipe.diagnostics.stamps import read_arrays, stamps
from lenspipe.diagnostics.thresholds import headline_thresholds
from lenspipe.explain import integrated_gradients as gradients
from lenspipe.explain.changed_images import changes
from lenspipe.explain.feature_maps import activations
from lenspipe.explain.without_arc import features
from lenspipe.learning.checkpoint import folders_in
from lenspipe.learning.committee import answer, committee_answering
from lenspipe.learning.hardware import choose_device
from lenspipe.methods import HEADLINE
from lenspipe.stats.strictest import strictest_threshold
from lenspipe.surveys import Survey

log = logging.getLogger("lenspipe")
CHANNELS = 4  # feature maps of each layer that are shown
NEEDED = ("image", "sky_sigma", "psf_fwhm")
UNTRAINED = 3  # networks with random weights, whose attribution is what chance and light alone give


def explain(run, tables_dir, *, bands, predict, thresholds, confidence, seed, trainings=()):
    """Write feature_maps.npz, attribution.npz, attribution.csv and robustness.csv.

    Parameters
    ----------
    run : path
        results/<run>, with predictions, catalog, images, models.
    tables_dir : path
    bands : sequence of str
    predict : dict
        How predictions are made, options of ``learning.committee.answer``.
    thresholds : sequence of float
        False-positive rates on validation; objects above the strictest threshold are explained.
    confidence : float
        Of every interval, 0 to 1.
    seed : int
        Of the choice of objects and of the bootstrap.
    trainings : sequence of str
        Of the headline; the first that answers ``score`` is explained, of a committee the first member. All of the run
        if none is given.

    Raises
    ------
    InputError
        If predictions and catalogue are not about the same objects, or a file is missing or damaged.
    """
    run, tables_dir = Path(run), Path(tables_dir)
    folders = run / "catalog", run / "predictions" / HEADLINE
    val, objects = (join_objects(*folders, split, bands) for split in ("val", "test"))
    named = headline_thresholds(val, thresholds)
    name = strictest_threshold(named)
    committee = committee_answering("score", folders_in(run / "models", trainings))
    classifier = committee.members[0]
    images = run / "images" / "test.zarr"
    tables = {"feature_maps.npz": feature_maps(classifier, images, objects)}
    rng = np.random.default_rng(seed)
    rows = pick_explained(objects, named[name], rng)
    device = choose_device()
    ready = committee.on(device)

    def scores(changed):
        return answer([ready], changed, **predict, device=device)["score"].to_numpy()

    maps, arcs, rows = attribution(classifier, images, rows, scores)
    table = attribution_table(rows, named[name], threshold_name=name, confidence=confidence, rng=rng)
    tables |= {"attribution.npz": _shown(images, rows, maps, arcs), "attribution.csv": table}
    options = {"scores": scores, "confidence": confidence, "rng": np.random.default_rng([seed, 1])}
    tables["robustness.csv"] = changed_images(committee.input.spec, images, objects, named, **options)
    store.write_tables(tables.values(), [tables_dir / name for name in tables])


def changed_images(spec, images, objects, thresholds, *, scores, confidence, rng):
    """Rates of a finder on images that are not quite those of training.

    Parameters
    ----------
    spec : ImageSpec
        Of its images.
    images : path
        Of the image store.
    objects : DataFrame
        The test split with its predictions.
    thresholds : dict of str to float
        One of them, by ``usable_threshold``, is used.
    scores : callable
        Of the finder: from images [n, band, y, x], counts, to array [n].
    confidence : float
    rng : numpy.random.Generator

    Returns
    -------
    DataFrame
        ``population``, ``threshold_name``, and as of ``robustness_table``.
    """
    name = usable_threshold(objects, thresholds)
    scored = []
    for population, rows in pick_changed(objects, rng).items():
        arrays = dict(zip(NEEDED, read_arrays(images, rows["id"], NEEDED), strict=True))
        options = {"bands": spec.bands, "pixel_scale": spec.pixel_scale, "rng": rng}
        for change, amount, label, changed in changes(arrays.pop("image"), **arrays, **options):
            labels = {"population": population, "threshold_name": name, "change": change, "amount": amount}
            scored.append((labels | {"label": label}, scores(changed)))
    return robustness_table(scored, thresholds[name], confidence=confidence)


def feature_maps(classifier, images, objects):
    """Feature maps of some objects, and their stamps.

    Parameters
    ----------
    classifier : Checkpoint
    images : path
        Of the image store.
    objects : DataFrame
        ``id``, ``kind``, ``is_lens``, ``radius``, ``score``, ``arc_snr``.

    Returns
    -------
    dict of str to array
        As from ``stamps``; ``layer``, names; for each layer ``maps_<layer>`` [n, channel, y, x] and
        ``channels_<layer>`` [channel], the four whose maps differ most from object to object.
    """
    rows = pick_feature_map_objects(objects)
    shown = stamps(images, rows, texts=("kind", "role"), numbers=("id", "radius", "score", "arc_snr"))
    maps = activations(classifier, shown["image"])
    layers, arrays = list(maps)[1:], {}  # the first is the input itself
    for layer in layers:
        # The channels that differ most from object to object say most about why scores differ.
        channels = np.argsort(-maps[layer].var(axis=0).mean(axis=(1, 2)), kind="stable")[:CHANNELS]
        arrays |= {f"maps_{layer}": maps[layer][:, channels], f"channels_{layer}": channels}
    return shown | {"layer": np.array(layers), **arrays}


def attribution(classifier, images, rows, scores):
    """Attribution maps of some objects, the pixels of their arcs, and the share of the maps on the arcs.

    Parameters
    ----------
    classifier : Checkpoint
    images : path
        Of the image store.
    rows : DataFrame [n]
        Of the catalogue, with ``role`` and ``score``.
    scores : callable
        Of the finder: from images [n, band, y, x], counts, to array [n].

    Returns
    -------
    maps : array [n, band, y, x]
    arcs : bool array [n, y, x]
    rows : DataFrame [n]
        With the columns that ``attribution_table`` needs.
    """
    if not len(rows):  # a network that gives all the same score
        return np.zeros((0, 0, 0, 0)), np.zeros((0, 0, 0), bool), rows
    pixels, sky_sigma = read_arrays(images, rows["id"], ("image", "sky_sigma"))
    light, without_arc = _features(rows, classifier, images)
    arcs = arc_pixels(light, sky_sigma)
    maps, logits, empty = gradients.integrated_gradients(classifier, pixels)
    error = np.abs(maps.sum(axis=(1, 2, 3)) - (logits - empty))
    log.info("attribution of %d objects: sums miss the logits by %.2g in the median", len(rows), np.median(error))
    untrained = [gradients.untrained(classifier, classifier.seed + k) for k in range(UNTRAINED)]
    random = [gradients.integrated_gradients(network, pixels, gradients.FEW_STEPS)[0] for network in untrained]
    chance = sum(shares_on(random_maps, arcs)[["positive", "absolute"]] for random_maps in random) / UNTRAINED
    rows = rows.join(shares_on(maps, arcs)).join(chance.add_suffix("_untrained"))
    return maps, arcs, rows.assign(score_without=scores(without_arc))


def _features(rows, classifier, images):
    """Light of the arcs, and the images without it, rendered as the store was."""
    inputs = store.read_manifest(images)["inputs"]
    survey, seed = Survey.model_validate(inputs["survey"]), inputs["settings"]["seed"]
    backgrounds = inputs.get("backgrounds", {"path": ""})["path"]
    options = {"seed": seed, "backgrounds": backgrounds, "engine": inputs["engine"]}
    return features(rows, classifier.input.spec.bands, classifier.input.spec.num_pix, survey, **options)


def _shown(images, rows, maps, arcs):
    """The stamps of the figure with their maps."""
    shown = pick_shown(rows) if len(rows) else np.zeros(0, int)
    arrays = stamps(images, rows.iloc[shown], texts=("kind", "role"), numbers=("id", "radius", "score"))
    share = rows["positive"].to_numpy()[shown] if len(rows) else np.zeros(0)
    return arrays | {"positive": share, "map": maps[shown].sum(axis=1), "arc": arcs[shown]}

"""The stage realism: real stamps against simulated ones, as tables."""

import logging
from pathlib import Path

import numpy as np
import torch

from lenspipe import store
from lenspipe.diagnostics.summary import of_method, summary_table
from lenspipe.diagnostics.thresholds import headline_thresholds
from lenspipe.errors import InputError
from lenspipe.learning.checkpoint import folders_in
from lenspipe.learning.committee import answer, committee_answering
from lenspipe.learning.hardware import choose_device, keep_freed_memory
from lenspipe.measure.stamp_features import measure_stamps
from lenspipe.methods import HEADLINE
from lenspipe.validation.c2st import CrossValidation
from lenspipe.validation.real_stamps import KIND, read_deflectors, read_real_stamps, read_scores, run_image_spec
from lenspipe.validation.realism_tables import ALL, MATCHED, REAL, realism_summary, score_shares, sky_ratios
from lenspipe.validation.sample_comparison import compare_samples, match_deflectors, object_table
from lenspipe.validation.stamp_sheet import stamp_sheet

log = logging.getLogger("lenspipe")
BATCH = 128  # images scored at once; does not change the scores


def compare_with_real(
    run,
    stamps,
    tables_dir,
    *,
    bands,
    count,
    folds,
    repeats,
    bootstrap,
    thresholds,
    d4_average,
    d4_share,
    confidence,
    seed,
    trainings=(),
    threads=1,
):
    """Compare real stamps with a run's deflectors and write the tables ``realism_*``.

    Parameters
    ----------
    run : path
        results/<run>, with catalog, images, predictions and models.
    stamps : path
        Store of real cutouts; see ``read_real_stamps``.
    tables_dir : path
        Where the tables are written.
    bands : sequence of str
    count : int
        Number of simulated stamps that are matched to the real ones; as many are drawn at random.
    folds, repeats, bootstrap : int
        See ``validation.c2st.CrossValidation``.
    thresholds : sequence of float
        False-positive rates on validation; each sets a threshold, in addition to score 0.5.
    d4_average : bool
    d4_share : float
        Average the score of a real stamp over rotations and mirror images, as in the run's predictions.
    confidence : float
        Confidence of the intervals.
    seed : int
    trainings : sequence of str
        Of the headline; the first that answers ``score`` scores the real stamps. All of the run if none is given.
    threads : int
        Folds trained at a time; does not change the result.

    Raises
    ------
    InputError
        If a store is missing, differs from the run's images, or holds too few stamps.
    """
    keep_freed_memory()
    torch.set_num_threads(1)  # folds are trained in parallel instead
    run, rng = Path(run), np.random.default_rng(seed)
    image_spec = run_image_spec(run, bands)
    scales = {"pixel_scale": image_spec.pixel_scale, "zero_point": image_spec.magnitude_zero_point}
    real, deflectors = read_real_stamps(stamps, image_spec), read_deflectors(run, bands)
    _check_number(stamps, len(real), "stamps without missing pixels", folds)
    _check_number(f"{run}: the test split", len(deflectors), "deflectors without an arc", folds)
    matched, partners = match_deflectors(real, deflectors, count, bands=list(bands), **scales)
    random = np.sort(rng.permutation(len(deflectors))[: len(matched)])
    samples = {REAL: real, MATCHED: deflectors[matched], ALL: deflectors[random]}
    log.info("%d real stamps; of %d deflectors %d matched", len(real), len(deflectors), len(matched))
    measured = {name: measure_stamps(sample.image, bands=list(bands), **scales) for name, sample in samples.items()}
    cross_validation = CrossValidation(
        folds=folds, repeats=repeats, bootstrap=bootstrap, confidence=confidence, seed=seed, threads=threads
    )
    options = {"pixel_scale": scales["pixel_scale"], "cross_validation": cross_validation, "rng": rng}
    c2st, features = compare_samples(samples, measured, partners, **options)
    options = {"thresholds": thresholds, "d4_average": d4_average, "d4_share": d4_share, "confidence": confidence}
    scores, shares = _scores(run, samples, image_spec, trainings=trainings, **options)
    intervals = {"bands": bands, "draws": bootstrap, "rng": rng, "confidence": confidence}
    skies = {name: sky_ratios(measured[name][0], sample.sky_sigma, **intervals) for name, sample in samples.items()}
    tables = {
        "realism_c2st.csv": c2st,
        "realism_features.csv": features,
        "realism_scores.csv": shares,
        "realism_objects.csv": object_table(samples, measured, scores, real.id[partners]),
        "realism_stamps.npz": stamp_sheet(samples, measured, partners=partners, bands=list(bands), scores=scores),
        "realism_summary.csv": summary_table(of_method(realism_summary(c2st, features, shares, skies), HEADLINE)),
    }
    store.write_tables(tables.values(), [Path(tables_dir) / name for name in tables])


def _check_number(name, number, unit, folds):
    if number < 2 * folds:
        raise InputError(f"{name}: {number} {unit}; {folds} folds need {2 * folds} or more")


def _scores(run, samples, image_spec, *, thresholds, d4_average, d4_share, confidence, trainings):
    """The finder's scores of each sample, and the share of each sample that it calls lenses at each threshold."""
    val, test = (read_scores(run, split) for split in ("val", "test"))
    named = headline_thresholds(val, thresholds)
    committee = committee_answering("score", folders_in(run / "models", trainings))
    spec = committee.input.spec
    if (spec.bands, spec.num_pix) != (image_spec.bands, image_spec.num_pix):
        raise InputError(f"{run}/models: was trained on other images than {run}/images; train it again")
    device = choose_device()
    options = {"batch_size": BATCH, "d4_average": d4_average, "d4_share": d4_share, "device": device}
    scores = {REAL: answer([committee.on(device)], samples[REAL].image, **options)["score"].to_numpy()}
    by_id = test.set_index("id")["score"]
    scores |= {name: by_id.loc[samples[name].id].to_numpy() for name in (MATCHED, ALL)}
    all_deflectors = test.loc[test["kind"] == KIND, "score"].to_numpy()
    return scores, score_shares(scores | {ALL: all_deflectors}, named, confidence)

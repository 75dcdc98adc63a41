"""The stage itself: samples, measurements, judges, scores, tables."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from lenspipe import store
from lenspipe.diagnostics.summary import of_method, summary_table
from lenspipe.diagnostics.thresholds import headline_thresholds
from lenspipe.errors import InputError
from lenspipe.learning import checkpoint
from lenspipe.learning.hardware import choose_device, keep_freed_memory
from lenspipe.learning.inference import outputs
from lenspipe.learning.tasks import score
from lenspipe.measure.galaxy import galaxy_features
from lenspipe.measure.stamp_features import GROUPS, measure_stamps
from lenspipe.methods import HEADLINE
from lenspipe.validation.c2st import Trial, judge_features, judge_pixels
from lenspipe.validation.matching import match
from lenspipe.validation.real_stamps import KIND, describe_run, read_deflectors, read_real, read_scores
from lenspipe.validation.realism_tables import ALL, MATCHED, REAL, realism_summary, score_shares, sky_ratios
from lenspipe.validation.stamp_sheet import side_by_side
from lenspipe.validation.two_sample import compare_features
from lenspipe.validation.views import WHOLE

log = logging.getLogger("lenspipe")
BATCH = 128  # images scored at once; changes no score


def compare_with_real(
    run,
    stamps,
    tables_dir,
    bands,
    count,
    folds,
    repeats,
    bootstrap,
    thresholds,
    d4_average,
    confidence,
    seed,
    threads=1,
):
    """Write the tables about realism.

    Parameters
    ----------
    run : path
        results/<run>, with catalog, images, predictions and the classifier.
    stamps : path
        Store of real cutouts; see ``read_real``.
    tables_dir : path
    bands : sequence of str
    count : int
        Simulated stamps that are matched to the real ones, and as many that are not.
    folds, repeats, bootstrap : int
        See ``Trial``.
    thresholds : sequence of float
        False-positive rates on validation at which further thresholds lie, beside score 0.5.
    d4_average : bool
        Score real stamps as the run's predictions were made.
    confidence : float
    seed : int
    threads : int

    Raises
    ------
    InputError
        If a store is missing or not of the run's kind, or holds too few stamps.
    """
    keep_freed_memory()
    torch.set_num_threads(1)  # the stage's threads are its folds
    run, rng = Path(run), np.random.default_rng(seed)
    said = describe_run(run, bands)
    kind = {"bands": list(bands), "pixel_scale": said["pixel_scale"], "zero_point": said["magnitude_zero_point"]}
    real, pool = read_real(stamps, said), read_deflectors(run, bands)
    for where, found in ((stamps, real), (f"{run}: the test split", pool)):
        if len(found) < 2 * folds:
            words = f"{len(found)} stamps without missing pixels" if found is real else f"{len(found)} bare deflectors"
            raise InputError(f"{where}: {words}; {folds} folds need {2 * folds} or more")
    matched, partners = _matched(real, pool, kind, count)
    anyone = np.sort(rng.permutation(len(pool))[: len(matched)])
    samples = {REAL: real, MATCHED: pool[matched], ALL: pool[anyone]}
    log.info("%d real stamps; of %d deflectors %d matched", len(real), len(pool), len(matched))
    measured = {name: measure_stamps(sample.image, **kind) for name, sample in samples.items()}
    trial = Trial(folds, repeats, bootstrap, confidence, seed, threads)
    judges, features = _told_apart(samples, measured, partners, said["pixel_scale"], trial, rng)
    scores, shares = _scores(run, samples, said, thresholds, d4_average, confidence)
    skies = {
        name: sky_ratios(measured[name][0], sample.stored, bands, bootstrap, rng, confidence)
        for name, sample in samples.items()
    }
    tables = {
        "realism_judges.csv": judges,
        "realism_features.csv": features,
        "realism_scores.csv": shares,
        "realism_objects.csv": _objects(samples, measured, scores, real.id[partners]),
        "realism_stamps.npz": side_by_side(samples, measured, partners, kind["bands"], scores),
        "realism_summary.csv": summary_table(of_method(realism_summary(judges, features, shares, skies), HEADLINE)),
    }
    store.write_tables(tables.values(), [Path(tables_dir) / name for name in tables])


def _matched(real, pool, kind, count):
    """Places of the matched deflectors, and of the real stamp that each is for; from the galaxies' light alone."""
    light = [
        pd.DataFrame(galaxy_features(sample.image, np.ones(sample.image.shape[:2]), **kind)) for sample in (real, pool)
    ]
    return match(*light, kind["bands"], count)


def _told_apart(samples, measured, partners, pixel_scale, trial, rng):
    """Tables of judges and of features, against matched and against all deflectors."""
    judges, features = [], []
    for name in (MATCHED, ALL):
        pair = (REAL, name)
        table = pd.concat([measured[sample][0] for sample in pair], ignore_index=True)
        images = np.concatenate([samples[sample].image for sample in pair])
        sky = tuple(np.concatenate(parts) for parts in zip(*(measured[sample][1] for sample in pair), strict=True))
        is_real = np.arange(len(table)) < len(samples[REAL])
        matched = name == MATCHED
        partner = np.concatenate([np.arange(is_real.sum()), partners]) if matched else None
        only = None if matched else WHOLE
        rows, importance = judge_features(table, is_real, partner, trial, groups=matched)
        for row in [*judge_pixels(images, sky, is_real, partner, pixel_scale, trial, only), *rows]:
            judges.append({"sample": name} | row)
            log.info(
                "%s: %s, %s: AUC %.3f [%.3f, %.3f]", name, *(row[k] for k in ("judge", "shown", "auc", "low", "high"))
            )
        compared = compare_features(table[is_real], table[~is_real], trial.bootstrap, rng, trial.confidence)
        groups = pd.DataFrame({"feature": [g for g in GROUPS if g in importance]})
        compared = pd.concat([compared, groups.assign(group=groups["feature"])], ignore_index=True)
        features.append(compared.assign(sample=name, importance=compared["feature"].map(importance)))
    return pd.DataFrame(judges), pd.concat(features, ignore_index=True)


def _scores(run, samples, said, thresholds, d4_average, confidence):
    """The finder's scores of each sample, and what share of real stamps and of deflectors its thresholds let pass."""
    val, test = (read_scores(run, split) for split in ("val", "test"))
    named = headline_thresholds(val, thresholds)
    model = checkpoint.load(run / "models" / "classifier")
    if (model.bands, model.num_pix) != (said["bands"], said["num_pix"]):
        raise InputError(f"{run}/models/classifier: was trained on other images than {run}/images; train again")
    device = choose_device()
    network = model.network.to(device, memory_format=torch.channels_last)
    stretched = torch.from_numpy(model.stretch(samples[REAL].image))
    scores = {REAL: score(outputs(network, stretched, BATCH, d4_average, device).numpy())}
    by_id = test.set_index("id")["score"]
    scores |= {name: by_id.loc[samples[name].id].to_numpy() for name in (MATCHED, ALL)}
    everyone = scores | {ALL: test.loc[test["kind"] == KIND, "score"].to_numpy()}
    return scores, score_shares(everyone, named, confidence)


def _objects(samples, measured, scores, partners):
    """A row a stamp: sample, id, the real stamp that it is matched to, score, features."""
    parts = []
    for name, sample in samples.items():
        said = {"sample": name, "id": sample.id, "score": scores[name]}
        said["partner"] = partners if name == MATCHED else -1
        parts.append(pd.concat([pd.DataFrame(said), measured[name][0]], axis=1))
    return pd.concat(parts, ignore_index=True)

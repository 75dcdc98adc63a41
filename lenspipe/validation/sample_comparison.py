"""Comparison of real stamps with simulated ones: matching, classifier two-sample tests, features."""

import logging

import numpy as np
import pandas as pd

from lenspipe.measure.galaxy import galaxy_features
from lenspipe.measure.stamp_features import GROUPS
from lenspipe.validation.c2st import c2st_features, c2st_images
from lenspipe.validation.image_views import WHOLE
from lenspipe.validation.matching import match
from lenspipe.validation.realism_tables import ALL, MATCHED, REAL
from lenspipe.validation.two_sample import compare_features

log = logging.getLogger("lenspipe")


def match_deflectors(real, deflectors, count, *, bands, pixel_scale, zero_point):
    """Match simulated deflectors to real stamps by the light of the central galaxies alone.

    Parameters
    ----------
    real, deflectors : real_stamps.Stamps
    count : int
        Number of matches; see ``matching.match``.
    bands : sequence of str
    pixel_scale : float, arcsec
    zero_point : float, AB mag

    Returns
    -------
    rows, partners : int array [matches]
        Numbers of the deflectors, and of the real stamp that each is matched to.
    """
    light = []
    for sample in (real, deflectors):
        sigma = np.ones(sample.image.shape[:2])
        features = galaxy_features(sample.image, sigma, bands=bands, pixel_scale=pixel_scale, zero_point=zero_point)
        light.append(pd.DataFrame(features))
    return match(*light, bands, count=count)


def compare_samples(samples, measured, partners, *, pixel_scale, cross_validation, rng):
    """Compare real stamps with the matched deflectors and with all deflectors.

    Parameters
    ----------
    samples : dict of str to real_stamps.Stamps
        By sample, as in ``realism_tables``.
    measured : dict of str to tuple
        By sample, from ``measure_stamps``.
    partners : int array [matches]
        From ``match_deflectors``.
    pixel_scale : float, arcsec
    cross_validation : c2st.CrossValidation
    rng : numpy.random.Generator

    Returns
    -------
    c2st : DataFrame
        ``sample``, ``classifier``, ``input``, and the values of ``CrossValidation.auc``.
    features : DataFrame
        From ``compare_features``, with ``sample`` and ``importance``; groups of features have rows of their own.
    """
    c2st, features = [], []
    for name in (MATCHED, ALL):
        pair, matched = (REAL, name), name == MATCHED
        table = pd.concat([measured[sample][0] for sample in pair], ignore_index=True)
        images = np.concatenate([samples[sample].image for sample in pair])
        sky = tuple(np.concatenate(parts) for parts in zip(*(measured[sample][1] for sample in pair), strict=True))
        is_real = np.arange(len(table)) < len(samples[REAL])
        partner = np.concatenate([np.arange(is_real.sum()), partners]) if matched else None
        tests = {"cross_validation": cross_validation, "partner": partner}
        feature_rows, importance = c2st_features(table, is_real, **tests, groups=matched)
        view = None if matched else WHOLE
        image_rows = c2st_images(images, sky, is_real, **tests, pixel_scale=pixel_scale, view=view)
        for row in [*image_rows, *feature_rows]:
            c2st.append({"sample": name} | row)
            values = (row[column] for column in ("classifier", "input", "auc", "low", "high"))
            log.info("%s: %s, %s: AUC %.3f [%.3f, %.3f]", name, *values)
        intervals = {"draws": cross_validation.bootstrap, "rng": rng, "confidence": cross_validation.confidence}
        compared = compare_features(table[is_real], table[~is_real], **intervals)
        groups = pd.DataFrame({"feature": [group for group in GROUPS if group in importance]})
        compared = pd.concat([compared, groups.assign(group=groups["feature"])], ignore_index=True)
        features.append(compared.assign(sample=name, importance=compared["feature"].map(importance)))
    return pd.DataFrame(c2st), pd.concat(features, ignore_index=True)


def object_table(samples, measured, scores, partner_ids):
    """A row for each stamp.

    Parameters
    ----------
    samples : dict of str to real_stamps.Stamps
        By sample, as in ``realism_tables``.
    measured : dict of str to tuple
        By sample, from ``measure_stamps``.
    scores : dict of str to array [n]
        By sample.
    partner_ids : int array [matches]
        Id of the real stamp that each matched deflector is matched to.

    Returns
    -------
    DataFrame
        ``sample``, ``id``, ``score``, ``partner`` (-1 for stamps that are not matched), and the features.
    """
    parts = []
    for name, sample in samples.items():
        columns = {"sample": name, "id": sample.id, "score": scores[name]}
        columns["partner"] = partner_ids if name == MATCHED else -1
        parts.append(pd.concat([pd.DataFrame(columns), measured[name][0]], axis=1))
    return pd.concat(parts, ignore_index=True)

"""Whether a classifier's reasons lie on the arc: shares of an attribution map, against chance."""

import itertools

import numpy as np
import pandas as pd

from lenspipe.stats.rates import binomial_interval

LIGHT_SHARE = 0.5  # of the arc's light, in units of the noise, that its pixels hold
LENSES, NON_LENSES = 100, 100  # objects that are explained
SHOWN = 4  # stamps of true and of false positives, each
RESAMPLES = 1000
SMALLEST = 5  # objects of a kind that has a row of its own
PARTS = ("positive", "absolute")  # of the attribution that shares are taken of
TRUE, FALSE = "true positives", "false positives"


def pick_explained(objects, threshold, rng):
    """Objects above a threshold, drawn at random.

    Parameters
    ----------
    objects : DataFrame
        ``is_lens``, ``score``.
    threshold : float
    rng : numpy.random.Generator

    Returns
    -------
    DataFrame
        Up to 100 lenses, then up to 100 non-lenses, with an additional column ``role``.
    """
    passed = objects[objects["score"] > threshold]
    parts = []
    for role, most, group in ((TRUE, LENSES, passed["is_lens"]), (FALSE, NON_LENSES, ~passed["is_lens"])):
        group = passed[group]
        parts.append(group.iloc[np.sort(rng.permutation(len(group))[:most])].assign(role=role))
    return pd.concat(parts, ignore_index=True)


def arc_pixels(light, sky_sigma):
    """The fewest pixels that hold half of some light, in units of the noise and summed over the bands.

    Parameters
    ----------
    light : array [n, band, y, x], counts
        Expected light of the arc.
    sky_sigma : array [n, band], counts

    Returns
    -------
    bool array [n, y, x]
        None where there is no light.
    """
    weight = (light.clip(0) / sky_sigma[..., None, None]).sum(axis=1)
    flat = weight.reshape(len(weight), -1).astype(float)
    order = np.argsort(-flat, axis=1, kind="stable")
    cumulative = np.cumsum(np.take_along_axis(flat, order, axis=1), axis=1)
    before = cumulative - np.take_along_axis(flat, order, axis=1)
    inside = np.zeros(flat.shape, bool)
    np.put_along_axis(inside, order, (before < LIGHT_SHARE * cumulative[:, -1:]) & (cumulative[:, -1:] > 0), axis=1)
    return inside.reshape(weight.shape)


def shares_on(maps, pixels):
    """Share of each map that lies on its pixels, and what it would be by chance.

    Parameters
    ----------
    maps : array [n, band, y, x]
        Attributions; the bands are summed first.
    pixels : bool array [n, y, x]

    Returns
    -------
    DataFrame [n]
        ``positive``, ``absolute``: share of the positive part, and of the absolute values; ``..._turned``: the same
        with the pixels turned about the stamp's centre by 90, 180 and 270 degrees, in the mean, which keeps their
        distance from the deflector; ``area``: share of the stamp. NaN where no pixel is meant or the map is empty.
    """
    summed = maps.sum(axis=1)
    turned = np.mean([np.rot90(pixels, k, axes=(1, 2)) for k in (1, 2, 3)], axis=0)
    shares = {}
    for name, values in (("positive", summed.clip(0)), ("absolute", np.abs(summed))):
        total = values.sum(axis=(1, 2))
        for ending, where in (("", pixels), ("_turned", turned)):
            on = (values * where).sum(axis=(1, 2))
            shares[name + ending] = np.divide(on, total, out=np.full(len(maps), np.nan), where=total > 0)
    table = pd.DataFrame(shares | {"area": pixels.mean(axis=(1, 2))})
    table.loc[~pixels.any(axis=(1, 2))] = np.nan
    return table


def attribution_table(explained, threshold, *, threshold_name, confidence, rng):
    """Means over true positives, false positives and their kinds.

    Parameters
    ----------
    explained : DataFrame
        ``role``, ``kind``, ``score``; the columns of ``shares_on``; ``positive_untrained`` and ``absolute_untrained``,
        the same of networks with random weights; ``score_without``, that of the object without its arc.
    threshold : float
        That the objects pass with it.
    threshold_name : str
    confidence : float
        Of the intervals, 0 to 1.
    rng : numpy.random.Generator
        Of the bootstrap over objects.

    Returns
    -------
    DataFrame
        ``population``; ``measure``: those columns, and for ``positive`` and ``absolute`` the differences
        ``..._over_turned`` and ``..._over_untrained``, all means; ``score`` and ``score_without``, medians; ``still``,
        the share that passes without the arc, with its binomial interval; ``value``, ``low``, ``high``; ``n``, the
        objects that have an arc or what stands for one; ``threshold``, ``threshold_name``.
    """
    rows = []

    def resampled(values, statistic):
        return _resampled(values, statistic, confidence=confidence, rng=rng)

    with_arc = explained[explained["area"].notna()] if len(explained) else explained
    for population, group in _populations(with_arc):
        pairs = list(itertools.product(PARTS, ("turned", "untrained")))
        over = {f"{name}_over_{chance}": group[name] - group[f"{name}_{chance}"] for name, chance in pairs}
        group = group.assign(**over)
        columns = [*PARTS, *(f"{name}_{chance}" for name, chance in pairs), *over]
        for statistic, measures in ((np.mean, (*columns, "area")), (np.median, ("score", "score_without"))):
            for measure in measures:
                rows.append((population, measure, *resampled(group[measure], statistic), len(group)))
        still = (group["score_without"] > threshold).sum()
        low, high = binomial_interval(still, len(group), confidence)
        rows.append((population, "still", still / len(group), low[0], high[0], len(group)))
    table = pd.DataFrame(rows, columns=["population", "measure", "value", "low", "high", "n"])
    return table.assign(threshold=threshold, threshold_name=threshold_name)


def _populations(explained):
    for role in (TRUE, FALSE):
        group = explained[explained["role"] == role]
        if len(group):
            yield role, group
        for kind, of_kind in group.groupby("kind") if role == FALSE else []:
            if len(of_kind) >= SMALLEST:
                yield f"{role}: {kind}", of_kind


def _resampled(values, statistic, *, confidence, rng):
    """A statistic with the percentiles of its bootstrap."""
    values = values.dropna().to_numpy(float)  # a map without a positive pixel has no share of one
    if not len(values):
        return np.nan, np.nan, np.nan
    tail = (1 - confidence) / 2
    resampled = statistic(values[rng.integers(0, len(values), (RESAMPLES, len(values)))], axis=1)
    return statistic(values), *np.quantile(resampled, [tail, 1 - tail])


MEASURES = {  # of the table: what the summary calls them
    f"{part}{ending}": f"{label}, share of the {part}"
    for part in PARTS
    for ending, label in {
        "": "attribution on the arc",
        "_turned": "attribution on the arc turned",
        "_untrained": "attribution on the arc by an untrained network",
        "_over_turned": "attribution on the arc over that on the arc turned",
        "_over_untrained": "attribution on the arc over that by an untrained network",
    }.items()
} | {
    "area": "area of the arc, share of the stamp",
    "score": "median score",
    "score_without": "median score without the arc",
    "still": "share called a lens without the arc",
}


def attribution_summary(table):
    """Rows of ``columns.SUMMARY`` but the method, a list of tuple, from ``table``, that of ``attribution_table``."""
    return [
        (MEASURES[row.measure], row.value, row.low, row.high, row.n, f"{row.population} at {row.threshold_name}")
        for row in table.itertuples()
        if np.isfinite(row.value)
    ]


def pick_shown(explained):
    """Places of the objects that are shown: evenly over the shares on the arc, so that none is picked by its looks.

    Parameters
    ----------
    explained : DataFrame
        ``role``, ``positive``.

    Returns
    -------
    int array
        Up to four true, then up to four false positives, by falling share.
    """
    places = []
    for role in (TRUE, FALSE):
        order = explained.loc[explained["role"] == role, "positive"].dropna().sort_values(ascending=False).index
        evenly = (np.arange(SHOWN) + 0.5) / SHOWN * len(order) if len(order) > SHOWN else np.arange(len(order))
        places += order[evenly.astype(int)].tolist()
    return np.array(places, int)

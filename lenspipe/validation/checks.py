"""The simulated sky against published numbers: quantity, ours, reference, allowed, verdict.

Lenses are compared with the forecast's (``forecast``), which nothing in lenspipe is fitted to.
"""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from lenspipe.stats.weights import quantiles_with_intervals, weighted_share
from lenspipe.validation.forecast import MEDIANS, PER_5000_DEG2, QUANTILES, SHARES, detectable

CLOSE = ("theta_E", "z_lens", "sigma_v", "axis_ratio")
MEDIAN_WITHIN, ELSE_WITHIN, MAGNITUDE_WITHIN, WINGS_WITHIN, NUMBER_WITHIN = 0.10, 0.20, 0.3, 0.25, 2.0


@dataclass(frozen=True)
class Check:
    """One number beside its reference.

    Attributes
    ----------
    quantity : str
    ours, low, high : float
        With its interval.
    reference : float
    least, most : float
        What ours may be; NaN where a test of the whole distribution decides.
    allowed : str
        The same in words.
    verdict : str
        met or missed.
    """

    quantity: str
    ours: float
    low: float
    high: float
    reference: float
    least: float
    most: float
    allowed: str
    verdict: str


def within(quantity, ours, reference, least, most, allowed):
    """The check of a number that must lie in a range; ``ours`` is the value with its interval's ends."""
    verdict = "met" if least <= ours[0] <= most else "missed"
    return Check(quantity, *map(float, ours), float(reference), float(least), float(most), allowed, verdict)


def population_check(lenses, confidence):
    """The survey prior's lenses after the forecast's cut, beside the forecast's.

    Parameters
    ----------
    lenses : DataFrame
        For ``forecast.detectable``; the quantities; ``per_5000_deg2``, how many lenses of the sky each stands for.
    confidence : float
        Of the intervals.

    Returns
    -------
    DataFrame
        Fields of ``Check``.
    """
    found = lenses[detectable(lenses)]
    e = np.hypot(found["e1"], found["e2"])
    found = found.assign(axis_ratio=(1 - e) / (1 + e))
    weight = found["per_5000_deg2"].to_numpy()
    checks = [_number(lenses, found, confidence)]
    known = QUANTILES | {name: (value,) for name, value in MEDIANS.items()}
    for name, reference in known.items():
        shares = (0.16, 0.5, 0.84) if name in QUANTILES else (0.5,)
        for below, *ours in zip(
            shares, *quantiles_with_intervals(found[name], weight, shares, confidence), strict=True
        ):
            middle = below == 0.5
            told = f"{'median' if middle else f'p{100 * below:.0f}'} of {name}"
            target = reference[SHARES.index(below)] if name in QUANTILES else reference[0]
            if name in MEDIANS:
                checks.append(by_difference(told, ours, target, MAGNITUDE_WITHIN, "mag"))
            else:
                share = WINGS_WITHIN if not middle else MEDIAN_WITHIN if name in CLOSE else ELSE_WITHIN
                checks.append(by_ratio(told, ours, target, share))
    return pd.DataFrame([asdict(check) for check in checks])


def _number(lenses, found, confidence):
    """Lenses per 5,000 square degrees; its interval is that of the share that is detected."""
    all_of = lenses["per_5000_deg2"].to_numpy()
    share = weighted_share(lenses.index.isin(found.index), all_of, confidence)
    ends = (PER_5000_DEG2 / NUMBER_WITHIN, PER_5000_DEG2 * NUMBER_WITHIN)
    ours = all_of.sum() * np.array(share)
    return within("lenses per 5,000 deg^2", ours, PER_5000_DEG2, *ends, f"factor {NUMBER_WITHIN:g}")


def by_ratio(told, ours, target, share):
    """The check of a number that may differ by a share of its reference."""
    return within(told, ours, target, target * (1 - share), target * (1 + share), f"{100 * share:.0f} %")


def by_difference(told, ours, target, difference, unit):
    """The check of a number that may differ by as much."""
    return within(told, ours, target, target - difference, target + difference, f"{difference:g} {unit}")

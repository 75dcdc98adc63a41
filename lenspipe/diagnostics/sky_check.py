"""The simulated sky against published numbers: quantity, ours, reference, allowed, verdict.

Lenses are compared with the forecast's (``forecast``), which nothing in lenspipe is fitted to.
"""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from lenspipe.diagnostics.forecast import MEDIANS, PER_5000_DEG2, QUANTILES, SHARES, detectable
from lenspipe.diagnostics.weighting import quantiles_with_intervals, weighted_share

CLOSE = ("theta_E", "z_lens", "sigma_v", "axis_ratio")
MEDIAN_WITHIN, ELSE_WITHIN, MAGNITUDE_WITHIN, WINGS_WITHIN, NUMBER_WITHIN = 0.10, 0.20, 0.3, 0.25, 2.0


@dataclass(frozen=True)
class Check:
    """One number beside its reference. ``allowed`` says what difference is; ``verdict`` is met or missed."""

    quantity: str
    ours: float
    low: float
    high: float
    reference: float
    allowed: str
    verdict: str


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
        for share, *ours in zip(
            shares, *quantiles_with_intervals(found[name], weight, shares, confidence), strict=True
        ):
            middle = share == 0.5
            told = f"{'median' if middle else f'p{100 * share:.0f}'} of {name}"
            target = reference[SHARES.index(share)] if name in QUANTILES else reference[0]
            if name in MEDIANS:
                checks.append(_by_difference(told, ours, target))
            else:
                within = WINGS_WITHIN if not middle else MEDIAN_WITHIN if name in CLOSE else ELSE_WITHIN
                checks.append(_by_ratio(told, ours, target, within))
    return pd.DataFrame([asdict(check) for check in checks])


def _number(lenses, found, confidence):
    """Lenses per 5,000 square degrees; its interval is that of the share that is detected."""
    all_of = lenses["per_5000_deg2"].to_numpy()
    ours = weighted_share(lenses.index.isin(found.index), all_of, confidence)
    value, low, high = (all_of.sum() * share for share in ours)
    ratio = value / PER_5000_DEG2
    verdict = "met" if 1 / NUMBER_WITHIN <= ratio <= NUMBER_WITHIN else "missed"
    return Check("lenses per 5,000 deg^2", value, low, high, PER_5000_DEG2, f"factor {NUMBER_WITHIN:g}", verdict)


def _by_ratio(told, ours, target, within):
    met = abs(ours[0] / target - 1) <= within
    return Check(told, *ours, target, f"{100 * within:.0f} %", "met" if met else "missed")


def _by_difference(told, ours, target):
    met = abs(ours[0] - target) <= MAGNITUDE_WITHIN
    return Check(told, *ours, target, f"{MAGNITUDE_WITHIN:g} mag", "met" if met else "missed")

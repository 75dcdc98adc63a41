"""The simulated lenses against the published forecast of those that the Dark Energy Survey can find.

Source: Collett 2015, ApJ 811, 20, and its list of the 1,068 lenses of a tenth of the sky in the optimal coadd
(``lenses_DESc.txt`` of github.com/tcollett/LensPop), from which the quantiles were taken. Magnitudes are AB, sources'
before magnification.

A lens is in that list if in its best band of g, r and i (the one of highest S/N among those where magnification x
R_source exceeds the seeing) the S/N is above 20 and theta_E^2 > 2 R_source^2 + seeing^2 / 2, and its magnification is
above 3: so ``SignaltoNoise.py`` has it with the factors that ``ModelAll.py`` sets, where the paper has
R_source^2 + seeing^2 / 4. The list agrees with the code: it holds almost nothing below 0.65 arcsec. Seeing is the
coadd's: the worst of the exposures in it (``simulate.forecast``). Nothing in lenspipe is fitted to the forecast.
"""

from dataclasses import asdict

import numpy as np
import pandas as pd

from lenspipe.stats.weights import quantiles_with_intervals, weighted_share
from lenspipe.validation.checks import check_difference, check_range, check_ratio

LENSES = 1068
PER_5000_DEG2 = 1270  # the same number; by the abstract 2,400 lenses are detectable in any of its three coadds
BANDS = ("g", "r", "i")
SHARES = (0.05, 0.16, 0.5, 0.84, 0.95)
SNR = 20.0
MAGNIFICATION = 3.0
QUANTILES = {  # by catalogue column; axis_ratio is the deflector's
    "theta_E": (0.78, 0.95, 1.29, 1.75, 2.16),  # arcsec
    "z_lens": (0.16, 0.24, 0.43, 0.71, 0.94),
    "z_source": (0.70, 1.11, 1.85, 2.56, 3.09),
    "sigma_v": (211.0, 233.0, 270.0, 312.0, 344.0),  # km/s
    "axis_ratio": (0.47, 0.58, 0.75, 0.87, 0.94),
    "lens_R_sersic": (0.45, 0.56, 0.83, 1.27, 1.88),  # arcsec
    "source_R_sersic": (0.02, 0.10, 0.28, 0.54, 0.76),  # arcsec
}
MEDIANS = {
    "lens_magnitude_g": 20.99,
    "lens_magnitude_r": 19.06,
    "lens_magnitude_i": 18.23,
    "source_magnitude_g": 24.38,
    "source_magnitude_r": 24.23,
    "source_magnitude_i": 24.10,
}


# Quantities whose median must agree within MEDIAN_TOLERANCE; other medians within OTHER_TOLERANCE.
CLOSE = ("theta_E", "z_lens", "sigma_v", "axis_ratio")
MEDIAN_TOLERANCE, OTHER_TOLERANCE, WINGS_TOLERANCE = 0.10, 0.20, 0.25  # of the reference
MAGNITUDE_TOLERANCE = 0.3  # mag
NUMBER_FACTOR = 2.0


def detectable(lenses):
    """Whether each lens would be in the forecast's list.

    Parameters
    ----------
    lenses : DataFrame
        ``theta_E``, ``source_R_sersic`` and ``seeing_<band>`` (arcsec), ``magnification``, ``forecast_snr_<band>``.
        Bands without columns are left out.

    Returns
    -------
    bool Series [n]
    """
    bands = [band for band in BANDS if f"forecast_snr_{band}" in lenses]
    seeing, snr = (lenses[[f"{name}_{band}" for band in bands]].to_numpy() for name in ("seeing", "forecast_snr"))
    R, theta_E, mu = (lenses[name].to_numpy()[:, None] for name in ("source_R_sersic", "theta_E", "magnification"))
    snr = np.where(mu * R > seeing, snr, 0)
    best = np.arange(len(lenses)), snr.argmax(axis=1)
    resolved = theta_E**2 > 2 * R**2 + seeing**2 / 2
    return pd.Series((snr[best] > SNR) & resolved[best] & (mu[:, 0] > MAGNIFICATION), lenses.index)


def check_forecast(lenses, confidence):
    """Compare the detectable lenses of the survey prior with the forecast's.

    Parameters
    ----------
    lenses : DataFrame [n]
        From ``forecast_lenses.draw_forecast_lenses``: the columns that ``detectable`` needs, those that are compared,
        and ``per_5000_deg2``, the number of lenses of the sky that each represents.
    confidence : float
        Confidence of the intervals.

    Returns
    -------
    DataFrame
        Columns as in ``checks.Check``.
    """
    selected = lenses[detectable(lenses)]
    e = np.hypot(selected["e1"], selected["e2"])
    selected = selected.assign(axis_ratio=(1 - e) / (1 + e))
    weight = selected["per_5000_deg2"].to_numpy()
    checks = [_check_number(lenses, selected, confidence)]
    references = QUANTILES | {name: (value,) for name, value in MEDIANS.items()}
    for name, reference in references.items():
        shares = (0.16, 0.5, 0.84) if name in QUANTILES else (0.5,)
        intervals = quantiles_with_intervals(selected[name], weight, shares, confidence)
        for share, *ours in zip(shares, *intervals, strict=True):
            is_median = share == 0.5
            quantity = f"{'median' if is_median else f'p{100 * share:.0f}'} of {name}"
            expected = reference[SHARES.index(share)] if name in QUANTILES else reference[0]
            if name in MEDIANS:
                checks.append(check_difference(quantity, ours, expected, tolerance=MAGNITUDE_TOLERANCE, unit="mag"))
            else:
                median_tolerance = MEDIAN_TOLERANCE if name in CLOSE else OTHER_TOLERANCE
                tolerance = median_tolerance if is_median else WINGS_TOLERANCE
                checks.append(check_ratio(quantity, ours, expected, tolerance=tolerance))
    return pd.DataFrame([asdict(check) for check in checks])


def _check_number(lenses, selected, confidence):
    """Number of lenses per 5,000 square degrees; its interval is that of the share that is detectable."""
    per_5000_deg2 = lenses["per_5000_deg2"].to_numpy()
    share = weighted_share(lenses.index.isin(selected.index), per_5000_deg2, confidence)
    ends = {"least": PER_5000_DEG2 / NUMBER_FACTOR, "most": PER_5000_DEG2 * NUMBER_FACTOR}
    ours = per_5000_deg2.sum() * np.array(share)
    return check_range("lenses per 5,000 deg^2", ours, PER_5000_DEG2, **ends, allowed=f"factor {NUMBER_FACTOR:g}")

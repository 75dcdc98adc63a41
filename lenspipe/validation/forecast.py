"""The published forecast of the lenses that the Dark Energy Survey can find, as quantiles.

Source: Collett 2015, ApJ 811, 20, and its list of the 1,068 lenses of a tenth of the sky in the optimal coadd
(``lenses_DESc.txt`` of github.com/tcollett/LensPop), from which the quantiles were taken. Magnitudes are AB, sources'
before magnification.

A lens is in that list if in its best band of g, r and i (the one of highest S/N among those where magnification x
R_source exceeds the seeing) the S/N is above 20 and theta_E^2 > 2 R_source^2 + seeing^2 / 2, and its magnification is
above 3: so ``SignaltoNoise.py`` has it with the factors that ``ModelAll.py`` sets, where the paper has
R_source^2 + seeing^2 / 4. The list bears the code out: it holds next to nothing below 0.65 arcsec. Seeing is the
coadd's: the worst of the exposures in it (``simulate.forecast``).
"""

import numpy as np
import pandas as pd

LENSES = 1068
PER_5000_DEG2 = 1270  # the same as a number; by the abstract 2,400 lenses lie within reach of any of its three coadds
BANDS = ("g", "r", "i")
SHARES = (0.05, 0.16, 0.5, 0.84, 0.95)
SNR = 20.0
MAGNIFICATION = 3.0
QUANTILES = {  # by the catalogue's names; axis_ratio is the deflector's
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


def detectable(lenses):
    """Whether the forecast would count each lens.

    Parameters
    ----------
    lenses : DataFrame
        ``theta_E``, ``source_R_sersic`` and ``seeing_<band>`` (arcsec), ``magnification``, ``forecast_snr_<band>``;
        bands that it lacks are not asked.

    Returns
    -------
    bool Series
    """
    bands = [band for band in BANDS if f"forecast_snr_{band}" in lenses]
    seeing, snr = (lenses[[f"{name}_{band}" for band in bands]].to_numpy() for name in ("seeing", "forecast_snr"))
    R, theta_E, mu = (lenses[name].to_numpy()[:, None] for name in ("source_R_sersic", "theta_E", "magnification"))
    snr = np.where(mu * R > seeing, snr, 0)
    best = np.arange(len(lenses)), snr.argmax(axis=1)
    resolved = theta_E**2 > 2 * R**2 + seeing**2 / 2
    return pd.Series((snr[best] > SNR) & resolved[best] & (mu[:, 0] > MAGNIFICATION), lenses.index)

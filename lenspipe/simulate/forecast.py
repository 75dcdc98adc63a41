"""Signal-to-noise ratio and optimal coadds of the published forecast of lenses.

Source: Collett 2015, ApJ 811, 20, section 3, and its code (github.com/tcollett/LensPop: ``SignaltoNoise.py``,
``StochasticObserving.py``), which settles what the paper leaves open.
"""

import numpy as np

FAINTEST = 0.02  # of the brightest pixel's signal-to-noise ratio: fainter pixels never help (see the test)
EXPOSURES = 10  # in each band, of the whole survey


def forecast_snr(lens_light, source_light, coadds):
    """Signal-to-noise ratio of a lensed source in each band: the best that adding up pixels can do.

    Pixels are sorted by their own ratio, and as many of the best are added as give the highest sum of signal over root
    of the sum of variances. The variance has the deflector's light, the source's own, the sky and read noise: a
    deflector subtracted to the Poisson limit. It is lower than a matched filter's, which weights pixels.

    Parameters
    ----------
    lens_light, source_light : array [band, y, x], counts
        Expected light.
    coadds : list of surveys.Coadd

    Returns
    -------
    float32 array [band]
        0 without a source.
    """
    snr = np.zeros(len(coadds), np.float32)
    if not source_light.any():
        return snr
    for b, coadd in enumerate(coadds):
        source = source_light[b].ravel() * coadd.gain
        variance = lens_light[b].ravel() * coadd.gain + source + coadd.sky + coadd.read_noise**2
        ratio2 = np.where(source > 0, source * source, 0) / variance
        kept = np.flatnonzero(ratio2 > FAINTEST**2 * ratio2.max())
        if len(kept):
            order = kept[np.argsort(-ratio2[kept])]
            snr[b] = (np.cumsum(source[order]) / np.sqrt(np.cumsum(variance[order]))).max()
    return snr


def optimal_coadd(row, bands):
    """A lens's row with the exposures that the forecast's optimal coadd has, all brought to the worst one's seeing.

    An exposure is taken if its seeing is below both sqrt(2 (theta_E^2 - R_source^2)) and magnification x R_source, each
    band by itself.

    Parameters
    ----------
    row : dict
        One row of the catalogue.
    bands : sequence of str

    Returns
    -------
    dict
        The row with the selected exposures; a band without any keeps all and gets ``num_exposures`` 0.
    """
    R = row["source_R_sersic"]
    least = min(np.sqrt(max(2 * (row["theta_E"] ** 2 - R**2), 0)), row["magnification"] * R)
    row = dict(row)
    for band in bands:
        seeing = np.asarray(row[f"exposure_seeing_{band}"])
        taken = seeing < least
        row[f"num_exposures_{band}"] = int(taken.sum())
        if taken.any():
            for name in ("sky_brightness", "transparency", "dither_x", "dither_y"):
                row[f"exposure_{name}_{band}"] = np.asarray(row[f"exposure_{name}_{band}"])[taken]
            row[f"seeing_{band}"] = seeing[taken].max()
            row[f"exposure_seeing_{band}"] = np.full(taken.sum(), row[f"seeing_{band}"])
    return row

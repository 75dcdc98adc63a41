"""The galaxy in the centre of a stamp: magnitudes, colours, size, concentration, shape."""

import itertools

import numpy as np

from lenspipe.measure.photometry import SHARES, aperture_fluxes, aperture_masks, asinh_magnitudes, concentration

TOTAL = 3.0  # arcsec, radius: holds most of a red galaxy and few of its neighbours
RADII = np.arange(0.15, TOTAL + 0.01, 0.15)  # arcsec, of the curve of growth
INNER = 1.5  # arcsec, radius for shape and symmetry


def galaxy_features(images, sigma, bands, *, pixel_scale, zero_point):
    """Features of the light around the stamp's centre, in each band.

    ``magnitude``, within 3 arcsec; ``colour`` of adjacent bands; ``radius``, arcsec, that holds half of that light;
    ``concentration`` 5 log10(r80 / r20); ``asymmetry``, half the sum of |image - image rotated by 180 degrees| over the
    sum of the image, within 1.5 arcsec; ``ellipticity``, of the second moments there; ``offset``, arcsec, of the centre
    of light there from the stamp's centre.

    Parameters
    ----------
    images : array [n, band, y, x], counts
        With the level of the sky subtracted.
    sigma : array [n, band], counts
    bands : sequence of str
    pixel_scale : float, arcsec
    zero_point : float, mag

    Returns
    -------
    dict of str to array [n]
        By ``<name>_<band>``; a radius is NaN where a band shows no light.
    """
    masks = aperture_masks(images.shape[-1], RADII, pixel_scale)
    growth = aperture_fluxes(images, masks)  # [n, band, radius]
    noise = sigma * np.sqrt((masks[-1] ** 2).sum())
    magnitude = asinh_magnitudes(growth[..., -1], noise, zero_point)
    r20, r50, r80 = np.moveaxis(radii_of_shares(growth, RADII, SHARES), -1, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        features = {"magnitude": magnitude, "radius": r50, "concentration": concentration(r20, r80)}
    features |= galaxy_shape(images, pixel_scale)
    named = {f"{name}_{band}": values[:, b] for name, values in features.items() for b, band in enumerate(bands)}
    colours = {
        f"colour_{a}-{b}": named[f"magnitude_{a}"] - named[f"magnitude_{b}"] for a, b in itertools.pairwise(bands)
    }
    return named | colours


def radii_of_shares(growth, radii, shares):
    """Radii that hold given shares of the light within the last radius.

    Parameters
    ----------
    growth : array [..., radius], counts
        Flux within each radius.
    radii : array [radius], arcsec
    shares : sequence of float

    Returns
    -------
    array [..., share], arcsec
        Linear between the radii, on the running maximum of the curve, which noise may let fall.
    """
    rising = np.maximum.accumulate(growth, axis=-1)
    flat = rising.reshape(-1, len(radii))
    held = np.full((len(flat), len(shares)), np.nan)
    for k, curve in enumerate(flat):
        if np.isfinite(curve).all() and curve[-1] > 0:
            held[k] = np.interp(np.multiply(shares, curve[-1]), [0.0, *curve.clip(0)], [0.0, *radii])
    return held.reshape(*growth.shape[:-1], len(shares))


def galaxy_shape(images, pixel_scale):
    """Asymmetry, ellipticity and offset of the light within 1.5 arcsec of the stamp's centre.

    Parameters
    ----------
    images : array [n, band, y, x], counts
        With the level of the sky subtracted.
    pixel_scale : float, arcsec

    Returns
    -------
    dict of str to array [n, band]
        ``asymmetry``, ``ellipticity``, ``offset`` (arcsec); NaN where a band shows no light.
    """
    num_pix = images.shape[-1]
    (mask,) = aperture_masks(num_pix, [INNER], pixel_scale)
    axis = (np.arange(num_pix) - (num_pix - 1) / 2) * pixel_scale
    y, x = axis[:, None], axis[None, :]
    light = images * mask
    flux = light.sum(axis=(-2, -1))
    flux = np.where(flux > 0, flux, np.nan)
    mean_x, mean_y = ((light * by).sum(axis=(-2, -1)) / flux for by in (x, y))
    xx, yy, xy = ((light * by).sum(axis=(-2, -1)) / flux for by in (x * x, y * y, x * y))
    turned = np.abs(light - light[..., ::-1, ::-1]).sum(axis=(-2, -1))
    return {
        "asymmetry": turned / (2 * flux),
        "ellipticity": np.hypot(xx - yy, 2 * xy) / (xx + yy),
        "offset": np.hypot(mean_x, mean_y),
    }

"""The galaxy in the middle of a stamp, as an observer measures it: magnitudes, colours, size, concentration, shape."""

import itertools

import numpy as np

from lenspipe.measure.photometry import aperture_fluxes, aperture_masks, asinh_magnitudes

TOTAL = 3.0  # arcsec: holds most of a red galaxy and few of its neighbours
RADII = np.arange(0.15, TOTAL + 0.01, 0.15)  # arcsec, of the curve of growth
SHARES = (0.2, 0.5, 0.8)  # of the light within TOTAL
INNER = 1.5  # arcsec, for shape and symmetry


def galaxy_features(images, sigma, bands, *, pixel_scale, zero_point):
    """What the light around the stamp's centre says, in each band.

    ``magnitude``, within 3 arcsec; colours of adjacent bands; ``radius``, arcsec, holding half of that light;
    ``concentration`` 5 log10(r80 / r20) (Bershady, Jangren & Conselice 2000, AJ 119, 2645); ``asymmetry``, the half sum
    of |image - image turned by 180 degrees| over the sum of the image within 1.5 arcsec; ``ellipticity``, of the second
    moments there; ``offset``, arcsec, of the centre of light there from the stamp's.

    Parameters
    ----------
    images : array [n, band, y, x], counts
        The sky's level subtracted.
    sigma : array [n, band], counts
    bands : sequence of str
    pixel_scale : float, arcsec
    zero_point : float

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
        found = {"magnitude": magnitude, "radius": r50, "concentration": 5 * np.log10(r80 / r20)}
    found |= galaxy_shape(images, pixel_scale)
    named = {f"{name}_{band}": values[:, b] for name, values in found.items() for b, band in enumerate(bands)}
    colours = {
        f"colour_{a}-{b}": named[f"magnitude_{a}"] - named[f"magnitude_{b}"] for a, b in itertools.pairwise(bands)
    }
    return named | colours


def radii_of_shares(growth, radii, shares):
    """Radii that hold shares of the light within the last one.

    Parameters
    ----------
    growth : array [..., radius]
        Flux within each radius.
    radii : array [radius]
    shares : sequence of float

    Returns
    -------
    array [..., share]
        Linear between the radii, of the rising hull of the curve: noise may let it fall.
    """
    rising = np.maximum.accumulate(growth, axis=-1)
    flat = rising.reshape(-1, len(radii))
    found = np.full((len(flat), len(shares)), np.nan)
    for k, curve in enumerate(flat):
        if np.isfinite(curve).all() and curve[-1] > 0:
            found[k] = np.interp(np.multiply(shares, curve[-1]), [0.0, *curve.clip(0)], [0.0, *radii])
    return found.reshape(*growth.shape[:-1], len(shares))


def galaxy_shape(images, pixel_scale):
    """Asymmetry, ellipticity and offset of the light within 1.5 arcsec: dict of array [n, band]."""
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

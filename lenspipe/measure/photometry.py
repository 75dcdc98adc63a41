"""Aperture photometry: fluxes in circles, magnitudes that are defined for negative fluxes, concentration of light."""

import numpy as np

FINE = 8  # subpixels along a pixel's side: the edge of an aperture cuts pixels
SHARES = (0.2, 0.5, 0.8)  # shares of the light whose radii give size and concentration


def aperture_masks(num_pix, radii, pixel_scale):
    """Share of each pixel that lies in a circle around the stamp's centre.

    Parameters
    ----------
    num_pix : int
    radii : sequence of float, arcsec
    pixel_scale : float, arcsec

    Returns
    -------
    array [radius, y, x], float32
    """
    axis = (np.arange(num_pix * FINE) - (num_pix * FINE - 1) / 2) * pixel_scale / FINE
    inside = np.hypot(axis[:, None], axis) < np.reshape(radii, (-1, 1, 1))
    return inside.reshape(-1, num_pix, FINE, num_pix, FINE).mean(axis=(2, 4), dtype=np.float32)


def aperture_fluxes(images, masks):
    """Flux in each aperture.

    Parameters
    ----------
    images : array [n, band, y, x], counts
    masks : array [radius, y, x]
        From ``aperture_masks``.

    Returns
    -------
    array [n, band, radius], counts
    """
    return images.reshape(*images.shape[:2], -1) @ masks.reshape(len(masks), -1).T


def concentration(r20, r80):
    """Concentration 5 log10(r80 / r20) of light, array [...].

    ``r20``, ``r80``, array [...] of one unit, hold 20 and 80 % of the light.
    Source: Bershady, Jangren & Conselice 2000, AJ 119, 2645.
    """
    return 5 * np.log10(r80 / r20)


def asinh_magnitudes(flux, noise, zero_point):
    """Magnitudes that pass smoothly through zero flux.

    zero_point - 2.5 / ln 10 x (arcsinh(f / 2b) + ln b), where the softening b is the noise of the flux.

    Parameters
    ----------
    flux, noise : array [...], counts
    zero_point : float, mag
        Magnitude of one count.

    Returns
    -------
    array [...], mag

    Source: Lupton, Gunn & Szalay 1999, AJ 118, 1406, equation 3.
    """
    return zero_point - 2.5 / np.log(10) * (np.arcsinh(flux / (2 * noise)) + np.log(noise))

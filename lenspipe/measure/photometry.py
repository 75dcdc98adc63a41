"""What an observer reads off the pixels: fluxes in circular apertures, as magnitudes that bear negative ones."""

import numpy as np

FINE = 8  # parts of a pixel's side: the edge of an aperture cuts pixels


def aperture_masks(num_pix, radii, pixel_scale):
    """Share of each pixel that lies in a circle around the stamp's centre.

    Parameters
    ----------
    num_pix : int
    radii : sequence, arcsec
    pixel_scale : float, arcsec

    Returns
    -------
    array [radius, y, x], float32
    """
    axis = (np.arange(num_pix * FINE) - (num_pix * FINE - 1) / 2) * pixel_scale / FINE
    inside = np.hypot(axis[:, None], axis) < np.reshape(radii, (-1, 1, 1))
    return inside.reshape(-1, num_pix, FINE, num_pix, FINE).mean(axis=(2, 4), dtype=np.float32)


def aperture_fluxes(images, masks):
    """Flux in each aperture, as array [n, band, radius], of images [n, band, y, x]."""
    return images.reshape(*images.shape[:2], -1) @ masks.reshape(len(masks), -1).T


def asinh_magnitudes(flux, noise, zero_point):
    """Magnitudes that go smoothly through zero flux.

    zero_point - 2.5 / ln 10 x (arcsinh(f / 2b) + ln b), with the noise of the flux as softening b.

    Parameters
    ----------
    flux, noise : array, counts
    zero_point : float
        Magnitude of one count.

    Returns
    -------
    array, mag

    Source: Lupton, Gunn & Szalay 1999, AJ 118, 1406, equation 3.
    """
    return zero_point - 2.5 / np.log(10) * (np.arcsinh(flux / (2 * noise)) + np.log(noise))

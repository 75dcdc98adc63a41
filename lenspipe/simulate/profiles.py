"""Light profiles that lenstronomy lacks, each of total flux 1: rings, tails, spirals, aureoles and spikes of stars."""

import numpy as np
from scipy.special import erf


def elliptical(x, y, e1, e2):
    """Coordinates in which an ellipse of area pi is a circle of radius 1, with the major axis along the first: two
    arrays.

    The mean radius is kept, lenstronomy's product-averaged convention: rho^2 = q x'^2 + y'^2 / q.

    Parameters
    ----------
    x, y : array [...], arcsec
        Distance from the centre.
    e1, e2 : float
        Ellipticity, (1-q)/(1+q) (cos 2 phi, sin 2 phi).

    Returns
    -------
    u, v : array [...], arcsec
        With rho^2 = u^2 + v^2.
    """
    q, phi = shape(e1, e2)
    cos, sin = np.cos(phi), np.sin(phi)
    return (cos * x + sin * y) * np.sqrt(q), (cos * y - sin * x) / np.sqrt(q)


def shape(e1, e2):
    """Axis ratio q and position angle phi (rad) of the major axis: tuple of float.

    ``e1``, ``e2`` (float): ellipticity, (1-q)/(1+q) (cos 2 phi, sin 2 phi).
    """
    e = np.hypot(e1, e2)
    return (1 - e) / (1 + e), np.arctan2(e2, e1) / 2


def ring(x, y, radius, width, e1, e2):
    """Elliptical annulus exp(-(rho - radius)^2 / 2 width^2), of total flux 1.

    Its flux is 2 pi times the integral of rho over the Gaussian from 0.

    Parameters
    ----------
    x, y : array [...], arcsec
        Distance from the centre.
    radius, width : float, arcsec
        Of the crest, and standard deviation across it.
    e1, e2 : float
        Ellipticity, (1-q)/(1+q) (cos 2 phi, sin 2 phi).

    Returns
    -------
    array [...], per arcsec^2
    """
    rho = np.hypot(*elliptical(x, y, e1, e2))
    t = radius / width
    flux = 2 * np.pi * width**2 * (np.exp(-(t**2) / 2) + t * np.sqrt(np.pi / 2) * (1 + erf(t / np.sqrt(2))))
    return np.exp(-0.5 * ((rho - radius) / width) ** 2) / flux


def tail(x, y, radius, width, e1, e2, opening, phase):
    """An arc of a ring, brightest at phase: ring x cos^2(pi (phi - phase) / (2 opening)) / (opening / 2 pi).

    Parameters
    ----------
    x, y, radius, width, e1, e2
        As of ``ring``.
    opening : float, rad
        The arc extends so far on either side of ``phase``.
    phase : float, rad
        From the major axis.

    Returns
    -------
    array [...], per arcsec^2
    """
    u, v = elliptical(x, y, e1, e2)
    turn = np.abs((np.arctan2(v, u) - phase + np.pi) % (2 * np.pi) - np.pi)
    fade = np.where(turn < opening, np.cos(np.pi * turn / (2 * opening)) ** 2, 0)
    return ring(x, y, radius, width, e1, e2) * fade * 2 * np.pi / opening


def aureole(x, y, radius, core):
    """1 / (r^2 + core^2) inside a radius, 0 outside.

    Parameters
    ----------
    x, y : array [...], arcsec
        Distance from the centre.
    radius, core : float, arcsec

    Returns
    -------
    array [...], per arcsec^2
    """
    r2 = x**2 + y**2
    return np.where(r2 < radius**2, 1 / ((r2 + core**2) * np.pi * np.log1p((radius / core) ** 2)), 0)


def spikes(x, y, length, width, phase):
    """Two lines at right angles: Lorentzians along them, Gaussians across.

    Parameters
    ----------
    x, y : array [...], arcsec
        Distance from the centre.
    length : float, arcsec
        Half width at half maximum of the Lorentzian; half of the light lies within it.
    width : float, arcsec
        Standard deviation of the Gaussian.
    phase : float, rad
        Position angle of the first line.

    Returns
    -------
    array [...], per arcsec^2
    """
    cos, sin = np.cos(phase), np.sin(phase)
    u, v = cos * x + sin * y, cos * y - sin * x

    def line(along, across):
        return np.exp(-0.5 * (across / width) ** 2) / (1 + (along / length) ** 2)

    return (line(u, v) + line(v, u)) / (2 * np.pi * length * np.sqrt(2 * np.pi) * width)


def spiral(x, y, R_sersic, e1, e2, arms, pitch, contrast, phase):
    """Exponential disc times 1 + contrast cos(arms (phi - phase - ln(rho/R)/tan pitch)), of total flux 1.

    The arms average to zero over angle, so that the flux is the disc's: 2 pi (R/b)^2 with b = 1.67835.

    Parameters
    ----------
    x, y : array [...], arcsec
        Distance from the centre.
    R_sersic : float, arcsec
    e1, e2 : float
        Ellipticity, (1-q)/(1+q) (cos 2 phi, sin 2 phi).
    arms : int
    pitch : float, deg
    contrast : float
    phase : float, rad
        Of the first arm at R_sersic, from the major axis.

    Returns
    -------
    array [...], per arcsec^2
    """
    u, v = elliptical(x, y, e1, e2)
    rho = np.maximum(np.hypot(u, v), 1e-4 * R_sersic)
    b = 1.6783469900166605
    disc = np.exp(-b * rho / R_sersic) * b**2 / (2 * np.pi * R_sersic**2)
    turn = arms * (np.arctan2(v, u) - phase - np.log(rho / R_sersic) / np.tan(np.radians(pitch)))
    return disc * (1 + contrast * np.cos(turn))

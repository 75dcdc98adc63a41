"""Scenes: the light and mass of one object as numbers with units, from a row of the catalogue.

An engine gets a scene and a grid of pixels, never a row or a survey.
"""

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np

from lenspipe.columns import GROUPS, PROFILES
from lenspipe.surveys import coadd_weights

SHAPES = tuple(name for name in PROFILES if name not in ("sersic", "point"))
MASS = ("theta_E_halo", "e1", "e2", "gamma", "gamma1", "gamma2", "center_x", "center_y")
LIGHT = ("R_sersic", "n_sersic", "e1", "e2")
PER_BAND = (
    "lens_magnitude",
    "source_magnitude",
    "psf_e1",
    "psf_e2",
    "exposure_seeing",
    "exposure_sky_brightness",
    "exposure_transparency",
)


class PixelGrid(NamedTuple):
    """The pixels of a square stamp, whose centre is the origin of all coordinates.

    Attributes
    ----------
    num_pix : int, pixels
        Side.
    pixel_scale : float, arcsec
    """

    num_pix: int
    pixel_scale: float


class Mass(NamedTuple):
    """An elliptical power law with external shear: lenstronomy's EPL (SIE where ``gamma`` is 2) and SHEAR.

    Attributes
    ----------
    theta_E : float, arcsec
    e1, e2 : float
        Ellipticity, (1-q)/(1+q) (cos 2 phi, sin 2 phi).
    gamma : float
        Logarithmic slope of the density.
    gamma1, gamma2 : float
        Shear, about the centre.
    center_x, center_y : float, arcsec
    """

    theta_E: float
    e1: float
    e2: float
    gamma: float
    gamma1: float
    gamma2: float
    center_x: float
    center_y: float


class Sersics(NamedTuple):
    """Sersic profiles, lenstronomy's SERSIC_ELLIPSE: the radius is the product average of the axes.

    Attributes
    ----------
    center_x, center_y : array [light], arcsec
    e1, e2 : array [light]
        Ellipticity, (1-q)/(1+q) (cos 2 phi, sin 2 phi).
    n_sersic : array [light]
    R_sersic : array [light, band], arcsec
        Half-light radius.
    flux : array [light, band], counts arcsec^2
        Total counts times the area of a pixel: times a profile of total flux 1 per arcsec^2, counts per pixel.
    """

    center_x: np.ndarray
    center_y: np.ndarray
    e1: np.ndarray
    e2: np.ndarray
    n_sersic: np.ndarray
    R_sersic: np.ndarray
    flux: np.ndarray


class Points(NamedTuple):
    """Stars.

    Attributes
    ----------
    center_x, center_y : array [light], arcsec
    flux : array [light, band], counts arcsec^2
        As of ``Sersics``.
    """

    center_x: np.ndarray
    center_y: np.ndarray
    flux: np.ndarray


class Shape(NamedTuple):
    """One component of a shape that lenstronomy lacks (``simulate.profiles``).

    Attributes
    ----------
    profile : str
        One of ``SHAPES``.
    values : dict of str to float
        Its parameters, under the catalogue's names without their prefix (``columns.GROUPS`` has their units).
    flux : array [band], counts arcsec^2
        As of ``Sersics``.
    """

    profile: str
    values: dict
    flux: np.ndarray


class Source(NamedTuple):
    """The background galaxy, unlensed, and the mass that deflects its light.

    Attributes
    ----------
    light : Sersics
        First the smooth profile, without the light of its parts; then the parts: bulge and clumps.
    mass : Mass or None
        None if the light is not deflected.
    """

    light: Sersics
    mass: Mass | None


class Psf(NamedTuple):
    """The point-spread function of each band's coadd: a weighted sum of Moffat profiles, pixel included.

    Attributes
    ----------
    fwhm : tuple [band] of array [exposure], arcsec
    weights : tuple [band] of array [exposure]
        They sum to 1.
    e1, e2 : array [band]
        Ellipticity, (1-q)/(1+q) (cos 2 phi, sin 2 phi).
    beta : float
        Exponent of the profile.
    """

    fwhm: tuple
    weights: tuple
    e1: np.ndarray
    e2: np.ndarray
    beta: float


@dataclass(frozen=True)
class Scene:
    """One object: all light that a stamp holds.

    Attributes
    ----------
    id : int
    sersics : Sersics
        All but the source's: foreground galaxy, companions, field.
    points : Points
    shapes : tuple of Shape
    source : Source or None
    psf : Psf
    """

    id: int
    sersics: Sersics
    points: Points
    shapes: tuple
    source: Source | None
    psf: Psf


def row_columns(bands):
    """Columns (list of str) of the catalogue that a row must hold to become a scene in ``bands`` (sequence of str)."""
    names = ["id", *MASS, "source_is_lensed", "lens_size_gradient", "source_center_x", "source_center_y"]
    names += [f"{group}_{name}" for group in ("lens", "source") for name in LIGHT]
    names += [f"{name}_{band}" for name in PER_BAND for band in bands]
    for group, (_, columns) in GROUPS.items():
        names += [f"{group}_{column.name}" for column in columns]
        names += [f"{group}_magnitude_{band}" for band in bands]
    return names


def scene_of(row, bands, survey):
    """The scene of one object.

    Parameters
    ----------
    row : mapping
        One row of the catalogue, with ``row_columns``.
    bands : sequence of str
    survey : Survey

    Returns
    -------
    Scene

    Raises
    ------
    ValueError
        Naming the object and the column that its row lacks.
    """
    try:
        sersics, points = _sersics_and_points(row, bands, survey)
        return Scene(
            id=row["id"],
            sersics=sersics,
            points=points,
            shapes=_shapes(row, bands, survey),
            source=_source(row, bands, survey),
            psf=psf_of(row, bands, survey),
        )
    except KeyError:
        missing = [name for name in row_columns(bands) if name not in row]
        if not missing:  # not the row's fault
            raise
        raise ValueError(f"object {row.get('id')} lacks the column {missing[0]!r}") from None


def psf_of(row, bands, survey):
    """The point-spread functions of a row's coadds.

    Parameters
    ----------
    row : mapping
        One row of the catalogue.
    bands : sequence of str
    survey : Survey

    Returns
    -------
    Psf
    """
    weights = []
    for band in bands:
        exposures = (row[f"exposure_{name}_{band}"] for name in ("sky_brightness", "transparency"))
        weights.append(coadd_weights(survey, band, *map(np.asarray, exposures)))
    return Psf(
        fwhm=tuple(np.asarray(row[f"exposure_seeing_{band}"]) for band in bands),
        weights=tuple(weights),
        e1=np.array([row[f"psf_e1_{band}"] for band in bands]),
        e2=np.array([row[f"psf_e2_{band}"] for band in bands]),
        beta=survey.moffat_beta,
    )


def mass_of(row):
    """The ``Mass``, a tuple of float, of a ``row`` (mapping) of the catalogue."""
    return Mass(*(row[name] for name in MASS))


def counts(magnitude, survey):
    """Counts (float or array) of an AB ``magnitude`` (float or array) at the zero point of a ``survey``'s images."""
    return 10 ** (-0.4 * (magnitude - survey.magnitude_zero_point))


def _sersics_and_points(row, bands, survey):
    """All components but the source and those of other shapes."""
    lens = _values_of(row, "lens") | {"center_x": row["center_x"], "center_y": row["center_y"]}
    field = len(row["field_profile"])

    def joined(name):
        return np.concatenate([row[f"extra_{name}"], row[f"field_{name}"], [lens[name]]])

    simulated = np.isfinite(lens["R_sersic"])  # otherwise its light is in a real cutout
    profile = np.array([*row["extra_profile"], *row["field_profile"], "sersic" if simulated else ""])
    gradient = np.concatenate([row["extra_size_gradient"], np.full(field, np.nan), [lens["size_gradient"]]])
    center_x, center_y, e1, e2, n_sersic = (joined(name) for name in ("center_x", "center_y", "e1", "e2", "n_sersic"))
    magnitudes = np.stack([joined(f"magnitude_{band}") for band in bands], axis=1)
    flux = counts(magnitudes, survey) * survey.pixel_scale**2
    R_sersic = np.repeat(joined("R_sersic")[:, None], len(bands), axis=1)
    if len(changing := np.flatnonzero(np.isfinite(gradient))):
        stretch = [survey.bands[band].wavelength / survey.bands["i"].wavelength for band in bands]
        R_sersic[changing] *= np.power(stretch, gradient[changing, None])
    s, p = (np.flatnonzero(profile == name) for name in ("sersic", "point"))
    sersics = Sersics(center_x[s], center_y[s], e1[s], e2[s], n_sersic[s], R_sersic[s], flux[s])
    return sersics, Points(center_x[p], center_y[p], flux[p])


def _shapes(row, bands, survey):
    shapes = []
    for group in ("extra", "field"):
        if not _SHAPES.isdisjoint(row[f"{group}_profile"]):
            for values in _components(row, group):
                if values["profile"] in _SHAPES:
                    shapes.append(Shape(values["profile"], values, _pixel_counts(values, bands, survey)))
    return tuple(shapes)


def _source(row, bands, survey):
    """None for a row without a source."""
    smooth = _values_of(row, "source")
    if np.isnan(smooth["R_sersic"]):
        return None
    parts = _components(row, "part")
    lights = [smooth, *parts]
    flux = np.array([_pixel_counts(light, bands, survey) for light in lights])
    for part in flux[1:]:
        flux[0] -= part
    names = ("center_x", "center_y", "e1", "e2", "n_sersic", "R_sersic")
    *shape, R_sersic = (np.array([light[name] for light in lights], float) for name in names)
    light = Sersics(*shape, np.repeat(R_sersic[:, None], len(bands), axis=1), flux)
    return Source(light, mass_of(row) if row["source_is_lensed"] else None)


_SHAPES = frozenset(SHAPES)


@cache
def _columns_of(group, columns):
    """Those of a row's columns that belong to a group, and their names without its prefix."""
    names = [name for name in columns if name.startswith(f"{group}_")]
    return names, [name.removeprefix(f"{group}_") for name in names]


def _values_of(row, group):
    """A row's numbers of the deflector's light or the source, under their names without the prefix."""
    names, short = _columns_of(group, tuple(row))
    return dict(zip(short, [row[name] for name in names], strict=True))


def _components(row, group):
    """Components of one of ``columns.GROUPS``, each a dict under the group's names without its prefix."""
    names, short = _columns_of(group, tuple(row))
    return [dict(zip(short, values, strict=True)) for values in zip(*(row[name] for name in names), strict=True)]


def _pixel_counts(light, bands, survey):
    """Counts times the area of a pixel: array [band]."""
    return counts(np.array([light[f"magnitude_{band}"] for band in bands]), survey) * survey.pixel_scale**2

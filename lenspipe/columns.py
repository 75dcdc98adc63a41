"""The vocabulary: every column of every table, with dtype, unit and meaning.

Code, files, plots and documentation take their names from here.
"""

from dataclasses import dataclass

SPLITS = ("train", "val", "test")
IDS_PER_SPLIT = 10**9  # id = split number x 10^9 + index
EXTRAS = (1, 2, 3)  # further components of a picture: companions, a ring, a disc with arms, a star
PROFILES = ("", "sersic", "point", "ring", "spiral")  # what an extra can be; "" is none


@dataclass(frozen=True)
class Column:
    name: str
    dtype: str
    unit: str
    meaning: str


def split_of(object_id):
    """Name of the split that an id belongs to."""
    return SPLITS[int(object_id) // IDS_PER_SPLIT]


_OBJECT = [
    Column("id", "int64", "", "split number x 10^9 + index"),
    Column("split", "str", "", "train, val or test"),
    Column("kind", "str", "", "lens, or the kind of non-lens"),
    Column("is_lens", "bool", "", "whether a background source is multiply imaged"),
    Column(
        "theta_E",
        "float64",
        "arcsec",
        "Einstein radius (lenstronomy's SIE, equal to the SIS value); NaN for non-lenses",
    ),
    Column(
        "theta_E_halo",
        "float64",
        "arcsec",
        "Einstein radius that the deflector has for z_source, lensing or not; NaN without deflector",
    ),
    Column(
        "radius",
        "float64",
        "arcsec",
        "theta_E of a lens; impostor radius of a non-lens: where its arc-like feature sits",
    ),
    Column("z_lens", "float64", "", "redshift of the foreground galaxy"),
    Column("z_source", "float64", "", "redshift of the real or hypothetical source; NaN without deflector"),
    Column("sigma_v", "float64", "km/s", "velocity dispersion of the deflector; NaN without deflector"),
    Column("e1", "float64", "", "ellipticity of the deflector's mass, (1-q)/(1+q) cos 2 phi"),
    Column("e2", "float64", "", "ellipticity of the deflector's mass, (1-q)/(1+q) sin 2 phi"),
    Column("center_x", "float64", "arcsec", "centre of the foreground galaxy, from the stamp's centre"),
    Column("center_y", "float64", "arcsec", "centre of the foreground galaxy, from the stamp's centre"),
    Column("gamma1", "float64", "", "external shear"),
    Column("gamma2", "float64", "", "external shear"),
    Column("lens_R_sersic", "float64", "arcsec", "half-light radius of the foreground galaxy (of a spiral: its bulge)"),
    Column("lens_n_sersic", "float64", "", "Sersic index of the foreground galaxy"),
    Column("lens_e1", "float64", "", "ellipticity of the foreground galaxy's light"),
    Column("lens_e2", "float64", "", "ellipticity of the foreground galaxy's light"),
    Column("source_R_sersic", "float64", "arcsec", "half-light radius of the source, unlensed; NaN for non-lenses"),
    Column("source_n_sersic", "float64", "", "Sersic index of the source; NaN for non-lenses"),
    Column("source_e1", "float64", "", "ellipticity of the source; NaN for non-lenses"),
    Column("source_e2", "float64", "", "ellipticity of the source; NaN for non-lenses"),
    Column("source_center_x", "float64", "arcsec", "unlensed position of the source, from the stamp's centre"),
    Column("source_center_y", "float64", "arcsec", "unlensed position of the source, from the stamp's centre"),
    Column(
        "weight",
        "float64",
        "",
        "survey prior over training prior, up to a constant per class; NaN where no survey law exists",
    ),
    Column("noise_id", "int64", "", "the object whose noise streams the row uses: its own id unless it is a twin"),
]

_EXTRA = [
    Column("profile", "str", "", "sersic, point, ring, spiral; empty for none"),
    Column("center_x", "float64", "arcsec", "its centre, from the stamp's centre"),
    Column("center_y", "float64", "arcsec", "its centre, from the stamp's centre"),
    Column(
        "R_sersic",
        "float64",
        "arcsec",
        "half-light radius (of the disc that carries the arms); radius of the ring's crest",
    ),
    Column("n_sersic", "float64", "", "Sersic index"),
    Column("e1", "float64", "", "ellipticity"),
    Column("e2", "float64", "", "ellipticity"),
    Column("width", "float64", "arcsec", "Gaussian width (sigma) of a ring"),
    Column("arms", "float64", "", "number of spiral arms"),
    Column("pitch", "float64", "deg", "pitch angle of the arms"),
    Column("contrast", "float64", "", "amplitude of the arms over the smooth disc, 0 to 1"),
    Column("phase", "float64", "rad", "position angle of the arms at the half-light radius"),
]

_PER_BAND = [
    ("lens_magnitude", "mag", "AB magnitude of the foreground galaxy (of a spiral: its bulge)"),
    ("source_magnitude", "mag", "AB magnitude of the source, unlensed; NaN for non-lenses"),
    ("seeing", "arcsec", "FWHM of the coadd's point-spread function, pixel included"),
    ("sky_brightness", "mag/arcsec^2", "mean sky of the exposures"),
    ("num_exposures", "", "number of exposures in the coadd"),
]


def catalog_columns(bands):
    """All columns of the object table, in order.

    Parameters
    ----------
    bands : sequence of str

    Returns
    -------
    list of Column
    """
    columns = list(_OBJECT)
    for name, unit, meaning in _PER_BAND:
        dtype = "int64" if name == "num_exposures" else "float64"
        columns += [Column(f"{name}_{band}", dtype, unit, f"{meaning}, {band} band") for band in bands]
    for k in EXTRAS:
        columns += [Column(f"extra{k}_{c.name}", c.dtype, c.unit, f"extra component {k}: {c.meaning}") for c in _EXTRA]
        columns += [
            Column(f"extra{k}_magnitude_{b}", "float64", "mag", f"extra component {k}: AB magnitude, {b} band")
            for b in bands
        ]
    return columns


PREDICTIONS = [
    Column("id", "int64", "", "as in the catalogue"),
    Column("score", "float64", "", "the classifier's score, 0 to 1"),
    Column("theta_E_pred", "float64", "arcsec", "the regressor's Einstein radius"),
    Column("theta_E_sigma", "float64", "arcsec", "the regressor's standard deviation"),
    Column(
        "arc_snr",
        "float64",
        "",
        "sqrt of the sum over bands and pixels of source^2 / variance; 0 without a lensed source",
    ),
]

SUMMARY = [
    Column("metric", "str", "", "what was measured"),
    Column("value", "float64", "", "its value"),
    Column("low", "float64", "", "lower end of the 68 % interval"),
    Column("high", "float64", "", "upper end of the 68 % interval"),
    Column("n", "int64", "", "number of objects that it rests on"),
    Column("population", "str", "", "which objects"),
]

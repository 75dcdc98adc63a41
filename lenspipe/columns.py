"""Every column of every table: name, dtype, unit and meaning.

Code, files, plots and documentation take their names from here.
"""

from dataclasses import dataclass

SPLITS = ("train", "val", "test", "twins")
DRAWN_SPLITS = SPLITS[:3]  # splits whose objects are drawn; twins are copies of the test split's lenses
TWINS = ("twin_without_source", "twin_unlensed")  # the two twins of each lens, in this order
IDS_PER_SPLIT = 10**9  # id = split number x 10^9 + index
LENS = "lens"  # the kind that a finder looks for
# Light profiles of components.
PROFILES = ("sersic", "point", "ring", "tail", "spiral", "aureole", "spikes")


@dataclass(frozen=True)
class Column:
    """One column of a table: ``name``, ``dtype`` (of a cell), ``unit`` (empty if none) and ``meaning``, each a str."""

    name: str
    dtype: str
    unit: str
    meaning: str


def split_of(object_id):
    """Name of the split, str, of an ``object_id``, int."""
    return SPLITS[int(object_id) // IDS_PER_SPLIT]


def splits_of_run(lenses_with_twins):
    """Names of the splits of a run, tuple of str, in order; ``lenses_with_twins``, int, is 0 in a run without twins."""
    return SPLITS if lenses_with_twins else DRAWN_SPLITS


_SIZE_GRADIENT = "d ln(half-light radius) / d ln(wavelength), relative to the i band; NaN: the same radius in all bands"

_OBJECT = [
    Column("id", "int64", "", "split number x 10^9 + index"),
    Column("split", "str", "", "train, val, test or twins"),
    Column("kind", "str", "", "lens, a kind of non-lens, or a kind of twin"),
    Column("is_lens", "bool", "", "whether a background source has several images"),
    Column(
        "theta_E",
        "float64",
        "arcsec",
        "Einstein radius (lenstronomy's SIE or EPL, equal to the SIS value); NaN for non-lenses",
    ),
    Column(
        "theta_E_halo",
        "float64",
        "arcsec",
        "Einstein radius of the deflector for z_source, with or without a source; NaN without deflector",
    ),
    Column(
        "radius",
        "float64",
        "arcsec",
        "theta_E of a lens and of its twins; for a non-lens the impostor radius, that of its arc-like feature",
    ),
    Column("z_lens", "float64", "", "redshift of the foreground galaxy"),
    Column("z_source", "float64", "", "redshift of the real or hypothetical source; NaN without deflector"),
    Column("sigma_v", "float64", "km/s", "velocity dispersion of the deflector; NaN without deflector"),
    Column("e1", "float64", "", "ellipticity of the deflector's mass, (1-q)/(1+q) cos 2 phi"),
    Column("e2", "float64", "", "ellipticity of the deflector's mass, (1-q)/(1+q) sin 2 phi"),
    Column("center_x", "float64", "arcsec", "centre of the foreground galaxy, from the stamp's centre"),
    Column("center_y", "float64", "arcsec", "centre of the foreground galaxy, from the stamp's centre"),
    Column("gamma", "float64", "", "logarithmic slope of the deflector's mass density; 2 is isothermal"),
    Column("gamma1", "float64", "", "external shear"),
    Column("gamma2", "float64", "", "external shear"),
    Column(
        "lens_R_sersic",
        "float64",
        "arcsec",
        "half-light radius of the foreground galaxy in i (of a spiral: its bulge)",
    ),
    Column("lens_size_gradient", "float64", "", f"the foreground galaxy's {_SIZE_GRADIENT}"),
    Column("lens_n_sersic", "float64", "", "Sersic index of the foreground galaxy"),
    Column("lens_e1", "float64", "", "ellipticity of the foreground galaxy's light"),
    Column("lens_e2", "float64", "", "ellipticity of the foreground galaxy's light"),
    Column(
        "source_R_sersic",
        "float64",
        "arcsec",
        "half-light radius of the unlensed source (of the disc for a clumpy source); NaN without source",
    ),
    Column("source_n_sersic", "float64", "", "Sersic index of the source"),
    Column("source_e1", "float64", "", "ellipticity of the source"),
    Column("source_e2", "float64", "", "ellipticity of the source"),
    Column("source_center_x", "float64", "arcsec", "unlensed position of the source, from the stamp's centre"),
    Column("source_center_y", "float64", "arcsec", "unlensed position of the source, from the stamp's centre"),
    Column("source_is_lensed", "bool", "", "whether the deflector lenses the source"),
    Column(
        "magnification",
        "float64",
        "",
        "lensed over unlensed flux of the whole source, i band; NaN without a lensed source",
    ),
    Column(
        "weight",
        "float64",
        "",
        "survey prior over training prior, up to a constant per class; NaN if the kind has no survey law",
    ),
    Column(
        "noise_id",
        "int64",
        "",
        "object whose noise streams the row uses: its own id; for a twin that of its lens",
    ),
    Column("background_id", "int64", "", "id of the real cutout that the object is painted on; -1: fully simulated"),
    Column(
        "background_turn", "int64", "", "orientation of the cutout, 0 to 7: quarter turns, mirrored from 4 on; -1: none"
    ),
]

_LIGHT = [
    Column("center_x", "list[float64]", "arcsec", "centre, from the stamp's centre"),
    Column("center_y", "list[float64]", "arcsec", "centre, from the stamp's centre"),
    Column("R_sersic", "list[float64]", "arcsec", "half-light radius"),
    Column("n_sersic", "list[float64]", "", "Sersic index"),
    Column("e1", "list[float64]", "", "ellipticity"),
    Column("e2", "list[float64]", "", "ellipticity"),
]

_PROFILE = Column("profile", "list[str]", "", f"light profile: {', '.join(PROFILES)}")

# Components that an image holds any number of: each column is a list, and the lists of one group have one length.
GROUPS = {
    "extra": (
        "arc-like component",
        [
            _PROFILE,
            *_LIGHT,
            Column("size_gradient", "list[float64]", "", _SIZE_GRADIENT),
            Column(
                "width",
                "list[float64]",
                "arcsec",
                "Gaussian width (sigma) of a ring or tail with its crest at R_sersic, or of spikes with half of their "
                "light within R_sersic; core radius of an aureole, which ends at R_sersic",
            ),
            Column("opening", "list[float64]", "rad", "angle from the brightest point of a tail to its faint end"),
            Column("arms", "list[float64]", "", "number of spiral arms"),
            Column("pitch", "list[float64]", "deg", "pitch angle of the arms"),
            Column("contrast", "list[float64]", "", "amplitude of the arms over the smooth disc, 0 to 1"),
            Column(
                "phase",
                "list[float64]",
                "rad",
                "position angle of the arms at the half-light radius, of a tail's brightest point, or of a spike",
            ),
        ],
    ),
    "field": ("star or galaxy of the field", [_PROFILE, *_LIGHT]),
    "part": ("bulge or clump of the unlensed source; its smooth profile has the remaining light", _LIGHT),
}

_PER_BAND = [
    ("lens_magnitude", "mag", "AB magnitude of the foreground galaxy (of a spiral: its bulge)"),
    ("source_magnitude", "mag", "AB magnitude of the unlensed source with its parts; NaN without source"),
    ("seeing", "arcsec", "FWHM of the coadd's point-spread function, pixel included"),
    ("psf_e1", "", "ellipticity of the coadd's point-spread function, (1-q)/(1+q) cos 2 phi"),
    ("psf_e2", "", "ellipticity of the coadd's point-spread function, (1-q)/(1+q) sin 2 phi"),
    ("sky_brightness", "mag/arcsec^2", "mean sky of the exposures"),
    ("num_exposures", "", "number of exposures in the coadd"),
    ("exposure_seeing", "arcsec", "FWHM of each exposure's point-spread function, pixel included"),
    ("exposure_sky_brightness", "mag/arcsec^2", "sky of each exposure"),
    ("exposure_transparency", "", "throughput of each exposure relative to the zero point"),
    ("exposure_dither_x", "pixel", "position of the coadd's pixels between those of each exposure, 0 to 1"),
    ("exposure_dither_y", "pixel", "position of the coadd's pixels between those of each exposure, 0 to 1"),
]
_DTYPES = {"num_exposures": "int64"} | {name: "list[float64]" for name, *_ in _PER_BAND if name.startswith("exposure_")}


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
        dtype = _DTYPES.get(name, "float64")
        columns += [Column(f"{name}_{band}", dtype, unit, f"{meaning}, {band} band") for band in bands]
    for group in GROUPS:
        columns += group_columns(group, bands)
    return columns


def group_columns(group, bands):
    """Columns of one of ``GROUPS``.

    Parameters
    ----------
    group : str
    bands : sequence of str

    Returns
    -------
    list of Column
    """
    meaning, light = GROUPS[group]
    columns = [Column(f"{group}_{c.name}", c.dtype, c.unit, f"{meaning}: {c.meaning}") for c in light]
    return columns + [
        Column(f"{group}_magnitude_{band}", "list[float64]", "mag", f"{meaning}: AB magnitude, {band} band")
        for band in bands
    ]


SCORE = Column("score", "float64", "", "probability of a lens, 0 to 1")
THETA_E_PRED = Column("theta_E_pred", "float64", "arcsec", "predicted Einstein radius")
THETA_E_SIGMA = Column("theta_E_sigma", "float64", "arcsec", "standard deviation of the predicted Einstein radius")
# Of an Einstein radius whose law is not normal: enough to draw it, its central 68 % and 95 % among them.
QUANTILE_LEVELS = (0.005, 0.025, 0.05, 0.1, 0.15865, 0.25, 0.5, 0.75, 0.84135, 0.9, 0.95, 0.975, 0.995)
QUANTILES = [
    Column(
        f"theta_E_q{100 * level:.3g}", "float64", "arcsec", f"quantile of the Einstein radius at {100 * level:.3g} %"
    )
    for level in QUANTILE_LEVELS
]
ARC_SNR = Column(
    "arc_snr",
    "float64",
    "",
    "sqrt of the sum over bands and pixels of source^2 / variance; 0 without a source",
)
PREDICTIONS = [
    Column("id", "int64", "", "as in the catalogue"),
    SCORE,
    THETA_E_PRED,
    THETA_E_SIGMA,
    ARC_SNR,
]


def kind_columns(classes):
    """Additional columns of the predictions of a classifier that distinguishes kinds.

    Parameters
    ----------
    classes : sequence of str
        Kinds that the classifier knows; empty if it only separates lenses from non-lenses.

    Returns
    -------
    list of Column
        Empty without ``classes``.
    """
    if not classes:
        return []
    meaning = "probability of this kind, among the kinds of the training sample and for their shares in it"
    most_probable = Column("kind_pred", "str", "", "the kind with the highest probability")
    return [most_probable, *(Column(f"p_{kind}", "float64", "", meaning) for kind in classes)]


def classes_among(names):
    """Kinds, list of str, whose probabilities are among the ``names``, sequence of str, of a table's columns."""
    return [name.removeprefix("p_") for name in names if name.startswith("p_")] if "kind_pred" in names else []


INGESTED = [  # columns that `lenspipe ingest` adds to a user's catalogue
    Column("id", "int64", "", "the user's id, or the row number"),
    Column("cutout_ra", "float64", "deg", "centre of the cutout; NaN if the files have no WCS"),
    Column("cutout_dec", "float64", "deg", "centre of the cutout; NaN if the files have no WCS"),
    Column("missing", "float64", "", "share of pixels without a measured value, mean over bands"),
    Column("wcs", "str", "", "WCS of the cutout as header cards; empty if the files have none"),
]

PLANES = [  # what `lenspipe ingest` read and changed, one row per object and band
    Column("id", "int64", "", "as in the catalogue"),
    Column("band", "str", "", "name of the band"),
    Column("file", "str", "", "file that the pixels come from"),
    Column("band_in_header", "str", "", "band that BAND or FILTER names, where the user names another"),
    Column("wcs_lacks", "str", "", "what of the WCS could not be used, so that its linear part is; empty if nothing"),
    Column("pixels_from", "str", "", "keywords by which the file's pixels were made linear; empty if they are"),
    Column("stamp_y", "int64", "pixels", "size of the image in the file"),
    Column("stamp_x", "int64", "pixels", "size of the image in the file"),
    Column(
        "offset", "float64", "arcsec", "from the centre of the file's image to the catalogue's ra, dec; NaN: unknown"
    ),
    Column("zero_point", "float64", "mag", "AB magnitude of one unit of the file"),
    Column("zero_point_from", "str", "", "keyword, unit or option that gives it"),
    Column("pixel_scale", "float64", "arcsec", "pixel scale of the file"),
    Column("pixel_scale_from", "str", "", "WCS, keyword or option that gives it"),
    Column("sky", "float64", "counts", "sky level that was subtracted; 0 if it was already subtracted"),
    Column("sky_from", "str", "", "border, or the option that keeps the sky"),
    Column("border_sigma", "float64", "counts", "clipped noise of the border of the file"),
    Column("sky_sigma", "float64", "counts", "as in the store"),
    Column("sky_sigma_from", "str", "", "weights or border"),
    Column("psf_fwhm", "float64", "arcsec", "as in the store; NaN if unknown"),
    Column("psf_fwhm_from", "str", "", "PSF, keyword or option that gives it; a keyword that is no width; or empty"),
    Column("missing_in_stamp", "float64", "", "share of the pixels of the file without a measured value"),
    Column("missing", "float64", "", "share of the pixels of the cutout without a measured value"),
    Column("filled", "int64", "pixels", "number of these pixels that were filled by interpolation across narrow gaps"),
]

SUMMARY = [
    Column("metric", "str", "", "name of the quantity"),
    Column("value", "float64", "", "value of the metric"),
    Column("low", "float64", "", "lower end of the 68 % interval"),
    Column("high", "float64", "", "upper end of the 68 % interval"),
    Column("n", "int64", "", "number of objects behind the value"),
    Column("population", "str", "", "objects that the value describes"),
    Column("method", "str", "", "method whose answers it describes; of a gain, the one compared with the network"),
]

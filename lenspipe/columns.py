"""The vocabulary: every column of every table, with dtype, unit and meaning.

Code, files, plots and documentation take their names from here.
"""

from dataclasses import dataclass

SPLITS = ("train", "val", "test", "twins")
DRAWN = SPLITS[:3]  # whose objects are drawn; twins are made of the test split's lenses
TWINS = ("twin_without_source", "twin_unlensed")  # kinds: two twins of each lens, in this order
IDS_PER_SPLIT = 10**9  # id = split number x 10^9 + index
LENS = "lens"  # the kind that is sought
# What a component of a picture can be.
PROFILES = ("sersic", "point", "ring", "tail", "spiral", "aureole", "spikes")


@dataclass(frozen=True)
class Column:
    """A column: its name, dtype, unit and meaning, all str."""

    name: str
    dtype: str
    unit: str
    meaning: str


def split_of(object_id):
    """Name (str) of the split that an ``object_id`` (int) belongs to."""
    return SPLITS[int(object_id) // IDS_PER_SPLIT]


def splits_of_run(lenses_with_twins):
    """Splits of a run, in order, with a number ``lenses_with_twins`` (int) of lenses that have twins: tuple of str."""
    return SPLITS if lenses_with_twins else DRAWN


_SIZE_GRADIENT = "d ln(half-light radius) / d ln(wavelength) from the i band's; NaN: one radius in all bands"

_OBJECT = [
    Column("id", "int64", "", "split number x 10^9 + index"),
    Column("split", "str", "", "train, val, test or twins"),
    Column("kind", "str", "", "lens, the kind of non-lens, or of twin"),
    Column("is_lens", "bool", "", "whether a background source is multiply imaged"),
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
        "Einstein radius that the deflector has for z_source, lensing or not; NaN without deflector",
    ),
    Column(
        "radius",
        "float64",
        "arcsec",
        "theta_E of a lens, and of its twins; impostor radius of a non-lens: where its arc-like feature sits",
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
        "lens_R_sersic", "float64", "arcsec", "half-light radius of the foreground galaxy in i (of a spiral: its bulge)"
    ),
    Column("lens_size_gradient", "float64", "", f"the foreground galaxy's {_SIZE_GRADIENT}"),
    Column("lens_n_sersic", "float64", "", "Sersic index of the foreground galaxy"),
    Column("lens_e1", "float64", "", "ellipticity of the foreground galaxy's light"),
    Column("lens_e2", "float64", "", "ellipticity of the foreground galaxy's light"),
    Column(
        "source_R_sersic",
        "float64",
        "arcsec",
        "half-light radius of the source, unlensed (of a clumpy one: its disc); NaN where there is none",
    ),
    Column("source_n_sersic", "float64", "", "Sersic index of the source"),
    Column("source_e1", "float64", "", "ellipticity of the source"),
    Column("source_e2", "float64", "", "ellipticity of the source"),
    Column("source_center_x", "float64", "arcsec", "unlensed position of the source, from the stamp's centre"),
    Column("source_center_y", "float64", "arcsec", "unlensed position of the source, from the stamp's centre"),
    Column("source_is_lensed", "bool", "", "whether the deflector bends the light of the source"),
    Column(
        "magnification",
        "float64",
        "",
        "lensed flux of the whole source over its unlensed flux, i band; NaN without a lensed one",
    ),
    Column(
        "weight",
        "float64",
        "",
        "survey prior over training prior, up to a constant per class; NaN where no survey law exists",
    ),
    Column("noise_id", "int64", "", "the object whose noise streams the row uses: its own id; of a twin its lens's"),
    Column("background_id", "int64", "", "the real cutout that the object is painted on; -1: simulated whole"),
    Column("background_turn", "int64", "", "how it is turned, 0 to 7: quarter turns, from 4 on mirrored; -1: none"),
]

_LIGHT = [
    Column("center_x", "list[float64]", "arcsec", "centre, from the stamp's centre"),
    Column("center_y", "list[float64]", "arcsec", "centre, from the stamp's centre"),
    Column("R_sersic", "list[float64]", "arcsec", "half-light radius"),
    Column("n_sersic", "list[float64]", "", "Sersic index"),
    Column("e1", "list[float64]", "", "ellipticity"),
    Column("e2", "list[float64]", "", "ellipticity"),
]

_PROFILE = Column("profile", "list[str]", "", f"of the light: {', '.join(PROFILES)}")

# What a picture holds any number of: each column is a list, and those of one group have one length.
GROUPS = {
    "extra": (
        "what looks like an arc",
        [
            _PROFILE,
            *_LIGHT,
            Column("size_gradient", "list[float64]", "", _SIZE_GRADIENT),
            Column(
                "width",
                "list[float64]",
                "arcsec",
                "Gaussian width (sigma) of a ring or tail, whose crest is at R_sersic, or of spikes, half of whose "
                "light is within R_sersic; core of an aureole, which ends at R_sersic",
            ),
            Column("opening", "list[float64]", "rad", "angle from the brightest point of a tail to where it has faded"),
            Column("arms", "list[float64]", "", "number of spiral arms"),
            Column("pitch", "list[float64]", "deg", "pitch angle of the arms"),
            Column("contrast", "list[float64]", "", "amplitude of the arms over the smooth disc, 0 to 1"),
            Column(
                "phase",
                "list[float64]",
                "rad",
                "position angle of the arms at the half-light radius, of a tail's brightest point, of a spike",
            ),
        ],
    ),
    "field": ("stars and galaxies that happen to lie there", [_PROFILE, *_LIGHT]),
    "part": ("bulge and clumps of the source, unlensed; its smooth profile has the light that they leave", _LIGHT),
}

_PER_BAND = [
    ("lens_magnitude", "mag", "AB magnitude of the foreground galaxy (of a spiral: its bulge)"),
    ("source_magnitude", "mag", "AB magnitude of the source with its parts, unlensed; NaN where there is none"),
    ("seeing", "arcsec", "FWHM of the coadd's point-spread function, pixel included"),
    ("psf_e1", "", "ellipticity of the coadd's point-spread function, (1-q)/(1+q) cos 2 phi"),
    ("psf_e2", "", "ellipticity of the coadd's point-spread function, (1-q)/(1+q) sin 2 phi"),
    ("sky_brightness", "mag/arcsec^2", "mean sky of the exposures"),
    ("num_exposures", "", "number of exposures in the coadd"),
    ("exposure_seeing", "arcsec", "FWHM of each exposure's point-spread function, pixel included"),
    ("exposure_sky_brightness", "mag/arcsec^2", "sky of each exposure"),
    ("exposure_transparency", "", "share of the light that reaches each exposure beside the zero point's"),
    ("exposure_dither_x", "pixel", "where the coadd's pixels lie between each exposure's, 0 to 1"),
    ("exposure_dither_y", "pixel", "where the coadd's pixels lie between each exposure's, 0 to 1"),
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
    said, light = GROUPS[group]
    columns = [Column(f"{group}_{c.name}", c.dtype, c.unit, f"{said}: {c.meaning}") for c in light]
    return columns + [
        Column(f"{group}_magnitude_{band}", "list[float64]", "mag", f"{said}: AB magnitude, {band} band")
        for band in bands
    ]


PREDICTIONS = [
    Column("id", "int64", "", "as in the catalogue"),
    Column("score", "float64", "", "the classifier's score, 0 to 1"),
    Column("theta_E_pred", "float64", "arcsec", "the regressor's Einstein radius"),
    Column("theta_E_sigma", "float64", "arcsec", "the regressor's standard deviation"),
    Column(
        "arc_snr",
        "float64",
        "",
        "sqrt of the sum over bands and pixels of source^2 / variance; 0 without a source",
    ),
]


def kind_columns(classes):
    """What predictions have besides, if the classifier tells the kinds apart.

    Parameters
    ----------
    classes : sequence of str
        Kinds that it knows; none of the columns if it knows lenses alone.

    Returns
    -------
    list of Column
    """
    if not classes:
        return []
    said = "probability of this kind, among those that were trained on and with their shares there"
    most = Column("kind_pred", "str", "", "the kind with the greatest probability")
    return [most, *(Column(f"p_{kind}", "float64", "", said) for kind in classes)]


def classes_among(names):
    """Kinds whose probabilities are among ``names`` (sequence of str), columns of predictions: list of str."""
    return [name.removeprefix("p_") for name in names if name.startswith("p_")] if "kind_pred" in names else []


INGESTED = [  # what `lenspipe ingest` adds to the columns of a user's catalogue
    Column("id", "int64", "", "the user's, or the row's number"),
    Column("cutout_ra", "float64", "deg", "the cutout's centre; NaN where the files have no WCS"),
    Column("cutout_dec", "float64", "deg", "the cutout's centre; NaN where the files have no WCS"),
    Column("missing", "float64", "", "share of pixels without a measured value, mean of the bands"),
    Column("wcs", "str", "", "the cutout's WCS as header cards; empty where the files have none"),
]

PLANES = [  # what `lenspipe ingest` found and did, a row an object and band
    Column("id", "int64", "", "as in the catalogue"),
    Column("band", "str", "", "the band's name"),
    Column("file", "str", "", "where the pixels are from"),
    Column("stamp_y", "int64", "pixels", "size of the image in the file"),
    Column("stamp_x", "int64", "pixels", "size of the image in the file"),
    Column("zero_point", "float64", "mag", "AB magnitude of one unit of the file"),
    Column("zero_point_from", "str", "", "keyword, unit or option that says it"),
    Column("pixel_scale", "float64", "arcsec", "of the file"),
    Column("pixel_scale_from", "str", "", "WCS, keyword or option that says it"),
    Column("sky", "float64", "counts", "what was subtracted; 0 if the sky was subtracted already"),
    Column("sky_from", "str", "", "border, or the option that keeps it"),
    Column("border_sigma", "float64", "counts", "clipped noise of the file's border"),
    Column("sky_sigma", "float64", "counts", "as in the store"),
    Column("sky_sigma_from", "str", "", "weights or border"),
    Column("psf_fwhm", "float64", "arcsec", "as in the store; NaN if not known"),
    Column("psf_fwhm_from", "str", "", "PSF, keyword or option that says it; empty if none does"),
    Column("missing_in_stamp", "float64", "", "share of the file's pixels without a measured value"),
    Column("missing", "float64", "", "share of the cutout's pixels without a measured value"),
    Column("filled", "int64", "pixels", "how many of these, in narrow holes, were filled from their sides"),
]

SUMMARY = [
    Column("metric", "str", "", "what was measured"),
    Column("value", "float64", "", "its value"),
    Column("low", "float64", "", "lower end of the 68 % interval"),
    Column("high", "float64", "", "upper end of the 68 % interval"),
    Column("n", "int64", "", "number of objects that it rests on"),
    Column("population", "str", "", "which objects"),
    Column("method", "str", "", "whose answers; of a gain, the method that is compared with the network"),
]

"""How cutouts are made from files: all options of ``lenspipe ingest`` in one place."""

from dataclasses import asdict, dataclass, field, replace

from lenspipe.surveys import Survey


@dataclass(frozen=True)
class IngestOptions:
    """How cutouts are made from files.

    Attributes
    ----------
    bands : tuple of str
        In the store's order.
    num_pix : int
        Side of the cutouts in pixels.
    survey : Survey
        Its zero point and pixel scale become the store's.
    images, weights, psf : dict of str to FilePattern
        By band; the last two may be empty.
    zero_point : dict of str to float, AB mag
        By band; replaces the zero point of the headers.
    seeing : dict of str to float, arcsec
        By band; replaces the FWHM of the headers.
    pixel_scale : float or None, arcsec
        For all bands; replaces the pixel scale of the headers.
    max_missing : float
        Largest share of a band's pixels that may be missing.
    keep_sky : bool
        Do not subtract the sky, whatever its level is.
    """

    bands: tuple
    num_pix: int
    survey: Survey
    images: dict
    weights: dict = field(default_factory=dict)
    psf: dict = field(default_factory=dict)
    zero_point: dict = field(default_factory=dict)
    seeing: dict = field(default_factory=dict)
    pixel_scale: float | None = None
    max_missing: float = 0.2
    keep_sky: bool = False

    def to_dict(self):
        """All options as a dict that can be written as JSON."""
        return asdict(replace(self, survey=None)) | {"survey": self.survey.numbers()}

"""How cutouts are made from files: all that a user says, in one place."""

from dataclasses import asdict, dataclass, field, replace

from lenspipe.surveys import Survey


@dataclass(frozen=True)
class Recipe:
    """How cutouts are made from files.

    Attributes
    ----------
    bands : tuple of str
        In the store's order.
    num_pix : int
    survey : Survey
        Its zero point and pixel scale are the store's.
    images, weights, psf : dict of str to Place
        By band; the last two may be empty.
    zero_point, seeing : dict of str to float, mag and arcsec
        What stands over the headers, by band.
    pixel_scale : float or None, arcsec
        The same for all bands.
    max_missing : float
        Largest share of a band's pixels that may lack a measured value.
    keep_sky : bool
        Subtract nothing, whatever the border's level is.
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

    def said(self):
        """All of it as a JSON-able dict."""
        return asdict(replace(self, survey=None)) | {"survey": self.survey.numbers()}

"""What a survey is: numbers with units, each with where it came from. Its values live in a YAML file."""

from typing import Annotated

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from lenspipe.surveys._coadd import coadd_of
from lenspipe.surveys._resampling import autocorrelations

DESCRIPTIVE_FIELDS = ("about", "sources", "published")  # for readers and tests: no picture depends on it


def _number(unit_and_meaning, **bounds):
    return Field(description=unit_and_meaning, strict=False, **bounds)


class _Numbers(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, strict=True)


class Band(_Numbers):
    """One band of a survey."""

    zero_point: float = _number("AB mag that gives 1 electron per second", gt=10, lt=40)
    exposure_time: float = _number("s, of one exposure", gt=0, le=10000)
    num_exposures: tuple[Annotated[int, Field(ge=1, le=2000)], ...] = Field(
        min_length=1, strict=False, description="of a coadd; each number of the list is equally likely"
    )
    sky_brightness: float = _number("mag/arcsec^2, median of the exposures", gt=5, lt=30)
    sky_brightness_sd: float = _number("mag/arcsec^2, standard deviation between exposures", ge=0, le=2)
    seeing: float = _number("arcsec, FWHM with the pixel, median of the exposures", gt=0.01, le=10)
    seeing_sd: float = _number("arcsec, standard deviation between exposures", ge=0, le=5)
    wavelength: float = _number("Angstrom, the filter's pivot wavelength", ge=2000, le=30000)


class Published(_Numbers):
    """Depth that a survey says it has: what tests compare with."""

    signal_to_noise: float = _number("at the depth", gt=0, le=100)
    aperture: float = _number("arcsec, diameter; 0 for a point source measured with its profile", ge=0, le=20)
    depth: dict[str, Annotated[float, Field(strict=False)]] = Field(description="AB mag, by band")
    sky_sigma: dict[str, Annotated[float, Field(strict=False)]] = Field(
        default={}, description="counts, standard deviation of an empty pixel of a coadd, by band"
    )


def _some(bands):
    if not bands:
        raise ValueError("holds no band; give at least one")
    return bands


class Survey(_Numbers):
    """A survey's camera, conditions and coadds."""

    name: str = Field(description="that of its file")
    pixel_scale: float = _number("arcsec", gt=0.01, le=5)
    read_noise: float = _number("electrons, of one exposure", ge=0, le=1000)
    ccd_gain: float = _number("electrons per ADU", gt=0, le=100)
    magnitude_zero_point: float = _number("AB mag of 1 count in the images", gt=10, lt=40)
    moffat_beta: float = _number("exponent of the point-spread function's profile", gt=1.1, le=20)
    psf_ellipticity: float = _number("rms of (1-q)/(1+q) of a coadd's point-spread function", ge=0, le=0.2)
    extinction: float = _number("mag, mean of what exposures lose beside the zero point", ge=0, le=1)
    shared: float = _number("share of the variance of conditions that a visit's bands have in common", ge=0, le=1)
    lanczos: int = Field(ge=0, le=5, description="order of the kernel that exposures are resampled with; 0: none")
    bands: Annotated[dict[str, Band], AfterValidator(_some)] = Field(description="by name, from blue to red")
    about: str = Field(default="", description="which data of which survey")
    sources: dict[str, str] = Field(default={}, description="where each number is from")
    published: Published | None = Field(default=None, description="depth that it says it has")

    def numbers(self):
        """All that pictures depend on, as a dict that JSON can hold."""
        return self.model_dump(mode="json", exclude=set(DESCRIPTIVE_FIELDS))

    def electrons_per_count(self, band, transparency=1.0):
        """Electrons that one exposure has for a count of the images."""
        said = self.bands[band]
        return transparency * said.exposure_time * 10 ** (-0.4 * (self.magnitude_zero_point - said.zero_point))

    def sky_electrons(self, band, sky_brightness):
        """Mean sky electrons per pixel of one exposure (sky_brightness in mag/arcsec^2, as it arrives)."""
        said = self.bands[band]
        return said.exposure_time * 10 ** (-0.4 * (sky_brightness - said.zero_point)) * self.pixel_scale**2

    def coadd(self, band, *, sky_brightness, transparency, dither_x, dither_y):
        """The coadd of exposures, arrays each: ``coadd_of``."""
        return coadd_of(
            self, band, sky_brightness=sky_brightness, transparency=transparency, dither_x=dither_x, dither_y=dither_y
        )

    def typical_sky_sigma(self, band):
        """Standard deviation of an empty pixel, counts, of a coadd with the medians' conditions."""
        said = self.bands[band]
        variance = self.sky_electrons(band, said.sky_brightness) + self.read_noise**2
        gain = self.electrons_per_count(band, 10 ** (-0.4 * self.extinction))
        kept = autocorrelations(self.lanczos)[:, 0].mean()  # of the variance, along either axis
        return float(kept * np.sqrt(variance / np.mean(said.num_exposures)) / gain)

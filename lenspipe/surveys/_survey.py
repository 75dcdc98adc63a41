"""The numbers that describe a survey, each with its unit and its source. Their values are in YAML files."""

from typing import Annotated

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from lenspipe.surveys._coadd import coadd_of
from lenspipe.surveys._resampling import autocorrelations

DESCRIPTIVE_FIELDS = ("about", "sources", "published")  # for readers and tests: no image depends on them


def _number(unit_and_meaning, **bounds):
    return Field(description=unit_and_meaning, strict=False, **bounds)


class _Numbers(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, strict=True)


class Band(_Numbers):
    """One band of a survey."""

    zero_point: float = _number("AB mag that gives 1 electron per second", gt=10, lt=34)
    exposure_time: float = _number("s, of one exposure", gt=0, le=10000)
    num_exposures: tuple[Annotated[int, Field(ge=1, le=2000)], ...] = Field(
        min_length=1, strict=False, description="exposures of a coadd; each number of the list is equally likely"
    )
    sky_brightness: float = _number("mag/arcsec^2, median of the exposures", gt=5, lt=30)
    sky_brightness_sd: float = _number("mag/arcsec^2, standard deviation between exposures", ge=0, le=2)
    seeing: float = _number("arcsec, FWHM with the pixel, median of the exposures", gt=0.01, le=10)
    seeing_sd: float = _number("arcsec, standard deviation between exposures", ge=0, le=5)
    wavelength: float = _number("Angstrom, the filter's pivot wavelength", ge=2000, le=30000)


class Published(_Numbers):
    """Depth that the survey reports; tests compare the simulation with it."""

    signal_to_noise: float = _number("at the depth", gt=0, le=100)
    aperture: float = _number("arcsec, diameter; 0 for a point source measured with its profile", ge=0, le=20)
    depth: dict[str, Annotated[float, Field(strict=False)]] = Field(description="AB mag, by band")
    sky_sigma: dict[str, Annotated[float, Field(strict=False)]] = Field(
        default={}, description="counts, standard deviation of an empty pixel of a coadd, by band"
    )


def _at_least_one(bands):
    if not bands:
        raise ValueError("holds no band; give at least one")
    return bands


class Survey(_Numbers):
    """A survey's camera, conditions and coadds."""

    name: str = Field(description="name of its file")
    pixel_scale: float = _number("arcsec", gt=0.01, le=5)
    read_noise: float = _number("electrons, of one exposure", ge=0, le=1000)
    ccd_gain: float = _number("electrons per ADU", gt=0, le=100)
    magnitude_zero_point: float = _number("AB mag of 1 count in the images", gt=10, lt=40)
    moffat_beta: float = _number("exponent of the point-spread function's profile", gt=1.1, le=20)
    psf_ellipticity: float = _number("rms of (1-q)/(1+q) of a coadd's point-spread function", ge=0, le=0.2)
    extinction: float = _number("mag, mean extinction of exposures beyond that in the zero point", ge=0, le=1)
    shared: float = _number("share of the variance of conditions that is common to the bands of a visit", ge=0, le=1)
    lanczos: int = Field(ge=0, le=5, description="order of the kernel that resamples exposures; 0: none")
    bands: Annotated[dict[str, Band], AfterValidator(_at_least_one)] = Field(description="by name, from blue to red")
    about: str = Field(default="", description="which data of which survey")
    sources: dict[str, str] = Field(default={}, description="source of each number")
    published: Published | None = Field(default=None, description="depth that the survey reports")

    def numbers(self):
        """All numbers that images depend on, as a dict that JSON can hold."""
        return self.model_dump(mode="json", exclude=set(DESCRIPTIVE_FIELDS))

    def electrons_per_count(self, band, transparency=1.0):
        """Electrons in one exposure per count of the images.

        Parameters
        ----------
        band : str
        transparency : float or array [...]

        Returns
        -------
        float or array [...], electrons per count
        """
        numbers = self.bands[band]
        return transparency * numbers.exposure_time * 10 ** (-0.4 * (self.magnitude_zero_point - numbers.zero_point))

    def sky_electrons(self, band, sky_brightness):
        """Mean sky electrons per pixel of one exposure.

        Parameters
        ----------
        band : str
        sky_brightness : float or array [...], mag/arcsec^2
            As it arrives at the detector: clouds do not dim it.

        Returns
        -------
        float or array [...], electrons per pixel
        """
        numbers = self.bands[band]
        return numbers.exposure_time * 10 ** (-0.4 * (sky_brightness - numbers.zero_point)) * self.pixel_scale**2

    def coadd(self, band, *, sky_brightness, transparency, dither_x, dither_y):
        """The coadd of the exposures of one object in one band: ``coadd_of``.

        Parameters
        ----------
        band : str
        sky_brightness : array [exposure], mag/arcsec^2
        transparency : array [exposure]
        dither_x, dither_y : array [exposure], pixels

        Returns
        -------
        Coadd
            Its weights are an array [exposure].
        """
        return coadd_of(
            self, band, sky_brightness=sky_brightness, transparency=transparency, dither_x=dither_x, dither_y=dither_y
        )

    def typical_sky_sigma(self, band):
        """Standard deviation, counts, of an empty pixel of a coadd with median conditions in a ``band``, str."""
        numbers = self.bands[band]
        variance = self.sky_electrons(band, numbers.sky_brightness) + self.read_noise**2
        gain = self.electrons_per_count(band, 10 ** (-0.4 * self.extinction))
        remaining = autocorrelations(self.lanczos)[:, 0].mean()  # share of the variance, along either axis
        return float(remaining * np.sqrt(variance / np.mean(numbers.num_exposures)) / gain)

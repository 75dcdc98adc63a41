"""What a survey is: frozen numbers, each with where it came from."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Band:
    """One band of a survey.

    Attributes
    ----------
    zero_point : AB magnitude
        That gives 1 electron per second.
    sky_brightness, sky_brightness_sd : mag/arcsec^2
        Median and spread between exposures.
    seeing, seeing_sd : arcsec
        FWHM, median and spread between exposures.
    wavelength : Angstrom
        Pivot wavelength.
    """

    zero_point: float
    sky_brightness: float
    sky_brightness_sd: float
    seeing: float
    seeing_sd: float
    wavelength: float


@dataclass(frozen=True)
class Survey:
    """A survey's camera and conditions.

    Attributes
    ----------
    pixel_scale : arcsec
    exposure_time : s
    read_noise : electrons
    ccd_gain : electrons per ADU
    magnitude_zero_point : AB magnitude
        Of the images, in counts.
    moffat_beta : float
        Shape of the point-spread function.
    num_exposures : tuple of int
        Equally likely numbers of exposures of a coadd, per band.
    bands : dict of str to Band
    """

    name: str
    pixel_scale: float
    exposure_time: float
    read_noise: float
    ccd_gain: float
    magnitude_zero_point: float
    moffat_beta: float
    num_exposures: tuple[int, ...]
    bands: dict[str, Band]

    def counts_per_electron(self, band, num_exposures):
        """Counts at the image's zero point per electron of the whole coadd."""
        time = self.exposure_time * num_exposures
        return 10 ** (0.4 * (self.magnitude_zero_point - self.bands[band].zero_point)) / time

    def sky_electrons(self, band, sky_brightness, num_exposures):
        """Mean sky electrons per pixel of the whole coadd (sky_brightness in mag/arcsec^2)."""
        per_second = 10 ** (-0.4 * (sky_brightness - self.bands[band].zero_point)) * self.pixel_scale**2
        return per_second * self.exposure_time * num_exposures

    def sky_sigma(self, band, sky_brightness, num_exposures):
        """Standard deviation of an empty pixel, in counts: sky and read noise."""
        variance = self.sky_electrons(band, sky_brightness, num_exposures) + num_exposures * self.read_noise**2
        return variance**0.5 * self.counts_per_electron(band, num_exposures)

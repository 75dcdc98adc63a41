"""Properties of images that a network depends on: bands, size, unit, zero point, pixel scale."""

import math
from dataclasses import asdict, dataclass, fields

from lenspipe.errors import InputError

SMALLEST = 16  # pixels: poolings reduce a smaller image to nothing
TOLERANCE = {"pixel_scale": 0.002, "magnitude_zero_point": 0.01}  # arcsec, mag
REMEDIES = {
    "bands": "give these bands in this order",
    "num_pix": "cut the images to this size",
    "pixel_scale": "resample the images or train for this scale",
    "magnitude_zero_point": "scale the images to this zero point",
    "unit": "convert the images to this unit",
}


@dataclass(frozen=True)
class ImageSpec:
    """The properties that images must share with those that a network was trained on.

    Attributes
    ----------
    bands : tuple of str
    num_pix : int, pixels
        Side of the images, which are square.
    pixel_scale : float, arcsec
    magnitude_zero_point : float, mag
        AB magnitude of one unit.
    unit : str
        Of the pixels, for example ``counts``.
    """

    bands: tuple
    num_pix: int
    pixel_scale: float
    magnitude_zero_point: float
    unit: str

    def check(self, dataset, path):
        """Refuse images that differ from this.

        Parameters
        ----------
        dataset : xarray.Dataset
        path : path
            The store's, for the message.

        Raises
        ------
        InputError
            With the difference and the expected value.
        """
        given = read_image_spec(dataset, path)
        for field in fields(self):
            name, value, expected = field.name, getattr(given, field.name), getattr(self, field.name)
            same = abs(value - expected) <= TOLERANCE[name] if name in TOLERANCE else value == expected
            if not same:
                raise InputError(
                    f"{path}: {_describe(name, value)}, the network expects {_describe(name, expected)}; "
                    f"{REMEDIES[name]}"
                )

    def as_dict(self):
        """Its values as a dict that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values):
        """The properties that ``as_dict`` described as ``values`` (dict); ValueError or TypeError for anything else."""
        spec = cls(**values | {"bands": tuple(values["bands"])})
        numbers = (spec.pixel_scale, spec.magnitude_zero_point)
        if not all(isinstance(word, str) for word in (*spec.bands, spec.unit)):
            raise ValueError(f"bands and unit are {spec.bands} and {spec.unit}")
        if type(spec.num_pix) is not int or not all(type(n) in (int, float) and math.isfinite(n) for n in numbers):
            raise ValueError(f"num_pix, pixel_scale and magnitude_zero_point are {spec.num_pix}, {numbers}")
        return spec


def read_image_spec(dataset, path):
    """Read the properties of a store's images.

    Parameters
    ----------
    dataset : xarray.Dataset
        From ``store.open_images``.
    path : path
        The store's, for the message.

    Returns
    -------
    ImageSpec

    Raises
    ------
    InputError
        If the store lacks one of them, or its images are not square.
    """
    for name in ("pixel_scale", "magnitude_zero_point", "unit"):
        if name not in dataset.attrs:
            raise InputError(f"{path}: has no attribute {name!r}; add it to the store, as the README says")
    if "band" not in dataset.coords:
        raise InputError(f"{path}: does not name its bands; add the coordinate 'band', as the README says")
    if dataset["band"].dims != ("band",) or dataset["band"].dtype.kind not in "OUT":
        raise InputError(f"{path}: its coordinate 'band' is {dataset['band'].dtype}; give it the names of the bands")
    height, width = dataset.sizes["y"], dataset.sizes["x"]
    if height != width:
        raise InputError(f"{path}: its images have {height} x {width} pixels; cut them square")
    if height < SMALLEST:
        raise InputError(f"{path}: its images have {height} x {width} pixels; give {SMALLEST} x {SMALLEST} or more")
    return ImageSpec(
        bands=tuple(str(band) for band in dataset["band"].values),
        num_pix=height,
        pixel_scale=_number(dataset, "pixel_scale", path),
        magnitude_zero_point=_number(dataset, "magnitude_zero_point", path),
        unit=str(dataset.attrs["unit"]),
    )


def _number(dataset, name, path):
    try:
        number = float(dataset.attrs[name])
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise InputError(f"{path}: attribute {name!r} is {dataset.attrs[name]!r}; write a number")
    return number


def _describe(name, value):
    match name:
        case "bands":
            return f"bands {' '.join(value)}"
        case "num_pix":
            return f"{value} x {value} pixels"
        case "pixel_scale":
            return f"pixel scale {value:g} arcsec"
        case "magnitude_zero_point":
            return f"zero point {value:g}"
        case _:
            return f"unit {value!r}"

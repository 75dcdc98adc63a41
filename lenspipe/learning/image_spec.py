"""Whether images are of the kind that a network was trained on."""

import math

from lenspipe.errors import InputError

LEAST = 16  # pixels: a smaller image is gone after a few poolings


def describe_images(dataset, where):
    """What images are, as far as a network must know: bands, size, unit, zero point, pixel scale.

    Parameters
    ----------
    dataset : xarray.Dataset
    where : str
        The store's name, for the message.

    Returns
    -------
    dict

    Raises
    ------
    InputError
        If the store does not say, or its images are not square.
    """
    for name in ("pixel_scale", "magnitude_zero_point", "unit"):
        if name not in dataset.attrs:
            raise InputError(f"{where}: has no attribute {name!r}; add it to the store, as the README says")
    if "band" not in dataset.coords:
        raise InputError(f"{where}: does not name its bands; add the coordinate 'band', as the README says")
    if dataset["band"].dims != ("band",) or dataset["band"].dtype.kind not in "OUT":
        raise InputError(f"{where}: its coordinate 'band' is {dataset['band'].dtype}; give the bands' names there")
    height, width = dataset.sizes["y"], dataset.sizes["x"]
    if height != width:
        raise InputError(f"{where}: its images have {height} x {width} pixels; cut them square")
    if height < LEAST:
        raise InputError(f"{where}: its images have {height} x {width} pixels; give {LEAST} x {LEAST} or more")
    return {
        "bands": tuple(str(band) for band in dataset["band"].values),
        "num_pix": height,
        "pixel_scale": _number(dataset, "pixel_scale", where),
        "magnitude_zero_point": _number(dataset, "magnitude_zero_point", where),
        "unit": str(dataset.attrs["unit"]),
    }


def _number(dataset, name, where):
    try:
        number = float(dataset.attrs[name])
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise InputError(f"{where}: attribute {name!r} is {dataset.attrs[name]!r}; write a number")
    return number


def check_images(expected, dataset, where):
    """Refuse images that differ from those that a network was trained on.

    Parameters
    ----------
    expected : Checkpoint or dict
        With what ``describe_images`` gives.
    dataset : xarray.Dataset
    where : str
        The store's name, for the message.

    Raises
    ------
    InputError
        Saying what differs and what was expected.
    """
    expected = expected if isinstance(expected, dict) else vars(expected)
    for name, found in describe_images(dataset, where).items():
        wanted = expected[name]
        alike = abs(found - wanted) <= TOLERANCE[name] if name in TOLERANCE else found == wanted
        if not alike:
            raise InputError(
                f"{where}: {_tell(name, found)}, the network expects {_tell(name, wanted)}; {REMEDIES[name]}"
            )


TOLERANCE = {"pixel_scale": 0.002, "magnitude_zero_point": 0.01}  # arcsec, mag
REMEDIES = {
    "bands": "give these bands in this order",
    "num_pix": "cut the images to this size",
    "pixel_scale": "resample the images or train for this scale",
    "magnitude_zero_point": "scale the images to this zero point",
    "unit": "convert the images to this unit",
}


def _tell(name, value):
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

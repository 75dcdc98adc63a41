"""What BUNIT says: counts, a flux density with its AB zero point, something else, or nothing that can be read."""

import re
import warnings

import astropy.units as u

COUNTS, FLUX, NO_FLUX, UNKNOWN_UNIT = "counts", "flux density", "no flux", "unknown"
COUNT_NAMES = {"count", "ct", "adu", "dn", "electron", "e", "e-", "photon", "ph", "cp"}
SECOND_NAMES = {"s", "sec", "second"}
PIXEL_NAMES = {"pix", "pixel"}
MAGGIES = {"maggy": 0.0, "maggie": 0.0, "mgy": 0.0, "nanomaggy": 22.5, "nanomaggie": 22.5, "nmgy": 22.5}
FACTOR = re.compile(r"([a-z]+-?(?![0-9(]))\s*(?:(?:\*\*|\^)?\(?([+-]?[0-9]{1,2})(?:\.0)?\)?)?")
# What may be handed to astropy's parser: short, and no power of a power, which could take hours to work out.
SAFE = re.compile(r"[A-Za-z0-9 ./*^()+-]{1,60}")
POWER = re.compile(r"(?:\*\*|\^)\s*\(?\s*[+-]?[0-9]{1,2}(?:/[0-9]{1,2})?\s*\)?(?![0-9])")


def unit_meaning(text):
    """What a unit says of an image's zero point.

    Parameters
    ----------
    text : str
        BUNIT, in any spelling of the FITS standard and the usual ones beyond: ``electron s-1``, ``adu.s-1``, ``cps``.

    Returns
    -------
    meaning : str
        One of ``COUNTS``, ``FLUX``, ``NO_FLUX``, ``UNKNOWN_UNIT``.
    zero_point : float or None, AB mag
        Of a flux density.
    """
    if not text.strip():
        return COUNTS, None
    powers = _powers(text.lower())
    if powers is not None:
        others = {name: power for name, power in powers.items() if power and name not in PIXEL_NAMES}
        per_second = all(name in SECOND_NAMES and power == -1 for name, power in list(others.items())[1:])
        first = next(iter(others.items()), ("", 0))
        if first[0] in COUNT_NAMES and first[1] == 1 and per_second:
            return COUNTS, None
        if len(others) == 1 and first[0] in MAGGIES and first[1] == 1:
            return FLUX, MAGGIES[first[0]]
    return _by_astropy(text)


def _powers(text):
    """Power of each name in a product of units; None if the text is not such a product."""
    text = re.sub(r"\bcps\b", "count/s", text.strip())
    powers, sign = {}, 1
    for part in re.split(r"(\*(?!\*)(?<!\*\*)|/|\.(?![0-9])|\s+per\s+|\s+)", text):
        separator = part.strip()
        if separator in ("/", "per"):
            sign = -1
        elif separator in ("*", ".", ""):
            continue
        else:
            match = FACTOR.fullmatch(separator)
            if not match:
                return None
            name = match[1] if match[1] in COUNT_NAMES else match[1].removesuffix("s") or match[1]
            powers[name] = powers.get(name, 0) + sign * int(match[2] or 1)
            sign = 1
    return powers


def _by_astropy(text):
    rest = POWER.sub("", text)
    if not SAFE.fullmatch(text) or "**" in rest or "^" in rest or re.search(r"[0-9]{5}", text):
        return UNKNOWN_UNIT, None
    spelled = re.sub(r"/\s*pix(el)?s?$", "", text.strip().replace("microJy", "uJy"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about spellings that the standard discourages
            unit = u.Unit(spelled)
    except (ValueError, TypeError, ArithmeticError):
        return UNKNOWN_UNIT, None
    if unit.physical_type == "dimensionless":
        return UNKNOWN_UNIT, None
    try:
        return FLUX, float((1 * unit).to_value(u.ABmag))
    except (ValueError, TypeError, ArithmeticError, u.UnitsError):
        return NO_FLUX, None

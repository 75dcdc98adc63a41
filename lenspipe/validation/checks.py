"""One number of the simulated sky against its reference: quantity, ours, reference, allowed range, verdict."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One number and its reference.

    Attributes
    ----------
    quantity : str
        What is compared.
    ours, low, high : float
        The simulated sky's value and its interval.
    reference : float
        The published or measured value.
    least, most : float
        Range in which ``ours`` must lie; NaN where a test of the whole distribution decides.
    allowed : str
        The same as text.
    verdict : str
        ``met`` or ``missed``.
    """

    quantity: str
    ours: float
    low: float
    high: float
    reference: float
    least: float
    most: float
    allowed: str
    verdict: str


def check_range(quantity, ours, reference, *, least, most, allowed):
    """Check of a number that must lie in a range.

    Parameters
    ----------
    quantity : str
        What is compared.
    ours : sequence of float [3]
        The value, and the lower and upper end of its interval.
    reference : float
    least, most : float
        Ends of the range.
    allowed : str
        The range as text.

    Returns
    -------
    Check
    """
    verdict = "met" if least <= ours[0] <= most else "missed"
    return Check(quantity, *map(float, ours), float(reference), float(least), float(most), allowed, verdict)


def check_ratio(quantity, ours, reference, *, tolerance):
    """Check of a number that may differ by a fraction of its reference.

    Parameters
    ----------
    quantity : str
        What is compared.
    ours : sequence of float [3]
        The value, and the lower and upper end of its interval.
    reference : float
    tolerance : float
        Allowed difference over ``reference``.

    Returns
    -------
    Check
    """
    ends = {"least": reference * (1 - tolerance), "most": reference * (1 + tolerance)}
    return check_range(quantity, ours, reference, **ends, allowed=f"{100 * tolerance:.0f} %")


def check_difference(quantity, ours, reference, *, tolerance, unit):
    """Check of a number that may differ from its reference by a fixed amount.

    Parameters
    ----------
    quantity : str
        What is compared.
    ours : sequence of float [3]
        The value, and the lower and upper end of its interval.
    reference : float
    tolerance : float
        Allowed difference, in ``unit``.
    unit : str

    Returns
    -------
    Check
    """
    ends = {"least": reference - tolerance, "most": reference + tolerance}
    return check_range(quantity, ours, reference, **ends, allowed=f"{tolerance:g} {unit}")

"""How far the headline method is ahead of each other method."""

LARGER = ("auroc", "TPR at", "completeness at")  # metrics that are better if larger
SMALLER = ("theta_E sigma68", "theta_E nmad", "theta_E rmse", "theta_E outliers")


def gains(rows, headline):
    """How far the headline is ahead of each other method, in each metric that both have.

    Parameters
    ----------
    rows : list of tuple
        Of ``columns.SUMMARY``, of all methods.
    headline : str
        Name of the method that the others are compared with.

    Returns
    -------
    list of tuple
        Of ``columns.SUMMARY``: ``gain in <metric>``, and the method that is compared. The value is headline minus
        method, method minus headline where less is better. ``low`` is what remains between the ends of the two
        intervals that face each other: above 0, the headline's whole interval is better than the method's.
    """
    reference = {(row[0], row[5]): row for row in rows if row[6] == headline}
    compared = []
    for metric, value, low, high, n, population, method in rows:
        if method == headline or not metric.startswith(LARGER + SMALLER) or (metric, population) not in reference:
            continue
        _, best, best_low, best_high, *_ = reference[metric, population]
        gain = (best - value, best_low - high, best_high - low)
        if metric.startswith(SMALLER):
            gain = (value - best, low - best_high, high - best_low)
        compared.append((f"gain in {metric}", *gain, n, population, method))
    return compared

"""How wide the laws of a number have to be to hold as many truths as they say, whatever number they answer.

The method is that of split conformal prediction in groups (Vovk 2012, arXiv 1209.2673, section 4): in each group of
validation objects with similar answers, the width that covers 68.27 % of them. Between groups it changes linearly.
"""

import numpy as np

ONE_SIGMA = 0.6827  # share of a normal distribution within one standard deviation
GROUP = 500  # validation objects, at least, unless there are fewer: their share has an error of 2 %


def fit(answers, distances):
    """Factors on the widths of laws.

    Parameters
    ----------
    answers : array [n]
        Of validation.
    distances : array [n]
        Of the truth from the answer, in half-widths of the law.

    Returns
    -------
    list of [float, float]
        Middle answer of each group, increasing, and the group's factor.
    """
    groups = np.array_split(np.argsort(answers, kind="stable"), max(1, len(answers) // GROUP))
    return [[float(np.median(answers[rows])), float(np.quantile(distances[rows], ONE_SIGMA))] for rows in groups]


def factors(fitted, answers):
    """Factor of each of ``answers`` (array [n]) by what ``fit`` returned (``fitted``; None: no factor): array [n]."""
    return np.interp(answers, *np.transpose(fitted)) if fitted else np.ones(len(answers))

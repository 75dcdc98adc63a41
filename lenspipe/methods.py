"""Methods: whatever answers about objects. Each has a folder of predictions.

It writes ``predictions/<method>/{split}.parquet`` with ``id`` and, as far as it has them, ``score``, ``theta_E_pred``
and ``theta_E_sigma``.
"""

HEADLINE = "network"  # the trained networks, which every figure shows first
BASELINES = ("hand_made", "colours", "arc_feature", "true_light")
OF_TWO_BANDS = ("hand_made", "arc_feature")  # baselines that subtract one band from another


def baselines_of(bands):
    """Names of the baselines, a tuple of str, that exist for ``bands``, a sequence of str."""
    return tuple(name for name in BASELINES if len(bands) > 1 or name not in OF_TWO_BANDS)


def member_names(training, members):
    """Names of the networks of a committee: list of str, the first that of the ``training`` (str).

    ``members`` (int) is their number.
    """
    return [training, *(f"{training}_{number}" for number in range(2, members + 1))]


def tells_kinds(task):
    """Whether a ``task`` (str) answers with a probability for each kind: bool. Such tasks are named kind..."""
    return task.startswith("kind")

"""Methods: whatever answers about objects. Each has a folder of predictions and a label for people.

It writes ``predictions/<method>/{split}.parquet`` with ``id`` and, as far as it has them, ``score``, ``theta_E_pred``
and ``theta_E_sigma``.
"""

HEADLINE = "network"  # the trained networks, which every figure shows first
BASELINES = {
    "hand_made": "hand-made features",
    "colours": "colours and magnitudes alone",
    "arc_feature": "arc feature alone",
    "true_light": "the deflector's true light alone",
}
OF_TWO_BANDS = ("hand_made", "arc_feature")  # baselines that subtract one band from another


def label_of_method(name):
    """What a figure calls the method ``name`` (str): a baseline's label, or the name itself. A str."""
    return BASELINES.get(name, name)


def baselines_of(bands):
    """Names of the baselines, a tuple of str, that exist for ``bands``, a sequence of str."""
    return tuple(name for name in BASELINES if len(bands) > 1 or name not in OF_TWO_BANDS)

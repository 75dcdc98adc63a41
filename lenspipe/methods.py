"""Methods: what answers about objects, by name and with a label for people.

Each writes ``predictions/<method>/{split}.parquet`` with ``id`` and, as far as it has them, ``score``, ``theta_E_pred``
and ``theta_E_sigma``.
"""

NETWORK = "network"  # the headline of a run
HAND_MADE, COLOURS, ARC_FEATURE, TRUE_LIGHT = "hand_made", "colours", "arc_feature", "true_light"
LABELS = {
    NETWORK: "network",
    HAND_MADE: "hand-made features",
    COLOURS: "colours and magnitudes alone",
    ARC_FEATURE: "arc feature alone",
    TRUE_LIGHT: "the deflector's true light alone",
}
BASELINES = {HAND_MADE: 2, COLOURS: 1, ARC_FEATURE: 2, TRUE_LIGHT: 1}  # method: fewest bands that it needs


def label_of(method):
    """Label of a ``method`` (str) for people, as str; the name itself of one that has none."""
    return LABELS.get(method, method)


def baselines_of(bands):
    """Names of the baselines, a tuple of str, that exist for ``bands``, a sequence of str."""
    return tuple(name for name, fewest in BASELINES.items() if len(bands) >= fewest)

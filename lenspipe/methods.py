"""Methods: whatever answers about objects. Each has a folder of predictions and a label for people."""

HEADLINE = "network"  # the trained networks, which every figure shows first
BASELINES = {
    "hand_made": "hand-made features",
    "colours": "colours and magnitudes alone",
    "arc_feature": "arc feature alone",
    "true_light": "the deflector's true light alone",
}


def label_of_method(name):
    """What a figure calls the method ``name`` (str): a baseline's label, or the name itself. A str."""
    return BASELINES.get(name, name)

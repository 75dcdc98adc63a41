"""What figures and the report call kinds of object and methods: a changed label redraws, it computes nothing."""

import re

KINDS = {  # the label of another kind is its name with spaces
    "deflector": "deflector alone",
    "near_miss": "near miss",
    "edge_on": "edge-on disc",
    "red_pair": "red pair",
    "bright_star": "bright star",
    "twin_unlensed": "source unlensed",
    "twin_without_source": "without source",
}
METHODS = {  # that of another method is its name
    "network": "network",
    "hand_made": "hand-made features",
    "colours": "colours and magnitudes alone",
    "arc_feature": "arc feature alone",
    "true_light": "the deflector's true light alone",
}


def label_of(kind):
    """Label of a ``kind`` (str) of object for people, as str."""
    return KINDS.get(kind, kind.replace("_", " "))


def label_of_method(name):
    """Label of the method ``name`` (str) for people, as str."""
    return METHODS.get(name, name)


def with_labels(text):
    """A ``text`` (str) in which kinds stand by their names, with their labels instead, as str."""
    return re.sub(r"\w+", lambda word: KINDS.get(word[0], word[0]), text)

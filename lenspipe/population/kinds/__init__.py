"""What a catalogue is made of, by name. To add a non-lens: a file here, a line below, a share in config/config.yaml.

A kind is one law: a batch's generator in, that batch's columns out. It says what is particular to it; the catalogue
adds ids, observing conditions and empty columns.
"""

from lenspipe.population.kinds import (
    bright_star,
    companions,
    deflector,
    edge_on,
    group,
    lens,
    merger,
    near_miss,
    red_pair,
    ring,
    spiral,
    star,
)

KINDS = {
    "lens": lens.draw,
    "deflector": deflector.draw,
    "companions": companions.draw,
    "ring": ring.draw,
    "spiral": spiral.draw,
    "star": star.draw,
    "near_miss": near_miss.draw,
    "merger": merger.draw,
    "edge_on": edge_on.draw,
    "bright_star": bright_star.draw,
    "red_pair": red_pair.draw,
    "group": group.draw,
}

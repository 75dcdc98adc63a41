"""What a catalogue is made of, by name. To add a non-lens: a file here, a line below, a share in config/config.yaml.

A kind is one law: a batch's generator in, that batch's columns out. It says what is particular to it; the catalogue
adds ids, observing conditions and empty columns.
"""

from lenspipe.population.kinds import companions, deflector, lens, ring, spiral, star

KINDS = {
    "lens": lens.draw,
    "deflector": deflector.draw,
    "companions": companions.draw,
    "ring": ring.draw,
    "spiral": spiral.draw,
    "star": star.draw,
}

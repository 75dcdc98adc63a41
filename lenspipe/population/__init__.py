"""The law of the sky: catalogues with every physical number that a picture is made from."""

from lenspipe.population.backgrounds import can_lens, divide, measure
from lenspipe.population.catalog import assign_kinds, check_paintable, draw_catalog
from lenspipe.population.kinds import KINDS
from lenspipe.population.priors import Priors, check_feasible
from lenspipe.population.twins import make_twins

__all__ = [
    "KINDS",
    "Priors",
    "assign_kinds",
    "can_lens",
    "check_feasible",
    "check_paintable",
    "divide",
    "draw_catalog",
    "make_twins",
    "measure",
]

"""The law of the sky: catalogues with every physical number that a picture is made from."""

from lenspipe.population.catalog import assign_kinds, draw_catalog
from lenspipe.population.kinds import KINDS
from lenspipe.population.priors import Priors, check_feasible
from lenspipe.population.twins import make_twins

__all__ = ["KINDS", "Priors", "assign_kinds", "check_feasible", "draw_catalog", "make_twins"]

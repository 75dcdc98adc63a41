"""Surveys by name. To add one: a file here and a line below."""

from lenspipe.surveys._survey import Band, Survey
from lenspipe.surveys.des_y3 import DES_Y3

SURVEYS = {"des_y3": DES_Y3}

__all__ = ["SURVEYS", "Band", "Survey"]

"""From catalogue rows to survey images: rendering, observing, and the workers that do it chunk by chunk."""

from lenspipe.simulate.objects import naming_catalog, simulate_object, simulate_objects
from lenspipe.simulate.run import bytes_per_object, seconds_per_object, simulate

__all__ = [
    "bytes_per_object",
    "naming_catalog",
    "seconds_per_object",
    "simulate",
    "simulate_object",
    "simulate_objects",
]

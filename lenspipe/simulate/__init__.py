"""From catalogue rows to survey images: rendering, observing, and the workers that do it chunk by chunk."""

from lenspipe.simulate.objects import simulate_object, simulate_objects
from lenspipe.simulate.run import bytes_per_object, seconds_per_object, simulate

__all__ = ["bytes_per_object", "seconds_per_object", "simulate", "simulate_object", "simulate_objects"]

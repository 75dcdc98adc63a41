"""Where a run stands: what of each stage is there, whole, in part or damaged, and what is at work.

Only files are looked at. Whether a whole stage is out of date is for the workflow to say.
"""

from lenspipe.status.run_settings import trainings_of
from lenspipe.status.stages import look
from lenspipe.status.state import DAMAGED, DONE, MISSING, PARTIAL, RUNNING, STALE, Standing

__all__ = ["DAMAGED", "DONE", "MISSING", "PARTIAL", "RUNNING", "STALE", "Standing", "look", "trainings_of"]
